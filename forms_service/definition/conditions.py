"""When a field applies: the five forms of `when`, read, evaluated and said in words.

The browser's script evaluates `as_json`; a test runs both evaluators on all
combinations, because two that disagree lose answers.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Is:
    """True when the field's one answer is this value."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Includes:
    """True when this value is among the field's answers."""

    field: str
    value: str


@dataclass(frozen=True, slots=True)
class Not:
    """True when the part is not."""

    part: "Condition"


@dataclass(frozen=True, slots=True)
class AllOf:
    """True when every part is."""

    parts: tuple["Condition", ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """True when at least one part is."""

    parts: tuple["Condition", ...]


Condition = Is | Includes | Not | AllOf | AnyOf


class ConditionError(ValueError):
    """A `when` that cannot be read; the message says what to write."""


def read(raw: object) -> Condition:
    """Read the mapping of a `when` key; raise `ConditionError` with advice."""
    match raw:
        case {"field": str(field), "is": value, **rest} if not rest:
            return Is(field, _word(value))
        case {"field": str(field), "includes": value, **rest} if not rest:
            return Includes(field, _word(value))
        case {"not": part, **rest} if not rest:
            return Not(read(part))
        case {"all": [*parts], **rest} if not rest and parts:
            return AllOf(tuple(map(read, parts)))
        case {"any": [*parts], **rest} if not rest and parts:
            return AnyOf(tuple(map(read, parts)))
    raise ConditionError(
        "write {field: ID, is: VALUE}, {field: ID, includes: VALUE}, {not: …}, "
        "{all: [… ]} or {any: […]}"
    )


_VALUE = {"type": ["string", "integer", "boolean"]}
_PART = {"$ref": "#/$defs/when"}
_PARTS = {"type": "array", "minItems": 1, "items": _PART}
GRAMMAR = {
    "oneOf": [
        {
            "type": "object",
            "properties": keys,
            "required": list(keys),
            "additionalProperties": False,
        }
        for keys in (
            {"field": {"type": "string"}, "is": _VALUE},
            {"field": {"type": "string"}, "includes": _VALUE},
            {"not": _PART},
            {"all": _PARTS},
            {"any": _PARTS},
        )
    ]
}


def _word(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if not isinstance(value, str | int):
        raise ConditionError("compare with one option id, or with true for a tick")
    return str(value)


def holds(condition: Condition, answers: Mapping[str, Any]) -> bool:
    """Evaluate over answers; an absent field is unanswered and equals nothing."""
    match condition:
        case Is(field, value):
            return field in answers and _spoken(answers[field]) == [value]
        case Includes(field, value):
            return field in answers and value in _spoken(answers[field])
        case Not(part):
            return not holds(part, answers)
        case AllOf(parts):
            return all(holds(part, answers) for part in parts)
    return any(holds(part, answers) for part in condition.parts)


def _spoken(answer: object) -> list[str]:
    if isinstance(answer, list):
        return [str(item) for item in answer]
    if isinstance(answer, dict | bool):
        return ["true"] if answer else []
    return [str(answer)]


def tests(condition: Condition) -> Iterator[Is | Includes]:
    """Yield every comparison inside a condition."""
    match condition:
        case Is() | Includes():
            parts: tuple[Condition, ...] = ()
            yield condition
        case Not(part):
            parts = (part,)
        case _:
            parts = condition.parts
    for part in parts:
        yield from tests(part)


def as_json(condition: Condition) -> dict[str, Any]:
    """Write a condition back as the mapping it was read from."""
    match condition:
        case Is(field, value):
            return {"field": field, "is": value}
        case Includes(field, value):
            return {"field": field, "includes": value}
        case Not(part):
            return {"not": as_json(part)}
        case AllOf(parts):
            return {"all": [as_json(part) for part in parts]}
    return {"any": [as_json(part) for part in condition.parts]}


def cycle(conditions: Mapping[str, Condition | None]) -> Sequence[str]:
    """Return the field ids of a circle of conditions, or nothing."""
    done: set[str] = set()
    for start in conditions:
        path = [start]
        if found := _walk(path, conditions, done):
            return found
    return ()


def _walk(
    path: list[str], conditions: Mapping[str, Condition | None], done: set[str]
) -> Sequence[str]:
    field_id = path[-1]
    if field_id in path[:-1]:
        return path[path.index(field_id) :]
    condition = conditions.get(field_id)
    if field_id in done or condition is None:
        return ()
    for test in tests(condition):
        if found := _walk([*path, test.field], conditions, done):
            return found
    done.add(field_id)
    return ()
