"""What is stored of a form, read as staff read it."""

from forms_service.store.connection import Connection
from forms_service.store.filters import Filter
from forms_service.store.queue import queue
from forms_service.store.submissions import Submission

MOST = 10_000


def rows_of(db: Connection, form_id: str) -> list[Submission]:
    """Return the submissions of a form in order of arrival."""
    return queue(db, Filter(form_id, oldest_first=True), MOST)
