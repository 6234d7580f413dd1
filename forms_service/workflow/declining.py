"""Why a request was declined: reasons of the form, and what staff add to its mail."""

import re

from ..definition import Text
from ..definition.options import DeclineReason
from ..mail import kinds
from ..mail.message import MailKind
from ..store import events
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.submissions import Submission
from .context import WorkflowContext

ADDITION_LENGTH = 600
# What a mail program makes a link of: an address with or without its beginning.
LINK = re.compile(
    r"://|\bwww\.|[\w-]\.(?:it|eu|com|org|net|info|gov|edu|me|ly|io)\b(?!\w)", re.I
)


def offered(
    context: WorkflowContext, submission: Submission
) -> tuple[DeclineReason, ...]:
    """Return the reasons of the form of today, in the language of staff."""
    form = context.form_today(submission.form_id)
    return form.reasons if form else ()


def labels(context: WorkflowContext, submission: Submission) -> dict[str, str]:
    """Return what staff call the reasons of a form, by their ids."""
    return {reason.id: reason.label for reason in offered(context, submission)}


def in_words(
    context: WorkflowContext, submission: Submission, ids: list[str]
) -> list[Text]:
    """Return what the person reads of reasons, in the language of the form sent.

    Reasons stand outside of the versions: what today's form no longer has is left out.
    """
    languages = context.content.forms.get(submission.form_id, {})
    form = languages.get(submission.lang) or context.form_today(submission.form_id)
    return [reason.text for reason in form.reasons if reason.id in ids] if form else []


def last_reasons(db: Connection, submission: Submission) -> list[str]:
    """Return the ids of the reasons of the last refusal."""
    happened = reversed(events.of_submission(db, submission.id))
    last = next((e for e in happened if e.verb == EventVerb.DECLINE), None)
    return list(last.detail.get("reasons", [])) if last else []


def reasons_in_mail(
    context: WorkflowContext, db: Connection, submission: Submission, kind: MailKind
) -> list[Text]:
    """Return the reasons that a mail gives: that of a refusal, and no other."""
    if kind is not kinds.declined:
        return []
    return in_words(context, submission, last_reasons(db, submission))


def may_add(context: WorkflowContext, submission: Submission) -> bool:
    """Say whether a mail may hold words of staff: one that goes, and may say much."""
    form = context.form_today(submission.form_id)
    return form is not None and not form.delicate and submission.proven
