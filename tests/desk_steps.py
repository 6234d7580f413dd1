"""What staff do, as steps of `test_both_databases`, and all that they read after it."""

from datetime import timedelta
from functools import partial

from hypothesis import strategies as st
from hypothesis.stateful import rule

from forms_service.store import (
    bulk as acts,
)
from forms_service.store import (
    contacts,
    flood,
    messages,
    queue,
    register,
    submissions,
)
from forms_service.store import meetings as attendance
from forms_service.store import notes as note_rows
from forms_service.store.contacts import ContactNote, ContactOutcome, Means
from forms_service.store.events import EventVerb
from forms_service.store.filters import Chosen, Filter
from forms_service.store.messages import StaffMessage
from forms_service.workflow import (
    assigning,
    bulk,
    deciding,
    discarding,
    figures,
    meetings,
    membership,
    messaging,
    needed,
    purging,
    renewing,
    settling,
)
from life import FORM

CLERK, STAFF = 1, "staff:1"
TURNS = st.integers(0, 9)
SOME = st.sets(TURNS, min_size=1, max_size=4)
FITTING = (Chosen("interessi", ("orto",), many=True), Chosen("profilo", ("persona",)))


def at(world, row_id):
    return world.store.read(lambda db: submissions.find(db, row_id))


def chosen(world, rows, turns):
    """Return of which rows a page was read."""
    ids = {rows[turn % len(rows)]: None for turn in sorted(turns)} if rows else {}
    return [bulk.chosen(row) for id_ in ids if (row := at(world, id_))]


def meeting_of(world, turn):
    """Return number and revision of a meeting; numbers differ between databases."""
    there = world.store.read(lambda db: attendance.of_form(db, FORM))
    meeting = there[turn % len(there)] if there else None
    return (meeting.id, meeting.revision) if meeting else (0, 0)


class DeskSteps:
    """Rules of the state machine; acts on many are known by their turn."""

    acts = 0

    def new_act(self):
        self.acts += 1
        return f"{self.acts:016x}"

    @rule(turn=TURNS, note=st.booleans())
    def undo(self, turn, note):
        def step(world, id_):
            revision = getattr(at(world, id_), "revision", None)
            if note:
                deciding.add_note(world.context, id_, CLERK, "perché “no”")
            return settling.undo(world.context, id_, STAFF, revision)

        self.one_of(turn, step)

    @rule(turn=TURNS, assignee=st.sampled_from((CLERK, None)))
    def assign(self, turn, assignee):
        def step(world, id_):
            seen = getattr(at(world, id_), "assignee", None)
            return assigning.assign(world.context, id_, assignee, STAFF, seen)

        self.one_of(turn, step)

    @rule(
        turn=TURNS, said=st.sampled_from(list(ContactOutcome)), days=st.integers(0, 50)
    )
    def contact(self, turn, said, days):
        def step(world, id_):
            note = ContactNote(world.clock(), None, Means.PHONE, said, "muro")
            until = world.context.today + timedelta(days=days) if days else None
            membership.contacted(world.context, id_, CLERK, note, until)

        self.one_of(turn, step)

    @rule(turn=TURNS, of_today=st.booleans())
    def renew(self, turn, of_today):
        def step(world, id_):
            read = world.form().fingerprint if of_today else "another"
            return renewing.renew(world.context, id_, "citizen", read)

        self.one_of(turn, step)

    @rule(
        turns=SOME,
        verb=st.sampled_from((EventVerb.ACCEPT, EventVerb.DECLINE, EventVerb.WITHDRAW)),
    )
    def decide_many(self, turns, verb):
        act = self.new_act()

        def step(world, rows):
            choice = chosen(world, rows, turns)
            bulk.decide(world.context, act, choice, verb, CLERK, "Pieno")

        self.both(step)

    @rule(turns=SOME)
    def write_to_many(self, turns):
        act = self.new_act()

        def step(world, rows):
            made = FORM, "giro", {"it": "Ciao"}, "", 0, world.clock()
            message = StaffMessage(act, CLERK, *made)
            messaging.send(world.context, message, chosen(world, rows, turns))

        self.both(step)

    @rule(turn=TURNS, message=st.booleans())
    def undo_many(self, turn, message):
        if self.acts:
            act = f"{1 + turn % self.acts:016x}"
            undo = messaging.undo if message else bulk.undo
            self.both(lambda world, rows: undo(world.context, act, CLERK))

    @rule(day=st.integers(-3, 3), title=st.sampled_from(("Prima", "")))
    def meet(self, day, title):
        def step(world, rows):
            when = world.context.today + timedelta(days=day)
            meetings.add(world.context, FORM, when, title, STAFF)

        self.both(step)

    @rule(turn=TURNS, turns=SOME, stale=st.booleans())
    def note_who_was_there(self, turn, turns, stale):
        def step(world, rows):
            number, revision = meeting_of(world, turn)
            there = [one.id for one in chosen(world, rows, turns)]
            read = number, revision - stale
            meetings.record(world.context, FORM, read, there, STAFF)

        self.both(step)

    @rule(turn=TURNS, whole=st.booleans())
    def take_meeting_back(self, turn, whole):
        def step(world, rows):
            number, revision = meeting_of(world, turn)
            if whole:
                meetings.remove(world.context, FORM, number, STAFF)
            else:
                meetings.take_back(world.context, FORM, (number, revision), STAFF)

        self.both(step)

    @rule()
    def discard(self):
        def step(world, rows):
            hours = world.store.read(flood.hours)
            newest = hours[0] if hours else None
            return newest and discarding.discard(world.context, newest, STAFF)

        self.both(step)

    def by_the_clock(self, world):
        """Do what comes with time, beside what is erased."""
        settled, asked = settling.settle(world.context), renewing.ask(world.context)
        messaging.drop_old(world.context)
        bulk.drop_old(world.context)
        over = meetings.purge(world.context)
        return settled, asked, over, purging.erase_fields(world.context)


def desk(world, turns, number_of_acts, db):
    """Return what staff read beside the list, with turns in the place of ids."""
    today = world.context.today
    ids = [id_ for id_ in turns if submissions.find(db, id_)]
    by_number = {submissions.get(db, id_).number: turns[id_] for id_ in ids}

    def of(rows):
        return [turns[row.id] for row in rows]

    classes = attendance.of_form(db, FORM)
    marks = attendance.attendance(db, FORM)
    done = [f"{number + 1:016x}" for number in range(number_of_acts)]
    return {
        "notes": [[n.text for n in note_rows.of_submission(db, id_)] for id_ in ids],
        "contacts": [contacts.of_submission(db, id_) for id_ in ids],
        "members": [
            of(register.members(db, FORM, wanted, today, 9, paused=paused))
            for wanted in ((), FITTING[:1], FITTING[1:], FITTING)
            for paused in (False, True)
        ],
        "near": [
            (turns[row.id], lacks)
            for row, lacks in register.near(db, FORM, FITTING, today, 9)
        ],
        "to ask": [
            of(register.to_ask(db, FORM, n, world.clock(), 9)) for n in range(2)
        ],
        "needs": {
            by_number[number]: [str(need) for need in needs]
            for number, needs in needed.find(world.context, db).items()
        },
        "classes": [
            (
                (each.day, each.title, each.revision),
                {turns[id_]: there for id_, there in marks.get(each.id, {}).items()},
                attendance.can_be_taken_back(db, each.id),
                of(queue.queue(db, Filter(FORM, attendance=(each.id, True)), 9)),
            )
            for each in classes
        ],
        "participants": sorted(of(attendance.participants(db, FORM))),
        "acts": [acts.get(db, act) for act in done],
        "outcomes": [
            [(turns[r.submission.id], r.chosen, r.outcome) for r in acts.rows(db, act)]
            for act in done
        ],
        "messages": [messages.get(db, act) for act in done],
        "last message": messages.last_leaves(db),
        "assigned": queue.count(db, Filter(assignee=CLERK), 99),
        "by due day": of(queue.queue(db, Filter(FORM, open=True, by_due=True), 9)),
        "hours": [(h.form_id, h.begins, h.number) for h in flood.hours(db)],
    }


def numbers(world):
    """Return the page of numbers of a whole year."""
    today = world.context.today
    period = partial(
        figures.of_period, world.context, first=today.replace(month=1, day=1)
    )
    return [period(form, last=today) for form in (FORM, "")]
