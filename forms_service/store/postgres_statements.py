"""Statements for both databases as PostgreSQL takes them, and rows as we read them."""

import re
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
from psycopg.adapt import PyFormat, Transformer
from psycopg.generators import execute
from psycopg.pq import ExecStatus

from ..caches import remembered


def without_nul(value: Any) -> Any:
    """Return a value as PostgreSQL takes it, which has no NUL in a text."""
    return value.replace("\0", "\ufffd") if isinstance(value, str) else value


_MARK = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|(\?)|(?<!:):([a-z_]+)""")


_DONE = ExecStatus.TUPLES_OK, ExecStatus.COMMAND_OK
# After these a cursor of psycopg forgets all plans, which may know what is no more.
_FORGETTING = ("ROLLBACK", "DROP", "ALTER")


class Statement:
    """A statement as PostgreSQL takes it, with the names of its values.

    One that names its columns finds the same each time: the type of its rows is kept.
    """

    def __init__(self, text: Any, names: tuple[str, ...], keeps: bool) -> None:
        self.text, self._names, self._keeps = text, names, keeps
        self._octets = text.encode()
        # How many rows have a word the server knows only if it plans for that word.
        never = "@@" in text or text.startswith(_FORGETTING)
        self.prepare = False if never else None
        self._row, self._width = tuple, 0

    def ordered(self, values: Any) -> Sequence[Any]:
        """Return the values in the order of their numbers."""
        return [values[name] for name in self._names] if self._names else values

    def again(
        self, db: "psycopg.Connection[Any]", values: Sequence[Any]
    ) -> "FoundRows | None":
        """Execute it by the plan that psycopg has for it on a connection, else None.

        It is what a cursor of psycopg does then, in half the processor.
        """
        adapted, names = Transformer(db), db._prepared._names
        sent = adapted.dump_sequence(values, [PyFormat.AUTO] * len(values))
        name = names.get(key := (self._octets, adapted.types or ()))
        if name is None:
            return None
        names.move_to_end(key)
        db.pgconn.send_query_prepared(name, sent, adapted.formats)
        results = db.wait(execute(db.pgconn))
        if wrong := [result for result in results if result.status not in _DONE]:
            raise psycopg.errors.error_from_result(wrong[0])
        return FoundRows(adapted, results[0], self)

    def rows(self, cursor: Any) -> Any:
        """Return what makes the rows that a cursor has found."""
        result = cursor.pgresult
        width = result.nfields if result else 0
        if width != self._width or not self._keeps:
            names = tuple(result.fname(place) for place in range(width))
            # In this order: another thread looks at the width first.
            self._row, self._width = _row_type(names), width
        return self._row


class FoundRows:
    """What a statement has found; see `Cursor`."""

    def __init__(self, adapted: Any, result: Any, statement: Statement) -> None:
        self.pgresult = result
        adapted.set_pgresult(result)
        self._adapted, self._next, self._row = adapted, 0, statement.rows(self)
        self.rowcount: int = result.ntuples or result.command_tuples or 0

    def fetchone(self) -> Any:
        """Return the next row, or None."""
        if self._next == self.pgresult.ntuples:
            return None
        self._next += 1
        return self._adapted.load_row(self._next - 1, self._row)

    def fetchall(self) -> list[Any]:
        """Return the rows that are left."""
        first, self._next = self._next, self.pgresult.ntuples
        rows: list[Any] = self._adapted.load_rows(first, self._next, self._row)
        return rows

    def __iter__(self) -> Iterator[Any]:
        return iter(self.fetchone, None)


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
