"""The second factor: codes of RFC 6238, none of them twice, and ten for a bad day."""

from base64 import b32encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from clerk import CARLA, PASSWORD, Clerk, join, log, prove, send, signed_in
from forms_service.clock import Machine
from forms_service.moving_window import in_memory
from forms_service.store import factors, staff, timeline
from forms_service.store.staff_rights import EVERYTHING, Grant, StaffRole
from forms_service.store.visibility import VisibleForms
from forms_service.tokens import TokenInvalid, Tokens
from forms_service.workflow import (
    accounts,
    members,
    second_factor,
    sessions,
    signing_in,
)
from forms_service.workflow.second_factor import CodeRefused
from forms_service.workflow.timekeeper import Timekeeper

pytest_plugins = ["life"]

NETWORK = "192.0.2.0/24"
BRUNO = "bruno@comune.example"
# Appendix B of the RFC, for SHA-1: the last six of the eight digits.
VECTORS = {
    59: "287082",
    1111111109: "081804",
    1111111111: "050471",
    1234567890: "005924",
    2000000000: "279037",
    20000000000: "353130",
}
RFC_SECRET = b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize("moment", VECTORS)
def test_the_codes_are_those_of_the_standard(moment):
    now = datetime.fromtimestamp(moment, UTC)
    step = datetime.fromtimestamp(moment // 30 * 30, UTC)
    code = VECTORS[moment]
    found = [
        second_factor.step_of(RFC_SECRET, code, now + timedelta(seconds=30 * late))
        for late in (-2, -1, 0, 1, 2)
        if moment + 30 * late >= 30
    ]
    assert found == [None, step, step, step, None][-len(found) :]
    assert second_factor.step_of(RFC_SECRET, f"{code[:3]} {code[3:]}", now) == step
    assert second_factor.step_of(RFC_SECRET, "０００ ０００", now) is None


def joined(world, email=BRUNO, grant=EVERYTHING):
    return join(world.context, email, grant)


def code_at(world, secret, **later):
    return pyotp.TOTP(secret).at(world.clock() + timedelta(**later))


def with_factor(world, member):
    """Set a factor up; return its secret and the recovery codes."""
    secret = second_factor.new_secret()
    codes = second_factor.set_up(
        world.context, member, secret, code_at(world, secret), "x"
    )
    return secret, codes


def test_no_code_opens_twice_and_none_before_the_last(world):
    member = joined(world)
    secret, _ = with_factor(world, member)
    first = code_at(world, secret)
    with pytest.raises(CodeRefused):
        second_factor.check_code(world.context, member, first)  # set it up
    ahead = code_at(world, secret, seconds=30)
    second_factor.check_code(world.context, member, ahead)
    for old in (ahead, first, code_at(world, secret, seconds=-30), "", "12345"):
        with pytest.raises(CodeRefused):
            second_factor.check_code(world.context, member, old)
    world.clock.advance(seconds=90)
    second_factor.check_code(world.context, member, code_at(world, secret))


def test_each_recovery_code_opens_once(world):
    member, other = joined(world), joined(world, "dora@comune.example")
    _, codes = with_factor(world, member)
    assert len(set(codes)) == second_factor.CODES
    typed = codes[3].lower().replace("-", " ")
    with pytest.raises(CodeRefused):
        second_factor.check_code(world.context, other, typed)
    second_factor.check_code(world.context, member, typed)
    with pytest.raises(CodeRefused):
        second_factor.check_code(world.context, member, codes[3])
    left = world.store.read(lambda db: factors.codes_left(db, member.id))
    assert left == second_factor.CODES - 1
    stored = str(world.sql("SELECT * FROM recovery_codes"))
    assert codes[4].replace("-", "") not in stored


def test_the_first_code_has_to_be_right_and_another_factor_ends_the_one_before(world):
    member = joined(world)
    with pytest.raises(CodeRefused):
        second_factor.set_up(
            world.context, member, second_factor.new_secret(), "000000", ""
        )
    assert world.sql("SELECT count(*) FROM factors")[0][0] == 0
    _, before = with_factor(world, member)
    world.clock.advance(minutes=5)
    with_factor(world, member)
    with pytest.raises(CodeRefused):
        second_factor.check_code(world.context, member, before[0])


def test_a_secret_is_sealed_for_its_member_and_again_when_keys_rotate(world):
    member, other = joined(world), joined(world, "dora@comune.example")
    secret, codes = with_factor(world, member)
    stored = world.store.read(lambda db: factors.get(db, member.id)).secret
    assert secret not in stored
    with pytest.raises(TokenInvalid):
        world.context.tokens.unseal(f"second factor {other.id}", stored)

    second_factor.seal_again(world.context)
    assert world.sql("SELECT secret FROM factors")[0][0] == stored
    old = "a key for tests that is long enough"
    object.__setattr__(world.context, "tokens", Tokens([old, "a newer key"]))
    second_factor.seal_again(world.context)
    assert world.sql("SELECT secret FROM factors")[0][0] != stored
    object.__setattr__(world.context, "tokens", Tokens(["a newer key"]))
    world.clock.advance(minutes=5)
    second_factor.check_code(world.context, member, code_at(world, secret))

    # A key that went too early: the telephone no longer opens, a recovery code does.
    object.__setattr__(world.context, "tokens", Tokens(["another key"]))
    second_factor.seal_again(world.context)
    world.clock.advance(minutes=5)
    with pytest.raises(CodeRefused):
        second_factor.check_code(world.context, member, code_at(world, secret))
    second_factor.check_code(world.context, member, codes[0])


def test_a_clock_that_was_ahead_takes_the_last_step_back_with_it(world):
    member = joined(world)
    world.clock.advance(days=4000)
    secret, _ = with_factor(world, member)
    start = world.clock() - timedelta(minutes=1)
    back = timedelta(days=-4000)
    world.store.write(lambda db: timeline.move_stamps(db, start, back, {}))
    world.clock.advance(days=-4000, minutes=2)
    second_factor.check_code(world.context, member, code_at(world, secret))


def test_a_code_of_the_telephone_opens_while_the_clock_of_the_machine_is_wrong(world):
    member, seconds = joined(world), [90.0]
    secret, _ = with_factor(world, member)
    machine = Machine(world.clock, lambda: seconds[0], lambda: True)
    told = replace(world.context, timekeeper=Timekeeper(world.store, machine))
    code = code_at(world, secret, minutes=1)
    world.clock.advance(days=4000)
    seconds[0] += 60
    with pytest.raises(CodeRefused):
        second_factor.check_code(world.context, member, code)
    second_factor.check_code(told, member, code)
    with pytest.raises(CodeRefused):
        second_factor.check_code(told, member, code)


def sign_in(world, password=PASSWORD, browser=""):
    counting = in_memory(world.context.clock)
    with pytest.raises(signing_in.CodeNeeded) as needed:
        signing_in.sign_in(world.context, counting, BRUNO, password, NETWORK, browser)
    return needed.value.pending, counting


def test_password_and_code_open_a_session_and_tries_are_limited_as_passwords(world):
    member = joined(world)
    secret, codes = with_factor(world, member)
    world.clock.advance(minutes=1)
    pending, counting = sign_in(world)

    def give(code):
        return second_factor.sign_in(world.context, counting, pending, code, NETWORK)

    refused = 0
    for _ in range(4):
        with pytest.raises((CodeRefused, signing_in.TooManyFailures)) as error:
            give("000000")
        refused += error.type is signing_in.TooManyFailures
    assert refused == 2  # the password was a try too, and the third makes one wait
    world.clock.advance(minutes=1)
    opened = give(code_at(world, secret))
    assert sessions.session_of(world.context, opened.secret).factor
    failed = [verb for (verb,) in world.sql("SELECT verb FROM events")]
    assert failed.count("sign_in_failed") == 2

    # Too late, for another password, or invented: the password is asked for again.
    for late in (pending, "invented"):
        world.clock.advance(seconds=signing_in.CODE_SECONDS)
        with pytest.raises(signing_in.CodeTooLate):
            second_factor.sign_in(world.context, counting, late, codes[0], NETWORK)
    pending, counting = sign_in(world)
    now = world.store.read(lambda db: staff.get(db, member.id))
    accounts.change_password(world.context, now, PASSWORD, "una frase nuova mia", "")
    with pytest.raises(signing_in.CodeTooLate):
        give(codes[0])


def test_what_was_shown_before_a_change_opens_nothing_after_it(world):
    chosen = joined(world)
    read = world.store.read(lambda db: staff.get(db, chosen.id))
    limits = in_memory(world.clock)

    def open_with(member, password=""):
        signing_in.open_for(world.context, limits, member, "", "", password)

    with_factor(world, read)
    with pytest.raises(signing_in.CodeNeeded):
        open_with(read, PASSWORD)
    another = "un'altra frase lunga mia"
    accounts.change_password(world.context, read, PASSWORD, another, "x")
    with pytest.raises(signing_in.SignInRefused):
        open_with(read, PASSWORD)
    with pytest.raises(signing_in.CodeTooLate):
        open_with(read)
    assert sessions.open_sessions_of(world.context, read.id) == []


def test_a_reset_ends_sessions_and_is_told_to_every_administrator(world):
    member = joined(world, grant=Grant(StaffRole.REVIEWER, VisibleForms()))
    joined(world, "dora@comune.example")
    with_factor(world, member)
    _, codes = with_factor(world, member)
    pending, counting = sign_in(world)
    opened = second_factor.sign_in(world.context, counting, pending, codes[0], NETWORK)
    assert members.one(world.context, member.id).factor
    second_factor.reset(world.context, member.id, "staff:3")
    assert sessions.session_of(world.context, opened.secret) is None
    (mail,) = [mail for mail in world.post() if mail.kind == "factor_reset"]
    assert mail.email == "dora@comune.example"
    assert world.message(mail).link.endswith("/staff/attivita")
    for gone in (member.id, 99):
        with pytest.raises(accounts.NoSuchMember):
            second_factor.reset(world.context, gone, "staff:3")
    signing_in.sign_in(world.context, counting, BRUNO, PASSWORD, NETWORK)


def test_it_is_a_duty_for_administrators_and_delicate_forms(world):
    def duty(role, *forms):
        grant = Grant(role, VisibleForms(frozenset(forms)))
        return second_factor.is_duty(world.context, grant)

    assert duty(StaffRole.ADMINISTRATOR)
    assert not duty(StaffRole.REVIEWER, "every-type")
    assert duty(StaffRole.READER, "*") == any(f.delicate for f in world.context.forms)


def secret_of(page):
    (letters,) = page.find("//code")
    return letters.text_content().replace(" ", "")


def enrolled(clerk):
    """Set a factor up on the pages; return its secret and the recovery codes."""
    page = clerk.get("/staff/profilo/secondo-fattore")
    secret = secret_of(page)
    code = pyotp.TOTP(secret).at(clerk.service.clock())
    done = clerk.send(page, "/secondo-fattore", code=code, password=PASSWORD)
    assert (done.status, done.headers["Cache-Control"]) == (200, "no-store")
    return secret, [code.text_content() for code in done.find("//ol//code")]


def test_on_the_pages_the_code_comes_after_the_password(service, clerk):
    other = Clerk(service)
    other.sign_in()
    page = clerk.get("/staff/profilo/secondo-fattore")
    for code, password in (
        ("000000", PASSWORD),
        (pyotp.TOTP(secret_of(page)).at(service.clock()), "x"),
    ):
        refused = clerk.send(page, "/secondo-fattore", code=code, password=password)
        assert refused.status == 422
    assert ("visitor", "sign_in_failed", '{"staff": 1}') in log(service)
    secret, codes = enrolled(clerk)
    assert other.get("/staff/").status == 303  # it was opened by the password alone
    assert "restano 10 codici di recupero" in clerk.get("/staff/profilo").text
    assert "con secondo fattore" in clerk.get("/staff/persone").text

    service.clock.advance(minutes=1)
    asked = other.sign_in(next="/staff/salute")
    assert asked.location.startswith("/staff/accedi/codice")
    assert other.get("/staff/").status == 303
    page = other.get(asked.location)
    wrong = other.send(page, "/codice", code="000000")
    assert (wrong.status, "non è giusto" in wrong.text) == (422, True)
    code = pyotp.TOTP(secret).at(service.clock())
    done = other.send(wrong, "/codice", code=code)
    assert (done.status, done.location) == (303, "/staff/salute")

    again = Clerk(service)
    page = again.get(again.sign_in().location)
    assert again.send(page, "/codice", code=code).status == 422
    assert again.send(page, "/codice", code=codes[0]).status == 303
    assert "restano 9 codici" in again.get("/staff/profilo").text
    assert Clerk(service).get("/staff/accedi/codice").location == "/staff/accedi"


@pytest.mark.slow
def test_after_a_wrong_password_the_same_secret_comes_back(service, clerk):
    enrolled(clerk)
    service.clock.advance(minutes=5)
    page = clerk.get("/staff/profilo/secondo-fattore")
    letters = page.find("//code")[0].text_content()
    code = pyotp.TOTP(letters.replace(" ", "")).at(service.clock())
    wrong = clerk.send(page, "/secondo-fattore", code=code, password="x")
    assert wrong.status == 422
    assert wrong.find("//code")[0].text_content() == letters
    done = clerk.send(wrong, "/secondo-fattore", code=code, password=PASSWORD)
    assert done.status == 200
    old = clerk.send(page, "/secondo-fattore", code=code, password=PASSWORD, sealed="x")
    assert (old.status, "troppo a lungo" in old.text) == (422, True)


@pytest.mark.slow
def test_an_administrator_resets_it_on_the_page_of_the_person(
    service, clerk, new_clerk
):
    bruno = new_clerk(BRUNO)
    bruno.sign_in()
    enrolled(bruno)
    page = clerk.get("/staff/persone/2")
    assert clerk.send(page, "/fattore").status == 303
    assert bruno.get("/staff/").status == 303
    assert bruno.sign_in().location == "/staff/"
    assert clerk.send(page, "/fattore").status == 404
    assert ("staff:1", "reset_factor", '{"staff": 2}') in log(service)


@pytest.mark.promise(
    "P25",
    "a password alone, in production",
    without=(
        "nobody needs a second factor",
        "web/staff/guard.py",
        "return route.right is Right.EXPORT or",
        "return False and",
    ),
)
def test_in_production_a_password_alone_opens_nothing_delicate(start_service, figure):
    service = start_service(production=True)

    def clerk(email, role, *forms):
        grant = Grant(role, VisibleForms(frozenset(forms)))
        return signed_in(service, email, grant)

    chief = clerk(CARLA, StaffRole.ADMINISTRATOR, "volontari")
    listening = clerk("dora@example.org", StaffRole.READER, "ascolto")
    bruno = clerk(BRUNO, StaffRole.REVIEWER, "volontari")
    here = "/staff/profilo/secondo-fattore"
    found = {
        (who.email[0], path): who.get(path).location
        for who in (chief, listening, bruno)
        for path in ("/staff/", "/staff/tabelle", "/staff/profilo")
        if (who, path) != (listening, "/staff/tabelle")
    }
    assert found == {
        ("c", "/staff/"): here,
        ("c", "/staff/tabelle"): here,
        ("c", "/staff/profilo"): "",
        ("d", "/staff/"): here,
        ("d", "/staff/profilo"): "",
        ("b", "/staff/"): "",
        ("b", "/staff/tabelle"): here,
        ("b", "/staff/profilo"): "",
    }
    chief.get("/staff/")
    assert "richiede il secondo fattore" in chief.get(here).text
    before = service.rows()
    token = bruno.get("/staff/profilo").controls()["csrf_token"]
    typed = {"format": "csv", "reason": "check", "csrf_token": token}
    assert bruno.post("/staff/tabelle/volontari", typed).status == 403
    assert service.rows() == before
    person = prove(service, send(service))
    printed = {"fare": "read", "bulk-scelta": f"{person.id}:2:0", "csrf_token": token}
    caught = bruno.post("/staff/insieme", printed)
    assert (caught.status, caught.find(f"//a[@href='{here}']") != []) == (403, True)
    assert printed["bulk-scelta"] in caught.find("//form//@value")
    enrolled(chief)
    assert chief.get("/staff/persone").status == 200
    assert chief.get("/staff/").status == 200
    figure("administrator, delicate form, export: led to the second factor")
