"""Asking the person for a correction: which answers, never a word that staff typed.

The mail names none of them; the personal page does, by the labels of the form.
"""

from flask import request

from ...definition import Field, Place, type_of
from ...store.connection import Connection
from ...store.submissions import Status, Submission
from ...workflow.deciding import fields_to_correct
from ...workflow.work import Work

FIELDS = "campo"


def correctable(work: Work, one: Submission) -> list[Field]:
    """Return what the person could correct online; nothing where no way leads there.

    A delicate form has no correction online, and without a proven address nobody
    would hear of it.
    """
    form = work.form_today(one.form_id)
    if form is None or form.delicate or not one.proven:
        return []
    return [field for field in form.at(Place.WEB) if not type_of(field).has_text]


def chosen(work: Work, one: Submission) -> list[str]:
    """Return the fields that staff have ticked."""
    ticked = request.form.getlist(FIELDS)
    return [field.id for field in correctable(work, one) if field.id in ticked]


def asked_for(work: Work, db: Connection, one: Submission) -> list[Field]:
    """Return the fields that the person has been asked to correct, while it waits."""
    if one.status is not Status.CORRECTION_ASKED:
        return []
    asked = fields_to_correct(db, one)
    return [field for field in correctable(work, one) if field.id in asked]
