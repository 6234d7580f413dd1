"""The database of one process: the one door for writing, a way in for reading."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from copy import copy
from pathlib import Path

from .connection import (
    UNDER_WAY,
    Attendance,
    Connection,
    Engine,
    Job,
    Result,
    StorageUnavailable,
    UnfitDatabase,
    within,
)
from .oldest_program import refuse_older
from .schema import newest
from .sqlite import SqliteEngine
from .visibility import ALL_FORMS, VisibleForms
from .writer import PATIENCE_SECONDS, Writer

# How long a reader on its way by number waits for a slow writer, in steps.
LONGEST_WRITE = 10.0
SETTLING_SECONDS = 0.01


def engine_of(where: Path | str) -> Engine:
    """Return what speaks to a database: a file of SQLite, or an address."""
    if isinstance(where, Path):
        return SqliteEngine(where)
    # Whoever has a file need not wait for what speaks to a server.
    from .postgres_engine import PostgresEngine

    return PostgresEngine(where)


def exists(where: Path | str) -> bool:
    """Say whether there is a database of ours, of whatever version."""
    if isinstance(where, Path):
        return where.exists()
    from . import postgres_schema

    return postgres_schema.exists(where)


@contextmanager
def looked_into(where: Path | str) -> Iterator[Connection]:
    """Lend a connection that only reads, to a command; it need not be migrated."""
    with closing(engine_of(where)) as engine, engine.reading() as db:
        yield db


def _refuse_unfit(db: Connection) -> None:
    if db.dialect.has_table(db, UNDER_WAY):
        raise UnfitDatabase(
            "a move into it or a restore has not come to its end: run that again"
        )
    refuse_older(db, newest())


class Store:
    """One process's way to the database, whichever it is.

    Of several on one machine one `may_lead`. Raise `NotMigrated`, or `UnfitDatabase`
    for one that holds a part of the data, or that needs a newer program.
    """

    def __init__(
        self,
        where: Path | str,
        patience: float = PATIENCE_SECONDS,
        may_lead: bool = True,
    ) -> None:
        self.where = where
        self._may_lead = may_lead
        self._engine = engine_of(where)
        self._writer = Writer(self._engine, patience)
        self._watch: Attendance | None = None
        self._forms = ALL_FORMS
        try:
            self.read(_refuse_unfit)
        except BaseException:
            self.close()
            raise

    def of(self, forms: VisibleForms) -> "Store":
        """Return the same store for somebody who may see these forms alone.

        Every connection that it lends from then on knows it (`visible`).
        """
        theirs = copy(self)
        theirs._forms = forms
        return theirs

    @property
    def shared(self) -> bool:
        """Whether several processes may serve these data."""
        return self._engine.shared

    def attend(self, woken: Callable[[], None], refused: Callable[[str], None]) -> None:
        """Take part in what the processes that serve these data do between them.

        From now until `close`; `woken` is called when there are mails to send, and
        `refused` with the reason once this program may serve the data no longer.
        """
        if self._may_lead:
            self._watch = self._engine.watch(woken, _refuse_unfit, refused)

    @property
    def leading(self) -> bool:
        """Whether this process does what is to be done once by all of them.

        A command, which does not attend, does what it is told.
        """
        return self._may_lead and (self._watch is None or self._watch.leading)

    def let_lead(self, may: bool) -> None:
        """Leave to others what is to be done once, or not any more."""
        if self._watch is not None:
            self._watch.may_lead = may

    def leader(self) -> str:
        """Say who does: this process, another, or none."""
        if self.leading:
            return "this"
        return "another" if self.read(self._engine.is_led) else "none"

    def write(self, job: Job[Result]) -> Result:
        """Run a job in a transaction and return after COMMIT.

        The job sees a connection inside a transaction, and does nothing else than use
        it; if it raises, nothing is stored. Others may write meanwhile, on PostgreSQL,
        but nothing that the job holds (`Connection.hold`): it is run again where two
        hold what the other needs. Raise `StorageUnavailable` when the disk refuses, or
        when it was not its turn for two seconds.
        """
        return self._writer.run(lambda db: job(within(db, self._forms)))

    def waiting(self) -> int:
        """Return how many jobs to write nobody has begun yet."""
        return self._writer.waiting()

    def read(self, job: Job[Result]) -> Result:
        """Run a job on a connection that cannot write, in one snapshot."""
        with self._engine.reading() as db:
            return job(within(db, self._forms))

    def settle(self, number: int) -> None:
        """Wait until no submission with this or a lower number can still come.

        Raise `StorageUnavailable` when somebody writes for longer than writers may.
        """
        for _ in range(1 + int(LONGEST_WRITE / SETTLING_SECONDS)):
            if self._engine.settled() >= number:
                return
            time.sleep(SETTLING_SECONDS)
        raise StorageUnavailable("BUSY: a slow writer")

    def risk(self) -> str:
        """Say what may be lost that was acknowledged, empty for nothing."""
        return self._engine.risk()

    def unfit(self) -> str:
        """Say why a new connection would refuse this server, empty if it would not."""
        return self._engine.unfit()

    def prove_writable(self) -> None:
        """Commit a write that changes no row; raise `StorageUnavailable`."""
        self.write(self._engine.prove_writable)

    def checkpoint(self) -> bool:
        """Have erased text forgotten beside the rows too.

        Return False when a reader was in the way; the next run tries again. Nobody
        who sends waits for that reader.
        """
        if not self.shared:
            return self._writer.run(self._engine.forget_erased, alone=True)
        # Side by side with those who write, and in the turn of none of them.
        with (
            self._engine.passing_faults(),
            closing(self._engine.writing(PATIENCE_SECONDS)) as db,
        ):
            return self._engine.forget_erased(db)

    def renew_search(self) -> None:
        """Have erased words forgotten that the index still holds; may take minutes."""
        self._engine.renew_search()

    def close(self) -> None:
        """Close all connections; what was committed is on disk already."""
        if self._watch:
            self._watch.close()
        self._writer.close()
        self._engine.close()
