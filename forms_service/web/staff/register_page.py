"""The register: who can help, with the answers that fit, and whom to ask first."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from ...clock import from_utc_text
from ...definition import FormDefinition
from ...definition.contact import show_phone
from ...definition.options import Register
from ...i18n import N_, Translator
from ...shapes.answer_summary import AnswerLine, read_answer
from ...shapes.table.columns import Cell, Column
from ...shapes.table.spreadsheet import FORMATS
from ...store import events
from ...store.connection import Connection
from ...store.events import EventVerb
from ...store.queue import Chosen
from ...store.submissions import Status, Submission
from ...workflow import bulk, membership
from ...workflow.context import WorkflowContext
from ...workflow.exporting import Reason, file_name
from ...workflow.membership import Matches
from ..core import ErrorPage, WebContext
from ..core.context import download
from . import session
from .choosing import OF_MEMBERS, choosing
from .layout import show, staff_translator
from .search import EVERYTHING, answers_of, chosen, filterable

# Rows on one page; all of them are in the table that is taken out.
SHOWN = 100
_HEADERS = (
    N_("Name"),
    N_("Phone"),
    N_("Email address"),
    N_("Language"),
    N_("Last contact"),
)


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
class _Asked:
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


def asked(web: WebContext, form_id: str) -> _Asked:
    """Return what an address asks for; raise `NotFound` where no register is kept."""
    form = web.context.form_today(form_id)
    if form is None or form.register is None:
        raise NotFound
    typed = request.values.getlist("risposta")
    answers = tuple(each for each, _ in answers_of(form) if each in typed)
    return _Asked(form, form.register, answers, chosen(form, answers))


def register_page(
    web: WebContext, form_id: str, error_page: ErrorPage | None = None
) -> Response:
    """Show who fits, who nearly does, and what to choose from."""
    look, translator = asked(web, form_id), staff_translator(web)
    actor = session.actor()
    found = membership.search(web.context, form_id, look.wanted, actor)
    labels = dict(answers_of(look.form))
    return show(
        web,
        "staff/register.html",
        error_page.status if error_page else 200,
        error_page=error_page,
        look=look,
        fields=filterable(look.form),
        choices=answers_of(look.form),
        sought=[
            (field.label, _labels(each, labels))
            for each in look.wanted
            for field in [look.form.field(each.field)]
        ],
        everything=EVERYTHING,
        total=len(found.hits),
        all=" ".join(bulk.token(hit) for hit in found.hits[: bulk.MOST]),
        **choosing(len(found.hits), None, OF_MEMBERS),
        **web.context.store.read(lambda db: _members(web, db, look, found, translator)),
    )


def register_again(web: WebContext, error: Exception, form_id: str) -> Response:
    """Show the page once more, and why no table was handed out."""
    return register_page(web, form_id, session.describe_error(web, error))


def _members(
    web: WebContext,
    db: Connection,
    look: _Asked,
    found: Matches,
    translator: Translator,
) -> dict[str, Any]:
    def row(submission: Submission, lacks: Chosen | None = None) -> Member:
        return _member(web, db, look, submission, lacks, translator)

    return {
        "found": found,
        "hits": [row(hit) for hit in found.hits[:SHOWN]],
        "near": [row(hit, lacks) for hit, lacks in found.near],
        "paused": [(hit, date.fromisoformat(hit.paused_until)) for hit in found.paused],
    }


def _member(
    web: WebContext,
    db: Connection,
    look: _Asked,
    submission: Submission,
    lacks: Chosen | None,
    translator: Translator,
) -> Member:
    labels = dict(answers_of(look.form))
    given = {each.field: _given(each, submission) for each in look.wanted}
    fits = [
        (str(look.form.field(field).label), _labels(each, labels))
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


def _labels(each: Chosen, labels: dict[str, str]) -> str:
    return ", ".join(labels[f"{each.field}:{value}"] for value in each.values)


def _lacking(
    look: _Asked, lacks: Chosen | None, labels: dict[str, str], translator: Translator
) -> str:
    if lacks is None:
        return ""
    label = look.form.field(lacks.field).label
    return f"{label}{translator.colon} {_labels(lacks, labels)}"


def _together(
    look: _Asked,
    given: dict[str, Chosen],
    labels: dict[str, str],
    translator: Translator,
) -> str:
    """Say what was asked apart: Tuesday and mornings are not yet Tuesday morning."""
    parts = [given[name] for name in look.register.together if name in given]
    if len(parts) < 2 or not all(each.values for each in parts):
        return ""
    said = [
        translator.gettext("{answer} yes", answer=_small(_labels(each, labels)))
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


def take_table(web: WebContext, form_id: str) -> ResponseReturnValue:
    """Hand out who fits as a table: the columns of the page, and no others."""
    look, translator = asked(web, form_id), staff_translator(web)
    context, actor = web.context, session.actor()
    found = membership.search(context, form_id, look.wanted, actor)

    def read(db: Connection) -> list[Member]:
        return [_member(web, db, look, hit, None, translator) for hit in found.hits]

    members = context.store.read(read)
    about = {
        "form": form_id,
        "format": "xlsx",
        "count": len(members),
        "reason": Reason.HANDLING.value,
        "fields": [each.field for each in look.wanted],
    }
    context.store.write(
        lambda db: events.record(
            db, context.clock(), actor, EventVerb.EXPORT, None, about
        )
    )
    columns = _columns(look, translator)
    cells = [list(column) for column in zip(*map(_cells(look), members), strict=True)]
    wanted = FORMATS["xlsx"]
    title = str(look.register.name)
    chunks = wanted.write(
        columns, [cells] if members else [], translator, title, len(members)
    )
    return download(chunks, wanted.media_type, file_name(context, form_id, "xlsx"))


def _columns(look: _Asked, translator: Translator) -> list[Column]:
    fields = [each.field for each in look.wanted]
    fields += [name for name in look.register.show if name not in fields]
    return [
        *(Column(header, translator.gettext(header)) for header in _HEADERS),
        *(Column(name, str(look.form.field(name).label)) for name in fields),
    ]


def _cells(look: _Asked) -> Any:
    asked_for = [str(look.form.field(each.field).label) for each in look.wanted]
    extra = [
        name
        for name in look.register.show
        if name not in {each.field for each in look.wanted}
    ]

    def cells(member: Member) -> list[Cell]:
        row, fits = member.submission, dict(member.fits)
        shown = {line.field.id: ", ".join(line.lines) for line in member.shown}
        return [
            row.name or "",
            row.phone or "",
            row.email or "",
            member.language,
            member.contacted.isoformat() if member.contacted else "",
            *(fits.get(label, "") for label in asked_for),
            *(shown.get(name, "") for name in extra),
        ]

    return cells
