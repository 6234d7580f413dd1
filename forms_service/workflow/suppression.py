"""Which cells of a report are hidden, so that no small number can be worked out.

Primary suppression hides every count from 1 to `SMALL` - 1. Complementary suppression
then hides the next smallest cells until no total betrays the first: Cox, "Suppression
Methodology and Statistical Disclosure Control", JASA 75 (1980), 377-385; Hundepool and
others, "Statistical Disclosure Control", Wiley 2012, chapter 4. All hidden cells look
the same: to know which of them are the small ones can be enough to solve them.

What follows from the difference of reports is a table too, and is held to the same
rule. Reports of a form are edges between days: what is known of the time between two
days is the sum along the way that joins them. There is one way only, for a report over
days that are joined already is added up from the others and tells nothing new.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import NamedTuple

SMALL = 5
Cells = Mapping[str, int | None]
Period = tuple[date, date]


class TooFew(Exception):
    """The total itself is small, or what the total betrays beside other reports."""


class Published(NamedTuple):
    """A table as it is published: from a day up to another one, hidden cells None."""

    begins: date
    ends: date
    total: int
    cells: Cells

    @property
    def hidden(self) -> frozenset[str]:
        """The names of the cells that are hidden."""
        return frozenset(name for name, cell in self.cells.items() if cell is None)


# A way between two days: each table with 1, or -1 where it is gone through backwards.
Way = Sequence[tuple[int, Published]]


def publish(
    cells: Mapping[str, int], period: Period, others: Sequence[Published]
) -> Published:
    """Return a table with its cells hidden as far as it must be beside others.

    The others must not join the two days of the period. Raise `TooFew`.
    """
    total = sum(cells.values())
    nothing = Published(*period, total, dict.fromkeys(cells))
    if any(is_small(_total(way)) for way in ways([*others, nothing])):
        raise TooFew
    hidden = {name for name, cell in cells.items() if is_small(cell)}
    while True:
        shown = {name: None if name in hidden else cells[name] for name in cells}
        made = Published(*period, total, shown)
        weak = _weak(made, others)
        if weak is None:
            break
        rest = {cells[name] for name in cells if name not in hidden} - {0}
        if len(weak) == 1 and weak - hidden:
            hidden |= weak
        elif rest:
            # All that are as small: which one comes first would tell the others apart.
            hidden |= {name for name in cells if cells[name] == min(rest)}
        else:
            break
    if hidden and all(name in hidden or not cells[name] for name in cells):
        # Else the zeros that are left would say that each of the others is at least 1.
        return nothing
    return made


def is_small(number: int) -> bool:
    """Say whether a count would tell of single people."""
    return 0 < abs(number) < SMALL


def _weak(made: Published, others: Sequence[Published]) -> frozenset[str] | None:
    """Return the cells whose sum tells too much, or None where none does."""
    for way in ways([*others, made]):
        for cells, number in known(way):
            if is_small(number):
                return cells
    if any(_pinned(table, [*others, made]) for table in (*others, made)):
        return made.hidden
    hidden, together = made.hidden, _sum(made, made.hidden)
    # One alone is what is missing to the total. A sum of nothing but ones, or of
    # nothing but the largest that are small, can be of these alone.
    bare = together in (len(hidden), len(hidden) * (SMALL - 1))
    return hidden if hidden and (len(hidden) == 1 or bare) else None


def _pinned(table: Published, tables: Sequence[Published]) -> bool:
    """Say whether a small hidden cell is told by what holds it from above and below."""
    hidden = sorted(table.hidden)
    bounds = {name: _bounds(table, name, tables) for name in hidden}
    together = _sum(table, table.hidden)
    for name in hidden:
        low, high = bounds[name]
        rest = [bounds[other] for other in hidden if other != name]
        fitting = (
            value
            for value in range(low, high + 1)
            if _fits(together - value, rest, is_small(value))
        )
        first = next(fitting, 0)
        if is_small(first) and next(fitting, None) is None:
            return True
    return False


def _fits(number: int, bounds: Sequence[tuple[int, int]], has_small: bool) -> bool:
    """Say whether cells within bounds can sum to a number, one of them small."""
    low, high = (sum(each) for each in zip(*bounds, strict=True)) if bounds else (0, 0)
    if has_small:
        return low <= number <= high
    return any(
        low - least + small <= number <= high - most + small
        for least, most in bounds
        for small in range(max(least, 1), min(most, SMALL - 1) + 1)
    )


def _bounds(
    table: Published, name: str, tables: Sequence[Published]
) -> tuple[int, int]:
    """Return the least and the most that a hidden cell can be."""
    low, high = 0, _sum(table, table.hidden)
    for way in ways(tables):
        number = dict(known(way)).get(frozenset({name}))
        begins, ends = _ends(way)
        if number is None:
            continue
        if begins <= table.begins and table.ends <= ends:
            high = min(high, number)
        if table.begins <= begins and ends <= table.ends:
            low = max(low, number)
    return low, high


def _ends(way: Way) -> Period:
    sign, first = way[0]
    other, last = way[-1]
    return (
        first.begins if sign > 0 else first.ends,
        last.ends if other > 0 else last.begins,
    )


def ways(tables: Sequence[Published]) -> Iterator[Way]:
    """Yield the way between every two days that tables join, each in one direction."""
    days = sorted({day for table in tables for day in (table.begins, table.ends)})
    for start in days:
        yield from (way for end, way in reached(tables, start).items() if end > start)


def reached(tables: Sequence[Published], start: date) -> dict[date, Way]:
    """Return every day that is joined to a day, and the way there."""
    found: dict[date, Way] = {start: []}
    coming = [start]
    for day in coming:
        for table in tables:
            for sign, near, far in (
                (1, table.begins, table.ends),
                (-1, table.ends, table.begins),
            ):
                if near == day and far not in found:
                    found[far] = [*found[day], (sign, table)]
                    coming.append(far)
    return found


def known(way: Way) -> Iterator[tuple[frozenset[str], int]]:
    """Yield the smallest sets of cells of which a way tells the sum, and that sum."""
    for cells in _apart(way):
        yield cells, sum(sign * _sum(table, cells) for sign, table in way)


def added_up(way: Way, period: Period) -> Published:
    """Return the table over a whole way: hidden is what is hidden on any part of it."""
    cells: dict[str, int | None] = {}
    hidden = frozenset[str]().union(*(table.hidden for _, table in way))
    for names, number in known(way):
        shown = len(names) == 1 and not names & hidden
        cells.update(dict.fromkeys(names, number if shown else None))
    return Published(*period, _total(way), cells)


def _total(way: Way) -> int:
    return sum(sign * table.total for sign, table in way)


def _apart(way: Way) -> list[frozenset[str]]:
    """Return the cells in sets that no table of a way hides a part of."""
    sets = {frozenset({name}) for _, table in way for name in table.cells}
    for _, table in way:
        touched = {each for each in sets if each & table.hidden}
        if touched:
            sets = (sets - touched) | {frozenset[str]().union(*touched)}
    return sorted(sets, key=sorted)


def _sum(table: Published, names: frozenset[str]) -> int:
    if names & table.hidden:
        return table.total - sum(
            cell or 0 for name, cell in table.cells.items() if name not in names
        )
    return sum(table.cells.get(name) or 0 for name in names)
