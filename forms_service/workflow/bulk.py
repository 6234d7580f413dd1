"""The same act on many submissions: one transaction each, so that nobody waits for all.

Each is done only if it is still as it was read. What becomes of it is kept as a row.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from ..definition import Purpose
from ..store import bulk, submissions
from ..store.bulk import BulkAct, BulkOutcome, BulkRow
from ..store.connection import Connection, visible
from ..store.events import EventVerb
from ..store.submissions import NotFound, Submission
from . import assigning, deciding, declining, settling
from .assigning import AssignedMeanwhile, NoSuchColleague
from .context import Also, WorkflowContext, alone
from .transitions import NotAllowed, RevisionConflict, StillWaiting

# How many are chosen at once, at most.
MOST = 500
KEPT_FOR = timedelta(days=30)
DECISIONS = (EventVerb.ACCEPT, EventVerb.DECLINE)


class Unreached(NotAllowed):
    """There is no proven address, or its form lets nothing be written."""


class Unreasoned(NotAllowed):
    """Its form has reasons to decline for, and none of them was chosen."""


# What is more special comes first.
_WHY: Mapping[type[Exception], BulkOutcome] = {
    StillWaiting: BulkOutcome.WAITING,
    AssignedMeanwhile: BulkOutcome.TAKEN,
    NoSuchColleague: BulkOutcome.UNABLE,
    Unreached: BulkOutcome.UNREACHED,
    Unreasoned: BulkOutcome.UNREASONED,
    NotAllowed: BulkOutcome.UNFIT,
    Exception: BulkOutcome.CHANGED,
}


@dataclass(frozen=True, slots=True)
class BulkChoice:
    """One submission as it was chosen: the revision that was read, who saw to it."""

    id: str
    revision: int
    assignee: int | None

    @property
    def token(self) -> str:
        """Return it as it travels in a page."""
        return f"{self.id}:{self.revision}:{self.assignee or 0}"


def chosen(submission: Submission) -> BulkChoice:
    """Return a submission as it is chosen now."""
    return BulkChoice(submission.id, submission.revision, submission.assignee)


def token(submission: Submission) -> str:
    """Return what the box of a submission in a list holds."""
    return chosen(submission).token


def sort_out(
    context: WorkflowContext,
    db: Connection,
    choice: Iterable[BulkChoice],
    verb: EventVerb,
) -> list[tuple[Submission, BulkOutcome]]:
    """Say of each chosen submission whether a verb fits it: pending, or why not.

    What is erased is left out.
    """
    found = [(one, submissions.find(db, one.id)) for one in choice]
    there = [(one, submission) for one, submission in found if submission]
    # A message is about one form: that of the first who can be written to.
    form_id = next((s.form_id for _, s in there if reached(context, s)), "")
    fits = [
        (submission, _fit(context, db, submission, one, verb, form_id))
        for one, submission in there
    ]
    forms = {one.form_id for one, outcome in fits if outcome is BulkOutcome.PENDING}
    if verb is not EventVerb.DECLINE or len(forms) < 2:
        return fits
    # Reasons can be chosen for one form at a time.
    return [
        (one, BulkOutcome.UNREASONED)
        if outcome is BulkOutcome.PENDING and declining.offered(context, one)
        else (one, outcome)
        for one, outcome in fits
    ]


def _fit(
    context: WorkflowContext,
    db: Connection,
    submission: Submission,
    read: BulkChoice,
    verb: EventVerb,
    form_id: str,
) -> BulkOutcome:
    if submission.revision != read.revision:
        return BulkOutcome.CHANGED
    if verb in DECISIONS:
        try:
            deciding.outcome(context, db, submission, verb, context.clock())
        except NotAllowed as refused:
            return _why(refused)
    if verb is EventVerb.MESSAGE and not reached(context, submission):
        return BulkOutcome.UNREACHED
    if verb is EventVerb.MESSAGE and submission.form_id != form_id:
        return BulkOutcome.OTHER
    return BulkOutcome.PENDING


def _why(error: Exception) -> BulkOutcome:
    return next(outcome for kind, outcome in _WHY.items() if isinstance(error, kind))


def purposes(context: WorkflowContext, form_id: str) -> tuple[Purpose, ...]:
    """Return what people may be written to about; nothing of a delicate form."""
    form = context.form_today(form_id)
    return form.purposes if form and not form.delicate else ()


def reached(context: WorkflowContext, submission: Submission) -> bool:
    """Say whether a person can be written to: the address is proven."""
    proven = bool(submission.email) and submission.proven
    return proven and bool(purposes(context, submission.form_id))


def decide(
    context: WorkflowContext,
    act_id: str,
    choice: list[BulkChoice],
    verb: EventVerb,
    staff_id: int,
    reason: str = "",
    reasons: Sequence[str] = (),
) -> None:
    """Decide the same of each, as `deciding.decide`; nothing if the act has begun.

    Where its form has reasons, nothing is declined without one.
    """
    actor = deciding.staff_actor(staff_id)

    def one(read: BulkChoice, also: Also) -> None:
        if verb is EventVerb.DECLINE and not reasons:
            found = context.store.read(partial(submissions.get, submission_id=read.id))
            if declining.offered(context, found):
                raise Unreasoned(verb, found)
        deciding.decide(
            context,
            read.id,
            verb,
            actor,
            read.revision,
            reason,
            reasons=reasons,
            also=also,
        )

    each(context, act_id, choice, verb, staff_id, one)


def assign(
    context: WorkflowContext,
    act_id: str,
    choice: list[BulkChoice],
    assignee: int | None,
    staff_id: int,
) -> None:
    """Give each to the same person; nothing if the act has begun."""
    actor = deciding.staff_actor(staff_id)

    def one(read: BulkChoice, also: Also) -> None:
        assigning.assign(context, read.id, assignee, actor, read.assignee, also)

    each(context, act_id, choice, EventVerb.ASSIGN, staff_id, one)


def each(
    context: WorkflowContext,
    act_id: str,
    choice: list[BulkChoice],
    verb: EventVerb,
    staff_id: int,
    do: Callable[[BulkChoice, Also], None],
    first: Also = alone,
) -> None:
    """Do something with each, one transaction each, and mark what became of it.

    What is written `first` begins the act: pressed twice, it is done once.
    """
    act = BulkAct(act_id, staff_id, verb, context.clock(), len(choice))
    rows = [(one.id, one.revision) for one in choice]

    def begin(db: Connection) -> bool:
        begun = bulk.begin(db, act, rows)
        if begun:
            first(db)
        return begun

    if not context.store.write(begin):
        return
    for one in choice:
        mark = partial(bulk.mark, act_id=act_id, submission_id=one.id)
        try:
            do(one, partial(mark, outcome=BulkOutcome.DONE))
        # Of what is erased there is no row to mark.
        except (NotFound, NotAllowed, RevisionConflict) as error:
            context.store.write(partial(mark, outcome=_why(error)))


def undo(context: WorkflowContext, act_id: str, staff_id: int) -> None:
    """Take back every decision of an act that can still be taken back."""
    actor = deciding.staff_actor(staff_id)

    def one(row: BulkRow, also: Also) -> None:
        # The decision itself was the next change after what was read.
        settling.undo(context, row.submission.id, actor, row.chosen + 1, also)

    undo_each(context, act_id, one)


def undo_each(
    context: WorkflowContext, act_id: str, undo_one: Callable[[BulkRow, Also], None]
) -> None:
    """Take back what was done with each, and mark what could not be."""
    for row in context.store.read(partial(bulk.rows, act_id=act_id)):
        if row.outcome is not BulkOutcome.DONE:
            continue
        mark = partial(
            bulk.mark,
            act_id=act_id,
            submission_id=row.submission.id,
            before=BulkOutcome.DONE,
        )
        try:
            undo_one(row, partial(mark, outcome=BulkOutcome.UNDONE))
        except (NotFound, NotAllowed, RevisionConflict):
            context.store.write(partial(mark, outcome=BulkOutcome.KEPT))


def outcome(
    context: WorkflowContext, act_id: str
) -> tuple[BulkAct, list[BulkRow]] | None:
    """Return an act and what became of each; None for one that is forgotten.

    And for one of which nothing may be seen.
    """

    def job(db: Connection) -> tuple[BulkAct, list[BulkRow]] | None:
        act, rows = bulk.get(db, act_id), bulk.rows(db, act_id)
        return (act, rows) if act and (rows or visible(db).all) else None

    return context.store.read(job)


def undoable_until(
    context: WorkflowContext, act: BulkAct, rows: Iterable[BulkRow]
) -> datetime | None:
    """Return until when an act can be taken back; None when it no longer can."""
    until = act.began_at + settling.delay_of(context)
    done = any(row.outcome is BulkOutcome.DONE for row in rows)
    can_be = act.verb in (*DECISIONS, EventVerb.MESSAGE)
    undoable = can_be and done and context.clock() < until
    return until if undoable else None


def drop_old(context: WorkflowContext) -> None:
    """Forget the acts of long ago."""
    before = context.destroying() - KEPT_FOR
    context.store.write(partial(bulk.drop_old, before=before))
