"""What a process hears of the others on one PostgreSQL: mails to send, and who leads.

One connection for both. Of all processes the one that holds the session's lock does
what is to be done once: the server frees it when the connection ends, also where a
machine has died, and another takes it within seconds.
"""

import logging
import threading
from collections.abc import Callable
from contextlib import closing

import psycopg

from .connection import Connection, StorageUnavailable, UnfitDatabase
from .postgres import PostgresConnection, connect

# "lead" in ASCII: fits into one half of the key of a lock.
LEADING = int.from_bytes(b"lead")
MAILS = "forms_mails"
LOOK_SECONDS = 0.5
# A newer program may have changed the data so that this one must not serve them.
LOOKS_UNTIL_FIT = 10
# However many mails are queued, others are told and senders are woken so often.
PAUSE_SECONDS = 0.1
AGAIN_SECONDS = 2.0
# A frozen server: the lock is lost with the connection, which is noticed before the
# server itself takes a client for gone.
SILENCE_SECONDS = 5.0
KEEPALIVES = (
    f"LISTEN {MAILS}; SET tcp_keepalives_idle = 8; SET tcp_keepalives_interval = 4; "
    "SET tcp_keepalives_count = 2; SET tcp_user_timeout = 16000"
)

log = logging.getLogger(__name__)


class PostgresWatch:
    """The thread that waits on a connection of its own, from now until `close`."""

    def __init__(
        self,
        url: str,
        woken: Callable[[], None],
        fit: Callable[[Connection], None],
        refused: Callable[[str], None],
    ) -> None:
        self._url, self._woken, self._fit, self._refused = url, woken, fit, refused
        self._stop = threading.Event()
        self.leading = False
        self.may_lead = True
        self._thread = threading.Thread(target=self._run, name="watch", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End the thread: whoever else may lead does."""
        self._stop.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with closing(connect(self._url)) as db:
                    self._watch(db)
            except (psycopg.Error, StorageUnavailable) as error:
                log.warning("watch: connection lost (%s)", type(error).__name__)
            except UnfitDatabase as error:
                self._stop.set()
                self._refused(str(error))
            self.leading = False
            self._stop.wait(AGAIN_SECONDS)

    def _watch(self, db: PostgresConnection) -> None:
        db.longest = SILENCE_SECONDS
        db.at_once(KEEPALIVES)
        # What was queued while nobody listened.
        self._woken()
        look, heard = 0, False
        while not self._stop.is_set():
            if look % LOOKS_UNTIL_FIT == 0:
                self._fit(db)
            look += 1
            self._lead(db)
            # Once more after a pause: what was queued in it nobody told.
            again, longest = heard, 0.0 if heard else LOOK_SECONDS
            heard = bool(list(db.notifies(timeout=longest, stop_after=1)))
            if heard or again:
                self._woken()
            if heard:
                self._stop.wait(PAUSE_SECONDS)

    def _lead(self, db: Connection) -> None:
        """Take the lead where it is free, give it up where another is to have it."""
        if self.leading and not self.may_lead:
            self.leading = False
            db.execute(f"SELECT pg_advisory_unlock({LEADING})")
        elif self.leading:
            db.execute("SELECT 1")
        elif self.may_lead:
            row = db.execute(f"SELECT pg_try_advisory_lock({LEADING})").fetchone()
            if row[0]:
                self.leading = True
                log.info("this process leads: it does what is done by the clock")


def is_led(db: Connection) -> bool:
    """Say whether any process leads."""
    row = db.execute(
        "SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND granted "
        f"AND classid = 0 AND objid = {LEADING} AND objsubid = 1 AND database = "
        "(SELECT oid FROM pg_database WHERE datname = current_database())"
    ).fetchone()
    return row is not None
