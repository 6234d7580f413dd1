"""From the sections of a form file to fields, with every mistake told at its id."""

from .conditions import Condition, ConditionError
from .conditions import read as read_condition
from .form import TODAY, Bound, Choice, Field, Limits, Place, Role, Section
from .problems import suggestion
from .reading import Node, as_day
from .retention import Anchor, Period, Unit
from .types import TYPES

UNVERIFIED = Period(30, Unit.DAYS, Anchor.SENDING)


def read_sections(root: Node) -> tuple[Section, ...]:
    """Build the sections; a translation addresses sections and fields by id."""
    other = root.translation
    section_words = other.node("sections") if other else None
    field_words = other.node("fields") if other else None
    sections = []
    for node in root.named("sections", section_words):
        fields = tuple(_field(item) for item in node.named("fields", field_words))
        if not fields:
            node.problem("fields", "a section needs at least one field")
        sections.append(
            Section(
                id=node.word("id", required=True),
                title=node.text("title", required=True),
                intro=node.text("intro"),
                fields=fields,
            )
        )
        node.done()
    for words in (section_words, field_words):
        if words:
            words.done()
    if not sections:
        root.problem("sections", "a form needs at least one section")
    return tuple(sections)


def _field(node: Node) -> Field:
    kind = node.word("type", required=True)
    if kind and kind not in TYPES:
        node.problem("type", f"unknown “{kind}”{suggestion(kind, TYPES)}")
    choices = node.node("choices")
    field = Field(
        id=node.word("id", required=True),
        type=kind if kind in TYPES else "text",
        label=node.text("label", required=kind not in TYPES or TYPES[kind].asks),
        hint=node.text("hint"),
        error=node.text("error"),
        text=node.text("text"),
        purpose=node.text("purpose"),
        required=node.flag("required"),
        role=_role(node),
        choices=tuple(
            Choice(key, choices.text(key, required=True)) for key in choices.keys()
        ),
        when=read_when(node, "when"),
        required_when=read_when(node, "required_when"),
        places=_places(node),
        autocomplete=node.word("autocomplete"),
        limits=_limits(node),
        filterable=node.flag("filterable"),
        expires=node.flag("expires"),
        erase_after=read_period(node, "erase_after")
        if node.has("erase_after")
        else None,
        version=node.word("version"),
    )
    choices.done()
    node.done()
    return field


def _role(node: Node) -> Role | None:
    return (
        node.one_of("role", Role, Role.NAME) if node.has("role") else node.raw("role")
    )


def read_when(node: Node, key: str) -> Condition | None:
    """Read a condition over the answers, or None where there is none."""
    raw = node.raw(key)
    if raw is None:
        return None
    try:
        return read_condition(raw)
    except ConditionError as error:
        node.problem(key, str(error))
        return None


def _places(node: Node) -> frozenset[Place]:
    raw = node.raw("in")
    if raw is None:
        return frozenset(Place)
    names = raw if isinstance(raw, list) else [raw]
    for name in names:
        if name not in list(Place):
            node.problem("in", f"unknown “{name}”{suggestion(str(name), list(Place))}")
    return frozenset(place for place in Place if place.value in names)


def _limits(node: Node) -> Limits:
    part = node.node("limits")
    limits = Limits(*(_limit(part, key) for key in ("min", "max")))
    part.done()
    return limits


def _limit(node: Node, key: str) -> Bound:
    value = node.raw(key)
    if value is None or type(value) is int:
        return value
    if value == TODAY:
        return TODAY
    day = as_day(value)
    if day is None:
        node.problem(key, "write a whole number, a date as 2020-07-01, or today")
    return day


def read_period(node: Node, key: str) -> Period:
    """Build a period of keeping; one that cannot be read is the usual one."""
    if not node.has(key):
        node.problem(key, "say how long: {months: 6, after: decision}")
        return UNVERIFIED
    part = node.node(key)
    written = [unit for unit in Unit if part.has(unit)]
    if len(written) != 1:
        part.problem("", "write exactly one of days, months, years")
        return UNVERIFIED
    unit = written[0]
    period = Period(
        part.whole(unit, 1, least=1), unit, part.one_of("after", Anchor, Anchor.SENDING)
    )
    part.done()
    return period
