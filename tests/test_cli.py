"""The commands as whoever runs the service meets them."""

import re
import shutil
import sqlite3
import stat
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from zipfile import ZipFile

import click
import pytest
from click.testing import CliRunner, Result

from conftest import ROOT
from engines import UNGUARDED, Where
from forms_service.cli import main, setup
from forms_service.cli.demo import invented
from forms_service.cli.setup import counted, lock
from forms_service.clock import system_clock
from forms_service.config import Config
from forms_service.content import load_content
from forms_service.i18n import Translator
from forms_service.mail import kinds
from forms_service.mail.compose import compose
from forms_service.mail.message import to_staff
from forms_service.store import deliveries, outbox, schema
from forms_service.store.connection import Connection
from forms_service.store.database import Store, exists
from forms_service.store.sealing import kept_in
from sample_content import OTHER, SAMPLE, copied
from service import LOG_KEYS

KEYS = "a-key-for-tests-that-is-long-enough-0001"
BASE = "http://127.0.0.1:8000"
in_a_file = pytest.mark.engine("sqlite")


class Commands:
    """Run commands on one data folder, and on a server if one is named."""

    def __init__(self, folder: Path, content: Path, where: str = "") -> None:
        self.content = content
        self.environment = {
            "FORMS_DATA_DIR": str(folder / "var"),
            "FORMS_CONTENT_DIR": str(content),
            "FORMS_SITE_DIR": str(folder / "site"),
            "FORMS_DATABASE_URL": where,
            "FORMS_BASE_URL": BASE,
            "FORMS_SECRET_KEYS": KEYS,
            "FORMS_LOG_KEYS": LOG_KEYS[0],
            "FORMS_SMTP_URL": "",
            "FORMS_MAIL_FROM": "",
            "FORMS_ENV": "",
        }

    @property
    def config(self) -> Config:
        return Config.from_environment(self.environment)

    def __call__(self, *arguments: str, code: int = 0, **changes: str) -> Result:
        settings = self.environment | changes
        result = CliRunner().invoke(main, list(arguments), env=settings)
        assert result.exit_code == code, result.output
        assert code != 1 or isinstance(result.exception, SystemExit)
        return result

    def sql(self, statement: str, *values: object) -> list[tuple]:
        store = Store(self.config.database)

        def job(db: Connection) -> list[tuple]:
            done = db.execute(statement, values)
            return [tuple(row) for row in done.fetchall()] if done.description else []

        rows = store.write(job)
        store.close()
        return rows


@pytest.fixture
def run(tmp_path: Path, blank: Where) -> Commands:
    return Commands(tmp_path, SAMPLE, blank())


def every_command(
    group: click.Group = main, path: str = ""
) -> list[tuple[str, click.Command]]:
    found, context = [], click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        here = f"{path} {name}".strip()
        if isinstance(command, click.Group):
            found += every_command(command, here)
        else:
            found.append((here, command))
    return found


@in_a_file
@pytest.mark.parametrize(("path", "command"), every_command())
def test_every_command_explains_itself(run, path, command):
    assert command.help
    assert all(
        parameter.help for parameter in command.params if hasattr(parameter, "help")
    )
    assert f"Usage: main {path}" in run(*path.split(), "--help").output


def test_check_tells_what_is_hard_to_read_and_strictly_refuses_it(run, tmp_path):
    content = shutil.copytree(run.content, tmp_path / "content")
    page = content / "it" / "azioni.md"
    page.write_text(f"{page.read_text('utf-8')}\nQualora serva.\n", "utf-8")
    folder = {"FORMS_CONTENT_DIR": str(content)}
    said = run("check", **folder).output
    assert "Worth a second look:\n  content/it/azioni.md: line " in said
    assert "“Qualora” is hard to read" in said
    assert (
        "“Qualora” is hard to read" in run("check", "--strict", code=1, **folder).output
    )
    run("check", "--strict", FORMS_CONTENT_DIR=str(OTHER))


def test_check_finds_nothing_and_says_what_it_did_not_compare(run):
    said = run("check").output

    assert "6 forms, 3 events: no problem." in said
    assert "Not compared with published versions: no database" in said
    assert re.search(r"Before production: \d+ values", said)


def test_check_compares_with_what_people_have_answered(run):
    run("demo", "1")
    assert "Compared with 0 published versions." in run("check").output

    answered(run)

    assert "Compared with 1 published versions." in run("check").output


def answered(run):
    """Make of the rows that were invented the answers of people."""
    run.sql("UPDATE definitions SET published_at = '2020-01-01T00:00:00+00:00'")


def test_check_tells_all_problems_of_all_files(run, tmp_path):
    content = tmp_path / "content"
    shutil.copytree(run.content, content)
    spoil(content / "forms/volontari.yml", "type: email", "type: emial")
    spoil(content / "events/assemblea.yml", "date: 2020-07-01", "date: tomorrow")

    said = run("check", code=1, FORMS_CONTENT_DIR=str(content)).output

    assert 'did you mean "email"' in said
    assert "content/events/assemblea.yml: line 3: date" in said


FORM = "forms/every-type.yml"
OPEN = (FORM, "opens: 2030-02-01", "opens: 2020-02-01")


def test_check_refuses_what_would_make_published_answers_unreadable(run, tmp_path):
    run("demo", "6")
    answered(run)
    content = tmp_path / "content"
    shutil.copytree(run.content, content)
    spoil(
        content / "forms/volontari.yml",
        "title: Registro dei",
        "title: Altro registro dei",
    )
    spoil(content / "it/index.md", "form:volontari", "form:alba")

    said = run("check", code=1, FORMS_CONTENT_DIR=str(content)).output

    assert "content/forms/volontari.yml: line 2: version: version “1.0” is publ" in said
    assert "raise the version" in said
    assert "there is no form “alba”" in said


def spoil(file: Path, old: str, new: str) -> None:
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_check_in_production_lists_everything_at_once(run):
    said = run("check", code=1, FORMS_ENV="production").output

    for missing in (
        "FORMS_BASE_URL",
        "FORMS_SMTP_URL",
        "authorised_by",
        "contacts.phone",
    ):
        assert missing in said
    assert "Before production" not in said


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("FORMS_LISTEN", "8000"),
        ("FORMS_BASE_URL", "here"),
        ("FORMS_TRUSTED_PROXIES", "x"),
        ("FORMS_MAIL_FROM", "nobody"),
        ("FORMS_MAIL_FROM", "a@b, c@d"),
        ("FORMS_MAIL_FROM", "@example.org"),
    ],
)
def test_an_unusable_setting_is_named(run, setting, value):
    assert setting in run("check", code=1, **{setting: value}).output


@pytest.mark.parametrize(
    ("command", "keys", "code"),
    [("serve", KEYS, 1), ("serve", "", 78), ("demo 1", KEYS, 1), ("demo 1", "", 1)],
)
def test_a_data_folder_that_cannot_be_made_is_named(run, tmp_path, command, keys, code):
    (tmp_path / "file").touch()
    wrong = {"FORMS_DATA_DIR": str(tmp_path / "file/var"), "FORMS_SECRET_KEYS": keys}

    said = run(*command.split(), code=code, **wrong).output

    assert "Error: FORMS_DATA_DIR: cannot use" in said


def test_an_invitation_prints_a_link_that_works_once(run):
    first = run("staff", "add", "carla@example.org").output
    second = run("staff", "add", "Carla@example.org").output

    assert re.search(rf"{BASE}/staff/benvenuto/\S+\n", first)
    assert first != second
    assert run.sql("SELECT email, password FROM staff") == [("carla@example.org", None)]


def test_an_invitation_needs_an_address(run):
    assert "no email address" in run("staff", "add", "carla", code=1).output


def test_a_member_of_staff_is_listed_until_removed(run):
    run("staff", "add", "carla@example.org")
    run("staff", "add", "bruno@example.org")
    run.sql("UPDATE staff SET password = 'x' WHERE id = 1 RETURNING id")
    assert run("staff", "list").output.splitlines() == [
        "bruno@example.org: administrator of all forms (invited, no password yet)",
        "carla@example.org: administrator of all forms",
    ]

    said = run("staff", "remove", "bruno@example.org").output
    assert said == "bruno@example.org can no longer sign in and gets no mail.\n"
    assert run("staff", "list").output.startswith("carla@example.org: ")

    said = run("staff", "remove", "Carla@example.org").output
    assert "Nobody can sign in now: forms-service staff add invites." in said
    assert run("staff", "list").output == ""


def test_a_member_of_staff_sees_the_forms_that_are_named_and_no_other(run):
    run("staff", "add", "carla@example.org")
    run.sql("UPDATE staff SET password = 'x' RETURNING id")
    run(
        "staff", "add", "bruno@example.org", "--role", "reviewer", "--form", "volontari"
    )
    run("staff", "add", "dora@example.org")
    # Another link, for a forgotten password, leaves all as it is.
    run("staff", "add", "bruno@example.org")

    assert run("staff", "list").output.splitlines() == [
        "bruno@example.org: reviewer of volontari (invited, no password yet)",
        "carla@example.org: administrator of all forms",
        "dora@example.org: reader of no form (invited, no password yet)",
    ]
    said = run("staff", "role", "bruno@example.org", "--role", "reader").output
    assert said == "bruno@example.org: reader of volontari.\n"
    said = run("staff", "role", "bruno@example.org", "--all-forms").output
    assert said == "bruno@example.org: reader of all forms.\n"
    said = run("staff", "add", "x@example.org", "--form", "orto", code=1).output
    assert "there is no form orto: there are" in said
    last = run("staff", "role", "carla@example.org", "--role", "reader", code=1).output
    assert "carla@example.org is the last administrator" in last
    last = run("staff", "add", "carla@example.org", "--role", "reader", code=1).output
    assert "carla@example.org is the last administrator" in last
    asked = "SELECT count(*) FROM events WHERE verb = 'grant' AND detail LIKE '%admin%'"
    before = run.sql(asked)[0][0]
    run("staff", "add", "carla@example.org", "--role", "administrator", "--all-forms")
    assert run.sql(asked)[0][0] == before + 1
    nobody = run("staff", "role", "nobody@example.org", "--all-forms", code=1).output
    assert "nobody@example.org is not on the staff" in nobody


def test_a_second_factor_is_reset_for_who_has_one(run):
    run("staff", "add", "carla@example.org")
    for email in ("carla@example.org", "nobody@example.org"):
        said = run("staff", "reset-factor", email, code=1).output
        assert f"{email} is not on the staff, or has no second factor" in said
    run.sql("INSERT INTO factors VALUES (1, 'x', 'y', 'z') RETURNING staff")
    said = run("staff", "reset-factor", "carla@example.org").output
    assert "signs in by the password alone" in said


@pytest.mark.parametrize("email", ["nobody@example.org", "1"])
def test_only_who_is_on_the_staff_can_be_removed(run, email):
    run("staff", "add", "carla@example.org")
    run("staff", "remove", "carla@example.org")
    said = run("staff", "remove", email, code=1).output
    assert f"Error: {email} is not on the staff" in said


def test_invented_rows_are_marked_and_nobody_gets_a_mail(run):
    said = run("demo", "36").output

    assert "36 invented submissions" in said
    names = run.sql("SELECT name, email FROM submissions ORDER BY number")
    assert len(names) == 36
    assert all(re.fullmatch(r"Prova \d+", name) for name, _ in names)
    assert all(email.endswith("@demo.example.org") for _, email in names)
    assert run.sql("SELECT count(*) FROM outbox") == [(0,)]
    states = {row[0] for row in run.sql("SELECT status FROM submissions")}
    assert states == {"unverified", "new", "accepted", "declined", "withdrawn"}


def test_invented_rows_join_the_waiting_line(run, tmp_path):
    run("demo", "30", FORMS_CONTENT_DIR=str(copied(tmp_path, OPEN)))

    places = {row[0] for row in run.sql("SELECT place FROM submissions")}
    assert places == {"held", "waiting", "none"}


def test_a_full_form_without_a_line_takes_no_more_invented_rows(run, tmp_path):
    no_line = (FORM, "waiting_list: true", "waiting_list: false")
    content = copied(tmp_path, OPEN, no_line)

    said = run("demo", "30", FORMS_CONTENT_DIR=str(content)).output

    (number,) = re.findall(r"(\d+) invented", said)
    assert 0 < int(number) < 30


def test_invented_rows_are_refused_in_production_and_without_an_open_form(
    run, tmp_path
):
    bare = {"FORMS_ENV": "production", "FORMS_SECRET_KEYS": ""}
    assert "no place in production" in run("demo", "1", code=1, **bare).output
    content = tmp_path / "content"
    shutil.copytree(run.content, content)
    for form in (content / "forms").glob("*.yml"):
        text = re.sub(r"^opens: .*$", "opens: null", form.read_text(), flags=re.M)
        form.write_text(text)

    assert (
        "no form is open"
        in run("demo", "1", code=1, FORMS_CONTENT_DIR=str(content)).output
    )


@pytest.mark.parametrize("folder", [ROOT / "content", SAMPLE])
def test_answers_can_be_invented_for_every_form(folder):
    content = load_content(folder)
    translator = Translator(content.main_language, content.project.zone)
    for form in (content.form(form_id) for form_id in content.forms):
        for n in range(1, 12):
            assert invented(form, n, translator)


def test_an_export_holds_what_was_sent_and_is_private(run, tmp_path):
    run("demo", "8")
    out = tmp_path / "volontari.xlsx"

    said = run("export", "volontari", "--out", str(out)).output

    assert f"2 submissions in {out}" in said
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    cells = ZipFile(out).read("xl/worksheets/sheet1.xml").decode()
    assert re.search(r"Prova \d<", cells)
    assert run.sql("SELECT count(*) FROM events WHERE verb = 'export'") == [(1,)]


def test_half_an_export_does_not_stay(run, tmp_path):
    run("demo", "8")
    run.sql("UPDATE submissions SET created_at = 'never'")
    out = tmp_path / "volontari.csv"
    with pytest.raises(ValueError, match="never"):
        CliRunner().invoke(
            main,
            ["export", "volontari", "--format", "csv", "--out", str(out)],
            env=run.environment,
            catch_exceptions=False,
        )
    assert not out.exists()


def test_an_export_says_what_is_unconfirmed_and_overwrites_nothing(
    run, tmp_path, monkeypatch
):
    run("demo", "1")
    monkeypatch.chdir(tmp_path)
    content = {"FORMS_CONTENT_DIR": str(run.content)}
    (form_id,) = run.sql("SELECT form_id FROM submissions")[0]
    run.sql("UPDATE submissions SET status = 'unverified'")
    said = run("export", form_id, **content).output
    assert "1 submission in " in said
    assert "1 submission of these with an address that nobody has" in said

    again = run("export", form_id, code=1, **content).output
    assert "is there already: --force overwrites it" in again
    assert run.sql("SELECT count(*) FROM events WHERE verb = 'export'") == [(1,)]

    arguments = ["--force", "--status", "unverified"]
    assert "nobody has" not in run("export", form_id, *arguments, **content).output
    assert len(list(tmp_path.glob("*.xlsx"))) == 1


@pytest.mark.parametrize(
    ("number", "said"), [(0, "0 mails"), (1, "1 mail"), (2, "2 mails")]
)
def test_one_is_not_many(number, said):
    assert counted(number, "mail") == said


def test_an_export_may_hold_one_state_only(run, tmp_path):
    run("demo", "24")
    out = tmp_path / "volontari.csv"
    arguments = ["--status", "accepted", "--out", str(out)]

    said = run("export", "volontari", *arguments).output

    accepted = "SELECT form_id FROM submissions WHERE status = 'accepted'"
    number = run.sql(accepted).count(("volontari",))
    assert number > 0
    assert f"{number} submissions" in said
    assert out.read_bytes().startswith(b"\xef\xbb\xbf")


def test_an_export_of_an_unknown_form_names_the_known_ones(run):
    run("demo", "1")

    assert "known: ascolto, assemblea" in run("export", "alba", code=1).output


def test_purge_says_what_it_would_erase_and_then_erases_it(run):
    run("demo", "8")
    past = "2020-01-01T00:00:00+00:00"
    run.sql("UPDATE submissions SET purge_after = ? WHERE form_id = 'volontari'", past)

    assert (
        "volontari: 2\n2 submissions would be erased."
        in run("purge", "--dry-run").output
    )
    assert run.sql("SELECT count(*) FROM submissions") == [(8,)]
    assert "2 submissions erased." in run("purge").output
    assert ("volontari",) not in run.sql("SELECT DISTINCT form_id FROM submissions")


@in_a_file
def test_a_backup_comes_back_and_says_which_mails_would_repeat(run, tmp_path):
    run("demo", "3")
    row = run.sql("SELECT id FROM submissions LIMIT 1")[0][0]
    queue_mail(run, row)
    copy = tmp_path / "copy.sqlite"

    assert f"3 submissions in {copy}, checked." in run("backup", str(copy)).output
    run("demo", "2")
    said = run("restore", "--yes", str(copy)).output

    assert run.sql("SELECT count(*) FROM submissions") == [(3,)]
    assert "The replaced data is in" in said
    assert "1 mail had not left when the copy was made" in said
    assert "waiting: 0  sent: 0  failed: 0  held: 1" in run("mail", "status").output
    assert re.search(r"verify +\w+ +held since ", run("mail", "status").output)
    assert "0 mails queued again." in run("mail", "retry").output
    assert "1 mail leaves now." in run("mail", "release").output
    assert "waiting: 1  sent: 0  failed: 0  held: 0" in run("mail", "status").output


def queue_mail(run, submission: str, failed: bool = False) -> None:
    def job(db):
        now = setup.system_clock()
        outbox.put(db, "key", "verify", "secret@example.org", now, now, submission)
        if failed:
            deliveries.fail(db, outbox.by_id(db, 1), now, "550 5.1.1")

    store = Store(run.config.database)
    store.write(job)
    store.close()


@in_a_file
def test_a_restore_asks_before_it_replaces(run, tmp_path):
    run("demo", "1")
    copy = tmp_path / "copy.sqlite"
    run("backup", str(copy))
    run("demo", "1")

    run("restore", str(copy), code=1)

    assert run.sql("SELECT count(*) FROM submissions") == [(2,)]


@in_a_file
def test_a_restore_waits_for_the_service_to_stop(run, tmp_path):
    run("demo", "1")
    copy = tmp_path / "copy.sqlite"
    run("backup", str(copy))

    with lock(run.config):
        assert (
            "stop the service first"
            in run("restore", "--yes", str(copy), code=1).output
        )


@in_a_file
def test_a_damaged_copy_is_not_restored(run, tmp_path):
    run("demo", "1")
    copy = tmp_path / "copy.sqlite"
    copy.write_bytes(b"no database" * 100)

    assert "nothing was restored" in run("restore", "--yes", str(copy), code=1).output
    assert run.sql("SELECT count(*) FROM submissions") == [(1,)]


@in_a_file
def test_a_restore_asks_only_what_it_could_do(run, tmp_path):
    run("demo", "1")
    copy, damaged = tmp_path / "copy.sqlite", tmp_path / "damaged.sqlite"
    damaged.write_bytes(b"no database" * 100)
    run("backup", str(copy))

    assert "Replace all data" in run("restore", str(copy), code=1).output
    assert "Replace all data" not in run("restore", str(damaged), code=1).output
    with lock(run.config):
        assert "Replace all data" not in run("restore", str(copy), code=1).output


@in_a_file
@pytest.mark.parametrize("command", ["backup", "export volontari --out"])
def test_a_file_that_is_there_is_overwritten_only_by_force(run, tmp_path, command):
    run("demo", "1")
    file = tmp_path / "there"
    file.write_text("mine")

    assert "--force" in run(*command.split(), str(file), code=1).output
    assert file.read_text() == "mine"
    run(*command.split(), str(file), "--force")
    assert file.read_bytes() != b"mine"


@in_a_file
def test_a_copy_that_cannot_be_made_is_told(run, tmp_path):
    run("demo", "1")
    nowhere = tmp_path / "nowhere" / "copy.sqlite"

    assert "no copy was made" in run("backup", str(nowhere), code=1).output


@in_a_file
@pytest.mark.parametrize(
    "command", ["purge", "mail status", "audit verify", "export volontari", "backup x"]
)
def test_without_a_database_nothing_is_made_up(run, command):
    assert "there is no database" in run(*command.split(), code=1).output
    assert not exists(run.config.database)


def test_mail_trouble_is_told_without_addresses_and_tried_again(run):
    run("demo", "1")
    ((row, reference),) = run.sql("SELECT id, reference FROM submissions")
    assert "waiting: 0  sent: 0  failed: 0" in run("mail", "status").output
    queue_mail(run, row, failed=True)

    said = run("mail", "status", code=1).output

    assert "failed: 1" in said
    assert re.search(rf"verify +{reference} +0 tries  failed  550 5\.1\.1", said)
    assert "@" not in said
    assert "1 mail queued again." in run("mail", "retry").output
    assert run.sql("SELECT actor, detail FROM events WHERE verb = 'mail_retry'") == [
        ("command", '{"mails": 1}')
    ]
    assert "waiting: 1  sent: 0  failed: 0" in run("mail", "status").output


def test_mail_in_trouble_says_when_it_is_tried_again(run):
    run("demo", "1")
    queue_mail(run, run.sql("SELECT id FROM submissions")[0][0])
    run.sql("UPDATE outbox SET reason = '451 4.7.1', attempts = 2")

    assert "2 tries  waits for its turn  451" in run("mail", "status").output
    run.sql("UPDATE outbox SET not_before = '2199-01-01T00:00:00+00:00'")
    assert "2 tries  again at 2199-01-01 00:00Z" in run("mail", "status").output


def test_the_log_is_verified_and_a_changed_entry_is_found(run, engine):
    run("demo", "3")
    assert re.search(
        r"\d+ entries, all whole. The head: \S+ \d+ [0-9a-f]{8}-[0-9a-f]{64}",
        run("audit", "verify").output,
    )
    run.sql(UNGUARDED[engine])
    run.sql("UPDATE events SET actor = 'nobody' WHERE number = 3")

    said = run("audit", "verify", code=1).output
    assert "entry 3 was changed after it was sealed" in said


@in_a_file
def test_a_copy_that_was_put_in_place_by_hand_is_opened(run, tmp_path):
    run("demo", "3")
    run("backup", str(tmp_path / "copy"))
    for file in run.config.database.parent.glob("forms.sqlite*"):
        file.unlink()
    (tmp_path / "copy").rename(run.config.database)
    assert "all whole" in run("audit", "verify").output


def test_a_log_whose_key_was_lost_goes_on_and_says_what_nobody_can_verify(run):
    run("demo", "3")
    run("audit", "verify")
    said = run("audit", "restart", code=1).output
    assert "the log goes on by itself" in said
    other = {"FORMS_LOG_KEYS": "another key of the log, long enough too"}
    assert (
        "has a key that is not given" in run("audit", "verify", code=1, **other).output
    )
    assert "forms-service audit restart" in run("mail", "status", **other).output
    said = run("audit", "restart", **other).output
    assert "nobody can verify them any more" in said
    assert "entries are under a key" in run("audit", "verify", **other).output


@in_a_file
def test_a_file_has_no_role_for_readers_and_says_so(run):
    run("demo", "1")
    said = run("readers", code=1).output
    assert "the data are in a file, which has no roles" in said


def test_the_log_is_compared_with_a_head_that_came_by_mail(run, tmp_path):
    run("demo", "3")
    said = run("audit", "verify").output
    head = kept_in(said)[0]
    content = load_content(run.content)
    about = to_staff(
        kinds.digest, "a@example.org", 1, content.project, "https://example.org", "1",
        log_head=str(head),
    )  # fmt: skip
    saved = tmp_path / "saved.eml"
    saved.write_bytes(compose(about, "b@example.org", system_clock()).as_bytes())
    assert "all whole" in run("audit", "verify", "--anchor", str(saved)).output
    # The control: a mail that knows another log.
    other = replace(about, log_head=str(head._replace(number=2)))
    saved.write_bytes(compose(other, "b@example.org", system_clock()).as_bytes())
    said = run("audit", "verify", "--anchor", str(saved), code=1).output
    assert f"entry 2 is not the one that the head of {head.day} knows" in said
    saved.write_text("nothing", encoding="utf-8")
    said = run("audit", "verify", "--anchor", str(saved), code=1).output
    assert "there is no head of a log in" in said


@in_a_file
def test_a_file_that_is_not_ours_is_told_in_a_sentence(run):
    file = run.config.database
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(b"something else " * 1000)
    said = run("audit", "verify", code=78).output
    assert "the file of the data: file is not a database" in said
    file.unlink()
    with closing(sqlite3.connect(file)) as other:
        other.execute("CREATE TABLE theirs (n)")
        said = run("audit", "verify", code=78).output
        assert "is a database of something else" in said
        names = other.execute("SELECT name FROM sqlite_master").fetchall()
    assert names == [("theirs",)]


@pytest.fixture
def old_schema(run):
    """The database of an earlier version; returns the key it was written with."""
    made = ROOT / "tests" / "made_before"
    run.config.data_dir.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(made / "forms.sqlite", run.config.database)
    assert schema.pending(run.config.database)
    return (made / "secret.keys").read_text(encoding="utf-8").strip()


@in_a_file
def test_an_old_schema_is_copied_and_migrated_under_the_lock(run, old_schema):
    run("audit", "verify", FORMS_SECRET_KEYS=old_schema)

    assert schema.pending(run.config.database) == []
    assert len(list(run.config.data_dir.glob("forms.before-*.sqlite"))) == 1


@in_a_file
def test_a_first_start_that_was_cut_short_begins_once_more(run):
    run.config.data_dir.mkdir(parents=True, exist_ok=True)
    run.config.database.touch()
    run("audit", "verify")
    assert schema.pending(run.config.database) == []
    assert list(run.config.data_dir.glob("forms.before-*.sqlite")) == []


@in_a_file
def test_an_old_schema_is_left_alone_while_the_service_runs(run, old_schema):
    before = schema.pending(run.config.database)
    with lock(run.config):
        said = run("audit", "verify", code=1, FORMS_SECRET_KEYS=old_schema).output

    assert "stop the service first" in said
    assert schema.pending(run.config.database) == before


@in_a_file
def test_check_does_not_compare_with_an_old_schema(run, old_schema):
    assert "the schema is older" in run("check").output
    assert schema.pending(run.config.database)


def test_without_keys_production_commands_say_so(run):
    run("demo", "1")

    said = run("purge", code=1, FORMS_ENV="production", FORMS_SECRET_KEYS="").output

    assert "FORMS_SECRET_KEYS" in said


@in_a_file
def test_a_backup_can_be_restored_on_another_machine(run, tmp_path):
    run("demo", "2")
    copy = tmp_path / "copy.sqlite"
    run("backup", str(copy))
    elsewhere = Commands(tmp_path / "elsewhere", run.content)

    said = elsewhere("restore", "--yes", str(copy)).output

    assert "replaced" not in said
    assert elsewhere.sql("SELECT count(*) FROM submissions") == [(2,)]
