"""Statements for both databases as PostgreSQL takes them, and rows as we read them."""

import re
from typing import Any

from ..caches import remembered


def without_nul(value: Any) -> Any:
    """Return a value as PostgreSQL takes it, which has no NUL in a text."""
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value


_MARK = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|(\?)|(?<!:):([a-z_]+)""")


class Statement:
    """A statement as PostgreSQL takes it, with the names of its values.

    One that names its columns finds the same each time: the type of its rows is kept.
    """

    def __init__(self, text: Any, names: tuple[str, ...], keeps: bool) -> None:
        self.text, self.names, self._keeps = text, names, keeps
        self._row, self._width = tuple, 0

    def rows(self, cursor: Any) -> Any:
        """Return what makes the rows that a cursor has found."""
        result = cursor.pgresult
        width = result.nfields if result else 0
        if width != self._width or not self._keeps:
            names = tuple(result.fname(place) for place in range(width))
            # In this order: another thread looks at the width first.
            self._row, self._width = _row_type(names), width
        return self._row


@remembered("statements")
def statement(sql: str) -> Statement:
    """Return a statement that is written for both databases."""
    return Statement(*translated(sql), keeps="*" not in sql)


def translated(sql: str) -> tuple[Any, tuple[str, ...]]:
    """Return a statement as PostgreSQL numbers its values, and their names."""
    names: list[str] = []
    number = 0

    def numbered(found: re.Match[str]) -> str:
        nonlocal number
        mark, name = found.groups()
        if name and name not in names:
            names.append(name)
        if name:
            return f"${names.index(name) + 1}"
        if mark:
            number += 1
            return f"${number}"
        return found[0]

    return _MARK.sub(numbered, sql), tuple(names)


@remembered("row types")
def _row_type(columns: tuple[bytes, ...]) -> type[tuple[Any, ...]]:
    """Return the type of a row, which is read by place or by name as on SQLite."""
    places = {column.decode(): place for place, column in enumerate(columns)}

    class Row(tuple[Any, ...]):
        __slots__ = ()

        def __getitem__(self, key: Any) -> Any:
            return tuple.__getitem__(self, places[key] if type(key) is str else key)

        def keys(self) -> list[str]:
            return list(places)

    return Row
