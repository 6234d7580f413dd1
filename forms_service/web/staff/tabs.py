"""The tabs of the list: states, what needs something, and what is one's own."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any, NamedTuple

from ...i18n import N_
from ...shapes import sentences
from ...store import queue as queue_rows
from ...store.filters import Filter
from ...store.needs import MOST, Need
from ...store.submissions import Status
from ...workflow.context import WorkflowContext
from . import session
from .search import CALLS, MINE, NEEDS, Search, to_call

# The order in which they are worked on; addresses nobody has proven stand apart.
STATUS_TABS = {
    Status.NEW: sentences.STATUS[Status.NEW],
    Status.CORRECTION_ASKED: N_("Corrections asked"),
    Status.ACCEPTED: N_("Accepted requests"),
    Status.DECLINED: N_("Declined requests"),
    Status.WITHDRAWN: N_("Withdrawn requests"),
    Status.UNVERIFIED: N_("Addresses not confirmed"),
}


class Tab(NamedTuple):
    """One tab: its words, what it changes of the address, how many, or `more`."""

    name: str
    changes: dict[str, Any]
    number: int
    current: bool
    apart: bool = False
    more: bool = False


def tabs(
    context: WorkflowContext,
    search: Search,
    counts: Mapping[tuple[str, Status], int],
    needed: Mapping[int, list[Need]],
) -> list[Tab]:
    """Return the tabs of the list, with the numbers of what it is narrowed to."""
    everywhere = replace(search, status="", tab="", numbers=None, me=0).filter(context)
    narrow = bool(search.text or search.answers) or search.narrowed
    if narrow:
        found = context.store.read(partial(queue_rows.by_status, wanted=everywhere))
        numbers = {status: found.get(status, 0) for status in Status}
    else:
        numbers = {
            status: sum(
                number
                for (form_id, of), number in counts.items()
                if of is status and search.form_id in ("", form_id)
            )
            for status in Status
        }
    cut = narrow and sum(numbers.values()) >= queue_rows.COUNTED
    states = [
        Tab(
            name,
            {"status": status.value},
            numbers[status],
            search.status == status,
            apart=status is Status.UNVERIFIED,
            more=cut,
        )
        for status, name in STATUS_TABS.items()
    ]
    needy = replace(everywhere, numbers=frozenset(needed))
    calls = replace(everywhere, numbers=to_call(needed))
    # By their numbers too: among what is found, SQLite would look at every row.
    own = Filter(assignee=session.member().id, open=True)
    numbers_of_own = context.store.read(partial(queue_rows.numbers, wanted=own))
    mine = replace(everywhere, assignee=0, numbers=frozenset(numbers_of_own))
    everything = not search.status and not search.tab
    return [
        states[0],
        _special(context, search, NEEDS, N_("Needs something"), needy),
        _special(context, search, CALLS, N_("To be called"), calls),
        _special(context, search, MINE, N_("Mine"), mine),
        *states[1:],
        Tab(N_("All"), {"status": ""}, sum(numbers.values()), everything, more=cut),
    ]


def _special(
    context: WorkflowContext, search: Search, tab: str, name: str, wanted: Filter
) -> Tab:
    count = partial(queue_rows.count, wanted=wanted, most=MOST + 1)
    number = 0 if wanted.numbers == frozenset() else context.store.read(count)
    changes = {"status": "", "tab": tab} | ({"assignee": ""} if tab == MINE else {})
    shown, current = min(number, MOST), search.tab == tab
    return Tab(name, changes, shown, current, more=number > MOST)
