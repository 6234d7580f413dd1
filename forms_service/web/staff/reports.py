"""Reports for the funder: looked at first, fixed once, printed or taken as a table."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from ...definition import FormDefinition
from ...i18n import N_, Translator, own_name
from ...shapes import sentences
from ...shapes.table.columns import CellKind, Column
from ...shapes.table.spreadsheet import FORMATS
from ...store import reports as report_rows
from ...store.reports import StoredReport
from ...workflow import reports
from ...workflow.reports import NO_ANSWER
from ...workflow.suppression import SMALL, Period, TooFew
from ..core import WebContext
from ..core.responses import download
from . import session
from .layout import show, staff_translator, title_of

TITLES = {
    "source": N_("How they came in"),
    "lang": N_("Language of the person"),
    "status": N_("Where they stand on that day"),
}
HIDDEN = N_("hidden")


@dataclass(frozen=True, slots=True)
class Table:
    """One table of a report: its title, and labels with a count or None."""

    title: str
    cells: list[tuple[str, int | None]]


def reports_page(web: WebContext) -> Response:
    """List what is fixed, and look at a report before it is."""
    context, translator = web.context, staff_translator(web)
    form = context.form_today(request.args.get("modulo", ""))
    whole = reports.quarters(context.today)
    chosen = _chosen(request.args)
    seen, too_few = None, False
    if form and chosen:
        try:
            seen = reports.preview(context, form, chosen)
        except TooFew:
            too_few = True
        except ValueError:
            chosen = None
    return show(
        web,
        "staff/reports.html",
        forms=[(each, title_of(context, each)) for each in context.content.forms],
        form=form,
        quarters=[
            (begins, ends, quarter_name(begins, translator)) for begins, ends in whole
        ],
        chosen=chosen,
        period=period_name(chosen, translator) if chosen else "",
        too_few=too_few,
        backwards=_backwards(request.args),
        seen=seen,
        tables=[*_tables(form, seen, translator)] if form and seen else [],
        small=SMALL,
        fixed=[
            (report, title_of(context, report.form_id), _period(report, translator))
            for report in context.store.read(report_rows.every)
        ],
    )


def fix_report(web: WebContext) -> ResponseReturnValue:
    """Fix a report; what cannot be is shown with the reason."""
    form = web.context.form_today(request.form.get("modulo", ""))
    chosen = _chosen(request.form)
    if form is None or chosen is None:
        raise NotFound
    try:
        report = reports.fix(web.context, form, chosen, session.actor())
    except ValueError:
        raise NotFound from None
    except TooFew:
        begins, ends = chosen
        here = url_for("staff.reports", modulo=form.id, dal=begins, al=ends)
        return redirect(here, 303)
    flash(N_("The report is fixed: from now on it reads like this."))
    return redirect(url_for("staff.report", report=report.id), 303)


def report_page(web: WebContext, report: int) -> Response:
    """Show a report that is fixed, to be printed."""
    stored, translator = _stored(web, report), staff_translator(web)
    form = web.context.form_today(stored.form_id)
    return show(
        web,
        "staff/report.html",
        report=stored,
        title=title_of(web.context, stored.form_id),
        period=_period(stored, translator),
        tables=[*_tables(form, stored.figures, translator)],
        small=SMALL,
    )


def report_table(web: WebContext, report: int) -> Response:
    """Hand out a report that is fixed as a workbook."""
    stored, translator = _stored(web, report), staff_translator(web)
    form = web.context.form_today(stored.form_id)
    title = f"{title_of(web.context, stored.form_id)} {_period(stored, translator)}"
    _ = translator.gettext
    rows = [
        (table.title, label, _(HIDDEN) if number is None else number)
        for table in _tables(form, stored.figures, translator)
        for label, number in table.cells
    ]
    rows.insert(0, (_("Requests received and confirmed"), "", stored.figures["total"]))
    columns = [
        Column("table", _("Table")),
        Column("cell", _("Entry")),
        Column("number", _("Number"), CellKind.NUMBER),
    ]
    kind = FORMATS["xlsx"]
    chunks = kind.write(
        columns, [list(zip(*rows, strict=True))], translator, title, len(rows)
    )
    name = f"{stored.form_id}-{stored.begins}-{stored.ends}{kind.suffix}"
    return download(chunks, kind.media_type, name)


def _stored(web: WebContext, number: int) -> StoredReport:
    found = web.context.store.read(lambda db: report_rows.get(db, number))
    if found is None:
        raise NotFound
    return found


def _chosen(typed: Mapping[str, str]) -> Period | None:
    """Return the period from the first quarter to the end of the last."""
    found = _typed(typed)
    return found if found and found[0] < found[1] else None


def _backwards(typed: Mapping[str, str]) -> bool:
    found = _typed(typed)
    return bool(found) and _chosen(typed) is None


def _typed(typed: Mapping[str, str]) -> Period | None:
    try:
        begins, ends = (
            date.fromisoformat(typed.get(name, "")) for name in ("dal", "al")
        )
    except ValueError:
        return None
    return begins, ends


def quarter_name(begins: date, translator: Translator) -> str:
    """Return how a quarter is called: "gennaio – marzo 2030"."""
    return period_name((begins, _end_of_quarter(begins)), translator)


def _end_of_quarter(begins: date) -> date:
    return (begins + timedelta(days=92)).replace(day=1)


def _period(report: StoredReport, translator: Translator) -> str:
    return period_name((report.begins, report.ends), translator)


def period_name(period: Period, translator: Translator) -> str:
    """Return the first and the last month of a period."""
    begins, ends = period
    last = ends - timedelta(days=1)
    return f"{translator.format_month(begins)} – {translator.format_month(last)}"


def _tables(
    form: FormDefinition | None, figures: Mapping[str, Any], translator: Translator
) -> Iterator[Table]:
    """Yield each table with the words of today; a form that is gone leaves its ids."""
    for name, cells in figures["tables"].items():
        labels: dict[str, str] = {}
        title = name
        if name in TITLES:
            title = translator.gettext(TITLES[name])
            if name == "lang":
                labels = {code: own_name(code) for code in cells}
            else:
                names = {"source": sentences.SOURCE, "status": sentences.STATUS}[name]
                labels = {code: translator.gettext(names[code]) for code in cells}
        elif form and (field := _field(form, name.partition(":")[2])):
            title = str(field.label)
            labels = {choice.id: str(choice.label) for choice in field.choices}
        labels.setdefault(NO_ANSWER, translator.gettext("No answer"))
        yield Table(title, [(labels.get(code, code), n) for code, n in cells.items()])


def _field(form: FormDefinition, field_id: str) -> Any:
    return next((field for field in form.fields if field.id == field_id), None)
