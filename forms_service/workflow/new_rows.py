"""A new request as a row: what is known before it has a turn to be stored, and after.

Who stores has everybody else waiting, so the draft is made before the transaction.
"""

import secrets
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from ..definition import FormDefinition, Role, type_of
from ..definition.contact import phone_end
from ..store.connection import Connection
from ..store.search import words_of
from ..store.submissions import Proof, Status
from ..tokens import ALPHABET
from . import capacity, mail_queue, publishing
from .context import WorkflowContext

REFERENCE_LENGTH = 8


Made = TypeVar("Made")


def made_ahead(make: Callable[[], Made]) -> Callable[[], Made]:
    """Return what gives the one made now, then another each time.

    A job that is run again, or whose reference somebody has, needs a second draft.
    """
    ready = [make()]
    return lambda: ready.pop() if ready else make()


def draft_row(
    context: WorkflowContext,
    form: FormDefinition,
    answers: Mapping[str, Any],
    status: Status,
    now: datetime,
) -> dict[str, Any]:
    """Return the columns of a new submission that need no database to be known.

    Each draft has a reference of its own.
    """
    reference = new_reference()
    return {
        "id": secrets.token_urlsafe(16),
        "reference": reference,
        "form_id": form.id,
        "fingerprint": form.fingerprint,
        "lang": form.lang,
        "text_hash": form.text_hash,
        "status": status,
        "proof": Proof.NONE,
        "answers": dict(answers),
        "created_at": now,
        "due_on": due_on(form, now.astimezone(context.zone).date()),
        "purge_after": context.retention_end(form, status, now, None),
        "link_expires_at": now + mail_queue.LINK_LIFE,
        "seats": capacity.seats_of(form, answers),
        **derived(form, answers, reference),
    }


def due_on(form: FormDefinition, received: date) -> date | None:
    """Return the last day on which an answer keeps what the form promises."""
    return form.answer_within.end(received) if form.answer_within else None


def new_row(
    context: WorkflowContext,
    db: Connection,
    form: FormDefinition,
    draft: Mapping[str, Any],
) -> dict[str, Any]:
    """Return the columns that every new submission has, whoever enters it.

    The place is given and the version kept here: raise `FormClosed` when there is no
    place and no line.
    """
    place, line = capacity.place_for(db, form, draft["seats"])
    publishing.keep_answered(context, db, form, draft["email"])
    return {**draft, "place": place, "line": line}


def derived(
    form: FormDefinition, answers: Mapping[str, Any], reference: str
) -> dict[str, Any]:
    """Return the columns that repeat answers, by role and for the search."""
    fields = {role.value: form.by_role(role) for role in Role}
    columns: dict[str, Any] = {
        role: field and answers.get(field.id) for role, field in fields.items()
    }
    # Of a delicate form nothing is searched but the reference and who sent it.
    names = [reference, columns["name"], columns["organisation"]]
    texts = [
        answers[field.id]
        for field in form.fields
        if type_of(field).searched and field.id in answers and not form.delicate
    ]
    end = phone_end(columns["phone"])
    search = words_of(names, texts, columns["email"], end)
    return columns | {"search": search, "phone_end": end}


def new_reference() -> str:
    """Return eight characters that can be read over the phone."""
    number = secrets.randbelow(len(ALPHABET) ** REFERENCE_LENGTH)
    powers = [len(ALPHABET) ** place for place in range(REFERENCE_LENGTH)]
    return "".join(ALPHABET[number // power % len(ALPHABET)] for power in powers)
