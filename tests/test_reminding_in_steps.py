"""News and reminders for many: told in steps, once to each, whatever stops between."""

from collections import Counter
from dataclasses import replace
from functools import partial

import pytest

from cluster import PATIENCE
from forms_service.content.loading import EventFiles
from forms_service.store import announcements, submissions
from forms_service.store.database import Store
from forms_service.workflow import reminding
from forms_service.workflow.context import ROWS
from test_event_status import CANCELLED, POSTPONED
from test_reminding import (
    ASKED,
    BEGINS,
    NINE,
    OPEN,
    kinds,
    link,
    look,
    write,
)
from test_reminding import party as party

pytest_plugins = ["life"]

MANY = 2 * ROWS + 1
OWN = ("number", "revision", "id", "reference", "form_key")
COPIED = ", ".join(name for name in submissions.COLUMNS if name not in OWN)
COPIES = f"""
    WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n WHERE x < ?)
    INSERT INTO submissions ({COPIED}, id, reference, form_key)
    SELECT {COPIED}, id || x, reference || x, NULL FROM submissions, n
"""


def crowd(world, **answers):
    """Let more people take part than are told in two steps, with no mail waiting."""
    first = world.proven(**answers)
    posted(world)
    world.force(COPIES, MANY - 1)
    return first


def posted(world):
    """Let all mails have left."""
    world.force("UPDATE outbox SET sent_at = created_at")


def step(world):
    """Tell a part; return how many mails were queued."""
    mails, goes_on = reminding.step(world.context, "incontro")
    assert goes_on
    assert mails <= ROWS
    return mails


def reread(world):
    """Take over what an editor has changed, and tell nobody yet."""
    for _ in range(2):
        reminding.reread(world.context, world.files)


def again(world):
    """Start as after a kill: nothing is known but what is stored and in the files."""
    world.read_content(world.folder / "content")
    return reminding.announce(world.context)


def told(world, kind="event_changed"):
    """Return how many mails of a kind people got: to how many people each number."""
    rows = world.sql(
        "SELECT (SELECT count(*) FROM outbox WHERE submission = submissions.id "
        "AND kind = ?) FROM submissions",
        kind,
    )
    return dict(Counter(row[0] for row in rows))


def mark(world):
    kept = world.store.read(lambda db: announcements.of_event(db, "incontro"))
    return kept.telling, kept.upto


def test_who_was_not_told_before_a_kill_is_told_after_it_and_nobody_twice(party):
    crowd(party)
    link(party)
    reread(party)
    first = step(party)
    assert told(party) == {1: first, 0: MANY - first}
    assert mark(party)[0] == "event_changed"
    # The mails of the first have left; somebody comes and reads it in the receipt.
    posted(party)
    party.clock.advance(seconds=1)
    late = party.proven("late@example.org")
    # There is a place for them, too.
    party.force("UPDATE submissions SET place = 'held' WHERE id = ?", late.id)
    posted(party)
    assert again(party) == MANY - first
    assert told(party) == {1: MANY, 0: 1}
    assert kinds(party, late) == ["receipt"]
    assert mark(party) == ("", 0)
    assert again(party) == 0
    logged = party.sql("SELECT detail FROM events WHERE verb = 'event_changed'")
    assert logged[0][0] == f'{{"form": "every-type", "mails": {first}}}'
    assert len(logged) > 2


def test_what_changes_while_it_is_told_is_told_to_all(party):
    crowd(party)
    link(party)
    reread(party)
    first = step(party)
    posted(party)
    second = step(party)
    write(party, ("17:30", "17:45"))
    again(party)
    # Mails that have not left tell it by themselves.
    assert told(party) == {2: first, 1: MANY - first}
    assert second > 0


def test_who_has_not_heard_that_it_takes_place_after_all_hears_it_in_the_end(new_world):
    world = new_world(OPEN, ASKED)
    world.files = EventFiles(world.context.content)
    look(world)
    # They asked for the reminder alone: an hour that changes is not for them.
    crowd(world, interessi="orto")
    write(world, CANCELLED)
    look(world)
    assert told(world) == {1: MANY}
    posted(world)
    write(world, CANCELLED[::-1])
    reread(world)
    first = step(world)
    write(world, ("17:30", "17:45"))
    again(world)
    assert told(world) == {2: MANY}
    assert first > 0
    write(world, ("17:45", "18:00"))
    assert again(world) == 0


def test_a_postponed_event_that_is_given_up_after_its_day_is_told_to_all(party):
    crowd(party)
    write(party, POSTPONED)
    look(party)
    posted(party)
    party.clock.now = BEGINS.replace(year=2031)
    write(party, ("status: postponed", "status: cancelled"))
    reread(party)
    step(party)
    again(party)
    assert told(party) == {2: MANY}


def test_of_an_event_that_ends_meanwhile_no_more_is_told(party):
    crowd(party)
    link(party)
    reread(party)
    step(party)
    party.clock.now = BEGINS.replace(hour=23)
    assert again(party) == 0
    assert mark(party)[0] == ""


class Overtaken(Store):
    """A store whose readers find that another process has written since they read."""

    between = staticmethod(lambda: None)

    def read(self, job):
        found = super().read(job)
        self.between()
        return found


def test_two_processes_tell_each_once(party):
    crowd(party)
    link(party)
    reread(party)
    other = Overtaken(party.store.where or party.path, PATIENCE)
    slow = replace(party.context, store=other)
    taken = []
    other.between = lambda: taken.append(step(party))
    assert reminding.step(slow, "incontro") == (0, False)
    del other.between
    assert told(party) == {1: taken[0], 0: MANY - taken[0]}
    both = [party.context, slow]
    party.at_once(2, lambda index: reminding.announce(both[index]))
    other.close()
    assert told(party) == {1: MANY}


def test_reminders_go_on_after_a_kill_and_news_come_after_them(party):
    crowd(party)
    party.clock.now = NINE
    first = step(party)
    assert told(party, "reminder") == {1: first, 0: MANY - first}
    link(party)
    assert again(party) == MANY - first
    assert told(party, "reminder") == {1: MANY}
    assert told(party) == {0: MANY}
    assert again(party) == MANY
    assert told(party) == {1: MANY}
    assert again(party) == 0


@pytest.mark.parametrize(
    ("moved", "news"), [(True, {1: MANY}), (False, {0: MANY})], ids=["moved", "begun"]
)
def test_reminders_stop_when_they_help_nobody_any_more(party, moved, news):
    crowd(party)
    party.clock.now = NINE
    first = step(party)
    if moved:
        write(party, ("date: 2030-10-28", "date: 2030-11-28"))
    else:
        party.clock.now = BEGINS
    again(party)
    assert told(party, "reminder") == {1: first, 0: MANY - first}
    assert told(party) == news
    assert mark(party) == ("", 0)


def test_who_was_erased_since_they_were_looked_at_gets_nothing(party):
    first = crowd(party)
    link(party)
    reread(party)
    other = Overtaken(party.store.where or party.path, PATIENCE)
    erased = f"DELETE FROM submissions WHERE id = '{first.id}'"
    other.between = partial(party.force, erased)
    reminding.announce(replace(party.context, store=other))
    other.close()
    assert told(party) == {1: MANY - 1}
