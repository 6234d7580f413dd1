"""Content files as trees of keys: read strictly, every mistake found at its key path.

A `Node` is one mapping of a file together with its translation, if there is one. Keys
that nobody asked for are mistakes too, told by `done`. What a reader says about a key
(`about`) is shown where the key is missing and becomes its description in `schema`.
"""

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from enum import StrEnum
from typing import Any, TypeVar

from ..definition.problems import Problems, suggestion, unknown_id, unknown_key
from ..definition.texts import ORIGINAL, Review, Text
from .formats import (
    DAY,
    LIST,
    TEXT,
    TEXTS,
    WORDS,
    Kind,
    Schema,
    TextFormat,
    as_day,
    day_advice,
)
from .strict_yaml import Tree, parse_tree, read_tree

__all__ = ["Node", "Tree", "parse_tree", "read_review", "read_tree"]

T = TypeVar("T")
Choice = TypeVar("Choice", bound=StrEnum)
Default = TypeVar("Default", bound=StrEnum | None)
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
        self._asked: dict[str, str] = {}
        if data is not None and not isinstance(data, dict):
            self.problem("", "write keys and values here (key: value)")
        self._data: Tree = data if isinstance(data, dict) else {}

    def problem(self, key: str, advice: str) -> None:
        """Record a mistake at one of this node's keys."""
        self.problems.add(self._at(key), advice)

    def raw(
        self, key: str, kind: Schema, required: bool = False, about: str = ""
    ) -> Any:
        """Return the value as YAML gave it, and count the key as known.

        Every key is asked for here, with the JSON Schema of what may stand there.
        """
        self._asked[key] = about
        return self._data.get(key)

    def has(self, key: str) -> bool:
        """Say whether the key is written and not null, and count it as known."""
        self._asked.setdefault(key, "")
        return self._data.get(key) is not None

    def text(self, key: str, required: bool = False, about: str = "") -> Text:
        """Return a text in the translation's language, or in the main one."""
        own = self._text(key, required, about)
        if required and not own:
            self._missing(key, "write a text")
        other = self.translation._text(key) if self.translation else None
        if other and not own and self.translation:
            self.translation.problem(key, "the original has no such text")
        return other or own

    def word(
        self,
        key: str,
        default: str = "",
        required: bool = False,
        about: str = "",
        among: Collection[str] = (),
        written: TextFormat | None = None,
    ) -> str:
        """Return a value that is never translated; one of `among`, if any are given."""
        kind = {"enum": list(among)} if among else written.schema if written else TEXT
        value = self.raw(key, kind, required, about)
        if isinstance(value, dict | list | bool):
            self.problem(key, "write one word or sentence here")
            return default
        if required and value in (None, ""):
            self._missing(key, "this key is needed")
        if value is None or (required and value == ""):
            return default
        word = str(value).strip()
        if among and word not in among:
            self.problem(key, f"unknown “{word}”{suggestion(word, among)}")
        if written and not written.fits(word):
            self.problem(key, written.advice)
        return word

    def branch(self, key: str, names: Collection[str]) -> str:
        """Return the word that decides how the rest of the mapping is read."""
        return self.word(key, required=True, among=names)

    def words(self, key: str, required: bool = False) -> tuple[str, ...]:
        """Return a list of words that are never translated."""
        value = self.raw(key, WORDS, required)
        if value is None and not required:
            return ()
        words = value if isinstance(value, list) else [None]
        if (required and not words) or not all(isinstance(word, str) for word in words):
            self.problem(key, "write a list of words: [one, two]")
            return ()
        return tuple(words)

    def texts(
        self, key: str, required: bool = False, about: str = ""
    ) -> tuple[Text, ...]:
        """Return a list of texts, each in the translation if it is there."""
        own = self._texts(key, required, about)
        other = self.translation._texts(key) if self.translation else ()
        if other and len(other) != len(own) and self.translation:
            self.translation.problem(key, f"needs {len(own)} lines, as the original")
            return own
        return other or own

    def flag(self, key: str, default: bool = False, about: str = "") -> bool:
        """Return true or false."""
        value = self.raw(key, {"type": "boolean"}, about=about)
        if value is not None and not isinstance(value, bool):
            self.problem(key, "write true or false")
            return default
        return default if value is None else value

    def whole(
        self, key: str, default: int | None = 0, least: int = 0, about: str = ""
    ) -> int:
        """Return a whole number not lower than `least`; needed without a default."""
        kind = {"type": "integer", "minimum": least}
        value = self.raw(key, kind, default is None, about)
        if value is None and default is not None:
            return default
        if isinstance(value, bool) or not isinstance(value, int) or value < least:
            self._missing(key, f"write a whole number from {least} up")
            return default or 0
        return value

    def day(self, key: str, required: bool = False, about: str = "") -> date | None:
        """Return a date written as 2020-07-01, or None."""
        value = self.raw(key, DAY, required, about)
        day = as_day(value)
        if day is None and (value is not None or required):
            report = self._missing if value is None else self.problem
            report(key, day_advice(value))
        return day

    def one_of(
        self, key: str, kind: type[Choice], default: Default, about: str = ""
    ) -> Choice | Default:
        """Return one of the words of an enumeration."""
        word = self.word(key, str(default or ""), about=about, among=list(kind))
        return kind(word) if word in list(kind) else default

    def value(self, key: str, kind: Kind[T], about: str = "") -> T | None:
        """Return a value with a grammar of its own, or None."""
        value = self.raw(key, kind.schema, about=about)
        try:
            return None if value is None else kind.read(value)
        except ValueError as error:
            self.problem(key, str(error))
            return None

    def only(self, names: Iterable[Choice], advice: str) -> Choice | None:
        """Return the one key of these that is written; none or several is a mistake."""
        written = [name for name in names if self.has(name)]
        if len(written) == 1:
            return written[0]
        self.problem("", advice)
        return None

    def node(self, key: str, about: str = "") -> "Node":
        """Return the mapping under a key; an absent one is empty."""
        other = self.translation.node(key) if self.translation else None
        return Node(
            self.raw(key, {"type": "object"}, about=about),
            self.problems,
            self.lang,
            self._at(key),
            other,
        )

    def nodes(self, key: str) -> Iterator["Node"]:
        """Yield the mappings of a list; a translation has them in the same places."""
        others = list(self.translation.nodes(key)) if self.translation else []
        items = self._items(key)
        if self.translation and len(others) > len(items):
            self.translation.problem(key, f"needs {len(items)} items, as the original")
        for index, item in enumerate(items):
            other = others[index] if index < len(others) else None
            path = f"{self._at(key)}[{index}]"
            yield Node(item, self.problems, self.lang, path, other)

    def named(self, key: str, translations: "Node | None") -> Iterator["Node"]:
        """Yield the mappings of a list, at least one, that are known by their `id`.

        Their translations are found by that id, wherever they are in the original,
        and both are told about by the same path.
        """
        for index, item in enumerate(self._items(key, required=True)):
            name = item.get("id") if isinstance(item, dict) else None
            path, other = f"{self._at(key)}[{index}]", None
            if isinstance(name, str | int) and name:
                path = f"{key}.{name}"
                if translations and translations.has(str(name)):
                    other = translations.node(str(name))
            yield Node(item, self.problems, self.lang, path, other)

    def keys(self, written: TextFormat | None = None) -> list[str]:
        """Return the keys as written, all counted as known."""
        for key in self._data:
            self._asked[key] = ""
            if written and not written.fits(key):
                self.problem(key, written.advice)
        return list(self._data)

    def done(self, ids: bool = False) -> None:
        """Tell every key that nobody asked for, here and in the translation."""
        for key in self._data:
            if key not in self._asked:
                say = unknown_id if ids else unknown_key
                self.problem(key, say(key, self._asked))
        if self.translation:
            self.translation.done()

    def _at(self, key: str) -> str:
        return f"{self.path}.{key}" if self.path and key else self.path or key

    def _missing(self, key: str, advice: str) -> None:
        about = self._asked[key]
        self.problem(key, f"{advice} ({about})" if about else advice)

    def _items(
        self, key: str, kind: Schema = LIST, required: bool = False, about: str = ""
    ) -> list[Any]:
        value = self.raw(key, kind, required, about)
        if value is not None and not isinstance(value, list):
            self.problem(key, "write a list: each line begins with a dash")
            return []
        if required and not value:
            self._missing(key, "write at least one, with a dash before it")
        return value or []

    def _text(self, key: str, required: bool = False, about: str = "") -> Text:
        value = self.raw(key, TEXT, required, about)
        if isinstance(value, dict | list | bool):
            self.problem(key, "write a text here")
            value = None
        return Text("" if value is None else str(value).strip(), self.lang)

    def _texts(
        self, key: str, required: bool = False, about: str = ""
    ) -> tuple[Text, ...]:
        items = self._items(key, TEXTS, required, about)
        if any(isinstance(item, dict | list | bool) or not item for item in items):
            self.problem(
                key, "write a text after every dash, in quotes if it holds “:”"
            )
            return ()
        return tuple(Text(str(item).strip(), self.lang) for item in items)


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
