"""Staff accounts: invitation, password, sign-in, sessions and their limits."""

import unicodedata
from base64 import b64decode
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread

import pytest
from argon2 import PasswordHasher
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from forms_service.mail.compose import preview
from forms_service.moving_window import in_memory
from forms_service.store import staff
from forms_service.store.data_folder import DataFolder
from forms_service.store.schema import TABLES
from forms_service.tokens import TokenInvalid, Tokens
from forms_service.workflow import (
    accounts,
    mail_delivery,
    maintenance,
    passwords,
    sessions,
    signing_in,
)
from forms_service.workflow.context import WorkflowContext
from forms_service.workflow.passwords import (
    LEAST,
    MOST,
    PasswordRefused,
    check_password,
)
from sample_content import every_type
from service import LOG_KEYS, Clock

pytest_plugins = ["life"]

CARLA = "carla@example.org"
PASSWORD = "quattro parole lunghe mie"
NETWORK = "192.0.2.0/24"


@pytest.fixture
def clock():
    return Clock(datetime(2026, 3, 2, 9, 0, tzinfo=UTC))


@pytest.fixture
def work(new_store, clock, tmp_path):
    folder, tokens = DataFolder(tmp_path, LOG_KEYS), Tokens(["k" * 32])
    return WorkflowContext(new_store(), every_type(), tokens, clock, folder)


@pytest.fixture
def carla(work):
    return accounts.set_up(work, accounts.invite(work, CARLA), PASSWORD)


def enter(
    work, failures=None, password=PASSWORD, email=CARLA, network=NETWORK, browser=""
):
    """Sign in; return the session's secret and what the browser keeps."""
    limits = failures or in_memory(work.clock)
    return signing_in.sign_in(work, limits, email, password, network, browser)


def sign_in(*args, **more):
    return enter(*args, **more).secret


def fail(work, failures, times, email=CARLA, network=NETWORK):
    for _ in range(times):
        with pytest.raises(signing_in.SignInRefused):
            sign_in(work, failures, "not the password", email, network)


def log(work):
    rows = work.store.read(
        lambda db: db.execute("SELECT actor, verb, detail FROM events").fetchall()
    )
    return [tuple(row) for row in rows]


def test_the_first_account_is_made_by_the_set_up_link(work):
    token = accounts.first_invitation(work)
    assert accounts.open_setup(work, token) is None

    accounts.set_up(work, token, PASSWORD, CARLA)

    assert sessions.session_of(work, sign_in(work)).staff.email == CARLA


def test_there_is_no_first_account_link_once_somebody_can_sign_in(work, carla):
    with pytest.raises(accounts.AccountExists):
        accounts.first_invitation(work)


def test_a_first_account_link_makes_one_account_however_often_it_is_used(work):
    token = accounts.first_invitation(work)
    accounts.set_up(work, token, PASSWORD, CARLA)
    with pytest.raises(accounts.SetupOver):
        accounts.set_up(work, token, PASSWORD, "mallory@example.org")
    with pytest.raises(accounts.SetupOver):
        accounts.open_setup(work, token)


@pytest.mark.parametrize("make", [accounts.first_invitation, lambda w: invite(w)])
def test_a_set_up_link_lasts_thirty_minutes(work, clock, make):
    token = make(work)
    clock.advance(minutes=29, seconds=59)
    accounts.open_setup(work, token)

    clock.advance(seconds=1)

    with pytest.raises(accounts.SetupOver):
        accounts.open_setup(work, token)
    with pytest.raises(accounts.SetupOver):
        accounts.set_up(work, token, PASSWORD, CARLA)


def invite(work):
    return accounts.invite(work, CARLA)


def test_a_new_invitation_ends_the_older_one(work):
    older = invite(work)
    newer = invite(work)
    with pytest.raises(accounts.SetupOver):
        accounts.open_setup(work, older)
    assert accounts.open_setup(work, newer).email == CARLA


def test_a_set_up_link_works_once(work):
    token = invite(work)
    accounts.set_up(work, token, PASSWORD)
    with pytest.raises(accounts.SetupOver):
        accounts.set_up(work, token, "un'altra frase segreta")
    assert sign_in(work)


def test_a_token_of_another_purpose_is_no_set_up_link(work):
    with pytest.raises(TokenInvalid):
        accounts.open_setup(work, work.tokens.make("sent", ["member", 1, 1]))


def test_an_invited_member_without_a_password_cannot_sign_in(work):
    invite(work)
    with pytest.raises(signing_in.SignInRefused):
        sign_in(work, password="")


@pytest.mark.parametrize(
    "password",
    ["corta", "12 caratter", "aaaaaaaaaaaaaa", "abababababab", "123456789012",
     "210987654321", "abcdefghijklm", "QWERTYUIOPAS", "Password123!", "adminadmin2026",
     "carla.bianchi-2026", "x" * 257],
)  # fmt: skip
def test_an_easy_password_is_refused(password):
    with pytest.raises(PasswordRefused):
        check_password(password, "carla.bianchi@example.org")


@pytest.mark.parametrize(
    "password",
    ["dodici caratt", PASSWORD, "correct horse battery", "parolalungabuona",
     "пароль довгий мій", "venti tortore blu " * 14 + "xyzw"],
)  # fmt: skip
def test_a_long_password_needs_no_signs_or_capitals(password):
    check_password(password, "a@example.org")


def test_passwords_that_have_leaked_are_refused():
    """Zxcvbn holds the most usual ones of many leaks."""
    leaked = [one for one in FREQUENCY_LISTS["passwords"] if len(one) >= LEAST]
    assert len(leaked) > 80
    for password in leaked[::4]:
        with pytest.raises(PasswordRefused):
            check_password(password, "a@example.org")


def test_256_characters_all_count_and_a_password_lasts_for_years(work, carla, clock):
    longest = ("venti tortore blu " * 15)[:MOST]
    secret = sign_in(work)
    member = sessions.session_of(work, secret).staff
    accounts.change_password(work, member, PASSWORD, longest, secret)
    clock.advance(days=1500)
    with pytest.raises(signing_in.SignInRefused):
        sign_in(work, password=longest[:-1] + "#")
    secrets = {sign_in(work, password=longest) for _ in range(2)}
    assert [len(b64decode(f"{one}=", "-_")) for one in secrets] == [32, 32]


def test_an_easy_password_leaves_the_set_up_link_usable(work):
    token = invite(work)
    with pytest.raises(PasswordRefused):
        accounts.set_up(work, token, "corta")
    assert accounts.set_up(work, token, PASSWORD)


def test_only_hashes_of_password_and_secret_are_stored(work, carla):
    secret = sign_in(work)
    rows = work.store.read(
        lambda db: [
            tuple(row)
            for table in TABLES
            for row in db.execute(f"SELECT * FROM {table}")
        ]
    )
    dump = str(rows)
    assert PASSWORD not in dump
    assert secret not in dump
    assert "$argon2id$" in dump
    assert sessions.digest(secret) in dump


def test_capitals_in_the_address_do_not_matter(work, carla):
    assert sign_in(work, email=" CARLA@Example.org ")


@pytest.mark.parametrize("email", [CARLA, "nobody@example.org"])
@pytest.mark.promise(
    "P23",
    "somebody guesses a password from ever new networks",
    without=(
        "no delay",
        "workflow/signing_in.py",
        "if not counted and not _may_try(context, failures, account):",
        "if not failures:",
    ),
)
def test_each_wrong_password_makes_the_next_try_wait_longer_up_to_a_minute(
    work, carla, clock, email, figure
):
    failures = in_memory(work.clock)
    fail(work, failures, 3, email)
    for wait in (1, 2, 4, 8, 16, 32, 60, 60, 60):
        clock.advance(seconds=wait - 1)
        with pytest.raises(signing_in.TooManyFailures):
            sign_in(work, failures, email=email)
        clock.advance(seconds=1)
        fail(work, failures, 1, email, network=f"198.51.100.{wait}/32")
    clock.advance(seconds=60)
    if email == CARLA:
        assert sign_in(work, failures)
        fail(work, failures, 3)
    figure("after three wrong ones a second between tries, then 2, 4 … 60")


def test_an_account_that_nobody_tried_for_a_day_starts_again(work, carla, clock):
    fail(work, None, 3)
    clock.advance(days=1, seconds=2)
    maintenance.drop_sessions(work, clock(), clock())
    fail(work, None, 3)


def test_a_clock_that_was_ahead_shuts_nobody_out(work, carla, clock):
    clock.advance(days=400)
    fail(work, None, 3)
    clock.advance(days=-400)
    assert sign_in(work)


def test_a_browser_that_is_known_is_not_delayed_by_strangers(work, carla, clock):
    failures = in_memory(work.clock)
    known = enter(work, failures).browser
    fail(work, failures, 3)
    with pytest.raises(signing_in.TooManyFailures):
        sign_in(work, failures)
    assert sign_in(work, failures, browser=known)
    fail(work, failures, 3)
    for _ in range(5):
        with pytest.raises(signing_in.SignInRefused):
            sign_in(work, failures, "not the password", browser=known)
    with pytest.raises(signing_in.TooManyFailures):
        sign_in(work, failures, browser=known)
    clock.advance(minutes=15)
    assert sign_in(work, failures, browser=known)


def test_a_browser_is_known_for_half_a_year_and_with_this_password(work, carla, clock):
    dario = "dario@example.org"
    accounts.set_up(work, accounts.invite(work, dario), PASSWORD)
    both = enter(work, email=dario, browser=enter(work).browser).browser
    clock.advance(days=180)
    for email in (CARLA, dario):
        fail(work, None, 3, email)
        assert sign_in(work, email=email, browser=both)
    fail(work, None, 3)
    for other in ("", "forged", work.tokens.make("sent", [1, [[1, 2]]])):
        with pytest.raises(signing_in.TooManyFailures):
            sign_in(work, browser=other)
    accounts.set_up(work, accounts.invite(work, CARLA), "una frase del tutto nuova")
    with pytest.raises(signing_in.TooManyFailures):
        sign_in(work, password="una frase del tutto nuova", browser=both)
    clock.advance(days=181)
    fail(work, None, 3, dario)
    with pytest.raises(signing_in.TooManyFailures):
        sign_in(work, email=dario, browser=both)


def test_browsers_that_nobody_knows_may_try_300_times_in_all(work, carla, clock):
    failures = in_memory(work.clock)
    known = enter(work, failures).browser
    while failures.hit(signing_in.ALTOGETHER):
        continue
    with pytest.raises(signing_in.TooManyFailures):
        sign_in(work, failures)
    assert sign_in(work, failures, browser=known)


def test_many_tries_at_the_same_moment_are_not_more_than_three(work, carla):
    failures, start, refusals = in_memory(work.clock), Barrier(20), []

    def attempt():
        start.wait()
        try:
            sign_in(work, failures, password="sbagliata")
        except (signing_in.SignInRefused, signing_in.TooManyFailures) as error:
            refusals.append(type(error))

    threads = [Thread(target=attempt) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert refusals.count(signing_in.SignInRefused) == 3
    assert refusals.count(signing_in.TooManyFailures) == 17
    verbs = [verb for _, verb, _ in log(work)]
    assert (verbs.count("sign_in_failed"), verbs.count("sign_in_blocked")) == (3, 1)


def test_another_browser_is_told_to_its_owner_and_the_first_is_not(work, carla):
    def told():
        mails = []
        while mail := mail_delivery.claim(work):
            mail_delivery.report_sent(work, mail)
            mails.append((mail.kind, mail.email))
        return mails

    known = enter(work).browser
    assert told() == []
    again = enter(work, browser=known).browser
    assert told() == []
    enter(work)
    assert told() == [("new_browser", CARLA)]
    sign_in(work, browser=again)
    assert told() == []
    enter(work)
    accounts.remove(work, CARLA)
    assert told() == []


def test_what_the_mail_about_a_new_browser_says(work, carla):
    sign_in(work)
    sign_in(work)
    mail = mail_delivery.claim(work)
    message = mail_delivery.message_of(work, mail, "https://forms.example")
    said = preview(message)
    assert said.subject == "Un accesso al tuo account"
    assert "browser mai usato prima" in said.text
    assert "https://forms.example/staff/" in said.text
    assert CARLA not in said.text


def test_words_of_project_owner_and_account_make_no_password(work):
    project = work.content.project
    project = replace(
        project, name="Orto Aperto", owner=replace(project.owner, name="Circolo")
    )
    content = replace(work.content, projects={"it": project})
    words = passwords.words_of(content)
    assert {"orto aperto", "ortoaperto", "orto", "circolo"} <= set(words)
    for password in ("OrtoAperto2026", "carla.bianchi2026", "circolo-circolo-1"):
        with pytest.raises(PasswordRefused, match="Too easy"):
            check_password(password, "carla.bianchi@example.org", words)
    check_password("OrtoAperto2026", "carla.bianchi@example.org")
    with pytest.raises(PasswordRefused):
        accounts.set_up(
            replace(work, content=content),
            accounts.invite(work, CARLA),
            "OrtoAperto2026",
        )


def test_an_unknown_account_costs_the_same_work():
    assert not passwords.is_weak_hash(passwords.NOBODY)
    assert not passwords.is_password_of(None, "")


def test_an_older_hash_is_replaced_at_sign_in(work, carla):
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1)
    work.store.write(lambda db: staff.rehash(db, carla.id, weak.hash(PASSWORD)))

    sign_in(work)

    member = work.store.read(lambda db: staff.get(db, carla.id))
    assert not passwords.is_weak_hash(member.password)
    assert sign_in(work)


ACCENTED = "perché là città è più giù"


@pytest.mark.parametrize("stored_as", ["NFC", "NFD"])
@pytest.mark.parametrize("typed_as", ["NFC", "NFD"])
def test_a_password_opens_however_a_keyboard_composes_its_accents(
    work, carla, stored_as, typed_as
):
    before = PasswordHasher().hash(unicodedata.normalize(stored_as, ACCENTED))
    work.store.write(lambda db: staff.rehash(db, carla.id, before))
    assert sign_in(work, password=unicodedata.normalize(typed_as, ACCENTED))
    now = work.store.read(lambda db: staff.get(db, carla.id)).password
    assert PasswordHasher().verify(now, unicodedata.normalize("NFC", ACCENTED))
    assert sign_in(work, password=unicodedata.normalize("NFD", ACCENTED))


def test_a_password_is_counted_and_stored_composed():
    decomposed = unicodedata.normalize("NFD", "è" * 6 + "abcde")
    with pytest.raises(passwords.PasswordRefused):
        passwords.check_password(decomposed, "")
    hashed = passwords.hash_password(unicodedata.normalize("NFD", ACCENTED))
    assert passwords.is_password_of(hashed, ACCENTED)
    assert not passwords.is_password_of(hashed, ACCENTED.replace("é", "e"))


def test_a_damaged_hash_lets_nobody_in(work, carla):
    work.store.write(lambda db: staff.rehash(db, carla.id, "damaged"))
    with pytest.raises(signing_in.SignInRefused):
        sign_in(work)


def test_a_session_ends_after_thirty_minutes_without_a_page(work, carla, clock):
    secret = sign_in(work)
    clock.advance(minutes=29, seconds=59)
    assert sessions.session_of(work, secret)
    clock.advance(minutes=30)
    assert sessions.session_of(work, secret) is None


def test_a_session_ends_after_eight_hours_of_work(work, carla, clock):
    secret = sign_in(work)
    for _ in range(31):
        clock.advance(minutes=15)
        assert sessions.session_of(work, secret)
    clock.advance(minutes=14, seconds=59)
    assert sessions.session_of(work, secret)
    clock.advance(seconds=1)
    assert sessions.session_of(work, secret) is None


def test_pages_within_a_minute_cost_no_write(work, carla, clock):
    secret = sign_in(work)
    clock.advance(seconds=59)
    sessions.session_of(work, secret)
    before = clock() - timedelta(seconds=59)
    seen = work.store.read(lambda db: staff.session(db, sessions.digest(secret)))
    assert seen.seen_at == before


def test_signing_out_ends_the_session_and_only_that_one(work, carla):
    here, elsewhere = sign_in(work), sign_in(work)
    sessions.sign_out(work, here)
    sessions.sign_out(work, here)
    assert sessions.session_of(work, here) is None
    assert sessions.session_of(work, elsewhere)


def test_all_sessions_of_a_member_can_be_ended(work, carla):
    secrets = [sign_in(work), sign_in(work)]
    sessions.close_all_sessions(work, carla.id, "staff:1")
    assert [sessions.session_of(work, secret) for secret in secrets] == [None, None]


def test_a_disabled_member_is_out_at_once(work, carla):
    secret = sign_in(work)
    at = "2026-03-02T09:00:00+00:00"
    work.store.write(lambda db: db.execute("UPDATE staff SET disabled_at = ?", [at]))
    assert sessions.session_of(work, secret) is None
    with pytest.raises(signing_in.SignInRefused):
        sign_in(work)


def test_a_changed_password_ends_the_other_sessions(work, carla, clock):
    here, elsewhere = sign_in(work), sign_in(work)
    clock.advance(minutes=5)
    member = sessions.session_of(work, here).staff

    accounts.change_password(work, member, PASSWORD, "una frase del tutto nuova", here)

    assert sessions.session_of(work, elsewhere) is None
    assert sessions.session_of(work, here).created_at == clock() - timedelta(minutes=5)
    with pytest.raises(signing_in.SignInRefused):
        sign_in(work)
    assert sign_in(work, password="una frase del tutto nuova")


def test_a_password_is_changed_only_by_who_knows_the_old_one(work, carla):
    secret = sign_in(work)
    member = sessions.session_of(work, secret).staff
    with pytest.raises(signing_in.SignInRefused):
        accounts.change_password(work, member, "wrong", "una frase nuova", secret)
    assert log(work)[-1] == ("visitor", "sign_in_failed", '{"staff": 1}')
    with pytest.raises(PasswordRefused):
        accounts.change_password(work, member, PASSWORD, "corta", secret)
    assert sign_in(work)


def test_a_password_can_be_changed_without_keeping_any_session(work, carla):
    secret = sign_in(work)
    member = sessions.session_of(work, secret).staff
    accounts.change_password(work, member, PASSWORD, "una frase nuova", "no session")
    assert sessions.session_of(work, secret) is None


def test_a_password_is_not_changed_when_another_was_set_meanwhile(work, carla):
    secret = sign_in(work)
    member = sessions.session_of(work, secret).staff
    accounts.set_up(work, invite(work), "intanto una frase nuova")
    with pytest.raises(accounts.SetupOver):
        accounts.change_password(work, member, PASSWORD, "troppo tardi ormai", secret)
    assert sign_in(work, password="intanto una frase nuova")


def test_the_log_tells_of_accounts_without_an_address(work, clock):
    accounts.set_up(work, invite(work), PASSWORD)
    failures = in_memory(work.clock)
    for email in (CARLA, "nobody@example.org"):
        fail(work, failures, 3, email=email)
        for _ in range(2):
            with pytest.raises(signing_in.TooManyFailures):
                sign_in(work, failures, email=email)
    clock.advance(seconds=1)
    secret = sign_in(work)
    accounts.want_mail(work, 1, True)
    accounts.want_keys(work, 1, False)
    sessions.sign_out(work, secret)

    assert log(work) == [
        ("command", "invite", '{"staff": 1}'),
        ("staff:1", "set_up", "{}"),
        *[("visitor", "sign_in_failed", '{"staff": 1}')] * 3,
        ("visitor", "sign_in_blocked", '{"staff": 1}'),
        *[("visitor", "sign_in_failed", "{}")] * 3,
        ("visitor", "sign_in_blocked", "{}"),
        ("staff:1", "sign_in", "{}"),
        ("staff:1", "sign_out", "{}"),
    ]
    assert work.store.read(lambda db: staff.get(db, 1)).wants_mail
