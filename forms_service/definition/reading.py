"""Content files as trees of keys: read strictly, every mistake found at its key path.

A `Node` is one mapping of a file together with its translation, if there is one. Keys
that nobody asked for are mistakes too, told by `done`.
"""

import re
from collections.abc import Iterator
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from .form import Text
from .problems import Problems, suggestion
from .review import ORIGINAL, Review
from .strict_yaml import Tree, parse_tree, read_tree

__all__ = ["Node", "Tree", "as_day", "parse_tree", "read_review", "read_tree"]

Choice = TypeVar("Choice", bound=StrEnum)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_HASH = re.compile("[0-9a-f]{8}")


class Node:
    """One mapping in a file, with the same mapping of its translation beside it."""

    def __init__(
        self,
        data: object,
        problems: Problems,
        lang: str,
        path: str = "",
        translation: "Node | None" = None,
    ) -> None:
        self.problems = problems
        self.lang = lang
        self.path = path
        self.translation = translation
        self._asked: set[str] = set()
        if data is not None and not isinstance(data, dict):
            self.problem("", "write keys and values here (key: value)")
        self._data: Tree = data if isinstance(data, dict) else {}

    def problem(self, key: str, advice: str) -> None:
        """Record a mistake at one of this node's keys."""
        self.problems.add(self._at(key), advice)

    def has(self, key: str) -> bool:
        """Say whether the key is written and not null, and count it as known."""
        return self.raw(key) is not None

    def raw(self, key: str) -> Any:
        """Return the value as YAML gave it, and count the key as known."""
        self._asked.add(key)
        return self._data.get(key)

    def text(self, key: str, required: bool = False) -> Text:
        """Return a text in the translation's language, or in the main one."""
        own = self._text(key)
        if required and not own:
            self.problem(key, "write a text")
        other = self.translation._text(key) if self.translation else None
        if other and not own and self.translation:
            self.translation.problem(key, "the original has no such text")
        return other or own

    def word(self, key: str, default: str = "", required: bool = False) -> str:
        """Return a value that is never translated."""
        value = self.raw(key)
        if isinstance(value, dict | list | bool):
            self.problem(key, "write one word or sentence here")
            return default
        if required and value in (None, ""):
            self.problem(key, "this key is needed")
        return default if value is None else str(value).strip()

    def texts(self, key: str) -> tuple[Text, ...]:
        """Return a list of texts, each in the translation if it is there."""
        own = self._texts(key)
        other = self.translation._texts(key) if self.translation else ()
        if other and len(other) != len(own) and self.translation:
            self.translation.problem(key, f"needs {len(own)} lines, as the original")
            return own
        return other or own

    def flag(self, key: str, default: bool = False) -> bool:
        """Return true or false."""
        value = self.raw(key)
        if value is not None and not isinstance(value, bool):
            self.problem(key, "write true or false")
            return default
        return default if value is None else value

    def whole(self, key: str, default: int = 0, least: int = 0) -> int:
        """Return a whole number not lower than `least`."""
        value = self.raw(key)
        if value is None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            self.problem(key, f"write a whole number from {least} up")
            return default
        return value

    def day(self, key: str, required: bool = False) -> date | None:
        """Return a date written as 2020-07-01, or None."""
        value = self.raw(key)
        day = as_day(value)
        if day is None and (value is not None or required):
            self.problem(key, "write a date as 2020-07-01")
        return day

    def one_of(self, key: str, kind: type[Choice], default: Choice) -> Choice:
        """Return one of the words of an enumeration."""
        value = self.word(key, default.value)
        if value in list(kind):
            return kind(value)
        self.problem(key, f"unknown “{value}”{suggestion(value, list(kind))}")
        return default

    def node(self, key: str) -> "Node":
        """Return the mapping under a key; an absent one is empty."""
        other = self.translation.node(key) if self.translation else None
        return Node(self.raw(key), self.problems, self.lang, self._at(key), other)

    def nodes(self, key: str) -> Iterator["Node"]:
        """Yield the mappings of a list; a translation has them in the same places."""
        others = list(self.translation.nodes(key)) if self.translation else []
        items = self._items(key)
        if self.translation and len(others) > len(items):
            self.translation.problem(key, f"needs {len(items)} items, as the original")
        for index, item in enumerate(items):
            other = others[index] if index < len(others) else None
            here = f"{self._at(key)}[{index}]"
            yield Node(item, self.problems, self.lang, here, other)

    def named(self, key: str, translations: "Node | None") -> Iterator["Node"]:
        """Yield the mappings of a list that are known by their `id`.

        Their translations are found by that id, wherever they are in the original,
        and both are told about by the same path.
        """
        for index, item in enumerate(self._items(key)):
            name = item.get("id") if isinstance(item, dict) else None
            here, other = f"{self._at(key)}[{index}]", None
            if isinstance(name, str | int) and name:
                here = f"{key}.{name}"
                if translations and translations.has(str(name)):
                    other = translations.node(str(name))
            yield Node(item, self.problems, self.lang, here, other)

    def keys(self) -> list[str]:
        """Return the keys as written, all counted as known."""
        self._asked.update(self._data)
        return list(self._data)

    def done(self) -> None:
        """Tell every key that nobody asked for, here and in the translation."""
        for key in self._data:
            if key not in self._asked:
                self.problem(key, f"unknown key{suggestion(key, self._asked)}")
        if self.translation:
            self.translation.done()

    def _at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path and key else self.path or key

    def _items(self, key: str) -> list[Any]:
        value = self.raw(key)
        if value is not None and not isinstance(value, list):
            self.problem(key, "write a list: each line begins with a dash")
            return []
        return value or []

    def _text(self, key: str) -> Text:
        value = self.raw(key)
        if isinstance(value, dict | list | bool):
            self.problem(key, "write a text here")
            value = None
        return Text("" if value is None else str(value).strip(), self.lang)

    def _texts(self, key: str) -> tuple[Text, ...]:
        items = self._items(key)
        if any(isinstance(item, dict | list | bool) or not item for item in items):
            self.problem(
                key, "write a text after every dash, in quotes if it holds “:”"
            )
            return ()
        return tuple(Text(str(item).strip(), self.lang) for item in items)


def as_day(value: object) -> date | None:
    """Return the date that a text such as 2020-07-01 means, else None."""
    try:
        return date.fromisoformat(value) if _DAY.fullmatch(str(value)) else None  # type: ignore[arg-type]
    except ValueError:
        return None


def read_review(words: Node | None) -> Review:
    """Read `of`, `reviewed_by` and `reviewed_on`; without a translation, none."""
    if words is None:
        return ORIGINAL
    review = Review(
        True, words.word("of"), words.word("reviewed_by"), words.day("reviewed_on")
    )
    if review.of and not _HASH.fullmatch(review.of):
        words.problem("of", "write the eight characters that `check` names, or nothing")
    if review.by and not review.on:
        words.problem("reviewed_on", "write the day on which it was checked")
    if review.on and not review.by:
        words.problem("reviewed_by", "write who has checked it")
    return review
