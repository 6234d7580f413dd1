"""`demo`: invented rows, marked as such, for showing the service and for training.

They go through the same verbs as real ones. Their addresses end in a domain for which
no mail is ever queued.
"""

from itertools import cycle

import click

from ..definition import KEPT, Channel, FormDefinition, clean, type_of
from ..i18n import Translator
from ..store.events import EventVerb
from ..store.submissions import Seat, Status, Submission
from ..workflow import deciding, publishing, sending, verification
from ..workflow.capacity import Availability, FormClosed, availability_by_date
from ..workflow.context import WorkflowContext
from .setup import counted, open_data, settings

ACTOR = "demo"
# What becomes of the rows in turn: unproven, to be examined, decided.
FATES = (None, "", "", EventVerb.ACCEPT, EventVerb.DECLINE, EventVerb.WITHDRAW)


@click.command()
@click.argument("number", type=click.IntRange(1, 10_000), help="How many rows.")
def demo(number: int) -> None:
    """Add NUMBER invented submissions to the open forms.

    They are called "Example 1" and so on, and no mail is sent for them. Refused in
    production.
    """
    if settings().production:
        raise click.ClickException("invented rows have no place in production")
    with open_data(create=True) as (_, context):
        publishing.start(context, publish=False)
        now = context.clock()
        forms = [
            f
            for f in context.forms
            if availability_by_date(context, f, now) is Availability.OPEN
        ]
        if not forms:
            raise click.ClickException("no form is open today")
        added = 0
        turns = zip(range(1, number + 1), cycle(forms), strict=False)
        with click.progressbar(turns, length=number, label="Adding") as bar:
            for n, form in bar:
                added += _add(context, form, n)
    added_rows = counted(added, "invented submission")
    click.echo(f"{added_rows} in {counted(len(forms), 'form')}.")


def _add(context: WorkflowContext, form: FormDefinition, n: int) -> bool:
    answers = invented(form, n, Translator(form.lang, context.zone))
    key = sending.read_form_key(context, sending.new_form_key(context, form))
    try:
        submission = sending.send(context, form, answers, key).submission
    except FormClosed:
        return False
    # Counted by turns of all forms, so that each form sees every fate.
    _decide(context, submission, FATES[n // max(1, len(context.forms)) % len(FATES)])
    return True


def _decide(context: WorkflowContext, submission: Submission, fate: str | None) -> None:
    if fate is None:
        return
    if submission.status is Status.UNVERIFIED:
        submission = verification.confirm(context, submission.id)
    if fate and not (fate == EventVerb.ACCEPT and submission.place is Seat.WAITING):
        deciding.decide(context, submission.id, EventVerb(fate), ACTOR)


def invented(form: FormDefinition, n: int, translator: Translator) -> dict[str, object]:
    """Return answers that pass the form's own validation and look invented."""
    typed: dict[str, list[str]] = {}
    for field in form.at(Channel.WEB):
        sample = type_of(field).sample(field, n, translator)
        # What is doubted, such as a phone number that nobody has, is kept.
        typed |= sample | {name + KEPT: values for name, values in sample.items()}
    cleaned = clean(form, typed, Channel.WEB)
    if not cleaned.ok:
        fields = ", ".join([*cleaned.errors, *cleaned.warnings])
        raise click.ClickException(f"{form.id}: cannot invent answers for {fields}")
    return cleaned.answers
