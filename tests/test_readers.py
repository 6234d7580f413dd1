"""Who works with SQL reads the view of each form, and nothing else of the database."""

import os
from contextlib import closing

import psycopg
import pytest

from forms_service.store.connection import UnfitDatabase, quoted
from forms_service.store.postgres import connect
from forms_service.store.readers import READER, let_read

pytest_plugins = ["life"]

VIEW = "form_every-type"


@pytest.fixture
def reader(cluster, world):
    """The address of somebody who is of the role."""
    name = f"anna{os.getpid()}"
    assert VIEW in world.store.write(let_read)
    cluster.execute(f"CREATE ROLE {name} LOGIN IN ROLE {READER}")
    yield world.store.where.replace("tests@", f"{name}@")
    cluster.execute(f"DROP ROLE {name}")


@pytest.mark.engine("postgresql")
def test_a_reader_reads_answers_and_nothing_else(world, reader):
    submission = world.sent(note="Ciao")
    # The service starts again, and makes its views anew.
    world.start(world.context.content)
    with closing(connect(reader)) as db:
        found = db.execute(f"SELECT * FROM {quoted(VIEW)}").fetchone()
        assert (found["reference"], found["answer_note"]) == (
            submission.reference,
            "Ciao",
        )
        tables = db.execute(
            "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        ).fetchall()
        assert len(tables) > 15
        for (table,) in tables:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                db.execute(f"SELECT 1 FROM {table}")
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            db.execute(f"UPDATE {quoted(VIEW)} SET status = 'new'")


@pytest.mark.engine("postgresql")
def test_a_service_that_may_make_no_role_says_who_must(cluster, world):
    name = f"limited{os.getpid()}"
    cluster.execute(f"CREATE ROLE {name} LOGIN")
    try:
        with closing(connect(world.store.where.replace("tests@", f"{name}@"))) as db:
            with pytest.raises(UnfitDatabase, match="CREATE ROLE nobody_yet, then"):
                let_read(db, "nobody_yet")
    finally:
        cluster.execute(f"DROP ROLE {name}")


@pytest.mark.engine("sqlite")
def test_a_file_has_no_roles(world):
    with pytest.raises(UnfitDatabase, match="which has no roles"):
        world.store.write(let_read)
