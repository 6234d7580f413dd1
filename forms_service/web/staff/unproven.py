"""What came with an address that nobody proved, by form and hour, to be discarded."""

from datetime import UTC, datetime

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from ...store import flood
from ...store.flood import Hour
from ...workflow import discarding
from ..core import WebContext
from . import session
from .layout import show, staff_translator, title_of

SHOWN = 100


def unproven_page(web: WebContext) -> ResponseReturnValue:
    """List the hours, or with `modulo` and `ora` what came in one of them."""
    hours = web.context.store.read(flood.hours)
    form_id, begins = request.args.get("modulo", ""), request.args.get("ora", "")
    chosen = next(
        (h for h in hours if (h.form_id, h.begins) == (form_id, begins)), None
    )
    rows = []
    if chosen:
        rows = web.context.store.read(lambda db: flood.of_hour(db, chosen, SHOWN))
    translator = staff_translator(web)
    return show(
        web,
        "staff/unproven.html",
        hours=[
            (
                hour,
                title_of(web.context, hour.form_id),
                translator.format_datetime(_at(hour)),
            )
            for hour in ([chosen] if chosen else hours)
        ],
        chosen=chosen,
        rows=rows,
    )


def _at(hour: Hour) -> datetime:
    return datetime.fromisoformat(f"{hour.begins}:00").replace(tzinfo=UTC)


def discard(web: WebContext) -> ResponseReturnValue:
    """Erase what was shown of an hour, and say how much it was."""
    typed = [request.form.get(name, "") for name in ("modulo", "ora", "ultima")]
    if not typed[2].isascii() or not typed[2].isdecimal() or len(typed[2]) > 15:
        raise NotFound
    hour = Hour(typed[0], typed[1], 0, int(typed[2]))
    number = discarding.discard(web.context, hour, session.actor())
    flash(
        staff_translator(web).ngettext(
            "{n} request is discarded.", "{n} requests are discarded.", number
        )
    )
    return redirect(url_for("staff.unproven"), 303)
