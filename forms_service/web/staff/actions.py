"""The decisions that staff may make about a request, and which answers to correct."""

from ...definition import Field, Place, type_of
from ...store.connection import Connection
from ...store.events import EventVerb
from ...store.submissions import Status, Submission
from ...workflow.capacity import takes_place
from ...workflow.deciding import fields_to_correct
from ...workflow.transitions import TRANSITIONS, Transition, allowed
from ...workflow.work import Work


def offered(work: Work, one: Submission) -> list[Transition]:
    """Return the decisions that fit a request and lead somewhere."""
    verbs = set(allowed(one))
    if not correctable(work, one):
        verbs.discard(EventVerb.ASK_CORRECTION)
    if not takes_place(work, one.form_id):
        verbs.discard(EventVerb.PROMOTE)
    return [row for row in TRANSITIONS.values() if row.button and row.verb in verbs]


def correctable(work: Work, one: Submission) -> list[Field]:
    """Return what the person could correct online; nothing where no way leads there.

    A delicate form has no correction online, and without a proven address nobody
    would hear of it.
    """
    form = work.form_today(one.form_id)
    if form is None or form.delicate or not one.proven:
        return []
    return [field for field in form.at(Place.WEB) if not type_of(field).has_text]


def asked_for(work: Work, db: Connection, one: Submission) -> list[Field]:
    """Return the fields that the person has been asked to correct, while it waits."""
    if one.status is not Status.CORRECTION_ASKED:
        return []
    asked = fields_to_correct(db, one)
    return [field for field in correctable(work, one) if field.id in asked]
