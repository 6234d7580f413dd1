"""Rules between the keys of one field, and between a field and those it depends on."""

from collections.abc import Iterator, Mapping
from datetime import date, time

from .conditions import Condition, Is, tests
from .form import Field, FormDefinition, Limits, Role
from .problems import suggestion
from .types import SEPARATOR, TYPES

ROLE_TYPES = {Role.EMAIL: "email", Role.PHONE: "phone", Role.PEOPLE: "number"}
# What the limits of a type are, by what they bound.
BOUNDS: Mapping[type, tuple[type | tuple[type, ...], str]] = {
    int: (int, "whole numbers"),
    date: ((date, str), "dates as 2020-07-01, or today"),
    time: (time, "hours as 09:30"),
}

Broken = Iterator[tuple[str, str]]


def field_rules(form: FormDefinition, field: Field) -> Broken:
    """Yield the key and the advice of every broken rule of a field."""
    yield from _choices(field)
    yield from _statement(field)
    yield from _limits(field)
    yield from _use(field)
    yield from condition_rules(form, "when", field.when)
    yield from condition_rules(form, "required_when", field.required_when)
    if field.required_when and (field.required or not TYPES[field.type].asks):
        yield "required_when", "leave it out: required says all, a static asks nothing"


def _choices(field: Field) -> Broken:
    has_choices = TYPES[field.type].has_choices
    if has_choices and len(field.choices) < 2:
        yield "choices", "give at least two options"
    if not has_choices and field.choices:
        yield "choices", f"a field of type {field.type} has no options"
    for choice in field.choices:
        if SEPARATOR.strip() in choice.label:
            yield "choices", f"“{choice.label}”: no {SEPARATOR.strip()} in a label"


def _statement(field: Field) -> Broken:
    kind = TYPES[field.type]
    if not kind.has_text and field.text:
        yield "text", f"a field of type {field.type} has no text: use hint"
    if not kind.asks and (field.required or field.role):
        yield "type", f"a {field.type} text is neither required nor has a role"


def _limits(field: Field) -> Broken:
    bounds = [
        bound for bound in (field.limits.min, field.limits.max) if bound is not None
    ]
    limited = TYPES[field.type].limited
    expected, bounds_name = BOUNDS[limited] if limited else ((), "")
    if bounds and limited is None:
        yield "limits", f"a field of type {field.type} has no limits"
    elif not all(isinstance(bound, expected) for bound in bounds):
        yield "limits", f"the limits of a {field.type} are {bounds_name}"
    elif _crossed(field.limits):
        yield "limits", "min is higher than max"
    elif TYPES[field.type].multiple and (
        (field.limits.numbers()[0] or 0) > len(field.choices)
    ):
        yield "limits", "min is higher than the number of options"


def _crossed(limits: Limits) -> bool:
    low, high = limits.numbers()
    (first, last), (early, late) = limits.days(None), limits.hours()
    return bool(
        (low is not None and high is not None and low > high)
        or (first and last and first > last)
        or (early and late and early > late)
    )


def _use(field: Field) -> Broken:
    if field.role and ROLE_TYPES.get(field.role, "text") != field.type:
        needed = ROLE_TYPES.get(field.role, "text")
        yield "role", f"role {field.role} needs type {needed}"
    if field.expires and TYPES[field.type].limited is not date:
        yield "expires", "only a date expires"


def condition_rules(
    form: FormDefinition, key: str, condition: Condition | None
) -> Broken:
    """Yield what is wrong with the fields and values that a condition names."""
    by_id = {other.id: other for other in form.fields}
    for test in tests(condition) if condition else ():
        other = by_id.get(test.field)
        if other is None:
            near = suggestion(test.field, by_id)
            yield key, f"there is no field “{test.field}”{near}"
            continue
        kind = TYPES[other.type]
        if not kind.asks:
            yield key, f"“{other.id}” is a {other.type} text: nobody answers it"
        elif kind.multiple and isinstance(test, Is):
            yield key, f"“{other.id}” takes several options: write includes"
        elif kind.has_choices or kind.has_text:
            known = {c.id for c in other.choices} if kind.has_choices else {"true"}
            if test.value not in known:
                near = suggestion(test.value, known)
                yield key, f"“{other.id}” has no “{test.value}”{near}"
