"""What runs beside the web: mails leave, events are told, places lapse, data go.

Each step is a plain function that a test may call; a thread only repeats it. State
changes through `workflow`; composing and sending happen outside any transaction.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from .clock import seconds_running
from .config import STAFF_IDLE, STAFF_LONGEST
from .content.loading import EventFiles
from .mail.breaker import Breaker
from .mail.compose import compose
from .mail.mailbox import Mailbox
from .mail.return_path import return_path
from .mail.transport import (
    MailSession,
    RecipientRefused,
    Transport,
    Unreachable,
    whereabouts,
)
from .store.alarms import Alarm, AlarmKind
from .store.backup import beside, drop_copies
from .store.connection import StorageUnavailable
from .store.outbox import StoredMail
from .store.submissions import NotFound
from .workflow import mail_delivery, mail_queue, maintenance, reminding, timekeeping
from .workflow.alarm_watch import AlarmWatch
from .workflow.context import WorkflowContext
from .workflow.erasing import copies_kept, keep_erased, prune_ledger
from .workflow.incoming_mail import ReturnsLoop
from .workflow.leading import Round
from .workflow.log_sealing import keep_sealed
from .workflow.newest_content import is_newest

# Mails in one connection, at most.
BATCH = 50
SENDERS = 4
# So many of them leave to the others what has failed, and what goes the same way.
SMOOTH_SENDERS = 2

MAIL_EVERY = 1.0
SEARCH_EVERY = 5.0
SEAL_EVERY = 1.0
FOLD_EVERY = 1.0
MINUTE = 60.0
HOUR = 3600.0
AFTER_A_FAULT = 15.0
# What many rows make long begins after the first pages that people open.
FIRST = {"alarms": MINUTE, "each-hour": 1.0, "log": 1.0, "search": SEARCH_EVERY}
# Between the claim of a mail and its try: the lease is as long as both.
TO_BEGIN = 60.0
# Without a server, and without the end of a round: somebody is to look.
NO_SERVER, STANDSTILL = 900.0, 1800.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MailRoute:
    """How mails leave: which way, from whom, linking where; and come back whereto."""

    transport: Transport
    sender: str
    base_url: str
    mailbox: Mailbox | None = None


def send_due(context: WorkflowContext, route: MailRoute, smooth: bool = False) -> int:
    """Try what is due, in one session and one batch at most; return how many.

    Raise `Unreachable` at the first mail that finds no server: the others wait.
    """
    with route.transport.session() as session:
        for tried in range(BATCH):
            began = seconds_running()
            mail = mail_delivery.claim(context, smooth)
            if mail is None:
                return tried
            _send(context, route, session, mail, began)
    return BATCH


def _send(
    context: WorkflowContext,
    route: MailRoute,
    session: MailSession,
    mail: StoredMail,
    began: float,
) -> None:
    try:
        message = mail_delivery.message_of(context, mail, route.base_url)
        written = compose(message, route.sender, context.clock())
        recipient = written["To"].addresses[0].addr_spec
        back = return_path(context.tokens, route.sender, mail.id, context.clock())
        if seconds_running() - began > TO_BEGIN:
            # Stopped meanwhile: with a whole try the lease would be over.
            raise RecipientRefused(f"not begun within {TO_BEGIN:g} s")
        session.send(
            written,
            recipient,
            patient=mail.attempts > 1,
            return_path=back if route.mailbox else "",
        )
    except Unreachable as error:
        mail_delivery.put_back(context, mail, error.reason)
        raise
    except RecipientRefused as error:
        mail_delivery.report_failure(context, mail, error.reason, error.permanent)
    except StorageUnavailable:
        raise
    except NotFound:
        # Erased since it was claimed; the mail went with the submission.
        return
    except Exception as error:
        # One mail that cannot be written must not stop the others.
        log.error("mail %s: %s", mail.id, whereabouts(error))
        mail_delivery.report_failure(context, mail, type(error).__name__)
    else:
        mail_delivery.report_sent(context, mail)


def each_minute(context: WorkflowContext) -> None:
    """Look at the clock; who leads passes on free places, tells of news."""
    timekeeping.tick(context, context.store.leading)
    keep_erased(context)
    if context.store.leading:
        maintenance.release_lapsed(context)
        mail_queue.queue_digests(context)


def each_look(context: WorkflowContext, files: EventFiles) -> None:
    """Read event files that have changed; who leads reminds, and tells changes."""
    changed = reminding.reread(context, files)
    newest = is_newest(context, changed)
    context.store.let_lead(newest)
    if newest and context.store.leading:
        if changed:
            maintenance.refresh_retention(context)
        reminding.announce(context)


def each_hour(context: WorkflowContext, data_dir: Path) -> None:
    """Drop this machine's old copies; who leads erases what is due, sessions too."""
    now = context.destroying()
    if context.store.leading:
        maintenance.refresh_retention(context)
        if erased := maintenance.purge(context):
            log.info("erased %d submissions whose day had come", len(erased))
        maintenance.drop_sessions(context, now - STAFF_IDLE, now - STAFF_LONGEST)
    prune_ledger(context)
    drop_copies(beside(context.store.where, data_dir), now - copies_kept(context))


class MailLoop:
    """Send what is due again and again; keep the silence while there is no server."""

    def __init__(
        self,
        context: WorkflowContext,
        route: MailRoute,
        breaker: Breaker,
        smooth: bool = False,
    ) -> None:
        self._work = context
        self._route = route
        self._breaker = breaker
        self._smooth = smooth

    def __call__(self) -> float:
        """Send once and return the seconds until the next time."""
        with self._breaker.turn() as mine:
            if not mine:
                return MAIL_EVERY
            try:
                tried = send_due(self._work, self._route, self._smooth)
            except Unreachable as error:
                self._breaker.failed(error.reason)
                return MAIL_EVERY
            if tried:
                self._breaker.succeeded()
        return 0.0 if tried == BATCH else MAIL_EVERY


class Workers:
    """The threads of one serving process."""

    def __init__(
        self,
        context: WorkflowContext,
        route: MailRoute,
        data_dir: Path,
        of_web: Callable[[], Sequence[Alarm]] = tuple,
    ) -> None:
        self._stop = threading.Event()
        self._of_web = of_web
        self._store, led = context.store, partial(Round, context.store)
        files = EventFiles(context.content)
        breaker = self._breaker = Breaker()
        self._returns = ReturnsLoop(context, route.mailbox)
        watch = AlarmWatch(context, data_dir, self.alarms)
        senders = {
            f"mail-{n}": MailLoop(context, route, breaker, smooth=n < SMOOTH_SENDERS)
            for n in range(SENDERS)
        }
        rounds = senders | {
            "each-minute": led(lambda: each_minute(context), MINUTE, everywhere=True),
            "events": led(lambda: each_look(context, files), MINUTE, everywhere=True),
            "search": led(lambda: maintenance.update_search(context), SEARCH_EVERY),
            "counts": led(lambda: maintenance.fold_counts(context), FOLD_EVERY),
            "log": led(lambda: keep_sealed(context), SEAL_EVERY),
            "each-hour": led(
                lambda: each_hour(context, data_dir), HOUR, everywhere=True
            ),
            "bounces": self._returns,
            "alarms": _repeat(watch.look, MINUTE),
        }
        self._pauses = {name: threading.Event() for name in rounds}
        self._senders = [*senders]
        # When each of them is to begin its next round.
        self._due = dict.fromkeys(rounds, time.monotonic())
        self._threads = [
            threading.Thread(target=self._run, args=[step], name=name, daemon=True)
            for name, step in rounds.items()
        ]

    def alarms(self) -> list[Alarm]:
        """Return what only this process knows: that a thread stands still, a flood."""
        late = time.monotonic() - STANDSTILL
        still = [
            thread.name
            for thread in self._threads
            if not thread.is_alive() or self._due[thread.name] < late
        ]
        found = [Alarm(AlarmKind.STOPPED, {"part": ", ".join(still)})] if still else []
        if (seconds := self._breaker.failing_for) >= NO_SERVER:
            minutes = int(seconds // MINUTE)
            found.append(Alarm(AlarmKind.MAIL_SERVER, {"minutes": minutes}))
        if (seconds := self._returns.failing_for) >= NO_SERVER:
            minutes = int(seconds // MINUTE)
            found.append(Alarm(AlarmKind.BOUNCES, {"minutes": minutes}))
        return [*found, *self._of_web()]

    def start(self, refused: Callable[[str], None] = log.critical) -> None:
        """Start all loops, and take part in what other processes do."""
        self._store.attend(self._wake, refused)
        for thread in self._threads:
            thread.start()

    def stop(self, seconds: float = 5.0) -> bool:
        """Ask all loops to end and wait; False when one is still busy.

        Leaving a busy one behind loses nothing: its lease expires.
        """
        self._stop.set()
        for pause in self._pauses.values():
            pause.set()
        for thread in self._threads:
            thread.join(seconds)
        return not any(thread.is_alive() for thread in self._threads)

    def _run(self, step: Callable[[], float]) -> None:
        name = threading.current_thread().name
        self._stop.wait(FIRST.get(name, 0.0))
        while not self._stop.is_set():
            pause = one_round(name, step)
            self._due[name] = time.monotonic() + pause
            if self._pauses[name].wait(pause) and not self._stop.is_set():
                self._pauses[name].clear()

    def _wake(self) -> None:
        for name in self._senders:
            self._pauses[name].set()


def one_round(name: str, step: Callable[[], float]) -> float:
    """Do one step whatever happens in it; return the seconds until the next."""
    try:
        return step()
    except StorageUnavailable as error:
        log.warning("%s: storage unavailable (%s)", name, error)
    except Exception as error:
        # A loop that dies silently would break promises weeks later.
        log.error("%s: %s", name, whereabouts(error))
    return AFTER_A_FAULT


def _repeat(step: Callable[[], None], seconds: float) -> Callable[[], float]:
    def once() -> float:
        step()
        return seconds

    return once
