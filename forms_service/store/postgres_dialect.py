"""Expressions that PostgreSQL writes otherwise than SQLite; see `Dialect`."""

from collections.abc import Sequence
from typing import Any, cast

from .connection import Connection, Words, WordSearch, literal, quoted
from .readers import GRANT

# Longer words are found by so many letters: an index takes no word without bound.
LONGEST_WORD = 255


class PostgresDialect:
    """See `Dialect`: operators of jsonb, and a text search over words as they are."""

    grant_reading = GRANT
    free_mail = " FOR UPDATE OF mail SKIP LOCKED"

    def answer(self, field_id: str) -> str:
        """Return the expression that the index of a field is made of: a text."""
        return f"(CAST(answers AS jsonb) ->> '{field_id}')"

    def equals(self, field_id: str, typed: str) -> tuple[str, list[Any]]:
        """Compare texts; a number may be typed with noughts before it.

        Others are written into the statement: a plan for all of them would not know
        how often one is given.
        """
        if typed.isdecimal() and len(typed) < 19:
            return f"{self.answer(field_id)} IN (?, ?)", [typed, str(int(typed))]
        return f"{self.answer(field_id)} = {literal(typed)}", []

    def includes(self, field_id: str, value: str) -> tuple[str, list[Any]]:
        """Ask whether the list contains the value.

        First whether its text is anywhere in the answers: in most rows it is not, and
        their JSON need not be read.
        """
        each = f"(CAST(answers AS jsonb) -> '{field_id}')"
        listed = f"{each} @> to_jsonb(CAST(? AS text))"
        return f"strpos(answers, ?) > 0 AND {listed}", [f'"{value}"', value]

    def learn_answers(
        self, db: Connection, form_id: str, field_ids: Sequence[str]
    ) -> None:
        """Have the server know how often each answer of a form is given.

        What it knows of a partial index it does not plan by: it takes each answer for
        one of 200, sorts all that have a common one to show the newest, and finds no
        end of them to count a thousand.
        """
        of_form = f"answers_{form_id}:"
        wanted = {of_form + field_id: field_id for field_id in field_ids}
        rows = db.execute(
            "SELECT stxname FROM pg_statistic_ext WHERE starts_with(stxname, ?) "
            "AND stxrelid = CAST('submissions' AS regclass)",
            [of_form],
        )
        known = {row[0] for row in rows}
        for name in known - wanted.keys():
            db.execute(f"DROP STATISTICS {quoted(name)}")
        for name in wanted.keys() - known:
            db.execute(
                f"CREATE STATISTICS {quoted(name)} (mcv) ON form_id, "
                f"{self.answer(wanted[name])} FROM submissions"
            )
        if wanted.keys() - known:
            db.execute("ANALYZE submissions (form_id, answers)")

    def answered(self, field_id: str) -> str:
        """Ask for the value: null in JSON is one."""
        return f"(CAST(answers AS jsonb) -> '{field_id}') IS NOT NULL"

    def without(self, field_id: str) -> str:
        """Take one key out."""
        return f"CAST(CAST(answers AS jsonb) - '{field_id}' AS text)"

    def words(self, wanted: Words) -> WordSearch:
        """Ask for beginnings of words; folding has left no quote in any."""
        beginnings = [
            [[f"'{spelling[:LONGEST_WORD]}':*" for spelling in each] for each in words]
            for words in wanted
        ]
        matching = " | ".join(
            "(" + " & ".join(f"({' | '.join(each)})" for each in words) + ")"
            for words in beginnings
        )
        return WordSearch(condition="words @@ CAST(? AS tsquery)", value=matching)

    def tidy(self, db: Any, begin: bool) -> bool:
        """Do nothing: `renew_search` makes the index anew."""
        return False

    def has_table(self, db: Connection, name: str) -> bool:
        """Ask the catalogue."""
        query = "SELECT to_regclass(?) IS NOT NULL"
        return bool(db.execute(query, [quoted(name)]).fetchone()[0])

    def last_number(self, db: Connection, table: str, column: str) -> int:
        """Ask the sequence of the column, if it has one."""
        if not (sequence := self._sequence(db, table, column)):
            return 0
        row = db.execute(f"SELECT last_value, is_called FROM {sequence}").fetchone()
        return int(row[0]) if row[1] else 0

    def go_on_after(self, db: Connection, table: str, column: str, number: int) -> None:
        """Move the sequence of the column on, never below its own rows."""
        sequence = self._sequence(db, table, column)
        if sequence:
            highest = f"SELECT coalesce(max({column}), 0) FROM {table}"
            last = max(number, db.execute(highest).fetchone()[0])
            db.execute(f"SELECT setval(?, {last or 1}, {last > 0})", [sequence])

    def _sequence(self, db: Connection, table: str, column: str) -> str | None:
        row = db.execute("SELECT pg_get_serial_sequence(?, ?)", [table, column])
        return cast(str | None, row.fetchone()[0])

    def indexes(self) -> str:
        """Ask the catalogue."""
        return "SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()"
