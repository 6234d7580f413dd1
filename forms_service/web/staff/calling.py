"""Who asked to be told the outcome by phone: the form says which answer means it."""

from ...definition.conditions import holds
from ...store.submissions import Submission
from ...workflow.work import Work


def asks_for_call(work: Work, one: Submission) -> bool:
    """Say whether a person asked to be called; of a form of the past nobody did."""
    form = work.form_today(one.form_id)
    if form is None or form.call_when is None:
        return False
    return holds(form.call_when, one.answers)
