"""Accounts of others, looked after on pages: invited, given rights, ended, removed."""

from functools import partial

import pytest

from clerk import CARLA, PASSWORD, Clerk, join, log
from forms_service.moving_window import in_memory
from forms_service.store import staff
from forms_service.store.staff_rights import EVERYTHING, Grant, StaffRole
from forms_service.store.visibility import VisibleForms
from forms_service.web.staff.browser_name import browser_name
from forms_service.workflow import (
    accounts,
    mail_delivery,
    members,
    sessions,
    signing_in,
)

pytest_plugins = ["life"]

BRUNO = "bruno@example.org"
PEOPLE = "/staff/persone"


def of_one(clerk, email):
    """Open the page of a person, as the list names it."""
    (link,) = clerk.get(PEOPLE).find(f"//main//a[contains(., '{email}')]/@href")
    return clerk.get(link)


def invited(service, clerk, **chosen):
    """Invite Bruno and return the link of his mail."""
    done = clerk.send(clerk.get(PEOPLE), "/persone", email=BRUNO, **chosen)
    assert done.status == 303
    mail = mail_delivery.claim(service.context)
    assert (mail.kind, mail.email) == ("invitation", BRUNO)
    return mail_delivery.message_of(service.context, mail, "").link


def test_who_is_invited_by_mail_chooses_a_password_and_sees_those_forms(service, clerk):
    link = invited(service, clerk, role="reviewer", forms=["volontari"])
    assert "Invito mandato" in clerk.get(PEOPLE).text
    bruno = Clerk(service, BRUNO)
    service.clock.advance(hours=23)
    done = bruno.send(bruno.get(link), link, password=PASSWORD, again=PASSWORD)
    assert done.status == 303
    assert bruno.sign_in().status == 303
    assert bruno.get(PEOPLE).status == 403
    clerk.sign_in()
    (row,) = clerk.get(PEOPLE).find(f"//main//li[contains(., '{BRUNO}')]")
    said = " ".join(row.text_content().split())
    assert "Legge, decide, inserisce ed esporta" in said
    assert service.context.content.form("volontari").title in said
    assert "21 giugno 2020" in said

    known = {"email": BRUNO, "role": "reader", "every": "1"}
    again = clerk.send(clerk.get(PEOPLE), "/persone", **known)
    assert again.status == 422
    assert "C’è già una persona con questo indirizzo" in again.text
    wrong = clerk.send(clerk.get(PEOPLE), "/persone", email="bruno")
    asked = ["#email", "#role", "#forms"]
    assert (wrong.status, wrong.find("//div[@role='alert']//a/@href")) == (422, asked)


def test_who_was_given_no_form_is_told_whom_to_ask(new_clerk):
    bruno = new_clerk(BRUNO, Grant())
    bruno.sign_in()
    assert "Non vedi ancora nessun modulo" in bruno.get("/staff/").text


@pytest.mark.slow
def test_an_invitation_lasts_a_day_and_is_sent_again(service, clerk):
    first = invited(service, clerk, role="reader", every="1")
    service.clock.advance(hours=24)
    assert service.get(first).status == 410
    clerk.sign_in()
    page = of_one(clerk, BRUNO)
    assert page.find("//input[@name='every']/@checked")
    assert clerk.send(page, "/invito").status == 303
    mail = mail_delivery.claim(service.context)
    second = mail_delivery.message_of(service.context, mail, "").link
    assert service.get(second).status == 200


def test_rights_sessions_and_the_account_are_taken_at_once(service, clerk, new_clerk):
    bruno = new_clerk(BRUNO)
    bruno.sign_in()
    done = clerk.send(of_one(clerk, BRUNO), "/persone/2", role="reader", every="")
    assert done.status == 303
    assert bruno.get(PEOPLE).status == 403
    clerk.send(of_one(clerk, BRUNO), "/sessioni")
    assert bruno.get("/staff/").status == 303
    bruno.sign_in()
    clerk.send(of_one(clerk, BRUNO), "/togli")
    assert bruno.get("/staff/").status == 303
    assert BRUNO not in clerk.get(PEOPLE).text
    assert clerk.get(f"{PEOPLE}/2").status == 404
    assert clerk.get(f"{PEOPLE}/77").status == 404
    verbs = [verb for actor, verb, _ in log(service) if actor == "staff:1"]
    assert verbs[-3:] == ["grant", "close_sessions", "remove_staff"]


def test_the_last_administrator_stays(service, clerk, new_clerk):
    new_clerk(BRUNO, Grant(StaffRole.REVIEWER, VisibleForms(frozenset({"volontari"}))))
    for ending, typed in (("/togli", {}), ("/persone/1", {"role": "reviewer"})):
        refused = clerk.send(of_one(clerk, CARLA), ending, **typed)
        assert refused.status == 409
        assert "Deve restare un amministratore" in refused.text
    assert clerk.get(PEOPLE).status == 200


def test_a_session_elsewhere_is_shown_with_its_browser_and_ended(service, clerk):
    other = Clerk(service)
    phone = "Mozilla/5.0 (Linux; Android 14; Pixel 8) Firefox/120.0"
    other.client.environ_base["HTTP_USER_AGENT"] = phone
    other.sign_in()
    page = clerk.get("/staff/profilo")
    assert "Firefox, Android" in page.text
    assert page.text.count("Chiudi ") == 1
    clerk.send(page, "/profilo/sessione")
    assert other.get("/staff/").status == 303
    assert clerk.get("/staff/").status == 200
    # Pressed again it ends nothing, and nobody ends another's.
    assert clerk.send(page, "/profilo/sessione").status == 303


@pytest.mark.parametrize(
    ("says", "name"),
    [
        (
            "Mozilla (Windows NT 10.0) Chrome/1 Safari/5 Edg/1",
            "Edge, Windows",
        ),
        (
            "Mozilla (iPhone; CPU OS 17 like Mac OS X) Safari/6",
            "Safari, iPhone",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64) Chrome/1 Safari/5", "Chrome, Linux"),
        ("curl/8", ""),
    ],
)
def test_a_browser_is_called_in_two_words(says, name):
    assert browser_name(says) == name


def forget(service, email):
    visitor = Clerk(service)
    page = visitor.get("/staff/password-dimenticata")
    return visitor.send(page, "/password-dimenticata", email=email)


def test_a_forgotten_password_is_answered_alike_for_everybody(service, new_clerk):
    clerk = new_clerk(CARLA)
    known, unknown = forget(service, CARLA.upper()), forget(service, BRUNO)
    assert known.text == unknown.text
    assert (known.status, unknown.status) == (200, 200)
    asked = [told for _, verb, told in log(service) if verb == "ask_password"]
    assert asked == ['{"staff": 1}', "{}"]

    mail = mail_delivery.claim(service.context)
    assert (mail.kind, mail.email) == ("new_password", CARLA)
    link = mail_delivery.message_of(service.context, mail, "").link
    mail_delivery.report_sent(service.context, mail)
    assert mail_delivery.claim(service.context) is None
    new = "tutta un'altra frase mia"
    assert clerk.sign_in().status == 303  # nothing has changed yet
    clerk.send(clerk.get(link), link, password=new, again=new)
    assert clerk.get("/staff/").status == 303
    assert clerk.sign_in(new).status == 303


@pytest.mark.slow
def test_nobody_is_mailed_more_than_three_links_an_hour(service, new_clerk):
    new_clerk(CARLA)
    for _ in range(5):
        assert forget(service, CARLA).status == 200
        if mail := mail_delivery.claim(service.context):
            mail_delivery.report_sent(service.context, mail)
    sent = service.context.store.read(
        lambda db: db.execute("SELECT count(*) FROM outbox").fetchone()[0]
    )
    assert sent == 3


def test_members_are_invited_by_mail_listed_and_removed_but_the_last(world):
    chief = join(world.context, CARLA)
    members.invite(world.context, BRUNO, Grant(), "staff:2")
    (mail,) = world.post()
    token = world.message(mail).link.rpartition("/")[2]
    bruno = accounts.set_up(world.context, token, PASSWORD)
    for known in (BRUNO, f" {BRUNO} ", f"<{BRUNO}>", f"mailto:{BRUNO}.", CARLA + ","):
        with pytest.raises(members.AlreadyMember):
            members.invite(world.context, known, Grant(), "staff:2")
    listed = {one.member.email: one.grant for one in members.everyone(world.context)}
    assert listed.items() >= {CARLA: EVERYTHING, BRUNO: Grant()}.items()
    with pytest.raises(accounts.LastAdministrator):
        members.remove(world.context, chief.id, "staff:2")
    members.remove(world.context, bruno.id, "staff:2")
    for read in (members.one, partial(members.remove, actor="staff:2")):
        with pytest.raises(accounts.NoSuchMember):
            read(world.context, bruno.id)


def test_sessions_of_a_member_are_ended_one_by_one(world):
    member = join(world.context, CARLA)
    for named in ("Firefox, Linux", "Safari, iPhone"):
        world.clock.advance(seconds=1)
        signing_in.sign_in(
            world.context,
            in_memory(world.clock),
            CARLA,
            PASSWORD,
            "192.0.2.0/24",
            named=named,
        )
    phone, desk = members.one(world.context, member.id).sessions
    assert (phone.browser, desk.browser) == ("Safari, iPhone", "Firefox, Linux")
    sessions.close_one(world.context, world.clerk.id, phone.digest)  # of another
    for _ in range(2):
        sessions.close_one(world.context, member.id, phone.digest)
    assert sessions.open_sessions_of(world.context, member.id) == [desk]
    ended = world.sql("SELECT actor FROM events WHERE verb = 'close_sessions'")
    assert [actor for (actor,) in ended] == [f"staff:{member.id}"]


def test_who_has_forgotten_the_password_gets_one_link_while_it_waits(world):
    member = join(world.context, CARLA)
    for typed in (CARLA, f" {CARLA.upper()}", "nobody@example.org"):
        accounts.ask_password(world.context, typed)
    (mail,) = world.post()
    token = world.message(mail).link.rpartition("/")[2]
    assert accounts.open_setup(world.context, token).id == member.id
    # One that is over stays so, whoever asks for another.
    world.clock.advance(hours=1)
    accounts.ask_password(world.context, CARLA)
    with pytest.raises(accounts.SetupOver):
        accounts.open_setup(world.context, token)
    assert [one.kind for one in world.post()] == ["new_password"]
    # An invitation that lasts longer is not made shorter.
    accounts.invite(world.context, CARLA, by_mail=True)
    before = world.store.read(lambda db: staff.get(db, member.id)).setup_expires_at
    accounts.ask_password(world.context, CARLA)
    found = world.store.read(lambda db: staff.get(db, member.id))
    assert found.setup_expires_at == before
    named = ["member", member.id, found.setup_generation]  # by a program from before
    assert accounts.open_setup(world.context, world.context.tokens.make("setup", named))
    accounts.set_up(
        world.context, accounts.setup_token(world.context, found), "una frase nuova mia"
    )
    assert world.post() == []  # nothing is left to say
