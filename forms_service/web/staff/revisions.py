"""What corrections have changed, and what has happened since a page was made."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from ...i18n import Translator
from ...shapes.answer_summary import Change, changes
from ...store import staff, submissions
from ...store.connection import Connection
from ...store.events import EventVerb
from ...store.staff import Note
from ...store.submissions import Submission
from ...workflow.context import WorkflowContext
from ...workflow.transitions import changes_since
from .history import HistoryLine, history_lines


@dataclass(frozen=True, slots=True)
class Correction:
    """One correction: its moment and the answers it changed."""

    at: datetime
    changes: list[Change]


@dataclass(frozen=True, slots=True)
class UnreadChanges:
    """What somebody who decides has not read: who did what, answers, notes."""

    history: Sequence[HistoryLine] = ()
    corrections: Sequence[Correction] = ()
    notes: Sequence[Note] = ()


def corrections(
    context: WorkflowContext,
    db: Connection,
    submission: Submission,
    translator: Translator,
) -> list[Correction]:
    """Return what each correction has changed, newest first."""
    newer = (context.form_of(db, submission, translator.lang), submission.answers)
    found = []
    for old in reversed(submissions.revisions(db, submission.id)):
        then = replace(
            submission,
            fingerprint=old.fingerprint,
            lang=old.lang,
            text_hash=old.text_hash,
        )
        older = (context.form_of(db, then, translator.lang), old.answers)
        found.append(Correction(old.replaced_at, changes(older, newer, translator)))
        newer = older
    return found


def news(
    context: WorkflowContext,
    db: Connection,
    submission: Submission,
    shown: int,
    translator: Translator,
) -> UnreadChanges:
    """Return what has changed since the revision that a page showed."""
    happened = changes_since(db, submission.id, shown)
    if not happened:
        return UnreadChanges()
    members = {member.id: member.email for member in staff.everyone(db)}
    corrected = sum(event.verb == EventVerb.CORRECT for event in happened)
    return UnreadChanges(
        history_lines(happened, members, translator),
        corrections(context, db, submission, translator)[:corrected],
        [
            note
            for note in staff.notes(db, submission.id)
            if note.created_at >= happened[0].at
        ],
    )
