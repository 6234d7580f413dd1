"""What runs beside the web: mails leave, events are told, places lapse, data go.

Each step is a plain function that a test may call; a thread only repeats it. State
changes through `workflow`; composing and sending happen outside any transaction.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import chain
from pathlib import Path

from .clock import seconds_running
from .content.loading import EventFiles
from .loops import Loops, Step, repeated
from .mail.breaker import Breaker
from .mail.compose import compose
from .mail.mailbox import Mailbox
from .mail.policy_refusals import PolicyRefusals, by_policy
from .mail.return_path import return_path
from .mail.transport import (
    MailSession,
    RecipientRefused,
    RefusesEverybody,
    Transport,
    Unreachable,
    whereabouts,
)
from .siblings import ALONE, Siblings, SiblingSilent
from .staff_session import STAFF_IDLE, STAFF_LONGEST
from .store.alarms import Alarm, AlarmKind
from .store.backup import beside, drop_copies
from .store.connection import StorageUnavailable
from .store.outbox import StoredMail
from .store.submissions import NotFound
from .workflow import (
    mail_delivery,
    mail_queue,
    maintenance,
    purging,
    reminding,
    timekeeping,
)
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
# What many rows make long begins after the first pages that people open.
FIRST = {"alarms": MINUTE, "each-hour": 1.0, "log": 1.0, "search": SEARCH_EVERY}
# Between the claim of a mail and its try: the lease is as long as both.
TO_BEGIN = 60.0
# What siblings tell and ask each other, and how often they look at the clock.
EVENTS, STILL, SECONDS_APART = "events", "still", 5.0
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
    refusals: PolicyRefusals = field(default_factory=PolicyRefusals, compare=False)


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
        refused = by_policy(error) and route.refusals.refused(mail.id, mail.email)
        if refused:
            mail_delivery.set_aside(context, refused, error.reason)
            raise RefusesEverybody(error.reason) from error
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
        route.refusals.taken(mail.id)
        mail_delivery.report_sent(context, mail)


def each_minute(context: WorkflowContext) -> None:
    """Look at the clock; who leads passes on free places, tells of news."""
    timekeeping.tick(context, context.store.leading)
    keep_erased(context)
    if context.store.leading:
        maintenance.release_lapsed(context)
        mail_queue.queue_digests(context)


def each_look(context: WorkflowContext, files: EventFiles) -> bool:
    """Read event files, say whether any changed; who leads reminds, tells changes."""
    changed = reminding.reread(context, files)
    newest = is_newest(context, changed)
    context.store.let_lead(newest)
    if newest and context.store.leading:
        if changed:
            purging.refresh_retention(context)
        reminding.announce(context)
    return changed


def each_hour(context: WorkflowContext, data_dir: Path) -> None:
    """Drop this machine's old copies; who leads erases what is due, sessions too."""
    now = context.destroying()
    if context.store.leading:
        purging.refresh_retention(context)
        if erased := purging.purge(context):
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
        self._context = context
        self._route = route
        self._breaker = breaker
        self._smooth = smooth

    def __call__(self) -> float:
        """Send once and return the seconds until the next time."""
        with self._breaker.turn() as mine:
            if not mine:
                return MAIL_EVERY
            try:
                tried = send_due(self._context, self._route, self._smooth)
            except Unreachable as error:
                refuses = isinstance(error, RefusesEverybody)
                self._breaker.failed(error.reason, refuses)
                return MAIL_EVERY
            if tried:
                self._breaker.succeeded()
        return 0.0 if tried == BATCH else MAIL_EVERY


class Workers:
    """The loops of one serving process; of siblings the first does nearly all."""

    def __init__(
        self,
        context: WorkflowContext,
        route: MailRoute,
        data_dir: Path,
        of_web: Callable[[], Sequence[Alarm]] = tuple,
        siblings: Siblings = ALONE,
    ) -> None:
        self._of_web, self._siblings, self._store = of_web, siblings, context.store
        self._breaker = breaker = Breaker()
        self._returns = ReturnsLoop(context, route.mailbox)
        self._senders = {
            f"mail-{n}": MailLoop(context, route, breaker, smooth=n < SMOOTH_SENDERS)
            for n in range(SENDERS)
        }
        led, files = partial(Round, context.store), EventFiles(context.content)
        events = led(lambda: self._look(context, files), MINUTE, everywhere=True)
        if siblings.first:
            steps: dict[str, Step] = {
                **self._senders,
                "each-minute": led(lambda: each_minute(context), MINUTE, True),
                "events": events,
                "search": led(lambda: maintenance.update_search(context), SEARCH_EVERY),
                "counts": led(lambda: maintenance.fold_counts(context), FOLD_EVERY),
                "log": led(lambda: keep_sealed(context), SEAL_EVERY),
                "each-hour": led(lambda: each_hour(context, data_dir), HOUR, True),
                "bounces": self._returns,
                "alarms": repeated(
                    AlarmWatch(context, data_dir, self.alarms).look, MINUTE
                ),
            }
        else:
            tick = partial(timekeeping.tick, context, leads=False)
            steps = {"clock": repeated(tick, SECONDS_APART), "events": events}
        self._loops = Loops(steps, FIRST)
        siblings.subscribe(EVENTS, lambda: self._loops.wake([EVENTS]))
        siblings.answer(STILL, lambda: self._loops.still(STANDSTILL))

    def _look(self, context: WorkflowContext, files: EventFiles) -> None:
        if each_look(context, files):
            self._siblings.broadcast(EVENTS)

    def alarms(self) -> list[Alarm]:
        """Return what only these processes know: a thread stands still, a flood."""
        still = self._loops.still(STANDSTILL)
        try:
            still += chain(*self._siblings.ask(STILL))
        except SiblingSilent:
            still.append("process")
        found = [Alarm(AlarmKind.STOPPED, {"part": ", ".join(still)})] if still else []
        if (seconds := self._breaker.failing_for) >= NO_SERVER:
            minutes, reason = int(seconds // MINUTE), self._breaker.refuses
            refused = {"minutes": minutes, "reason": reason}
            found.append(
                Alarm(AlarmKind.MAIL_REFUSED, refused)
                if reason
                else Alarm(AlarmKind.MAIL_SERVER, {"minutes": minutes})
            )
        if (seconds := self._returns.failing_for) >= NO_SERVER:
            minutes = int(seconds // MINUTE)
            found.append(Alarm(AlarmKind.BOUNCES, {"minutes": minutes}))
        return [*found, *self._of_web()]

    def start(self, refused: Callable[[str], None] = log.critical) -> None:
        """Start all loops, and take part in what other processes do."""
        self._store.attend(lambda: self._loops.wake(self._senders), refused)
        self._loops.start()

    def stop(self, seconds: float = 5.0) -> bool:
        """Ask all loops to end and wait; False when one is still busy.

        Leaving a busy one behind loses nothing: its lease expires.
        """
        return self._loops.stop(seconds)
