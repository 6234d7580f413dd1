"""What somebody who has a request open does not know yet: changes, and who else reads.

No script is needed: each page says it when it is made.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from ...i18n import Translator
from ...store import events, notes, staff
from ...store.connection import Connection
from ...store.notes import Note
from ...store.submissions import Submission
from ...workflow import declining
from ...workflow.context import WorkflowContext
from ...workflow.transitions import changes_since
from ..core import WebContext
from . import session
from .history import Correction, HistoryLine, corrections, history_lines, who
from .layout import staff_translator

# Who has opened it for so long, and nothing else since, may be about to decide too.
AT_IT = timedelta(minutes=10)


@dataclass(frozen=True, slots=True)
class UnreadChanges:
    """What was not read yet: who did what, answers, notes; and who looks at it too."""

    history: Sequence[HistoryLine] = ()
    corrections: Sequence[Correction] = ()
    notes: Sequence[Note] = ()
    watchers: Sequence[str] = ()


def unread(
    web: WebContext, submission: Submission, shown: int | None = None
) -> UnreadChanges:
    """Return what has changed since the revision that a page showed, if it showed one.

    And which colleagues are looking at the request now.
    """
    since = submission.revision if shown is None else shown
    return web.context.store.read(
        lambda db: _unread(web.context, db, submission, since, staff_translator(web))
    )


def _unread(
    context: WorkflowContext,
    db: Connection,
    submission: Submission,
    since: int,
    translator: Translator,
) -> UnreadChanges:
    members = {member.id: member.email for member in staff.everyone(db)}
    watchers = _watchers(context, db, submission, members, translator)
    happened = changes_since(db, submission.id, since)
    if not happened:
        return UnreadChanges(watchers=watchers)
    corrected = sum(event.verb in events.REPLACING for event in happened)
    return UnreadChanges(
        history_lines(
            happened, members, translator, declining.labels(context, submission)
        ),
        corrections(context, db, submission, translator)[:corrected],
        [
            note
            for note in notes.of_submission(db, submission.id)
            if note.created_at >= happened[0].at
        ],
        watchers,
    )


def _watchers(
    context: WorkflowContext,
    db: Connection,
    submission: Submission,
    members: Mapping[int, str],
    translator: Translator,
) -> list[str]:
    now = context.clock()
    found = events.readers(db, submission.id, now - AT_IT)
    return [
        translator.gettext(
            "{who} is looking at it too, for {minutes}.",
            who=who(actor, members, translator),
            minutes=translator.ngettext(
                "{n} minute",
                "{n} minutes",
                max(1, int((now - since).total_seconds() // 60)),
            ),
        )
        for actor, since in found.items()
        if actor != session.actor()
    ]
