"""`doctor`: a healthy set-up has nothing, and each illness is named with its remedy."""

import re
import shutil
import socket

import pytest
from aiosmtpd.controller import Controller

from forms_service.cli.doctor import EXAMINATIONS
from forms_service.cli.serve import RECORD, refuse_unfit
from forms_service.store.database import exists
from forms_service.store.schema import TABLES
from forms_service.tokens import Tokens
from forms_service.workflow import second_factor
from forms_service.workflow.alarm_watch import LAST_COPY
from sample_content import SAMPLE, copied, every_type
from test_cli import BASE, OPEN, Commands, in_a_file, queue_mail, spoil


@pytest.fixture
def run(tmp_path, blank):
    return Commands(tmp_path, SAMPLE, blank())


@pytest.fixture
def healthy(tmp_path, blank):
    """Commands on a set-up that lacks nothing."""
    run = Commands(tmp_path, copied(tmp_path, OPEN), blank())
    run("demo", "1")
    site = tmp_path / "site"
    site.mkdir()
    (site / RECORD).write_text(f'{{"base_url": "{BASE}"}}', encoding="utf-8")
    return run


def illnesses(run, **changes) -> dict[str, str]:
    said = run("doctor", code=1, **changes).output
    return dict(re.findall(r"^ILL  (\w+): (.*)$", said, re.MULTILINE))


def every_row(run, engine):
    """Return what the database holds, or the bytes of its file."""
    if engine == "sqlite":
        return run.config.database.read_bytes()
    return [run.sql(f"SELECT * FROM {table}") for table in sorted(TABLES)]


def test_a_healthy_set_up_is_all_right_and_untouched(healthy, engine):
    before = every_row(healthy, engine)
    lines = healthy("doctor").output.splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["ok", f"{name}:"] for name in EXAMINATIONS
    ]
    assert "whole, 1 submission" in lines[2]
    assert "0 waiting, 0 held" in lines[7]
    assert every_row(healthy, engine) == before


def test_before_the_first_start_there_is_nothing_to_be_ill(run):
    assert set(illnesses(run)) == {"site"}
    assert "database: none yet" in run("doctor", code=1).output
    assert not exists(run.config.database)


def test_production_tells_what_is_missing(healthy):
    ill = illnesses(healthy, FORMS_ENV="production")
    assert "FORMS_SMTP_URL: name a mail server." in ill["settings"]
    assert "not fit for production" in ill["content"]


def test_content_with_a_mistake_is_ill(healthy, tmp_path):
    spoil(tmp_path / "content/forms/every-type.yml", "type: email", "type: emial")
    ill = illnesses(healthy)
    assert "forms-service check lists them" in ill["content"]


def test_a_site_for_another_address_is_ill(healthy):
    ill = illnesses(healthy, FORMS_BASE_URL="http://127.0.0.1:9")
    assert "the site was built for another address" in ill["site"]


@in_a_file
def test_a_ledger_that_is_missing_or_cannot_be_written_is_ill(healthy):
    ledger = healthy.config.data_dir / "erased"
    healthy.sql("UPDATE submissions SET purge_after = created_at")
    healthy("purge")
    assert "1 erasure kept" in healthy("doctor").output
    shutil.rmtree(ledger)
    assert "is missing: serve makes it from the log" in illnesses(healthy)["ledger"]
    ledger.write_text("a file", encoding="ascii")
    assert "nothing can be erased" in illnesses(healthy)["ledger"]


def test_counts_that_do_not_fit_the_rows_are_ill_until_a_copy_is_restored(healthy):
    healthy.sql("UPDATE counts SET number = number + 1")
    assert "are miscounted" in illnesses(healthy)["database"]
    copy = healthy.config.data_dir / "copy.sqlite"
    healthy("backup", str(copy))
    healthy("restore", str(copy), "--yes")
    assert "ok   database: whole" in healthy("doctor").output


@in_a_file
def test_a_changed_log_an_old_schema_and_a_damaged_file_are_ill(healthy):
    healthy.sql("DROP TRIGGER events_stay")
    healthy.sql("UPDATE events SET actor = 'nobody' WHERE number = 2")
    assert "entry 2 was changed" in illnesses(healthy)["log"]
    healthy.sql("DELETE FROM _sqlite_migrations")
    assert "its schema is older (m001" in illnesses(healthy)["database"]
    healthy.config.database.write_bytes(b"no database" * 1000)
    assert "restore a copy" in illnesses(healthy)["database"]


@in_a_file
def test_keys_that_others_may_read_are_ill(healthy, tmp_path):
    file = tmp_path / "keys"
    file.write_text("k" * 40, encoding="utf-8")
    file.chmod(0o640)
    ill = illnesses(healthy, FORMS_SECRET_KEYS="", FORMS_SECRET_KEYS_FILE=str(file))
    assert ill["keys"] == f"others may read {file}: chmod 600 {file}"
    file.chmod(0o600)
    healthy("doctor", FORMS_SECRET_KEYS="", FORMS_SECRET_KEYS_FILE=str(file))
    healthy.config.database.chmod(0o644)
    assert "forms.sqlite" in illnesses(healthy)["keys"]


def test_a_full_disk_is_ill(healthy, monkeypatch):
    total, used, _ = shutil.disk_usage("/")
    monkeypatch.setattr(
        shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(total, used, 1 << 20)
    )
    assert "only 1 MiB are free" in illnesses(healthy)["disk"]


def test_the_mail_server_is_greeted_and_gets_no_mail(healthy, unused_port):
    class Silent:
        async def handle_DATA(self, *_):  # noqa: N802
            raise AssertionError("a mail was sent")

    controller = Controller(Silent(), hostname="127.0.0.1", port=unused_port)
    controller.start()
    url = f"smtp://127.0.0.1:{unused_port}"
    try:
        assert "server: it answers" in healthy("doctor", FORMS_SMTP_URL=url).output
    finally:
        controller.stop()
    assert "no mail leaves" in illnesses(healthy, FORMS_SMTP_URL=url)["server"]
    assert "FORMS_SMTP_URL" in illnesses(healthy, FORMS_SMTP_URL="x")["server"]


@pytest.fixture
def unused_port():
    import socket

    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        return server.getsockname()[1]


def test_a_mail_that_waits_for_more_than_an_hour_is_ill(healthy):
    ((row,),) = healthy.sql("SELECT id FROM submissions")
    queue_mail(healthy, row)
    assert "1 waiting, 0 held" in healthy("doctor").output
    healthy.sql("UPDATE outbox SET due_at = '2020-01-01T00:00:00+00:00'")
    ill = illnesses(healthy)["mails"]
    assert ill.startswith(
        "one waits since 2020-01-01 00:00Z: forms-service mail status"
    )


def test_mails_that_failed_are_ill(healthy):
    ((row,),) = healthy.sql("SELECT id FROM submissions")
    queue_mail(healthy, row, failed=True)
    assert illnesses(healthy)["mails"].startswith("1 mail failed")


def test_a_mailbox_of_refused_mails_is_looked_into_and_left_as_it_is(healthy, tmp_path):
    box = tmp_path / "box"
    (box / "new").mkdir(parents=True)
    mail = box / "new" / "1.host"
    mail.write_text("From: x", encoding="ascii")
    said = illnesses(healthy, FORMS_BOUNCES=str(box))["bounces"]
    assert said.startswith(
        f"what comes back is not read (there is no folder {box}/cur)"
    )
    (box / "cur").mkdir()
    shown = healthy("doctor", FORMS_BOUNCES=str(box)).output
    assert "ok   bounces: it can be read" in shown
    assert [mail] == [file for file in box.rglob("*") if file.is_file()]
    with socket.socket() as taken:
        # Bound, and nobody listens.
        taken.bind(("127.0.0.1", 0))
        server = f"imap://me:secret@127.0.0.1:{taken.getsockname()[1]}"
        said = illnesses(healthy, FORMS_BOUNCES=server)["bounces"]
    assert "is not read (ConnectionRefusedError)" in said
    assert "secret" not in said


def test_what_the_doctor_says_names_nobody(healthy):
    said = healthy("doctor").output
    assert "@" not in said
    ((name,),) = healthy.sql("SELECT name FROM submissions")
    assert name not in said


def test_serve_warns_where_there_is_no_site_to_show(healthy, tmp_path, capsys):
    refuse_unfit(healthy.config, every_type())
    assert capsys.readouterr().err == ""
    shutil.rmtree(tmp_path / "site")
    refuse_unfit(healthy.config, every_type())
    assert "Warning: FORMS_SITE_DIR: there is no built site" in capsys.readouterr().err


def test_a_clock_in_doubt_is_ill_until_it_is_accepted(healthy):
    assert "always believed" in healthy("clock", "accept").output
    healthy.sql("DELETE FROM timeline")
    production = {"FORMS_ENV": "production", "FORMS_SECRET_KEYS": "k" * 32}
    assert "clock" not in illnesses(healthy, **production)
    healthy.sql(
        "INSERT INTO timeline (id, destroying, system, steady_since) VALUES (1, "
        "'2020-01-01T00:00:00+00:00', '2020-01-01T00:00:00+00:00', "
        "'2020-01-01T00:00:00+00:00')"
    )
    ill = illnesses(healthy, **production)
    assert "by running time it is 2020-01-01 00:00Z" in ill["clock"]
    assert "forms-service clock accept" in ill["clock"]
    assert "hours apart before." in healthy("clock", "accept", **production).output
    assert "clock" not in illnesses(healthy, **production)


def test_a_clock_in_doubt_is_told_to_the_script_that_deletes_old_copies(healthy):
    production = {"FORMS_ENV": "production", "FORMS_SECRET_KEYS": "none"}
    assert healthy("clock", "status", **production).output == "ok\n"
    healthy.sql("DELETE FROM timeline")
    healthy.sql(
        "INSERT INTO timeline (id, destroying, system, steady_since) VALUES (1, "
        "'2020-01-01T00:00:00+00:00', '2020-01-01T00:00:00+00:00', "
        "'2020-01-01T00:00:00+00:00')"
    )
    said = healthy("clock", "status", code=1, **production).output
    assert said.startswith("the clock says")
    assert healthy("clock", "status").output == "ok\n"


def test_in_production_a_file_of_which_no_copy_was_made_is_ill(healthy, engine):
    production = {"FORMS_ENV": "production", "FORMS_SECRET_KEYS": "k" * 32}
    ill = illnesses(healthy, **production)
    assert ("none was made yet" in ill.get("copies", "")) == (engine == "sqlite")
    (healthy.config.data_dir / LAST_COPY).touch()
    assert "copies" not in illnesses(healthy, **production)


def test_a_lost_key_that_shuts_staff_out_is_ill_and_names_them(healthy):
    key, now = "k" * 32, "2030-03-01T08:00:00+00:00"
    healthy("staff", "add", "anna@example.org", FORMS_SECRET_KEYS=key)
    ((member,),) = healthy.sql("SELECT id FROM staff")
    sealed = Tokens([key]).seal(second_factor.purpose(member), "SECRET")
    healthy.sql(
        f"INSERT INTO factors (staff, secret, since, used_at) VALUES ({member}, "
        f"'{sealed}', '{now}', '{now}')"
    )
    assert "ok   factors: 1, all" in healthy("doctor", FORMS_SECRET_KEYS=key).output
    ill = illnesses(healthy, FORMS_SECRET_KEYS="n" * 32)
    assert "of anna@example.org is not given: put it back" in ill["factors"]


def test_before_the_first_start_in_production_there_is_no_time_to_compare(run):
    assert (
        "ok   clock: none yet" in run("doctor", code=1, FORMS_ENV="production").output
    )
