"""One life on both databases: after the same steps each read says the same."""

from dataclasses import fields, replace
from functools import partial

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from desk_steps import DeskSteps, desk, numbers
from forms_service.content import load_content
from forms_service.definition.contact import phone_end
from forms_service.store import (
    counts,
    events,
    outbox,
    queue,
    removal,
    revisions,
    search,
    staff,
    submissions,
    tables,
    waiting_list,
)
from forms_service.store.contacts import ContactOutcome
from forms_service.store.events import EventVerb
from forms_service.store.filters import Chosen, Filter
from forms_service.store.possible_duplicates import same_person
from forms_service.store.submissions import NotFound, Proof, Status
from forms_service.workflow import (
    capacity,
    correcting,
    deciding,
    mail_delivery,
    maintenance,
    purging,
    reaching,
    sending,
    verification,
)
from forms_service.workflow.capacity import FormClosed
from forms_service.workflow.correcting import Why
from forms_service.workflow.meetings import AttendanceChanged
from forms_service.workflow.renewing import RuleChanged
from forms_service.workflow.transitions import TRANSITIONS, NotAllowed, RevisionConflict
from life import FORM, World
from sample_content import REGISTER, copied
from stored import rows_of

EMAILS = ("anh@example.org", "Anh@Example.org", "òscar@example.org", None)
NAMES = ("Nguyễn Thị Ánh", "D’Angelo Işık", "Ωmega 007", "a" * 60, "0039 Straße")
PHONES = ("+39 0564 484111", "0564/484111", "333 1234567")
# None of them begins a reference, which is another one in each database.
TYPED = (
    *("Nguyen thi", "nguyễn", "i", "dangelo", "d'angelo ISIK", "omega", "007", "0"),
    *("strasse", "0564 484111", "484111", "anh@example.org", "@", "xyzo", "''"),
)
# What a row is called in one database alone.
OWN = {"id", "form_key", "reference", "number"}
DELAY = ("project.yml", "decision_delay: 0", "decision_delay: 5")
COLUMNS = [f.name for f in fields(submissions.Submission) if f.name not in OWN]
# Answers of the form that staff filter by: select, radio, number, checkboxes.
ANSWERS = (("paese", "IT"), ("profilo", "persona"), ("persone", "02"), ("persone", "1"))


class Both(DeskSteps, RuleBasedStateMachine):
    """Two worlds with one clock; a row is known by its turn, the same in both."""

    def __init__(self):
        super().__init__()
        self.worlds, self.end = self.new_pair()
        # The rows of each world, in the order in which they were sent.
        self.rows = [[], []]

    def both(self, step):
        """Do the same in both; they return or raise the same. Return it."""
        said = []
        for world, rows in zip(self.worlds, self.rows, strict=True):
            try:
                said.append(step(world, rows))
            except (NotFound, *REFUSALS) as error:
                said.append(type(error))
        assert said[0] == said[1]
        return said[0]

    def one_of(self, turn, verb):
        """Do something to a row that was ever sent."""
        if self.rows[0]:
            index = turn % len(self.rows[0])
            self.both(lambda world, rows: called(verb(world, rows[index])))

    @initialize()
    def people_come(self):
        for turn, email in enumerate(EMAILS):
            self.send(email, NAMES[turn], PHONES[0], 2)
            self.confirm(turn)

    @rule(
        email=st.sampled_from(EMAILS),
        name=st.sampled_from(NAMES),
        phone=st.sampled_from(PHONES),
        people=st.integers(1, 4),
    )
    def send(self, email, name, phone, people):
        def step(world, rows):
            sent = world.send(email, people, nome=name, telefono=phone)
            rows.append(sent.submission.id)
            return called(sent.submission)

        self.both(step)

    @rule(turn=st.integers(0, 9))
    def confirm(self, turn):
        self.one_of(turn, lambda world, id_: verification.confirm(world.context, id_))

    @rule(turn=st.integers(0, 9), verb=st.sampled_from(list(TRANSITIONS)))
    def decide(self, turn, verb):
        self.one_of(
            turn,
            lambda world, id_: deciding.decide(
                world.context, id_, verb, "staff:1", reason="perché"
            ),
        )

    @rule(turn=st.integers(0, 9))
    def promote(self, turn):
        self.one_of(
            turn, lambda world, id_: deciding.promote(world.context, id_, "staff:1")
        )

    @rule(turn=st.integers(0, 9), email=st.sampled_from(EMAILS[:3]))
    def correct(self, turn, email):
        self.one_of(
            turn,
            lambda world, id_: correcting.correct(
                world.context, world.form(), id_, world.answers(email)
            ),
        )

    @rule(turn=st.integers(0, 9), email=st.sampled_from(EMAILS[:3]))
    def repair(self, turn, email):
        self.one_of(
            turn,
            lambda world, id_: correcting.repair(
                world.context, id_, world.answers(email), "staff:1", Why.PHONE
            ),
        )

    @rule(turn=st.integers(0, 9), email=st.sampled_from(EMAILS[:3]))
    def mend_address(self, turn, email):
        self.one_of(
            turn,
            lambda world, id_: correcting.mend_address(
                world.context, id_, email, "staff:1"
            ),
        )

    @rule(turn=st.integers(0, 9))
    def prove(self, turn):
        self.one_of(
            turn,
            lambda world, id_: reaching.prove(
                world.context, id_, Proof.PHONE, "staff:1"
            ),
        )

    @rule(turn=st.integers(0, 9))
    def erase(self, turn):
        self.one_of(
            turn, lambda world, id_: deciding.erase(world.context, id_, "staff:1")
        )

    @rule(turn=st.integers(0, 9), email=st.sampled_from(EMAILS[:3]))
    def mail_again(self, turn, email):
        self.one_of(turn, lambda world, id_: sending.resend(world.context, id_))
        self.both(lambda world, rows: verification.lost_link(world.context, email))

    @rule(refused=st.booleans())
    def post(self, refused):
        def step(world, rows):
            if refused and (mail := mail_delivery.claim(world.context)):
                mail_delivery.report_failure(world.context, mail, "550", permanent=True)
            return [(mail.kind, mail.email) for mail in world.post()]

        self.both(step)

    def post_all(self):
        for _ in range(9):
            self.post(refused=False)

    @rule(hours=st.sampled_from((0.2, 1, 30, 80, 24 * 40)))
    def wait(self, hours):
        self.worlds[0].clock.advance(hours=hours)

        def step(world, rows):
            released = maintenance.release_lapsed(world.context)
            later = self.by_the_clock(world)
            world.seal()
            return released, later, len(purging.purge(world.context))

        self.both(step)

    @invariant()
    def all_that_is_read_is_equal(self):
        for world in self.worlds:
            maintenance.update_search(world.context)
        self.both(
            lambda world, rows: (
                world.store.read(partial(everything, world, rows, self.acts)),
                numbers(world),
            )
        )

    def teardown(self):
        self.end()


REFUSALS = (
    ValueError,
    NotAllowed,
    sending.AlreadyConfirmed,
    FormClosed,
    sending.LinkExpired,
    RevisionConflict,
    AttendanceChanged,
    RuleChanged,
)


def called(result):
    """Return a result without what names it in one database."""
    if isinstance(result, submissions.Submission):
        return [getattr(result, name) for name in COLUMNS]
    return result


def everything(world, rows, number_of_acts, db):
    """Return what each read of the store and of the workflow says of these rows."""
    turns = {id_: turn for turn, id_ in enumerate(rows)}
    there = rows_of(db, FORM)

    def page(**wanted):
        found = queue.queue(db, Filter(form_id=FORM, **wanted), 3)
        return [turns[row.id] for row in found]

    middle = there[len(there) // 2].number if there else 1
    pages = {
        "all": page(),
        "before": page(before=middle),
        "after": page(after=middle),
        "oldest": page(oldest_first=True),
        **{status: page(status=status) for status in Status},
        **{typed: page(text=typed) for typed in TYPED},
        **{pair: page(answers=(Chosen(pair[0], (pair[1],)),)) for pair in ANSWERS},
        "group": page(answers=(Chosen("interessi", ("orto",), True),)),
    }
    return {
        "rows": [(turns[row.id], called(row)) for row in there],
        "pages": pages,
        "states": [queue.by_status(db, Filter(text=typed)) for typed in TYPED],
        "persons": [
            [turns[other.id] for other in same_person(db, row)] for row in there
        ],
        "lines": [capacity.position(db, row) for row in there],
        "phones": [phone_end(row.phone) for row in there],
        "revisions": [revisions.of_submission(db, row.id) for row in there],
        "logs": [
            [(e.verb, e.actor, e.at) for e in events.of_submission(db, id_)]
            for id_ in rows
        ],
        "mails": [
            [
                (m.kind, m.email, m.attempts, m.due_at, m.not_before, m.sent_at)
                for m in outbox.of_submission(db, id_)
            ]
            for id_ in rows
        ],
        "counts": counts.of_status(db),
        "miscounted": counts.miscounted(db),
        "totals": outbox.totals(db),
        "waiting": (waiting_list.seats_taken(db, FORM), waiting_list.length(db, FORM)),
        "newest": [queue.newest(db, status) for status in Status],
        "due": [turns[r.id] for r in removal.due_for_purge(db, world.clock(), 100)],
        "tables": [
            (batch.answers, {k: v for k, v in batch.columns.items() if k not in OWN})
            for batch in tables.batches(db, FORM, "", (0, 2**40), 2)
        ],
        "staff": [replace(m, id=0) for m in staff.everyone(db)],
        "behind": search.behind(db),
        "desk": desk(world, turns, number_of_acts, db),
    }


@pytest.fixture
def both(tmp_path, new_database, cluster):
    """The state machine on two databases, which are empty again for each example."""
    made = []
    content = load_content(copied(tmp_path, REGISTER, DELAY))

    def new_pair():
        folders = [tmp_path / f"{name}{len(made)}" for name in ("file", "server")]
        for folder in folders:
            folder.mkdir()
        url = made[0].store.where if made else new_database()
        if made:
            cluster.clean(url.partition("@/")[2].partition("?")[0])
        file, server = World(folders[0]), World(folders[1], where=url)
        server.clock = file.clock
        for world in (file, server):
            world.start(content)
            # Nobody is given a request who has no password.
            world.force("UPDATE staff SET password = 'x'")
        made.append(server)

        def end():
            for world in (file, server):
                world.store.close()

        return (file, server), end

    return type("Both", (Both,), {"new_pair": staticmethod(new_pair)})


def live(machine, examples, steps, **options):
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
            **options,
        ),
    )


def test_what_staff_do_reads_the_same_on_both(both):
    life = both()
    life.people_come()
    for step in (
        partial(life.decide_many, {0, 1}, EventVerb.ACCEPT),
        partial(life.undo_many, 0, message=False),
        partial(life.decide_many, {0, 1, 2}, EventVerb.ACCEPT),
        partial(life.wait, 0.2),
        life.post_all,
        partial(life.assign, 0, 1),
        partial(life.contact, 0, ContactOutcome.LATER, 20),
        partial(life.contact, 1, ContactOutcome.YES, 0),
        partial(life.meet, -1, "Prima"),
        partial(life.note_who_was_there, 0, {0, 1}, stale=False),
        partial(life.note_who_was_there, 0, {1}, stale=False),
        partial(life.take_meeting_back, 0, whole=False),
        partial(life.write_to_many, {0, 1}),
        partial(life.undo_many, 2, message=True),
        partial(life.write_to_many, {0, 1, 2}),
        partial(life.correct, 1, EMAILS[0]),
        partial(life.decide, 3, EventVerb.DECLINE),
        partial(life.undo, 3, note=False),
        partial(life.decide, 3, EventVerb.DECLINE),
        partial(life.wait, 0.2),
        partial(life.send, "new@example.org", NAMES[0], PHONES[0], 1),
        partial(life.wait, 24 * 366),
        partial(life.renew, 0, of_today=True),
        life.discard,
        partial(life.erase, 1),
    ):
        step()
        life.all_that_is_read_is_equal()
    verbs = {row[0] for row in life.worlds[0].sql("SELECT verb FROM events")}
    assert verbs >= {
        "accept", "undo", "settle", "assign", "contact", "meeting", "attendance",
        "message", "message_back", "correct", "decline", "ask_renewal", "renew",
        "erase",
    }  # fmt: skip
    life.teardown()


@pytest.mark.slow
def test_many_long_lives_read_the_same_on_both(both):
    live(both, 25, 30)


def test_another_answer_of_one_of_them_would_be_found(both):
    machine = both()
    machine.send(EMAILS[0], NAMES[0], PHONES[0], 1)
    machine.all_that_is_read_is_equal()
    machine.worlds[1].force("UPDATE submissions SET seats = 2")
    with pytest.raises(AssertionError):
        machine.all_that_is_read_is_equal()
    machine.teardown()
