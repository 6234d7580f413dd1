"""What the queue is asked to show, read from the address and written back into it."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import partial
from itertools import groupby
from operator import itemgetter
from typing import Any
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from ...clock import utc_text
from ...definition import Field, FormDefinition, type_of
from ...store.filters import NOBODY, Chosen, Filter
from ...store.needs import Need
from ...store.submissions import Source, Status
from ...workflow import finding, needed
from ...workflow.context import WorkflowContext
from . import session

EVERYTHING = "tutte"
UNASSIGNED = "nessuno"
NEEDS, MINE, CALLS = "serve", "mie", "chiamare"
OLDEST, NEWEST, BY_DUE = "vecchie", "nuove", "scadenza"
PRESENT, ABSENT = "presenti", "assenti"
# Why somebody is called.
CALLED = {Need.CALL, Need.RENEWAL}
# What still waits for staff; who came first is examined first.
OPEN = (Status.NEW, Status.CORRECTION_ASKED)
# A number with few values can be chosen from a list as well.
FEW = 50


@dataclass(frozen=True, slots=True)
class Search:
    """A state, a form, answers, words, and where in the list; empty means all.

    An address names words by their `number` in the session: they say whom staff look
    for.
    """

    status: str = ""
    form_id: str = ""
    answers: tuple[str, ...] = ()
    text: str = ""
    number: int = 0
    before: int = 0
    after: int = 0
    order: str = ""
    source: str = ""
    lang: str = ""
    # Days of receipt, as 2020-07-01; both are included.
    since: str = ""
    until: str = ""
    # What goes by more than one state: `NEEDS`, `CALLS` or `MINE`, and its rows or its
    # reader.
    tab: str = ""
    numbers: frozenset[int] | None = None
    me: int = 0
    # The number of one of the staff, or `UNASSIGNED`.
    assignee: str = ""
    # The number of a meeting and `PRESENT` or `ABSENT`: "12:presenti".
    attendance: str = ""

    @property
    def narrowed(self) -> bool:
        """Say whether one of the further filters is set."""
        further = (self.source, self.lang, self.since, self.until, self.assignee)
        return any((*further, self.attendance))

    @property
    def oldest_first(self) -> bool:
        """Say which end of the list comes first: as asked, else as the state needs."""
        if self.by_due or self.order == OLDEST:
            return True
        return self.order != NEWEST and (self.status in OPEN or bool(self.tab))

    @property
    def by_due(self) -> bool:
        """Say whether what is due first comes first; only what is open is due."""
        return self.order == BY_DUE and self.status in OPEN

    @classmethod
    def read(cls, context: WorkflowContext, typed: MultiDict[str, str]) -> "Search":
        """Read an address; what it cannot mean is left out.

        Words are looked for in every state, unless one is named.
        """
        number = _number(typed.get("cerca", ""))
        text = finding.words_of_search(context, session.secret(), number)
        usual = EVERYTHING if text else Status.NEW.value
        status, order = typed.get("stato", usual), typed.get("ordine", "")
        form_id = typed.get("modulo", "")
        form = context.form_today(form_id)
        known = dict(answers_of(form)) if form else {}
        tab = _among(status, (NEEDS, MINE, CALLS))
        return cls(
            status=status if status in list(Status) else "",
            form_id=form_id,
            answers=tuple(a for a in known if a in typed.getlist("risposta")),
            text=text,
            number=number if text else 0,
            before=_number(typed.get("prima", "")),
            after=_number(typed.get("dopo", "")),
            order=_among(order, (OLDEST, NEWEST, BY_DUE)),
            source=_among(typed.get("fonte", ""), list(Source)),
            lang=_among(typed.get("lingua", ""), context.content.projects),
            since=day_of(typed.get("dal", "")),
            until=day_of(typed.get("al", "")),
            # What is one's own is nobody else's.
            assignee="" if tab == MINE else _assignee(typed.get("chi", "")),
            tab=tab,
            numbers=_needing(context, tab),
            me=session.member().id if tab == MINE else 0,
            attendance=_attendance(typed.get("presenza", "")),
        )

    def filter(
        self, context: WorkflowContext, before: int = 0, after: int = 0
    ) -> Filter:
        """Return the same for the store, from another place in the list."""
        meeting, _, there = self.attendance.partition(":")
        return Filter(
            form_id=self.form_id,
            status=self.status,
            text=self.text,
            country=context.content.project.country,
            answers=chosen(context.form_today(self.form_id), self.answers),
            before=before,
            after=after,
            source=self.source,
            lang=self.lang,
            since=_midnight(self.since, context.zone),
            until=_midnight(self.until, context.zone, days=1),
            assignee=NOBODY
            if self.assignee == UNASSIGNED
            else self.me or _number(self.assignee),
            open=bool(self.me),
            numbers=self.numbers,
            attendance=(int(meeting), there == PRESENT) if meeting else None,
            oldest_first=self.oldest_first,
            by_due=self.by_due,
        )

    def query(self, **changes: str | int | tuple[str, ...]) -> dict[str, Any]:
        """Return the parts of an address; a page number only if it is asked for."""
        tab = {"tab": ""} if "status" in changes else {}
        changed = replace(self, **{"before": 0, "after": 0, **tab, **changes})  # type: ignore[arg-type]
        parts: dict[str, Any] = {
            "stato": changed.tab or changed.status or EVERYTHING,
            "modulo": changed.form_id,
            "risposta": changed.answers,
            "cerca": changed.number,
            "prima": changed.before,
            "dopo": changed.after,
            "ordine": changed.order,
            "fonte": changed.source,
            "lingua": changed.lang,
            "dal": changed.since,
            "al": changed.until,
            "chi": changed.assignee,
            "presenza": changed.attendance,
        }
        return {name: value for name, value in parts.items() if value}


def _needing(context: WorkflowContext, tab: str) -> frozenset[int] | None:
    """Return the rows of a tab that goes by what they need; None for another."""
    if tab not in (NEEDS, CALLS):
        return None
    found = context.store.read(partial(needed.find, context))
    return frozenset(found) if tab == NEEDS else to_call(found)


def to_call(needed: Mapping[int, Collection[Need]]) -> frozenset[int]:
    """Return those of the rows that need something whose people are to be called."""
    return frozenset(number for number, needs in needed.items() if CALLED & {*needs})


def _number(text: str) -> int:
    digits = text.removeprefix("-")
    # Beyond 18 digits it is no number of a row, and SQLite could not hold it.
    return int(text) if digits.isascii() and digits.isdigit() and len(text) < 19 else 0


def _assignee(typed: str) -> str:
    number = max(_number(typed), 0)
    return typed if typed == UNASSIGNED else str(number or "")


def _attendance(typed: str) -> str:
    meeting, _, there = typed.partition(":")
    known = _number(meeting) > 0 and there in (PRESENT, ABSENT)
    return f"{_number(meeting)}:{there}" if known else ""


def _among(typed: str, known: Collection[str]) -> str:
    return typed if typed in known else ""


def day_of(typed: str) -> str:
    """Return a day as a browser writes it, or nothing."""
    try:
        day = date.fromisoformat(typed)
    except ValueError:
        return ""
    # The day after the last one cannot be written.
    return day.isoformat() if date.min < day < date.max else ""


def _midnight(day: str, zone: ZoneInfo, days: int = 0) -> str:
    if not day:
        return ""
    moment = datetime.combine(date.fromisoformat(day) + timedelta(days), time(), zone)
    return utc_text(moment)


def filterable(form: FormDefinition) -> list[Field]:
    """Return the fields that staff may filter by and that can be chosen from a list."""
    return [field for field in form.fields if field.filterable and _values(field)]


def answers_of(form: FormDefinition) -> list[tuple[str, str]]:
    """Return every answer of those fields: `field:value` and its label."""
    return [
        (f"{field.id}:{value}", label)
        for field in filterable(form)
        for value, label in _values(field)
    ]


def chosen(form: FormDefinition | None, answers: Iterable[str]) -> tuple[Chosen, ...]:
    """Return answers as the store looks for them, field by field."""
    pairs = (answer.split(":", 1) for answer in answers if form)
    return tuple(
        Chosen(
            field_id,
            tuple(value for _, value in same),
            type_of(form.field(field_id)).multiple,  # type: ignore[union-attr]
        )
        for field_id, same in groupby(pairs, itemgetter(0))
    )


def _values(field: Field) -> list[tuple[str, str]]:
    if field.choices:
        return [(choice.id, str(choice.label)) for choice in field.choices]
    low, high = field.limits.numbers()
    if not type_of(field).numeric or low is None or high is None or high - low > FEW:
        return []
    return [(str(value), str(value)) for value in range(low, high + 1)]
