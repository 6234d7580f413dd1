"""`when`: what can be written, what it means, and that circles are found."""

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms_service.definition import Channel, applicable
from forms_service.definition.conditions import (
    Condition,
    ConditionError,
    Includes,
    Is,
    as_json,
    cycle,
    holds,
    read,
)
from forms_service.definition.conditions import tests as comparisons
from sample_content import form_with

VALUES = st.sampled_from(["a", "b", "true"])
FIELDS = st.sampled_from(["x", "y", "z"])
WRITTEN = st.recursive(
    st.fixed_dictionaries({"field": FIELDS, "is": VALUES})
    | st.fixed_dictionaries({"field": FIELDS, "includes": VALUES}),
    lambda part: (
        st.fixed_dictionaries({"not": part})
        | st.fixed_dictionaries({"all": st.lists(part, min_size=1, max_size=3)})
        | st.fixed_dictionaries({"any": st.lists(part, min_size=1, max_size=3)})
    ),
    max_leaves=8,
)
ANSWERS = st.dictionaries(
    FIELDS,
    VALUES | st.lists(VALUES, min_size=1, max_size=3, unique=True) | st.just(True),
)


def meaning(written: Mapping[str, Any], answers: Mapping[str, Any]) -> bool:
    """Read the rule from the page as a person would, without our objects."""
    if "not" in written:
        return not meaning(written["not"], answers)
    if "all" in written:
        return all(meaning(part, answers) for part in written["all"])
    if "any" in written:
        return any(meaning(part, answers) for part in written["any"])
    answer = answers.get(written["field"], [])
    if answer is True:
        answer = "true"
    answer = [answer] if isinstance(answer, str) else answer
    if "is" in written:
        return bool(answer == [written["is"]])
    return written["includes"] in answer


@given(WRITTEN, ANSWERS)
def test_a_condition_means_what_is_written(
    written: dict[str, Any], answers: dict[str, Any]
) -> None:
    assert holds(read(written), answers) == meaning(written, answers)


@given(WRITTEN)
def test_a_condition_is_written_back_as_it_was(written: dict[str, Any]) -> None:
    assert as_json(read(written)) == written


@given(WRITTEN)
def test_every_comparison_inside_a_condition_is_found(written: dict[str, Any]) -> None:
    found = list(comparisons(read(written)))
    assert all(isinstance(test, Is | Includes) for test in found)
    assert len(found) == str(written).count("'field'")


@pytest.mark.parametrize(
    ("answer", "is_", "includes"),
    [
        ("a", True, True),
        (["a"], True, True),
        (["a", "b"], False, True),
        (["b"], False, False),
        (None, False, False),
    ],
)
def test_is_wants_the_one_answer_and_includes_one_of_them(
    answer: object, is_: bool, includes: bool
) -> None:
    answers = {} if answer is None else {"x": answer}
    assert holds(Is("x", "a"), answers) is is_
    assert holds(Includes("x", "a"), answers) is includes


def test_a_tick_and_a_number_are_compared_as_they_are_written() -> None:
    assert holds(read({"field": "x", "is": True}), {"x": True})
    assert holds(read({"field": "x", "is": True}), {"x": {"version": "1", "hash": ""}})
    assert not holds(read({"field": "x", "is": False}), {"x": True})
    assert holds(read({"field": "x", "is": 3}), {"x": 3})
    assert not holds(read({"field": "x", "is": True}), {"x": False})


@pytest.mark.parametrize(
    "written",
    [
        None,
        "x",
        [],
        {},
        {"field": "x"},
        {"field": 3, "is": "a"},
        {"field": "x", "is": "a", "includes": "b"},
        {"field": "x", "is": "a", "or": "b"},
        {"not": "x"},
        {"not": {"field": "x", "is": "a"}, "and": 1},
        {"all": []},
        {"all": "x"},
        {"any": []},
        {"any": [{"field": "x"}]},
        {"all": [{"field": "x", "is": "a"}], "any": []},
    ],
)
def test_a_condition_that_cannot_be_read_says_what_to_write(written: object) -> None:
    with pytest.raises(ConditionError, match="write {field: ID, is: VALUE}"):
        read(written)


@pytest.mark.parametrize("value", [None, ["a"], {"a": 1}, 1.5])
def test_one_value_is_compared_and_no_list(value: object) -> None:
    with pytest.raises(ConditionError, match="compare with one option id"):
        read({"field": "x", "is": value})


@pytest.mark.parametrize(
    ("conditions", "circle"),
    [
        ({}, []),
        ({"a": None, "b": Is("a", "x")}, []),
        ({"a": Is("gone", "x")}, []),
        ({"a": Is("a", "x")}, ["a", "a"]),
        ({"a": Is("b", "x"), "b": Is("a", "x")}, ["a", "b", "a"]),
        (
            {"a": Is("b", "x"), "b": Is("c", "x"), "c": Includes("b", "x")},
            ["b", "c", "b"],
        ),
        ({"a": Is("c", "x"), "b": Is("c", "x"), "c": None, "d": Is("a", "x")}, []),
    ],
)
def test_a_circle_of_conditions_is_found(
    conditions: dict[str, Condition | None], circle: list[str]
) -> None:
    assert list(cycle(conditions)) == circle


CHAIN = """
- {id: a, type: radio, label: A, choices: {si: Yes, no: No}}
- {id: b, type: radio, label: B, choices: {si: Yes, no: No},
   when: {field: a, is: si}}
- {id: c, type: text, label: C, when: {field: b, is: si}}
- {id: d, type: text, label: D, when: {not: {field: b, is: si}}}
- {id: p, type: radio, label: P, in: [pdf], choices: {si: Yes, no: No}}
- {id: q, type: text, label: Q, when: {field: p, is: si}}
"""


@pytest.mark.parametrize(
    ("answers", "applying"),
    [
        ({}, "a d p"),
        ({"a": "si"}, "a b d p"),
        ({"a": "si", "b": "si"}, "a b c p"),
        ({"a": "no", "b": "si"}, "a d p"),
        ({"b": "si"}, "a d p"),
        ({"p": "si"}, "a d p q"),
    ],
)
def test_a_hidden_field_counts_as_unanswered(
    answers: dict[str, str], applying: str
) -> None:
    assert applicable(form_with(CHAIN).fields, answers) == applying.split()


def test_a_field_that_is_absent_at_a_place_counts_as_unanswered() -> None:
    form = form_with(CHAIN)
    answers = {"p": "si"}
    assert "q" in applicable(form.at(Channel.PDF), answers)
    assert "q" not in applicable(form.at(Channel.WEB), answers)


def test_a_long_chain_of_conditions_is_followed_once() -> None:
    fields = "- {id: f0, type: text, label: F}\n"
    for n in range(1, 60):
        last, before = f"field: f{n - 1}, is: x", f"field: f{max(n - 2, 0)}, is: y"
        when = f"{{all: [{{{last}}}, {{not: {{{before}}}}}]}}"
        fields += f"- {{id: f{n}, type: text, label: F, when: {when}}}\n"
    form = form_with(fields)
    answers = {field.id: "x" for field in form.fields}
    assert applicable(form.fields, answers) == list(answers)
