"""What both databases offer, and what their faults become: no word of either here.

`sqlite` and `postgres` each hold everything that is true of one of them alone.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol, TypeVar, cast

from .visibility import ALL_FORMS, VisibleForms

Row = Any
Result = TypeVar("Result")
Values = Sequence[Any] | Mapping[str, Any]


# A table that is there while a move or a restore is not done: the rest are a part of
# the data, which nobody may serve.
UNDER_WAY = "move_under_way"


class StorageUnavailable(Exception):
    """The disk is full, locked or failing: nothing was stored, try again."""


class NotMigrated(Exception):
    """There is no database of ours here, or it was never migrated."""


class UnfitDatabase(Exception):
    """A server that would not keep our promises; the message says what to change."""


class BackupDamaged(Exception):
    """The file is no whole copy of our database; nothing was changed."""


class Cursor(Protocol):
    """What a statement has found; rows are read by name or by place."""

    @property
    def rowcount(self) -> int: ...
    def fetchone(self) -> Row: ...
    def fetchall(self) -> list[Row]: ...
    def __iter__(self) -> Iterator[Row]: ...


# One of these must be there: all words of it, each in one of its spellings, which
# begins a word of the row.
Words = Sequence[Sequence[Sequence[str]]]


class WordSearch(NamedTuple):
    """What a query selects from, the condition with its value, and the number there."""

    source: str = "submissions"
    condition: str = ""
    value: str = ""
    number: str = "number"


class Dialect(Protocol):
    """Expressions that the databases write differently.

    Columns named `answers` hold JSON as text; field ids are checked by the caller.
    """

    def answer(self, field_id: str) -> str:
        """Return the expression of an answer."""

    def equals(self, field_id: str, typed: str) -> tuple[str, list[Any]]:
        """Return the condition that an answer is what was typed, and its values."""

    def learn_answers(self, db: Any, form_id: str, field_ids: Sequence[str]) -> None:
        """Have the planner know how often these answers of a form are given."""

    def includes(self, field_id: str, value: str) -> tuple[str, list[Any]]:
        """Return the condition that a list of choices includes one, and its values."""

    def answered(self, field_id: str) -> str:
        """Return the condition that there is an answer, be it empty."""

    def without(self, field_id: str) -> str:
        """Return the expression of all answers but one."""

    grant_reading: str
    """What lets the role of `readers` read a view; empty where there are no roles."""

    free_mail: str
    """What ends the query for a mail, so that it passes over those being claimed."""

    def words(self, wanted: Words) -> WordSearch:
        """Return how submissions are found by words of the column `search`."""

    def tidy(self, db: Any, begin: bool) -> bool:
        """Take some erased words out of the search; say whether there may be more."""

    def has_table(self, db: Any, name: str) -> bool:
        """Say whether there is a table."""

    def last_number(self, db: Any, table: str, column: str) -> int:
        """Return the highest number ever given to a row, 0 where none is given."""

    def go_on_after(self, db: Any, table: str, column: str, number: int) -> None:
        """Give higher numbers only from now on."""

    def indexes(self) -> str:
        """Return the query for the names of all indexes."""


class Connection(Protocol):
    """One connection; transactions begin and end only where it is said."""

    dialect: Dialect

    @property
    def in_transaction(self) -> bool: ...
    def execute(self, sql: str, values: Values = ..., /) -> Cursor: ...
    def commit(self) -> None: ...
    def close(self) -> None: ...

    def hold(self, name: str) -> None:
        """Let nobody else who writes hold this name until the transaction is over.

        What is read from then on is still true when it writes. A reader holds nothing.
        """

    def hold_submissions(self, condition: str, values: Sequence[Any]) -> None:
        """Let nobody else change these rows meanwhile, nor the line they stand in."""

    def wake_senders(self) -> None:
        """Have whoever sends mails look at once when this is committed."""


class _Within:
    """A connection for somebody who may see some forms; else it is the same."""

    def __init__(self, db: Connection, forms: VisibleForms) -> None:
        self._db = db
        self.forms = forms

    def __getattr__(self, name: str) -> Any:
        return getattr(self._db, name)


def visible(db: Connection) -> VisibleForms:
    """Return the forms whose rows the queries of staff find on a connection."""
    forms: VisibleForms = getattr(db, "forms", ALL_FORMS)
    return forms


def within(db: Connection, forms: VisibleForms) -> Connection:
    """Return a connection on which the queries of staff find these forms alone."""
    return db if forms.all else cast(Connection, _Within(db, forms))


class Attendance(Protocol):
    """What a serving process hears of the others that serve the same data."""

    leading: bool
    """Whether this one does what is to be done once by all of them."""
    may_lead: bool

    def close(self) -> None: ...


class Engine(Protocol):
    """One database, as the store of one process uses it."""

    shared: bool
    """Whether several processes may serve the data."""
    writers: int
    """How many threads of a process write, each in transactions of its own."""

    def writing(self, patience: float) -> Connection:
        """Open a connection that writes; raise `NotMigrated`."""

    def turn(self) -> AbstractContextManager[None]:
        """Wait until no other process commits, where only one can at a time."""

    def begin(self, db: Connection, alone: bool = False) -> Connection:
        """Begin a transaction that writes; return its connection.

        If it is to be `alone`, nobody else writes meanwhile.
        """

    def next_job(self, db: Connection) -> None:
        """Let what was done since `SAVEPOINT job` stand, and set it anew.

        No job from here on waits for other writers: those before it hold some.
        """

    def in_the_way(self, error: BaseException) -> bool:
        """Say whether a job found another writer in its way, and may be run again."""

    def committed(self, db: Connection) -> None:
        """Tell others what they wait for, after a commit."""

    def watch(
        self,
        woken: Callable[[], None],
        fit: Callable[["Connection"], None],
        refused: Callable[[str], None],
    ) -> Attendance:
        """Listen to the others; `woken` is called when there are mails to send.

        When `fit` raises `UnfitDatabase` its words are told to `refused`, once.
        """

    def is_led(self, db: Connection) -> bool:
        """Say whether any process does what is to be done once."""

    def risk(self) -> str:
        """Say what may be lost that was acknowledged, empty for nothing."""

    def unfit(self) -> str:
        """Say why a new connection would refuse this server, empty if it would not."""

    def settled(self) -> int:
        """Return a number: no submission with this or a lower one will still come."""

    def reading(self) -> AbstractContextManager[Connection]:
        """Lend a connection that cannot write and sees one moment."""

    def passing_faults(self) -> AbstractContextManager[None]:
        """Turn faults that pass into `StorageUnavailable`, and no others."""

    def prove_writable(self, db: Connection) -> None:
        """Write something that changes no row."""

    def forget_erased(self, db: Connection) -> bool:
        """Take erased text out of what lies beside the rows; False: try again."""

    def renew_search(self) -> None:
        """Take erased words out of the search where `Dialect.tidy` does not."""

    def close(self) -> None:
        """Close what `reading` has opened."""


Job = Callable[[Connection], Result]


def quoted(name: str) -> str:
    """Quote an identifier; the loader lets only letters, digits, - and _ through."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """Return a text as it stands in a statement."""
    return "'" + text.replace("'", "''") + "'"
