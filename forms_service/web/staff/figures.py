"""The page of numbers: bars that say what they count, with a table of each."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby

from flask import Response, request

from ...definition import FormDefinition
from ...i18n import N_, Translator
from ...shapes import sentences
from ...store.events import EventVerb
from ...workflow import figures
from ...workflow.figures import IN_TIME, LATE, OPEN, OVERDUE, Figures
from ..core import WebContext
from .layout import show, staff_translator, title_of
from .search import day_of

# Up to so many days each week has a bar, up to so many each month, beyond it each year.
WEEKS, MONTHS = 31, 740
LONGEST = timedelta(days=3653)
PROMISES = {
    IN_TIME: N_("Decided in time"),
    LATE: N_("Decided late"),
    OPEN: N_("Not decided, still in time"),
    OVERDUE: N_("Not decided, late"),
}
DECISIONS = {
    EventVerb.ACCEPT.value: N_("Accepted"),
    EventVerb.DECLINE.value: N_("Declined"),
}


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars with their labels; `note` says what is counted."""

    id: str
    title: str
    note: str
    bars: list[tuple[str, int]]

    @property
    def most(self) -> int:
        """The length of the longest bar; 1 where there is none."""
        return max((number for _, number in self.bars), default=0) or 1


def figures_page(web: WebContext) -> Response:
    """Show the numbers of a form, or of all, between two days."""
    context, translator = web.context, staff_translator(web)
    form_id = request.args.get("modulo", "")
    form_id = form_id if form_id in context.content.forms else ""
    first, last = _period(context.today)
    found = figures.of_period(context, form_id, first, last)
    before = (first - timedelta(days=1)).replace(day=1)
    after = (first.replace(day=28) + timedelta(days=4)).replace(day=1)
    return show(
        web,
        "staff/figures.html",
        form_id=form_id,
        forms=[(each, title_of(context, each)) for each in context.content.forms],
        first=first,
        last=last,
        before=(before, _end_of_month(before)),
        after=(after, _end_of_month(after)) if after <= context.today else None,
        figures=found,
        charts=[
            *_charts(web, found, first, last, translator),
            *_reasons(context.form_today(form_id), found, translator),
        ],
    )


def _period(today: date) -> tuple[date, date]:
    """Return the days that an address asks for; this month if it names none."""
    typed = (day_of(request.args.get(name, "")) for name in ("dal", "al"))
    first, last = (date.fromisoformat(day) if day else None for day in typed)
    first = first or (last or today).replace(day=1)
    last = last or max(first, today)
    first, last = min(first, last), max(first, last)
    return max(first, last - LONGEST), last


def _end_of_month(day: date) -> date:
    return (day.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(days=1)


def _charts(
    web: WebContext, found: Figures, first: date, last: date, translator: Translator
) -> Iterator[Chart]:
    _ = translator.gettext
    log = _("Of the log: requests that were erased since are counted too.")
    by_time = [*_by_time(found.arrived, first, last, translator)]
    yield Chart("arrivi", _("Requests that came in"), log, by_time)
    yield from _of_rows(web, found, translator)
    yield Chart(
        "esiti",
        _("Decisions"),
        _decision_note(found, log, translator),
        _named(found.decided, DECISIONS, translator),
    )
    if found.places:
        limit = translator.format_number(found.places.limit)
        yield Chart(
            "posti",
            _("Places"),
            _(
                "As it is now, whatever the period. There are {limit} places.",
                limit=limit,
            ),
            [(_("Taken"), found.places.taken), (_("Waiting"), found.places.waiting)],
        )
    yield Chart(
        "pareri",
        _("Opinions"),
        _("How easy it was, given in this period; kept for 24 months."),
        [
            (translator.ngettext("{n} star", "{n} stars", stars), found.stars[stars])
            for stars in range(5, 0, -1)
        ],
    )


def _reasons(
    form: FormDefinition | None, found: Figures, translator: Translator
) -> Iterator[Chart]:
    """Yield why requests of one form were declined: ids mean nothing in another."""
    if form is None or not (form.reasons or found.reasons):
        return
    labels = {reason.id: str(reason.label) for reason in form.reasons}
    ids = [*labels, *(id_ for id_ in found.reasons if id_ not in labels)]
    yield Chart(
        "motivi",
        translator.gettext("Reasons of refusals"),
        translator.gettext("Of the log. A refusal may have several reasons, or none."),
        [(labels.get(id_, id_), found.reasons[id_]) for id_ in ids],
    )


def _of_rows(
    web: WebContext, found: Figures, translator: Translator
) -> Iterator[Chart]:
    """Yield what is counted of the rows that are held, and dwindles with them."""
    _ = translator.gettext
    note = _("Of the requests of this period that are kept today; erased ones are not.")

    def chart(id_: str, title: str, bars: list[tuple[str, int]]) -> Chart:
        return Chart(id_, title, note, bars)

    source, lang, status = map(found.of, ("source", "lang", "status"))
    languages = [
        (web.translator(code).own_name, lang[code])
        for code in web.context.content.projects
    ]
    sources = _named(source, sentences.SOURCE, translator)
    yield chart("fonte", _("How they came in"), sources)
    yield chart("lingua", _("Language of the person"), languages)
    stands = _named(status, sentences.STATUS, translator)
    yield chart("stato", _("Where they stand today"), stands)
    if found.in_time:
        promises = _named(found.in_time, PROMISES, translator)
        yield chart("tempi", _("The promised day"), promises)


def _named(
    counted: Counter[str], names: Mapping[str, str], translator: Translator
) -> list[tuple[str, int]]:
    return [(translator.gettext(name), counted[key]) for key, name in names.items()]


def _decision_note(found: Figures, log: str, translator: Translator) -> str:
    if not found.waits:
        return log
    half, most = (found.within(share) for share in (0.5, 0.9))
    said = translator.gettext(
        "Half of them within {half}, 90 % within {most} of the arrival.",
        half=translator.ngettext("{n} day", "{n} days", half),
        most=translator.ngettext("{n} day", "{n} days", most),
    )
    return f"{said} {log}"


def _by_time(
    arrived: Counter[date], first: date, last: date, translator: Translator
) -> Iterator[tuple[str, int]]:
    """Yield a bar for each week, month or year of a period, also where nothing came."""
    span = (last - first).days + 1

    def part(day: date) -> date:
        if span <= WEEKS:
            return max(first, day - timedelta(days=day.weekday()))
        return day.replace(day=1) if span <= MONTHS else day.replace(month=1, day=1)

    for begins, days in groupby(_days(first, last), part):
        number = sum(arrived[day] for day in days)
        if span <= WEEKS:
            yield (
                translator.gettext("week of {day}", day=translator.format_date(begins)),
                number,
            )
        else:
            yield (
                translator.format_month(begins) if span <= MONTHS else str(begins.year),
                number,
            )


def _days(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))
