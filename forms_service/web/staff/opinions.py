"""What people thought of the service, form by form; nothing leads to a person."""

from flask.typing import ResponseReturnValue

from ...shapes import naming
from ...store import feedback
from ..page import Page
from .frame import show
from .queue import title_of


def opinions(page: Page) -> ResponseReturnValue:
    """Show stars, choices and texts of every form that has some."""
    found = page.work.store.read(feedback.totals)
    listed = [(title_of(page.work, form_id), found[form_id]) for form_id in found]
    labels = {**naming.HARDEST, **naming.BEST}
    return show(page, "staff/opinions.html", listed=listed, labels=labels)
