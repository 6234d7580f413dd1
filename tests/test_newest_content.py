"""Machines get new content one after the other: the older one undoes nothing."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from forms_service.content import load_content
from forms_service.content.loading import EventFiles
from forms_service.definition import ContentError
from forms_service.store import announcements, definitions
from forms_service.workers import each_look
from forms_service.workflow import publishing
from forms_service.workflow.newest_content import OLDER_FOR, is_newest
from sample_content import copied

pytest_plugins = ["life"]
pytestmark = pytest.mark.engine("postgresql")

FORM = "forms/every-type.yml"
OPEN = (FORM, "closes: 2030-10-20", "closes: null")
MOVED = ("events/incontro.yml", "date: 2030-10-28", "date: 2030-10-29")
ONE_MORE = (
    (FORM, 'version: "1.0"', 'version: "1.1"'),
    (
        FORM,
        "      - id: accompagnatore",
        "      - id: altro\n        type: text\n        label: Altro\n"
        "        purpose: Per saperlo\n"
        "      - id: accompagnatore",
    ),
)


@pytest.fixture
def serving(new_world, tmp_path):
    """Return a world, and what makes the context of a machine with changed content."""
    world = new_world(OPEN)

    def machine(*changes):
        folder = tmp_path / f"machine{len(list(tmp_path.iterdir()))}"
        folder.mkdir()
        content = load_content(copied(folder, OPEN, *changes))
        return replace(world.context, content=content, _events={})

    return world, machine


def told(world):
    """Return how many mails there are that tell of a change."""
    return len(world.sql("SELECT 1 FROM outbox WHERE kind = 'event_changed'"))


def test_only_the_newest_of_two_event_files_is_told(serving):
    world, machine = serving
    old, new = machine(), machine(MOVED)
    look_old = partial(each_look, old, EventFiles(old.content))
    look_new = partial(each_look, new, EventFiles(new.content))
    world.proven()
    # A receipt that waits would tell it by itself.
    world.post()
    look_old()
    world.clock.advance(minutes=1)
    look_new()
    assert told(world) == 1
    for _ in range(5):
        world.clock.advance(minutes=1)
        look_old()
        look_new()
    assert told(world) == 1
    kept = world.store.read(lambda db: announcements.of_event(db, "incontro"))
    assert "2030-10-29" in kept.told


def test_going_back_is_a_change_when_nobody_serves_the_newer_any_more(serving):
    world, machine = serving
    old, new = machine(), machine(MOVED)
    assert is_newest(old)
    assert is_newest(new)
    assert not is_newest(old)
    world.clock.now += OLDER_FOR - timedelta(seconds=1)
    assert not is_newest(old)
    world.clock.advance(seconds=1)
    assert is_newest(old)
    assert not is_newest(new)
    # Known, and noted within the minute.
    assert is_newest(old)
    assert not is_newest(new)


def test_what_an_editor_has_just_changed_back_is_the_newest_at_once(serving):
    world, machine = serving
    old, new = machine(), machine(MOVED)
    assert is_newest(old)
    assert is_newest(new)
    assert is_newest(old, changed=True)
    assert not is_newest(new)


def test_older_content_starts_beside_the_newer_and_changes_nothing(serving):
    world, machine = serving
    old, new = machine(), machine(*ONE_MORE)
    publishing.start(old, publish=True)
    assert is_newest(old)
    publishing.start(new, publish=True)
    assert is_newest(new)

    def view(db):
        found = db.execute('SELECT * FROM "form_every-type" LIMIT 0').description
        return [column.name for column in found]

    columns, known = world.store.read(view), world.store.read(definitions.published)
    publishing.start(old, publish=True)
    assert world.store.read(view) == columns
    assert world.store.read(definitions.published) == known
    # Alone it would lose what has been asked since.
    world.clock.now += OLDER_FOR
    with pytest.raises(ContentError):
        publishing.start(old, publish=True)


@pytest.mark.engine("sqlite")
def test_the_content_of_a_file_is_always_the_newest(new_world):
    world = new_world()
    assert is_newest(world.context)
    assert world.sql("SELECT count(*) FROM contents")[0][0] == 0
