"""What people thought of the service: rows that nothing links to a person.

The key is drawn by chance and the day is all that is known of the time, so that
neither order nor moment leads to a request.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

from .connection import Connection, visible


@dataclass(slots=True)
class Totals:
    """Of one form: how many gave each number of stars, chose what, and the texts."""

    stars: Counter[int] = field(default_factory=Counter)
    choices: Counter[str] = field(default_factory=Counter)
    texts: list[str] = field(default_factory=list)

    @property
    def number(self) -> int:
        """How many people answered."""
        return self.stars.total()

    @property
    def mean(self) -> float:
        """The mean of the stars; there must be some."""
        given = sum(stars * number for stars, number in self.stars.items())
        return round(given / self.number, 1)


def add(db: Connection, key: str, form_id: str, stars: int, day: date) -> None:
    """Store a number of stars; the same key again changes nothing."""
    db.execute(
        "INSERT INTO feedback (key, form_id, stars, day) VALUES (?, ?, ?, ?) "
        "ON CONFLICT (key) DO NOTHING",
        [key, form_id, stars, day.isoformat()],
    )


def complete(db: Connection, key: str, choice: str, text: str) -> None:
    """Add what was best or hardest, once."""
    db.execute(
        "UPDATE feedback SET choice = ?, text = ? "
        "WHERE key = ? AND choice = '' AND text = ''",
        [choice, text, key],
    )


def days(db: Connection) -> list[date]:
    """Return the days on which somebody answered, oldest first."""
    rows = db.execute("SELECT DISTINCT day FROM feedback ORDER BY day")
    return [date.fromisoformat(row[0]) for row in rows]


def drop(db: Connection, day: date) -> int:
    """Delete what was answered on a day; return how many answers."""
    return db.execute("DELETE FROM feedback WHERE day = ?", [day.isoformat()]).rowcount


def totals(db: Connection) -> dict[str, Totals]:
    """Return what people thought of each form; texts in the order of chance keys."""
    found: dict[str, Totals] = {}
    rows = db.execute(
        "SELECT form_id, stars, choice, text FROM feedback "
        f"WHERE {visible(db).condition()} ORDER BY key"
    )
    for form_id, stars, choice, text in rows:
        of_form = found.setdefault(form_id, Totals())
        of_form.stars[stars] += 1
        if choice:
            of_form.choices[choice] += 1
        if text:
            of_form.texts.append(text)
    return found
