"""Reports for the funder: whole quarters that are over, with small numbers hidden.

A report is fixed once: from then on it reads the same, whatever is erased. One over
quarters of which others are fixed is added up from these. Only a form whose requests
are no secret is counted by answers.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from ..definition import FormDefinition, type_of
from ..store import events, figures, reports
from ..store.connection import Connection
from ..store.events import EventVerb
from ..store.reports import StoredReport
from ..store.submissions import Source, Status
from .context import WorkflowContext
from .figures import moments
from .suppression import Period, Published, added_up, publish, reached

# So far back quarters can be chosen: what is older is no longer held.
YEARS = 3
NO_ANSWER = ""


def quarters(today: date) -> list[Period]:
    """Return the quarters that are over, the newest first."""
    year, month = today.year, (today.month - 1) // 3 * 3 + 1
    found = []
    for _ in range(YEARS * 4):
        ends = date(year, month, 1)
        year, month = (year, month - 3) if month > 3 else (year - 1, 10)
        found.append((date(year, month, 1), ends))
    return found


Counted = Mapping[str, Counter[str]]


def preview(
    context: WorkflowContext, form: FormDefinition, period: Period
) -> dict[str, Any]:
    """Return the figures of a report as they would be fixed now; raises as `fix`."""
    counted = count(context, form, period)
    fixed = context.store.read(lambda db: reports.of_form(db, form.id))
    return draw_up(counted, fixed, period)


def fix(
    context: WorkflowContext, form: FormDefinition, period: Period, actor: str
) -> StoredReport:
    """Store a report; one that is there already is returned as it is.

    Raise `TooFew`, or `ValueError` for a period that is no whole quarters of the past.
    """
    now = context.clock()
    # Counting takes long: nobody who writes waits for it.
    counted = count(context, form, period)

    def job(db: Connection) -> StoredReport:
        db.hold(f"reports {form.id}")
        fixed = reports.of_form(db, form.id)
        for report in fixed:
            if (report.begins, report.ends) == period:
                return report
        figures_ = draw_up(counted, fixed, period)
        made = reports.add(db, form.id, period, now, figures_)
        about = {"form": form.id, "report": made.id}
        events.record(db, now, actor, EventVerb.FIX_REPORT, None, about)
        return made

    return context.store.write(job)


def count(context: WorkflowContext, form: FormDefinition, period: Period) -> Counted:
    """Count the confirmed requests of whole quarters; raise `ValueError` for others."""
    whole = quarters(context.today)
    if period[0] not in {begins for begins, _ in whole} or period not in {
        (period[0], ends) for _, ends in whole if ends > period[0]
    }:
        raise ValueError(period)
    return context.store.read(lambda db: dict(_counted(context, db, form, period)))


def draw_up(
    counted: Counted, fixed: Sequence[StoredReport], period: Period
) -> dict[str, Any]:
    """Return a report with its small numbers hidden, beside those that are fixed.

    Raise `TooFew`.
    """
    counting = [report for report in fixed if not report.figures["added_up"]]
    way = reached(_published(counting, "source"), period[0]).get(period[1])
    tables = {}
    for name, cells in counted.items():
        others = _published(counting, name)
        if not way:
            tables[name] = publish(cells, period, others)
        elif along := reached(others, period[0]).get(period[1]):
            tables[name] = added_up(along, period)
    return {
        "total": tables["source"].total,
        "added_up": bool(way),
        "tables": {name: dict(table.cells) for name, table in tables.items()},
    }


def _published(reports_: Sequence[StoredReport], name: str) -> list[Published]:
    return [
        Published(report.begins, report.ends, report.figures["total"], cells)
        for report in reports_
        if (cells := report.figures["tables"].get(name))
    ]


def _counted(
    context: WorkflowContext, db: Connection, form: FormDefinition, period: Period
) -> Iterator[tuple[str, Counter[str]]]:
    """Yield each table by its name: one way through the same confirmed requests."""
    since, until = moments(*period, context.zone)
    held = figures.held(db, form.id, since, until)
    confirmed = {k: n for k, n in held.items() if k.status != Status.UNVERIFIED}
    every = {
        "source": [str(source) for source in Source],
        "lang": [*context.content.projects],
        "status": [str(each) for each in Status if each is not Status.UNVERIFIED],
    }
    for part, names in every.items():
        counted = Counter(dict.fromkeys(names, 0))
        for kind, number in confirmed.items():
            counted[getattr(kind, part)] += number
        yield part, counted
    for field in [] if form.delicate or form.safety else form.fields:
        if field.filterable and field.choices and not type_of(field).multiple:
            names = [choice.id for choice in field.choices]
            counted = Counter(dict.fromkeys([*names, NO_ANSWER], 0))
            counted.update(figures.answered(db, form.id, field.id, since, until))
            yield f"answer:{field.id}", counted
