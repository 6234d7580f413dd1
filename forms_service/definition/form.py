"""The form definition: frozen nouns that every shape is made from.

A `FormDefinition` is one form in one language. Structure is the same in every
language; a text that is not translated is the main language's, and says so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from functools import cached_property
from typing import Annotated, Final, Literal

from .conditions import Condition
from .options import (
    Capacity,
    Contact,
    DeclineReason,
    DeskOptions,
    PaperOptions,
    Purpose,
    Register,
)
from .retention import Period, Retention
from .texts import Key, Needed, Review, Text


class Channel(StrEnum):
    """Where a person meets a field: on the web, on paper, or at the desk."""

    WEB = "web"
    PDF = "pdf"
    DESK = "desk"


class Role(StrEnum):
    """What the service itself does with an answer; a column is derived from each."""

    NAME = "name"
    EMAIL = "email"
    PHONE = "phone"
    ORGANISATION = "organisation"
    PEOPLE = "people"


@dataclass(frozen=True, slots=True)
class Choice:
    """One option of a choice field; the id is stored, the label is shown."""

    id: str
    label: Text


# A bound that moves: the day on which the answer is given.
TODAY: Final = "today"
Bound = int | date | time | Literal["today"] | None


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of an answer: characters, value, date, hour or number of ticks by type."""

    min: Bound = None
    max: Bound = None

    def numbers(self) -> tuple[int | None, int | None]:
        """Return both bounds of a number, a length or a count of ticks."""
        low, high = self.min, self.max
        return (
            low if isinstance(low, int) else None,
            high if isinstance(high, int) else None,
        )

    def hours(self) -> tuple[time | None, time | None]:
        """Return both bounds of an hour of the day."""
        low, high = self.min, self.max
        return (
            low if isinstance(low, time) else None,
            high if isinstance(high, time) else None,
        )

    def days(self, today: date | None) -> tuple[date | None, date | None]:
        """Return both bounds of a date; a moving one needs to know today."""
        low, high = (
            today if bound == TODAY else bound for bound in (self.min, self.max)
        )
        return (
            low if isinstance(low, date) else None,
            high if isinstance(high, date) else None,
        )


@dataclass(frozen=True, slots=True)
class Field:
    """One thing asked, or one text shown, at a permanent id."""

    id: str
    type: str
    label: Text
    hint: Text
    error: Text
    text: Text
    purpose: Text
    required: bool
    role: Role | None
    choices: tuple[Choice, ...]
    when: Condition | None
    required_when: Condition | None
    channels: frozenset[Channel]
    autocomplete: str
    limits: Limits
    filterable: bool
    expires: bool
    erase_after: Period | None
    version: str

    def required_at(self, channel: Channel) -> bool:
        """Say whether an answer must be given in a channel.

        An address is needed only where a mail is the way to prove who asked: on
        paper and at the desk nobody is turned away for having none.
        """
        return self.required and (channel is Channel.WEB or self.role is not Role.EMAIL)

    def choice(self, choice_id: str) -> Choice | None:
        """Return the option with this id, or None."""
        return next((c for c in self.choices if c.id == choice_id), None)


@dataclass(frozen=True, slots=True)
class Section:
    """A titled group of fields."""

    id: str
    title: Text
    intro: Text
    fields: tuple[Field, ...]

    def at(self, channel: Channel) -> tuple[Field, ...]:
        """The fields of this section that appear in a channel."""
        return tuple(field for field in self.fields if channel in field.channels)


@dataclass(frozen=True, slots=True)
class FormPageTexts:
    """What the form's page on the site says."""

    what: Needed
    who: Needed
    needs: tuple[Text, ...]
    gives: Text
    next: Annotated[tuple[Text, ...], Key("what happens after sending, step by step")]
    notes: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Texts:
    """Sentences of the form's life; an empty one is not said."""

    receipt: Annotated[Text, Key("what happens next", required=True)]
    accepted: Annotated[Text, Key("body of the mail when accepted", required=True)]
    declined: Annotated[Text, Key("body of the mail when declined", required=True)]
    not_open: Text
    closed: Text
    waiting: Text


@dataclass(frozen=True, slots=True)
class Privacy:
    """The privacy block: notice, record of processing and purge read it."""

    purposes: Annotated[tuple[Text, ...], Key(required=True)]
    legal_basis: Needed
    recipients: tuple[Text, ...]
    why_needed: Annotated[Text, Key("what happens without the data", required=True)]
    retention: Retention


@dataclass(frozen=True)
class FormDefinition:
    """One form in one language; without slots, to work out its parts once."""

    id: str
    lang: str
    main_language: str
    languages: tuple[str, ...]
    version: Annotated[str, Key("raise it when the questions change", required=True)]
    dated: Annotated[date, Key("day of this version, printed on paper")]
    title: Needed
    summary: Annotated[Text, Key("one sentence for lists", required=True)]
    page: FormPageTexts
    texts: Texts
    privacy: Privacy
    paper: PaperOptions
    desk: DeskOptions
    register: Register | None
    sections: tuple[Section, ...]
    opens: Annotated[date | None, Key("first day; null: not decided, so not open")]
    closes: Annotated[date | None, Key("last day, included; null: no end")]
    capacity: Capacity | None
    event: Annotated[str | None, Key("name of a file in content/events")]
    remind_when: Annotated[
        Condition | None, Key("who is reminded of the event; absent: everybody")
    ]
    tell_when: Annotated[
        Condition | None, Key("who is told of its changes; absent: everybody")
    ]
    call_when: Annotated[
        Condition | None, Key("who has asked to be told the outcome by phone")
    ]
    answer_within: Annotated[
        Period | None, Key("when a decision is promised: {days: 30} or {months: 1}")
    ]
    reasons: Annotated[tuple[DeclineReason, ...], Key("why a request is declined")]
    purposes: Annotated[
        tuple[Purpose, ...], Key("what staff may write to many people about")
    ]
    contact: Annotated[Contact, Key(default=Contact.EMAIL)]
    delicate: Annotated[bool, Key("the personal page shows no answers, mails no names")]
    safety: Annotated[bool, Key("its pages offer help in danger and a quick way out")]
    retired: Annotated[
        Mapping[str, str], Key("ids of fields of the past, with their last version")
    ]
    fingerprint: str
    text_hash: str
    review: Review
    country: str

    @property
    def contact_by_phone(self) -> bool:
        """Say whether a phone number is enough to reach a person."""
        return self.contact is Contact.EMAIL_OR_PHONE

    def __hash__(self) -> int:
        return hash((self.id, self.lang, self.fingerprint, self.text_hash))

    @cached_property
    def fields(self) -> tuple[Field, ...]:
        """All fields in the order of the form."""
        return tuple(field for section in self.sections for field in section.fields)

    @cached_property
    def _by_id(self) -> Mapping[str, Field]:
        return {field.id: field for field in self.fields}

    @cached_property
    def _by_role(self) -> Mapping[Role, Field]:
        return {field.role: field for field in self.fields if field.role}

    @cached_property
    def _at(self) -> Mapping[Channel, tuple[Field, ...]]:
        return {
            channel: tuple(field for field in self.fields if channel in field.channels)
            for channel in Channel
        }

    def at(self, channel: Channel) -> tuple[Field, ...]:
        """All fields that appear in a channel, in order."""
        return self._at[channel]

    def sections_at(
        self, channel: Channel
    ) -> Iterator[tuple[Section, tuple[Field, ...]]]:
        """Each section that has fields in a channel, with those fields."""
        for section in self.sections:
            if fields := section.at(channel):
                yield section, fields

    def field(self, field_id: str) -> Field:
        """Return a field by id; raise `KeyError` when there is none."""
        return self._by_id[field_id]

    def by_role(self, role: Role) -> Field | None:
        """Return the one field that has this role, or None."""
        return self._by_role.get(role)
