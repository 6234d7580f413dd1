"""Moving between databases: every row, in both directions, and after a bad end."""

from contextlib import closing
from datetime import date

import pytest
from click.testing import CliRunner

from cluster import PATIENCE
from forms_service.cli import main
from forms_service.store import counts, moving, reports, schema, submissions
from forms_service.store import meetings as attendance
from forms_service.store.connection import UnfitDatabase
from forms_service.store.database import Store
from forms_service.store.log_check import check
from forms_service.store.moving import NotEmpty, NotTheSame
from forms_service.store.postgres import connect
from forms_service.store.sealing import LogKeys
from forms_service.workflow import bulk, deciding, meetings, purging
from sample_content import SAMPLE
from service import LOG_KEYS
from stored import rows_of

pytest_plugins = ["life"]
pytestmark = pytest.mark.engine("sqlite")


@pytest.fixture
def lived(world, monkeypatch):
    """Data of every table that a life leaves rows in, more than a page of each."""
    monkeypatch.setattr(moving, "_ROWS", 3)
    for n in range(4):
        last = world.proven(f"p{n}@example.org", note=f"Caffè n° {n}\nمرحبا")
    gone = world.sent("gone@example.org")
    deciding.erase(world.context, gone.id, "staff:1")
    scan = (
        "INSERT INTO attachments (id, staff, kind, pages, size, added_at, data) "
        "VALUES ('{}', 1, 'png', 1, 3, '2030-03-01T09:00:00+00:00', x'00ff27')"
    )
    for name in ("z", "a"):
        world.force(scan.format(name))
    world.force(
        "INSERT INTO contacts (submission, staff, means, outcome, purpose, at) "
        "SELECT id, 1, 'phone', 'later', 'orto', created_at FROM submissions"
    )
    world.force("INSERT INTO factors VALUES (1, 'x', '2030-03-01', '2030-03-01')")
    world.force("INSERT INTO recovery_codes VALUES (1, 'x')")
    world.force(
        "INSERT INTO messages VALUES ('m', 1, 'f', 'p', '{}', '', 1, '2030-03-01')"
    )
    bulk.assign(world.context, "a" * 16, [bulk.chosen(last)], None, 1)
    meeting = meetings.add(world.context, "every-type", date(2030, 3, 1), "", "staff:1")
    world.store.write(lambda db: attendance.record(db, meeting, {last.id: True}))
    spring = date(2030, 1, 1), date(2030, 4, 1)
    now = world.clock()
    world.store.write(lambda db: reports.add(db, "every-type", spring, now, {}))
    return world


@pytest.fixture
def silent():
    return lambda done, total: None


def rows(where):
    """Return every row of every table, and how the log and the counts stand."""
    with closing(Store(where, PATIENCE)) as store:

        def job(db):
            tables = {
                table: [tuple(row) for page in moving._pages(db, table) for row in page]
                for table in moving.KEYS
            }
            return tables, check(db, LogKeys(LOG_KEYS)), counts.miscounted(db)

        return store.read(job)


def test_every_table_is_moved_or_made_elsewhere():
    assert moving.KEYS.keys() | moving.MADE_ELSEWHERE == schema.TABLES


def test_all_is_the_same_there_and_back(lived, new_database, tmp_path, silent):
    before, server, file = rows(lived.path), new_database(), tmp_path / "back.sqlite"
    said = []
    number = moving.move(lived.path, server, lambda *told: said.append(told))
    assert said[-1] == (number, number)
    assert said == sorted(said)
    assert len(said) > len(moving.KEYS) - 7
    assert rows(server) == before
    # Scans keep their order of arrival.
    assert [row[2] for row in before[0]["attachments"]] == ["z", "a"]
    assert moving.move(server, file, silent) == number
    assert rows(file) == before
    for where in (server, file):
        with closing(Store(where, PATIENCE)) as store:
            given = store.write(copied_row)
        # The number of who is gone is not given again.
        assert given == 6


def copied_row(db):
    """Send again what was sent first; return the number that it gets."""
    first = rows_of(db, "every-type")[0]
    columns = {name: getattr(first, name) for name in submissions.COLUMNS}
    del columns["number"], columns["revision"]
    new = {"id": "new", "reference": "NEWN2345", "form_key": None}
    return submissions.insert(db, columns | new).number


def test_a_move_that_was_cut_short_goes_on(lived, new_database):
    server = new_database()

    def cut(done, total):
        if done > total // 2:
            raise KeyError("planted")

    with pytest.raises(KeyError, match="planted"):
        moving.move(lived.path, server, cut)
    said = []
    moving.move(lived.path, server, lambda done, total: said.append(done))
    assert said[0] > 10
    assert rows(server) == rows(lived.path)


def test_a_target_that_holds_data_is_refused(lived, new_database, tmp_path, silent):
    server = new_database()
    moving.move(lived.path, server, silent)
    with pytest.raises(NotEmpty, match="definitions"):
        moving.move(lived.path, server, silent)


def test_a_server_to_which_a_service_is_connected_is_not_moved(
    lived, new_database, tmp_path, silent
):
    server, file = new_database(), tmp_path / "there.sqlite"
    with closing(Store(server, PATIENCE)):
        for ways in ((server, file), (lived.path, server)):
            with pytest.raises(UnfitDatabase, match="stop all of them first"):
                moving.move(*ways, silent)
    assert not file.exists()


def test_what_differs_in_the_target_is_told(lived, new_database):
    server = new_database()

    def meddle(done, total):
        if done == total:
            with closing(connect(server)) as db:
                db.execute("UPDATE staff SET wants_mail = 7")

    with pytest.raises(NotTheSame, match="staff"):
        moving.move(lived.path, server, meddle)


def test_a_world_that_has_moved_lives_on(lived, new_database, silent):
    server = new_database()
    moving.move(lived.path, server, silent)
    lived.store.close()
    lived.store = Store(server, PATIENCE)
    lived.start(lived.context.content)
    submission = lived.proven("later@example.org")
    assert lived.row(submission).number == 6
    lived.clock.advance(days=4000)
    assert len(purging.purge(lived.context)) == 5


def test_the_command_moves_and_says_what_to_do(lived, new_database, tmp_path):
    server = new_database()
    data = tmp_path / "var"
    data.mkdir()
    lived.store.checkpoint()
    (data / "forms.sqlite").write_bytes(lived.path.read_bytes())

    def run(*arguments, **changes):
        settings = {
            "FORMS_DATA_DIR": str(data),
            "FORMS_CONTENT_DIR": str(SAMPLE),
            "FORMS_SECRET_KEYS": "a-key-for-tests-that-is-long-enough-0001",
        }
        result = CliRunner().invoke(main, list(arguments), env=settings | changes)
        return result.exit_code, result.output

    code, said = run("move", "--to", server)
    assert code == 0, said
    assert "rows moved, and the same in both." in said
    assert "password" not in said
    assert "in the table definitions" in run("move", "--to", server)[1]
    assert "there already" in run("move", "--to", str(data / "forms.sqlite"))[1]
    nowhere = f"postgresql://tests@/forms?host={tmp_path}"
    told = "cut short (OperationalError): move again"
    assert told in run("move", "--to", nowhere)[1]
    none = {"FORMS_DATA_DIR": str(tmp_path / "none")}
    assert "there is no database" in run("move", "--to", server, **none)[1]
    assert "whole, 4 submissions" in run("doctor", FORMS_DATABASE_URL=server)[1]
