"""The corrections of one request: when, and what was changed by each."""

from dataclasses import dataclass, replace
from datetime import datetime

from ...shapes.difference import Change, changes
from ...store import submissions
from ...store.connection import Connection
from ...store.submissions import Submission
from ...words import Words
from ...workflow.work import Work


@dataclass(frozen=True, slots=True)
class Correction:
    """One correction: its moment and the answers it changed."""

    at: datetime
    changes: list[Change]


def corrections(
    work: Work, db: Connection, one: Submission, words: Words
) -> list[Correction]:
    """Return what each correction has changed, newest first."""
    newer = (work.form_of(db, one, words.lang), one.answers)
    found = []
    for old in reversed(submissions.revisions(db, one.id)):
        then = replace(
            one, fingerprint=old.fingerprint, lang=old.lang, text_hash=old.text_hash
        )
        older = (work.form_of(db, then, words.lang), old.answers)
        found.append(Correction(old.replaced_at, changes(older, newer, words)))
        newer = older
    return found
