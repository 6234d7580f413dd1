"""The register: who can help, with the answers that fit, and whom to ask first."""

from datetime import date
from typing import Any

from flask import Response
from flask.typing import ResponseReturnValue

from ...i18n import N_, Translator
from ...shapes.table.columns import Cell, Column
from ...shapes.table.spreadsheet import FORMATS
from ...store import events
from ...store.connection import Connection
from ...store.events import EventVerb
from ...store.filters import Chosen
from ...store.submissions import Submission
from ...workflow import bulk, membership
from ...workflow.exporting import Reason, file_name
from ...workflow.membership import Matches
from ..core import ErrorPage, WebContext
from ..core.responses import download
from . import session
from .choosing import OF_MEMBERS, choosing
from .layout import show, staff_translator
from .register_member import Asked, Member, asked, labels_of, member_of
from .search import EVERYTHING, answers_of, filterable

# Rows on one page; all of them are in the table that is taken out.
SHOWN = 100
_HEADERS = (
    N_("Name"),
    N_("Phone"),
    N_("Email address"),
    N_("Language"),
    N_("Last contact"),
)


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
        error_page=error_page,
        look=look,
        fields=filterable(look.form),
        choices=answers_of(look.form),
        sought=[
            (field.label, labels_of(each, labels))
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
    look: Asked,
    found: Matches,
    translator: Translator,
) -> dict[str, Any]:
    def row(submission: Submission, lacks: Chosen | None = None) -> Member:
        return member_of(web, db, look, submission, lacks, translator)

    return {
        "found": found,
        "hits": [row(hit) for hit in found.hits[:SHOWN]],
        "near": [row(hit, lacks) for hit, lacks in found.near],
        "paused": [(hit, date.fromisoformat(hit.paused_until)) for hit in found.paused],
    }


def take_table(web: WebContext, form_id: str) -> ResponseReturnValue:
    """Hand out who fits as a table: the columns of the page, and no others."""
    look, translator = asked(web, form_id), staff_translator(web)
    context, actor = web.context, session.actor()
    found = membership.search(context, form_id, look.wanted, actor)

    def read(db: Connection) -> list[Member]:
        return [member_of(web, db, look, hit, None, translator) for hit in found.hits]

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


def _columns(look: Asked, translator: Translator) -> list[Column]:
    fields = [each.field for each in look.wanted]
    fields += [name for name in look.register.show if name not in fields]
    return [
        *(Column(header, translator.gettext(header)) for header in _HEADERS),
        *(Column(name, str(look.form.field(name).label)) for name in fields),
    ]


def _cells(look: Asked) -> Any:
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
