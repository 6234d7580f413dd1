"""From a mapping in a file to an object: each field is read as its type and key say.

The same code builds today's form and one published years ago: both are a document
(structure and main texts) and an overlay (texts of one language).
"""

from collections.abc import Callable, Mapping
from datetime import date, time
from enum import StrEnum
from types import NoneType
from typing import Any, Literal, TypeVar, get_args

from ..definition.conditions import Condition
from ..definition.conditions import read as read_condition
from ..definition.fingerprint import FormDocument, fingerprint, text_hash
from ..definition.form import (
    TODAY,
    Channel,
    Choice,
    Field,
    FormDefinition,
    Limits,
    Role,
    Section,
)
from ..definition.problems import Problems, suggestion
from ..definition.retention import UNVERIFIED, Anchor, Period, Unit
from ..definition.texts import Key, Text, keys_of
from ..definition.types import TYPES
from .formats import DAY, HOUR, ID, OPTION_ID, Kind, as_day, as_hour
from .node import Node, read_review

Record = TypeVar("Record")
# WHATWG HTML, autofill field names, without those about payment.
AUTOCOMPLETE = tuple(
    sorted(
        "name given-name family-name nickname email tel organization "
        "organization-title street-address address-line1 address-line2 postal-code "
        "address-level1 address-level2 country country-name bday bday-day "
        "bday-month bday-year language url off".split()
    )
)


def read_record(kind: type[Record], node: Node, **given: Any) -> Record:
    """Build an object from its mapping; mistakes are added to the node's problems.

    What is `given` is not in the file, or has been read in another way.
    """
    values = {
        name: _read(node, hint, key)
        for name, hint, key in keys_of(kind)
        if name not in given
    }
    node.done()
    return kind(**values, **given)


def _read(node: Node, hint: Any, key: Key) -> Any:
    if key.read:
        return key.read(node, key.name)
    if hint in _READERS:
        return _READERS[hint](node, key)
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        return node.one_of(key.name, hint, key.default, key.about)
    kind, *others = get_args(hint) or [hint]
    if others == [...]:
        return tuple(read_record(kind, item) for item in node.nodes(key.name))
    if others == [NoneType] and not node.has(key.name):
        return None
    return read_record(kind, node.node(key.name, key.about))


def _period(node: Node, key: Key) -> Period | None:
    if key.required or node.has(key.name):
        return read_period(node, key.name, key.about)
    default: Period | None = key.default
    return default


def _word(node: Node, key: Key) -> str:
    return node.word(key.name, key.default or "", key.required, key.about, key.among)


def _words_by_name(node: Node, key: Key) -> dict[str, str]:
    words = node.node(key.name, key.about)
    found = {name: words.word(name, required=True) for name in words.keys()}
    words.done()
    return found


def _whole(node: Node, key: Key) -> int:
    default = None if key.required else key.default or 0
    return node.whole(key.name, default, key.least, key.about)


_READERS: Mapping[Any, Callable[[Node, Key], Any]] = {
    Text: lambda node, key: node.text(key.name, key.required, key.about),
    tuple[Text, ...]: lambda node, key: node.texts(key.name, key.required, key.about),
    str: _word,
    str | None: lambda node, key: node.word(key.name, about=key.about) or None,
    tuple[str, ...]: lambda node, key: node.words(key.name, key.required),
    bool: lambda node, key: node.flag(key.name, bool(key.default), key.about),
    int: _whole,
    date: lambda node, key: node.day(key.name, True, key.about) or date.min,
    date | None: lambda node, key: node.day(key.name, about=key.about),
    Condition | None: lambda node, key: node.value(key.name, WHEN, key.about),
    Mapping[str, str]: _words_by_name,
    tuple[Section, ...]: lambda node, key: read_sections(node),
    Period: _period,
    Period | None: _period,
}


def read_sections(root: Node) -> tuple[Section, ...]:
    """Build the sections; a translation addresses sections and fields by id."""
    other = root.translation
    section_words = other.node("sections") if other else None
    field_words = other.node("fields") if other else None
    sections = []
    for node in root.named("sections", section_words):
        fields = tuple(_field(item) for item in node.named("fields", field_words))
        sections.append(
            Section(
                id=node.word("id", required=True, written=ID),
                title=node.text("title", required=True),
                intro=node.text("intro"),
                fields=fields,
            )
        )
        node.done()
    for words in (section_words, field_words):
        if words:
            words.done(ids=True)
    return tuple(sections)


def _field(node: Node) -> Field:
    kind = TYPES.get(node.branch("type", TYPES), TYPES["text"])
    choices = node.node("choices", about="what one can choose: id and label")
    # A list is written out as choices before the field is read (see `lists`).
    node.word("choices_from", about="CSV file with the columns id,label")
    field = Field(
        id=node.word("id", required=True, written=ID, about="permanent"),
        type=kind.name,
        label=node.text("label", required=kind.asks),
        hint=node.text("hint"),
        error=node.text("error", about="what to do when an answer is missing or wrong"),
        text=node.text("text", kind.has_text, about="all that is declared or shown"),
        purpose=node.text(
            "purpose", kind.asks, about="why we ask: no purpose, no question"
        ),
        required=node.flag("required"),
        role=node.one_of("role", Role, None),
        choices=tuple(
            Choice(key, choices.text(key, required=True))
            for key in choices.keys(OPTION_ID)
        ),
        when=node.value("when", WHEN, about="asked only then"),
        required_when=node.value("required_when", WHEN, about="needed only then"),
        channels=node.value("in", CHANNELS, about="everywhere if absent")
        or frozenset(Channel),
        autocomplete=node.word("autocomplete", among=AUTOCOMPLETE),
        limits=_limits(node.node("limits")),
        filterable=node.flag("filterable", about="staff may filter by it"),
        expires=node.flag("expires", about="a day after which staff look again"),
        erase_after=read_period(node, "erase_after")
        if node.has("erase_after")
        else None,
        version=node.word(
            "version", required=kind.versioned, about="version of this text"
        ),
    )
    choices.done()
    node.done()
    return field


def _channels(written: object) -> frozenset[Channel]:
    names = written if isinstance(written, list) else [written]
    for name in names:
        if name not in list(Channel):
            raise ValueError(f"unknown “{name}”{suggestion(str(name), list(Channel))}")
    if not names:
        raise ValueError("the field appears nowhere")
    return frozenset(map(Channel, names))


def _bound(written: object) -> int | date | time | Literal["today"]:
    bound = as_day(written) or as_hour(written)
    if type(written) is int:
        return written
    if written == TODAY:
        return TODAY
    if bound is None:
        raise ValueError(
            "write a whole number, a date as 2020-07-01, today, or an hour as 09:30"
        )
    return bound


WHEN: Kind[Condition] = Kind(read_condition, {"$ref": "#/$defs/when"})
_CHANNEL = {"enum": [channel.value for channel in Channel]}
CHANNELS = Kind(
    _channels,
    {"anyOf": [_CHANNEL, {"type": "array", "minItems": 1, "items": _CHANNEL}]},
)
BOUND = Kind(_bound, {"anyOf": [{"type": "integer"}, DAY, HOUR, {"const": TODAY}]})


def _limits(node: Node) -> Limits:
    limits = Limits(node.value("min", BOUND), node.value("max", BOUND))
    node.done()
    return limits


def read_period(node: Node, key: str, about: str = "") -> Period:
    """Build a period of keeping; one that cannot be read is the usual one."""
    period = node.node(key, about)
    lengths = {unit: period.whole(unit, least=1) for unit in Unit}
    after = period.one_of("after", Anchor, Anchor.SENDING)
    unit = period.only(
        Unit, "say how long, in days, months or years: {months: 6, after: decision}"
    )
    period.done()
    return Period(lengths[unit], unit, after) if unit else UNVERIFIED


def read_form(
    source: FormDocument, problems: Problems, overlay_problems: Problems
) -> FormDefinition:
    """Build the form; mistakes are added to the problems, so look there first."""
    translation = (
        None
        if source.overlay is None
        else Node(source.overlay, overlay_problems, source.lang)
    )
    main = source.main_language
    return form_from(Node(source.document, problems, main, "", translation), source)


def form_from(root: Node, source: FormDocument) -> FormDefinition:
    """Build the form from its tree of keys."""
    return read_record(
        FormDefinition,
        root,
        id=source.form_id,
        lang=source.lang,
        main_language=source.main_language,
        languages=source.languages,
        fingerprint=fingerprint(source.document),
        text_hash=text_hash(source.document, source.overlay),
        review=read_review(root.translation),
        country=source.country,
    )


def stored_form(source: FormDocument) -> FormDefinition:
    """Build a published form again; it was checked when it was published."""
    unheard = Problems(source.form_id)
    return read_form(source, unheard, unheard)
