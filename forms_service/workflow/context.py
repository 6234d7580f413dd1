"""What every verb works with: the store, the content, the tokens and the clock."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from math import inf
from typing import TypeVar
from zoneinfo import ZoneInfo

from ..caches import Cache
from ..clock import Clock, Machine, system_clock
from ..content import Content, Event, stored_form
from ..definition import Anchor, FormDefinition, FormDocument, Period, purge_after
from ..definition.options import Register
from ..store import definitions, search
from ..store.connection import Connection
from ..store.data_folder import DataFolder
from ..store.database import Store
from ..store.submissions import Submission
from ..tokens import Tokens
from .timekeeper import Timekeeper

_VersionKey = tuple[str, str, str, str]


def _key_of(submission: Submission) -> _VersionKey:
    answered = (submission.form_id, submission.fingerprint)
    return (*answered, submission.lang, submission.text_hash)


@dataclass(frozen=True)
class WorkflowContext:
    """The arguments that all verbs share."""

    store: Store
    content: Content
    tokens: Tokens
    clock: Clock
    folder: DataFolder
    timekeeper: Timekeeper | None = None
    _versions: Cache[FormDefinition] = field(
        default_factory=lambda: Cache("stored versions"), repr=False
    )
    _events: dict[str, Mapping[str, Event]] = field(default_factory=dict, repr=False)

    @property
    def today(self) -> date:
        """The day it is in the project's zone."""
        return self.clock().astimezone(self.zone).date()

    def destroying(self) -> datetime:
        """Return the moment that decides what is erased and which links have ended."""
        return self.timekeeper.destroying() if self.timekeeper else self.clock()

    @property
    def zone(self) -> ZoneInfo:
        """The project's time zone."""
        return self.content.project.zone

    @property
    def forms(self) -> list[FormDefinition]:
        """Today's forms, in the main language."""
        return [self.content.form(form_id) for form_id in self.content.forms]

    def form_today(self, form_id: str) -> FormDefinition | None:
        """Return today's form in the main language; None when it is no longer there."""
        return self.content.form(form_id) if form_id in self.content.forms else None

    def form_of(
        self, db: Connection, submission: Submission, lang: str | None = None
    ) -> FormDefinition:
        """Return the form exactly as this submission answered it.

        With `lang` the same version in the main language instead (what staff read).
        """
        main = self.content.main_language
        if main in (lang, submission.lang):
            return self.version_of(db, submission.form_id, submission.fingerprint)
        return self._version(db, _key_of(submission))

    def today_if_answered(self, submission: Submission) -> FormDefinition | None:
        """Return what `form_of` does, where that is a form of today still."""
        return self._today(_key_of(submission))

    def promise_of(self, db: Connection, submission: Submission) -> FormDefinition:
        """Return the version by which a row is kept: answered, or renewed by, last."""
        accepted = submission.promise or submission.fingerprint
        return self.version_of(db, submission.form_id, accepted)

    def register_of(self, form_id: str) -> Register | None:
        """Return what a form of today says of its register; None when it keeps none."""
        form = self.form_today(form_id)
        return form.register if form else None

    def version_of(
        self, db: Connection, form_id: str, fingerprint: str
    ) -> FormDefinition:
        """Return a version of a form in the main language."""
        main = self.content.main_language
        return self._version(db, (form_id, fingerprint, main, fingerprint))

    def _version(self, db: Connection, key: _VersionKey) -> FormDefinition:
        today = self._today(key)
        return today or self._versions.get(key, lambda: self._stored(db, key))

    def _today(self, key: _VersionKey) -> FormDefinition | None:
        form_id, fingerprint, lang, text_hash = key
        # Texts around the questions may have changed since the version was published.
        today = self.content.forms.get(form_id, {}).get(lang)
        same = today and (today.fingerprint, today.text_hash) == (
            fingerprint,
            text_hash,
        )
        return today if same else None

    def _stored(self, db: Connection, key: _VersionKey) -> FormDefinition:
        form_id, fingerprint, lang, text_hash = key
        document = definitions.document(db, form_id, fingerprint)
        if document is None:
            raise LookupError(f"version {fingerprint} of {form_id} was never published")
        overlay = definitions.overlay(db, form_id, fingerprint, lang, text_hash)
        today = self.content.forms.get(form_id, {})
        main = self.content.main_language
        languages = tuple(today) or (main,)
        country = self.content.project.country
        return stored_form(
            FormDocument(form_id, document, main, languages, lang, overlay, country)
        )

    def take_events(self, events: Mapping[str, Mapping[str, Event]]) -> None:
        """Go on with events as they were just read; forms stay as at the start."""
        self._events.update(events)

    def event_of(self, form: FormDefinition, lang: str = "") -> Event | None:
        """Return the event a form is about as it stands now, or None.

        Where it is not translated, in the main language.
        """
        about = (self.form_today(form.id) or form).event or ""
        return self.event(about, lang) if about in self.events else None

    def event(self, event_id: str, lang: str = "") -> Event:
        """Return an event as it stands now; raise `KeyError` when there is none."""
        languages = self.events[event_id]
        return languages.get(lang) or languages[self.content.main_language]

    @property
    def events(self) -> Mapping[str, Mapping[str, Event]]:
        """All events as they were last read, by language."""
        return {**self.content.events, **self._events}

    def forms_about(self, event_id: str) -> list[FormDefinition]:
        """Return the forms of today that are about an event."""
        return [form for form in self.forms if form.event == event_id]

    def retention_end(
        self,
        form: FormDefinition,
        status: str,
        sent: datetime,
        decided: datetime | None,
        renewed: datetime | None = None,
    ) -> datetime:
        """Return the promised day of erasure of a submission in a state."""
        period = form.privacy.retention.of(status)
        return self.period_end(form, period, sent, decided, renewed)

    def period_end(
        self,
        form: FormDefinition,
        period: Period,
        sent: datetime,
        decided: datetime | None,
        renewed: datetime | None = None,
    ) -> datetime:
        """Return when a period of this form is over, for a row or for one answer.

        Who was never asked whether they stay has said so when they were accepted.
        """
        event = self.event_of(form)
        moments = {
            Anchor.SENDING: sent,
            Anchor.DECISION: decided,
            Anchor.EVENT: event.retention_day if event else None,
            Anchor.RENEWAL: renewed or decided,
        }
        return purge_after(period, moments, self.zone)


def context_of(
    production: bool,
    store: Store,
    content: Content,
    tokens: Tokens,
    folder: DataFolder,
    clock: Clock = system_clock,
) -> WorkflowContext:
    """Return what all verbs share; in production a clock that lies erases nothing."""
    if not production:
        return WorkflowContext(store, content, tokens, clock, folder)
    keeper = Timekeeper(store, Machine(clock))
    return WorkflowContext(store, content, tokens, keeper.written, folder, keeper)


# What is written in the same transaction as a verb.
Also = Callable[[Connection], object]


def alone(db: Connection) -> None:
    """Write nothing beside the verb."""


# Acts on many rows come in steps, so that nobody who sends waits for them.

Item = TypeVar("Item")

# What one transaction may do at most, and what it leaves to the others after it.
ROWS = 200
SECONDS = 0.05
PAUSE_SECONDS = 0.05


def one_step(items: Iterable[Item]) -> Iterator[Item]:
    """Yield the items that fit into one transaction: at least one, if there is any."""
    ends = time.monotonic() + SECONDS
    for item in islice(items, ROWS):
        yield item
        if time.monotonic() >= ends:
            return


def forget_erased(context: WorkflowContext, seconds: float = inf) -> None:
    """Leave no erased word in the search and beside the rows, in steps.

    What does not fit into the seconds is left to the next purge; so is what a reader
    was in the way of, and what a server with many takes minutes for.
    """
    ends = time.monotonic() + seconds
    while context.store.read(search.untidy) and time.monotonic() < ends:
        context.store.write(search.tidy)
        time.sleep(PAUSE_SECONDS if context.store.read(search.untidy) else 0)
    if seconds == inf or not context.store.shared:
        context.store.checkpoint()
