"""Whether all is well, in words: what is raised, what to do, and what is normal."""

import shutil
from collections.abc import Iterator
from datetime import datetime, timedelta

from flask.typing import ResponseReturnValue

from ...i18n import N_, Translator
from ...store import outbox, removal, sealing
from ...store.connection import Connection
from ...workflow.alarm_watch import LAST_COPY
from ..core import WebContext
from .layout import show, staff_translator

SOON = timedelta(days=7)
# More are not counted: "more than" says enough.
MANY = 999

Fact = tuple[str, str]


def health_page(web: WebContext) -> ResponseReturnValue:
    """Show the alarms with what to do about each, and the facts behind them."""
    translator = staff_translator(web)
    facts = web.context.store.read(lambda db: list(_stored(web, db, translator)))
    return show(
        web,
        "staff/health.html",
        raised=web.alarms.all(),
        undelivered=web.context.store.read(outbox.totals)["failed"],
        facts=[*facts, *_of_machine(web, translator)],
    )


def _stored(web: WebContext, db: Connection, translator: Translator) -> Iterator[Fact]:
    number = translator.format_number
    totals, since = outbox.totals(db), outbox.waits_since(db)
    yield (
        N_("Emails to be sent"),
        translator.gettext(
            "waiting: {waiting}, given up: {failed}, held: {held}",
            **{name: number(totals[name]) for name in ("waiting", "failed", "held")},
        ),
    )
    if since:
        yield N_("The first email waits since"), translator.format_datetime(since)
    due = removal.count_due(db, web.context.destroying() + SOON, MANY + 1)
    said = f"> {number(MANY)}" if due > MANY else number(due)
    yield N_("Requests to be erased in the next 7 days"), said
    if restored := sealing.restored(db):
        at, about = restored
        yield (
            N_("A copy was put back"),
            translator.gettext(
                "{moment}; erased again: {erased}, emails held: {held}",
                moment=translator.format_datetime(at),
                erased=number(about.get("erased", 0)),
                held=number(about.get("held", 0)),
            ),
        )
    head, (unsealed, _) = sealing.head(db), sealing.waiting(db)
    yield (
        N_("Log of what was done"),
        translator.gettext(
            "sealed up to entry {entry}, not yet sealed: {n}",
            entry=number(head.number),
            n=number(unsealed),
        ),
    )


def _of_machine(web: WebContext, translator: Translator) -> Iterator[Fact]:
    folder, content = web.config.data_dir, web.context.content
    keeper = web.context.timekeeper
    if keeper and keeper.line.apart:
        told = {"clock": keeper.line.system, "running": keeper.line.destroying}
        yield (
            N_("System clock"),
            translator.gettext(
                "it says {clock}; by running time it is {running}",
                **{name: translator.format_datetime(at) for name, at in told.items()},
            ),
        )
    free = shutil.disk_usage(folder).free
    yield N_("Free disk"), translator.format_size(free)
    copy = folder / LAST_COPY
    made = translator.gettext("none was made here yet")
    if copy.exists():
        moment = datetime.fromtimestamp(copy.stat().st_mtime, translator.zone)
        made = translator.format_datetime(moment)
    yield N_("Last copy of the data"), made
    pending = [
        web.translator(lang).own_name
        for lang, project in content.projects.items()
        if project.review.pending
    ]
    if pending:
        yield (
            N_("Languages that nobody has checked yet"),
            translator.format_list(pending),
        )
