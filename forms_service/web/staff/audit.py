"""Who read, decided and took out: by person and day, and one by one."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask import Response, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from ...i18n import N_
from ...store import audit_trail, staff
from ...store.audit_trail import Act
from ...store.connection import Connection
from ...store.events import EventVerb, label_of
from ...workflow.deciding import staff_actor, staff_id_of
from ...workflow.transitions import TRANSITIONS
from ..core import WebContext
from ..core.fixed_forms import read_revision
from .guard import grant
from .layout import show, staff_translator, title_of

DAYS = 14
PAGE = 200
READ = frozenset({
    EventVerb.READ,
    EventVerb.READ_ATTACHMENT,
    EventVerb.READ_REPLIES,
    EventVerb.SEARCH_REGISTER,
})  # fmt: skip
DECIDED = frozenset(row.verb for row in TRANSITIONS.values() if row.button)
COLUMNS = (
    (READ, N_("Read answers")),
    (DECIDED, N_("Took decisions")),
    (frozenset({EventVerb.EXPORT}), N_("Took out")),
)
# What no history of a request shows.
SAID: Mapping[str, str] = {
    EventVerb.EXPORT: N_("Table or copy taken out"),
    EventVerb.READ_REPLIES: N_("Replies to emails read"),
    EventVerb.SEARCH_REGISTER: N_("Register looked through"),
    EventVerb.ERASE: N_("Request erased"),
    EventVerb.MEETING: N_("Meeting changed"),
    EventVerb.ATTENDANCE: N_("Attendance noted"),
    EventVerb.FIX_REPORT: N_("Report fixed"),
    EventVerb.SIGN_IN: N_("Signed in"),
    EventVerb.SIGN_OUT: N_("Signed out"),
    EventVerb.CLOSE_SESSIONS: N_("Sessions ended"),
    EventVerb.REFUSED: N_("Refused: beyond what the account may do"),
    EventVerb.SET_UP: N_("Password chosen by link"),
    EventVerb.CHANGE_PASSWORD: N_("Password changed"),
    EventVerb.SET_UP_FACTOR: N_("Second factor set up"),
    EventVerb.RESET_FACTOR: N_("Second factor of somebody reset"),
    EventVerb.INVITE: N_("Somebody invited"),
    EventVerb.GRANT: N_("Rights of somebody changed"),
    EventVerb.REMOVE_STAFF: N_("Account of somebody removed"),
}


@dataclass(frozen=True, slots=True)
class DayLine:
    """What one person did on one day: the columns, and how much else."""

    day: date
    staff_id: int
    numbers: tuple[int, ...]
    others: int


def audit_page(web: WebContext) -> ResponseReturnValue:
    """Show the days up to one, or with `chi` and `giorno` what one person did then."""
    staff_id, day = read_revision(request.args.get("chi", "")), _day("giorno")
    members = web.context.store.read(_names)
    if staff_id and day:
        return _person(web, staff_id, day, members)
    last = _day("fino") or web.context.today
    days = [last - timedelta(days=back) for back in range(DAYS)]
    return show(
        web,
        "staff/audit.html",
        lines=web.context.store.read(lambda db: _lines(web, db, days)),
        columns=[name for _, name in COLUMNS],
        members=members,
        first=days[-1],
        last=last,
        earlier=days[-1] - timedelta(days=1),
    )


def _lines(web: WebContext, db: Connection, days: list[date]) -> list[DayLine]:
    """Return each person who did something on each of these days."""
    lines = []
    for day in days:
        verbs: dict[int, Counter[str]] = {}
        for actor, verb, number in audit_trail.totals(db, *_between(web, day)):
            verbs.setdefault(staff_id_of(actor) or 0, Counter())[verb] = number
        for staff_id, done in sorted(verbs.items()):
            numbers = tuple(sum(done[verb] for verb in which) for which, _ in COLUMNS)
            others = done.total() - sum(numbers)
            lines.append(DayLine(day, staff_id, numbers, others))
    return lines


def _person(
    web: WebContext, staff_id: int, day: date, members: Mapping[int, str]
) -> Response:
    before = read_revision(request.args.get("prima", ""))
    between = _between(web, day)
    found = web.context.store.read(
        lambda db: audit_trail.acts(
            db, staff_actor(staff_id), between, before, PAGE + 1
        )
    )
    return show(
        web,
        "staff/audit_day.html",
        acts=[(act, *_said(web, act)) for act in found[:PAGE]],
        more=found[PAGE - 1].id if len(found) > PAGE else 0,
        staff_id=staff_id,
        who=members.get(staff_id, ""),
        day=day,
    )


def _said(web: WebContext, act: Act) -> tuple[str, str]:
    """Return what was done, and what may be said of its form and its kind."""
    translator = staff_translator(web)
    form_id = act.form_id or str(act.detail.get("form", ""))
    about = (
        [title_of(web.context, form_id)] if form_id in grant().forms and form_id else []
    )
    if act.verb == EventVerb.EXPORT and "count" in act.detail:
        number = act.detail["count"]
        about.append(translator.ngettext("{n} request", "{n} requests", number))
    said = SAID.get(act.verb) or label_of(act.verb)
    return translator.gettext(said), ", ".join(about)


def _names(db: Connection) -> dict[int, str]:
    return {member.id: member.email for member in staff.everyone(db)}


def _day(name: str) -> date | None:
    """Return the day that an address names; raise `NotFound` for what is none."""
    typed = request.args.get(name, "")
    try:
        day = date.fromisoformat(typed) if typed else None
    except ValueError:
        raise NotFound from None
    # Days around it must be days too.
    if day and not date.min.year + 1 < day.year < date.max.year:
        raise NotFound
    return day


def _between(web: WebContext, day: date) -> tuple[datetime, datetime]:
    """Return the moments between which a day lies in the project's zone."""
    begins = datetime.combine(day, time(), web.context.zone)
    return begins, datetime.combine(day + timedelta(days=1), time(), web.context.zone)
