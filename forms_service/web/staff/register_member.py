"""One member of a register as staff see them: what fits, what lacks, what to ask."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import request
from werkzeug.exceptions import NotFound

from ...clock import from_utc_text
from ...definition import FormDefinition
from ...definition.contact import show_phone
from ...definition.options import Register
from ...i18n import Translator
from ...shapes.answer_summary import AnswerLine, read_answer
from ...store.connection import Connection
from ...store.filters import Chosen
from ...store.submissions import Status, Submission
from ...workflow.context import WorkflowContext
from ..core import WebContext
from .search import answers_of, chosen


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody of the register, as the page shows them.

    `fits` are the answers that fit, under the name of their field; `lacks` is the
    field that does not; `together` says what is still to be asked.
    """

    submission: Submission
    phone: str
    language: str
    contacted: date | None
    fits: Sequence[tuple[str, str]]
    lacks: str
    together: str
    shown: Sequence[AnswerLine]


@dataclass(frozen=True, slots=True)
class Asked:
    """What is looked for: the form with its register, and the answers chosen."""

    form: FormDefinition
    register: Register
    answers: tuple[str, ...]
    wanted: tuple[Chosen, ...]

    @property
    def query(self) -> dict[str, Any]:
        """The parts of an address that say the same."""
        return {"form_id": self.form.id, "risposta": self.answers}

    @property
    def list_query(self) -> dict[str, Any]:
        """The same as a filter of the list of requests."""
        answers = self.answers or None
        status = Status.ACCEPTED.value
        return {"stato": status, "modulo": self.form.id, "risposta": answers}


def asked(web: WebContext, form_id: str) -> Asked:
    """Return what an address asks for; raise `NotFound` where no register is kept."""
    form = web.context.form_today(form_id)
    if form is None or form.register is None:
        raise NotFound
    typed = request.values.getlist("risposta")
    answers = tuple(each for each, _ in answers_of(form) if each in typed)
    return Asked(form, form.register, answers, chosen(form, answers))


def member_of(
    web: WebContext,
    db: Connection,
    look: Asked,
    submission: Submission,
    lacks: Chosen | None,
    translator: Translator,
) -> Member:
    """Return a member as the page shows them; `lacks` is what they do not fit."""
    labels = dict(answers_of(look.form))
    given = {each.field: _given(each, submission) for each in look.wanted}
    fits = [
        (str(look.form.field(field).label), labels_of(each, labels))
        for field, each in given.items()
        if each.values
    ]
    last = submission.contacted_at
    zone = translator.zone
    return Member(
        submission,
        show_phone(submission.phone, translator) if submission.phone else "",
        web.translator(submission.lang).own_name,
        from_utc_text(last).astimezone(zone).date() if last else None,
        fits,
        _lacking(look, lacks, labels, translator),
        _together(look, given, labels, translator),
        _shown(web.context, db, look.register.show, submission, translator),
    )


def _given(wanted: Chosen, submission: Submission) -> Chosen:
    """Return what somebody has answered of what is wanted."""
    answer = submission.answers.get(wanted.field)
    answers = answer if isinstance(answer, list) else [str(answer)]
    given = tuple(value for value in wanted.values if value in answers)
    return Chosen(wanted.field, given, wanted.many)


def labels_of(each: Chosen, labels: dict[str, str]) -> str:
    """Return the chosen answers to a field in words."""
    return ", ".join(labels[f"{each.field}:{value}"] for value in each.values)


def _lacking(
    look: Asked, lacks: Chosen | None, labels: dict[str, str], translator: Translator
) -> str:
    if lacks is None:
        return ""
    label = look.form.field(lacks.field).label
    return f"{label}{translator.colon} {labels_of(lacks, labels)}"


def _together(
    look: Asked,
    given: dict[str, Chosen],
    labels: dict[str, str],
    translator: Translator,
) -> str:
    """Say what was asked apart: Tuesday and mornings are not yet Tuesday morning."""
    parts = [given[name] for name in look.register.together if name in given]
    if len(parts) < 2 or not all(each.values for each in parts):
        return ""
    said = [
        translator.gettext("{answer} yes", answer=_small(labels_of(each, labels)))
        for each in parts
    ]
    return translator.gettext(
        "{answers}: ask whether together", answers=", ".join(said)
    )


def _small(text: str) -> str:
    return text[:1].lower() + text[1:]


def _shown(
    context: WorkflowContext,
    db: Connection,
    field_ids: Sequence[str],
    submission: Submission,
    translator: Translator,
) -> list[AnswerLine]:
    form = context.form_of(db, submission, translator.lang)
    fields = {field.id: field for field in form.fields}
    return [
        read_answer(fields[name], submission.answers, translator)
        for name in field_ids
        if name in fields and name in submission.answers
    ]
