"""What was read when somebody decides: the revision that a page showed.

It counts the changes of a submission. Who decides on a page names the revision of that
page; when it is no longer the one that is stored, nothing is done, and the page says
what has happened since.
"""

from ..store import events, submissions
from ..store.connection import Connection
from ..store.events import WITHOUT_CHANGE, AuditEvent
from ..store.submissions import Submission


class RevisionConflict(Exception):
    """The submission has changed since the page was made that decides about it."""


def as_read(db: Connection, submission_id: str, revision: int | None) -> Submission:
    """Return a submission inside the transaction that changes it.

    Raise `NotFound`, or `RevisionConflict` when it is not as the actor has read it.
    None is for what rests on no answer: the person withdraws, a command decides.
    """
    submission = submissions.get(db, submission_id)
    if revision not in (None, submission.revision):
        raise RevisionConflict(submission_id)
    return submission


def changes_since(
    db: Connection, submission_id: str, revision: int
) -> list[AuditEvent]:
    """Return what has changed a submission since a revision, oldest first."""
    happened = events.of_submission(db, submission_id)
    return [event for event in happened if event.verb not in WITHOUT_CHANGE][revision:]
