"""Statements for both databases as PostgreSQL takes them, and rows as we read them."""

import re
from typing import Any

from ..caches import remembered


def without_nul(value: Any) -> Any:
    """Return a value as PostgreSQL takes it, which has no NUL in a text."""
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value


_MARK = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|(\?)|(?<!:):([a-z_]+)""")


@remembered("statements")
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


def rows(cursor: Any) -> Any:
    """Return what makes the rows that a cursor has found."""
    result = cursor.pgresult
    number = result.nfields if result else 0
    return _row_type(tuple(result.fname(index) for index in range(number)))


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
