"""The decisions that staff may make about a request, and which answers to correct."""

from ...definition import Channel, Field, type_of
from ...store.connection import Connection
from ...store.events import EventVerb
from ...store.submissions import Status, Submission
from ...workflow.capacity import takes_place
from ...workflow.context import WorkflowContext
from ...workflow.deciding import fields_to_correct
from ...workflow.transitions import TRANSITIONS, Transition, allowed


def offered(context: WorkflowContext, submission: Submission) -> list[Transition]:
    """Return the decisions that fit a request and lead somewhere."""
    verbs = set(allowed(submission))
    if not correctable(context, submission):
        verbs.discard(EventVerb.ASK_CORRECTION)
    if not takes_place(context, submission.form_id):
        verbs.discard(EventVerb.PROMOTE)
    return [row for row in TRANSITIONS.values() if row.button and row.verb in verbs]


def correctable(context: WorkflowContext, submission: Submission) -> list[Field]:
    """Return what the person could correct online; nothing where no way leads there.

    A delicate form has no correction online, and without a proven address nobody
    would hear of it.
    """
    form = context.form_today(submission.form_id)
    if form is None or form.delicate or not submission.proven:
        return []
    return [field for field in form.at(Channel.WEB) if not type_of(field).has_text]


def asked_for(
    context: WorkflowContext, db: Connection, submission: Submission
) -> list[Field]:
    """Return the fields that the person has been asked to correct, while it waits."""
    if submission.status is not Status.CORRECTION_ASKED:
        return []
    fields = fields_to_correct(db, submission)
    return [field for field in correctable(context, submission) if field.id in fields]
