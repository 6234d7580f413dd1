"""What staff must not overlook in a request: doubtful answers, a wish to be called."""

from ...definition import Channel, Field, clean, raw_of, type_of
from ...definition.conditions import holds
from ...i18n import Translator
from ...store.connection import Connection
from ...store.submissions import Source, Submission
from ...workflow.context import WorkflowContext


def channel_of(submission: Submission) -> Channel:
    """Return where the person met the form: staff also fill in what paper asks."""
    online = submission.source in (Source.WEB, Source.PDF)
    return Channel.WEB if online else Channel.DESK


def to_check(
    context: WorkflowContext,
    db: Connection,
    submission: Submission,
    translator: Translator,
) -> list[Field]:
    """Return doubtful answers from a document, such as days of expiry that are over."""
    form = context.form_of(db, submission, translator.lang)
    fields = [f for f in form.fields if f.expires or type_of(f).on_document]
    if not any(field.id in submission.answers for field in fields):
        return []
    # What was kept in spite of a doubt is doubted again: nobody says so this time.
    doubted = clean(
        form, raw_of(form, submission.answers), channel_of(submission), context.today
    ).warnings
    return [field for field in fields if field.id in doubted]


def asks_for_call(context: WorkflowContext, submission: Submission) -> bool:
    """Say whether a person asked to be called; of a form of the past nobody did."""
    form = context.form_today(submission.form_id)
    if form is None or form.call_when is None:
        return False
    return holds(form.call_when, submission.answers)
