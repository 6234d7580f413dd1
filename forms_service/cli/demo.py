"""`demo`: invented rows, marked as such, for showing the service and for training.

They go through the same verbs as real ones. Their addresses end in a domain for which
no mail is ever queued.
"""

from itertools import cycle

import click

from ..definition import KEPT, Field, FormDefinition, Place, Role, clean, type_of
from ..store.events import EventVerb
from ..store.submissions import Seat, Status, Submission
from ..words import N_, Words
from ..workflow import deciding, maintenance, sending, verification
from ..workflow.capacity import Availability, FormClosed, availability_by_date
from ..workflow.mail_queue import INVENTED
from ..workflow.work import Work
from .opening import counted, opened, settings

ACTOR = "demo"
NAME = N_("Example {n}")
# What becomes of the rows in turn: unproven, to be examined, decided.
FATES = (None, "", "", EventVerb.ACCEPT, EventVerb.DECLINE, EventVerb.WITHDRAW)
DAY = "1990-01-31"
PHONE = "+39000{n:07d}"
CODE = "RSSMRA85T10A562S"


@click.command()
@click.argument("number", type=click.IntRange(1, 10_000), help="How many rows.")
def demo(number: int) -> None:
    """Add NUMBER invented submissions to the open forms.

    They are called "Example 1" and so on, and no mail is sent for them. Refused in
    production.
    """
    if settings().production:
        raise click.ClickException("invented rows have no place in production")
    with opened(create=True) as (_, work):
        maintenance.publish(work)
        now = work.clock()
        forms = [
            f
            for f in work.forms
            if availability_by_date(work, f, now) is Availability.OPEN
        ]
        if not forms:
            raise click.ClickException("no form is open today")
        added = 0
        turns = zip(range(1, number + 1), cycle(forms), strict=False)
        with click.progressbar(turns, length=number, label="Adding") as bar:
            for n, form in bar:
                added += _add(work, form, n)
    added_rows = counted(added, "invented submission")
    click.echo(f"{added_rows} in {counted(len(forms), 'form')}.")


def _add(work: Work, form: FormDefinition, n: int) -> bool:
    answers = invented(form, n, Words(form.lang, work.zone))
    key = sending.read_form_key(work, sending.new_form_key(work, form))
    try:
        one = sending.send(work, form, answers, key).submission
    except FormClosed:
        return False
    # Counted by turns of all forms, so that each form sees every fate.
    _decide(work, one, FATES[n // max(1, len(work.forms)) % len(FATES)])
    return True


def _decide(work: Work, one: Submission, fate: str | None) -> None:
    if fate is None:
        return
    if one.status is Status.UNVERIFIED:
        one = verification.confirm(work, one.id)
    if fate and not (fate == EventVerb.ACCEPT and one.place is Seat.WAITING):
        deciding.decide(work, one.id, EventVerb(fate), ACTOR)


def invented(form: FormDefinition, n: int, words: Words) -> dict[str, object]:
    """Return answers that pass the form's own validation and look invented."""
    typed: dict[str, list[str]] = {}
    for field in form.at(Place.WEB):
        typed.update(_typed(field, n, words))
    cleaned = clean(form, typed, Place.WEB)
    if not cleaned.ok:
        fields = ", ".join([*cleaned.errors, *cleaned.warnings])
        raise click.ClickException(f"{form.id}: cannot invent answers for {fields}")
    return cleaned.answers


def _typed(field: Field, n: int, words: Words) -> dict[str, list[str]]:
    match field.type:
        case "static":
            return {}
        case "date":
            first, last = field.limits.days(None)
            return type_of(field).raw(field, str(last or first or DAY))
        case "phone":
            # Nobody has such a number: the form doubts it, and it is kept.
            return {name: [PHONE.format(n=n)] for name in (field.id, field.id + KEPT)}
        case "declaration" | "acknowledgement":
            return {field.id: ["true"]}
        case "select" | "radio":
            return {field.id: [field.choices[n % len(field.choices)].id]}
        case "checkboxes":
            low, _ = field.limits.numbers()
            return {field.id: _several(field, n, low or 1)}
        case "number":
            low, high = field.limits.numbers()
            number = 1 + n % 3 if low is None else low
            return {field.id: [str(number if high is None else min(number, high))]}
    return {field.id: [_line(field, n, words)]}


def _several(field: Field, n: int, number: int) -> list[str]:
    choices = field.choices
    return [choices[(n + i) % len(choices)].id for i in range(number)]


def _line(field: Field, n: int, words: Words) -> str:
    match field.type:
        case "email":
            return f"{n}{INVENTED}"
        case "codice_fiscale":
            return CODE
    text = words.say(NAME, n=n)
    low, high = field.limits.numbers()
    if field.role is not Role.NAME and low:
        text = text.ljust(low, ".")
    return text[:high]
