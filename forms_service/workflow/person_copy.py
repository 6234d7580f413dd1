"""Everything that is held about a request, as its sender may ask for it.

Who of the staff did what is not told: they are persons too.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from ..clock import utc_text
from ..definition import Answer, FormDefinition, shown
from ..i18n import Translator
from ..mail.kinds import KINDS
from ..store import (
    attachments,
    contacts,
    events,
    meetings,
    notes,
    outbox,
    replies,
    revisions,
)
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.submissions import Submission
from .context import WorkflowContext


def told(
    form: FormDefinition, submission: Submission, translator: Translator
) -> dict[str, Any]:
    """Return what the person has told us, and where it stands."""
    return {
        "reference": submission.reference,
        "form": {"id": form.id, "title": form.title, "version": form.version},
        "language": submission.lang,
        "state": submission.status,
        "sent_at": submission.created_at.isoformat(),
        "address_confirmed_at": submission.verified_at
        and submission.verified_at.isoformat(),
        "decided_at": submission.decided_at and submission.decided_at.isoformat(),
        "erased_after": submission.purge_after.isoformat(),
        "answers": _answers(form, submission.answers, translator),
    }


def _answers(
    form: FormDefinition, answers: Mapping[str, Answer], translator: Translator
) -> list[dict[str, Any]]:
    return [
        {
            "id": field.id,
            "label": field.label,
            "value": answers[field.id],
            "text": "\n".join(shown(field, answers[field.id], translator)),
        }
        for field in form.fields
        if field.id in answers
    ]


def held(
    context: WorkflowContext,
    db: Connection,
    submission: Submission,
    translator: Translator,
) -> dict[str, Any]:
    """Return that and all else, by table; entries begin with their moment."""
    form = context.form_of(db, submission, translator.lang)
    about = submission.id
    return {
        **told(form, submission, translator),
        "channel": submission.source,
        "received_on": submission.received_on,
        "identity_proven_by": submission.proof,
        "sent_by_a_helper": submission.on_behalf_of,
        "place": submission.place,
        "answer_due_on": submission.due_on and submission.due_on.isoformat(),
        "stays_since": submission.renewed_at and submission.renewed_at.isoformat(),
        "not_available_until": submission.paused_until or None,
        "earlier_answers": _earlier(context, db, submission, translator),
        "notes": [
            {"at": utc_text(note.created_at), "text": note.text}
            for note in notes.of_submission(db, about)
        ],
        "contacts": [
            {"at": utc_text(c.at), "how": c.means, "said": c.outcome, "for": c.purpose}
            for c in contacts.of_submission(db, about)
        ],
        "meetings": [
            {"at": meeting.day.isoformat(), "title": meeting.title, "present": present}
            for meeting, present in meetings.of_submission(db, about)
        ],
        "emails": _emails(db, about, translator),
        "replies": [
            {
                "at": utc_text(reply.received_at),
                "from": reply.sender,
                "subject": reply.subject,
                "text": reply.text,
            }
            for reply in replies.of_submission(db, about)
        ],
        "scans": [
            {"at": utc_text(s.added_at), "kind": s.kind, "pages": s.pages}
            for s in attachments.of_submission(db, about)
        ],
        "history": [
            {
                "at": utc_text(event.at),
                "what": translator.gettext(events.label_of(event.verb)),
                "by": event.actor.partition(":")[0],
            }
            for event in events.of_submission(db, about)
        ],
    }


def _earlier(
    context: WorkflowContext,
    db: Connection,
    submission: Submission,
    translator: Translator,
) -> list[dict[str, Any]]:
    found = []
    for old in revisions.of_submission(db, submission.id):
        then = replace(
            submission,
            fingerprint=old.fingerprint,
            lang=old.lang,
            text_hash=old.text_hash,
        )
        form = context.form_of(db, then, translator.lang)
        answers = _answers(form, old.answers, translator)
        found.append({"at": utc_text(old.replaced_at), "answers": answers})
    return found


def _emails(
    db: Connection, submission_id: str, translator: Translator
) -> list[dict[str, Any]]:
    return [
        {
            "at": utc_text(mail.created_at),
            "about": translator.gettext(kind.label) if kind else mail.kind,
            "to": mail.email,
            "added": mail.addition or None,
            "sent_at": mail.sent_at and utc_text(mail.sent_at),
        }
        for mail in outbox.of_submission(db, submission_id)
        # Of a newer program beside this one, or before it.
        for kind in [KINDS.get(mail.kind)]
    ]


def log_copy(
    context: WorkflowContext, submission: Submission, actor: str, **about: str
) -> None:
    """Log that a copy was made for the person: as what, and how they were known."""
    about["form"] = submission.form_id
    context.store.write(
        lambda db: events.record(
            db, context.clock(), actor, EventVerb.EXPORT, submission.id, about
        )
    )
