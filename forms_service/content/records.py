"""From a mapping in a file to an object: each field is read as its type and key say."""

from collections.abc import Callable, Mapping
from datetime import date
from enum import StrEnum
from types import NoneType
from typing import Any, TypeVar, get_args

from ..definition.conditions import Condition
from ..definition.form import Section
from ..definition.retention import Period
from ..definition.texts import Key, Text, keys_of
from .field_reading import WHEN, read_period, read_sections
from .node import Node

Record = TypeVar("Record")


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
