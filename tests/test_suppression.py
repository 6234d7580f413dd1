"""What a report hides cannot be worked out: tried on every small table there is.

Whoever reads it is taken to know the rule. Then a hidden cell is safe if tables that
differ in it look the same; all tables are made, and those that look the same compared.
"""

from collections import defaultdict
from contextlib import suppress
from datetime import date

import pytest

from forms_service.workflow.suppression import (
    Published,
    TooFew,
    added_up,
    is_small,
    known,
    publish,
    reached,
)

DAYS = [date(2030, month, 1) for month in (1, 4, 7, 10)]
FIRST, SECOND, BOTH = (DAYS[0], DAYS[1]), (DAYS[1], DAYS[2]), (DAYS[0], DAYS[2])


def cells(numbers):
    return dict(zip("abcdefgh", numbers, strict=False))


def seen(table):
    return (table.total, *table.cells.values())


def tables(size, most):
    """Yield every table with a total of at most so many."""
    if not size:
        yield ()
        return
    for number in range(most + 1):
        for rest in tables(size - 1, most - number):
            yield (number, *rest)


def primary_only(numbers, period, others):
    """Hide the small cells and nothing else: the rule without its second half."""
    if is_small(sum(numbers.values())):
        raise TooFew
    shown = {name: None if is_small(n) else n for name, n in numbers.items()}
    return Published(*period, sum(numbers.values()), shown)


def solved(size, most, rule=publish):
    """Return the tables in which a small cell can be told from what is published."""
    alike = defaultdict(list)
    for numbers in tables(size, most):
        try:
            published = rule(cells(numbers), FIRST, [])
        except TooFew:
            continue
        alike[seen(published)].append(numbers)
    return found_out(alike.values(), lambda numbers: numbers)


def found_out(alike, figures):
    """Return what has a small figure that is the same wherever it looks the same."""
    out = []
    for group in alike:
        columns = zip(*map(figures, group), strict=True)
        out += [
            group[0]
            for column in columns
            if is_small(column[0]) and len(set(column)) == 1
        ]
    return out


def solved_by_two(size, most, rule=publish, whole_first=False):
    """The same for a report of a quarter and one of it with the next quarter."""
    alike = defaultdict(list)
    for numbers in tables(2 * size, most):
        first, second = numbers[:size], numbers[size:]
        both = tuple(map(sum, zip(first, second, strict=True)))
        reports = [(first, FIRST), (both, BOTH)]
        made = {}
        for figures, period in reports[::-1] if whole_first else reports:
            # What is refused is not published.
            with suppress(TooFew):
                made[period] = rule(cells(figures), period, [*made.values()])
        look = tuple(period in made and seen(made[period]) for _, period in reports)
        small = (*first, *both, *(second if len(made) == 2 else ()))
        told = [*(look[0] and first or ()), *(look[1] and both or ())]
        alike[look].append(tuple(told + [*small[2 * size :]]))
    return found_out(alike.values(), lambda figures: figures)


@pytest.mark.parametrize(
    ("size", "most"),
    [(2, 20), (3, 12), pytest.param(4, 20, marks=pytest.mark.slow)],
)
def test_no_small_cell_can_be_told_from_a_report(size, most):
    assert solved(size, most) == []


SLOW = pytest.mark.slow


@pytest.mark.parametrize(
    ("size", "most", "whole_first"),
    [
        (2, 10, False),
        pytest.param(2, 16, True, marks=SLOW),
        pytest.param(3, 12, False, marks=SLOW),
        pytest.param(3, 12, True, marks=SLOW),
    ],
)
def test_no_small_cell_can_be_told_from_the_difference_of_two(size, most, whole_first):
    assert solved_by_two(size, most, whole_first=whole_first) == []


def test_without_the_second_half_of_the_rule_they_are_found_out():
    assert solved(3, 8, primary_only)
    assert solved_by_two(2, 10, primary_only)


def table(period, **numbers):
    return publish(numbers, period, [])


def test_the_next_smallest_hides_with_a_small_one_and_all_where_nothing_is_left():
    assert table(FIRST, a=3, b=9, c=30, d=0).cells == {
        "a": None, "b": None, "c": 30, "d": 0,
    }  # fmt: skip
    assert table(FIRST, a=3, b=9, c=0).hidden == {"a", "b", "c"}
    assert table(FIRST, a=5, b=9, c=0).hidden == set()
    assert table(FIRST, a=1, b=1, c=9, d=9, e=40).hidden == {"a", "b", "c", "d"}
    assert table(FIRST, a=1, b=1, c=1, d=1, e=1, f=0).hidden == set("abcdef")
    for numbers in ({"a": 4}, {"a": 2, "b": 2}):
        with pytest.raises(TooFew):
            publish(numbers, FIRST, [])


def test_a_cell_hides_where_only_the_difference_would_be_small():
    first = table(FIRST, a=10, b=20, c=30)
    both = publish({"a": 12, "b": 40, "c": 60}, BOTH, [first])
    assert both.cells == {"a": None, "b": None, "c": 60}
    with pytest.raises(TooFew):
        publish({"a": 12, "b": 20, "c": 30}, BOTH, [first])
    backwards = publish({"a": 10, "b": 20, "c": 30}, FIRST, [both])
    assert backwards.hidden == set()


def test_a_cell_hides_where_it_would_hold_a_hidden_one_too_tightly():
    """Of 14 people at most 9 are a and at most 10 b: only 4 and 10 have a small one."""
    first = table(FIRST, a=4, b=10)
    assert first.hidden == {"a", "b"}
    assert publish({"a": 9, "b": 10}, BOTH, [first]).hidden == {"a", "b"}


def test_reports_in_a_row_are_added_up_and_hide_what_one_of_them_hides():
    first = table(FIRST, a=3, b=9, c=30)
    second = table(SECOND, a=7, b=8, c=9, d=20)
    way = reached([first, second], DAYS[0])[DAYS[2]]
    assert added_up(way, BOTH) == Published(
        *BOTH, 86, {"a": None, "b": None, "c": 39, "d": 20}
    )
    assert reached([first], DAYS[2]) == {DAYS[2]: []}
    back = reached([second, added_up(way, BOTH)], DAYS[0])[DAYS[1]]
    assert dict(known(back)) == {
        frozenset("ab"): 12, frozenset("c"): 30, frozenset("d"): 0,
    }  # fmt: skip
