"""The form definition: frozen nouns that every shape is made from.

A `FormDefinition` is one form in one language. Structure is the same in every
language; a text that is not translated is the main language's, and says so.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from enum import StrEnum
from functools import cached_property
from typing import Final, Literal

from .conditions import Condition
from .retention import Period, Retention
from .review import Review


class Text(str):
    """A text of the project that knows which language it is written in."""

    lang: str

    def __new__(cls, value: str, lang: str) -> "Text":
        text = super().__new__(cls, value)
        text.lang = lang
        return text

    @property
    def paragraphs(self) -> list["Text"]:
        """The parts between blank lines, each on one line."""
        parts = (" ".join(part.split()) for part in self.split("\n\n"))
        return [Text(part, self.lang) for part in parts if part]


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
    places: frozenset[Channel]
    autocomplete: str
    limits: Limits
    filterable: bool
    expires: bool
    erase_after: Period | None
    version: str

    def required_at(self, channel: Channel) -> bool:
        """Say whether an answer must be given at a place.

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
        """The fields of this section that appear at a place."""
        return tuple(field for field in self.fields if channel in field.places)


@dataclass(frozen=True, slots=True)
class FormPageTexts:
    """What the form's page on the site says."""

    what: Text
    who: Text
    needs: tuple[Text, ...]
    gives: Text
    next: tuple[Text, ...]
    notes: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Texts:
    """Sentences of the form's life; an empty one is not said."""

    receipt: Text
    accepted: Text
    declined: Text
    not_open: Text
    closed: Text
    waiting: Text


@dataclass(frozen=True, slots=True)
class Privacy:
    """The privacy block: notice, record of processing and purge read it."""

    purposes: tuple[Text, ...]
    legal_basis: Text
    recipients: tuple[Text, ...]
    why_needed: Text
    retention: Retention


@dataclass(frozen=True, slots=True)
class PaperOptions:
    """What only the paper form prints."""

    send_to: tuple[Text, ...]
    office_box: bool
    signature: tuple[Text, ...]


class Promotion(StrEnum):
    """Who gives a freed place to the first in line."""

    STAFF = "staff"
    AUTOMATIC = "automatic"


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many fit; counted in rows or in the people field. `place_hold` in hours."""

    count_people: bool
    limit: int
    waiting_list: bool
    place_hold: int
    promotion: Promotion


@dataclass(frozen=True)
class FormDefinition:
    """One form in one language.

    Without slots: what is asked for at every answer is worked out once.
    """

    id: str
    lang: str
    main_language: str
    languages: tuple[str, ...]
    version: str
    dated: date
    title: Text
    summary: Text
    page: FormPageTexts
    texts: Texts
    privacy: Privacy
    paper: PaperOptions
    sections: tuple[Section, ...]
    opens: date | None
    closes: date | None
    capacity: Capacity | None
    event: str | None
    remind_when: Condition | None
    tell_when: Condition | None
    """Who is reminded of the event, and told when it changes; None: everybody."""
    call_when: Condition | None
    """Who has asked to be told the outcome by phone; None: the form does not ask."""
    contact_by_phone: bool
    delicate: bool
    safety: bool
    """Its pages offer help in danger and a quick way out."""
    retired: Mapping[str, str]
    fingerprint: str
    text_hash: str
    review: Review
    country: str

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

    def at(self, channel: Channel) -> tuple[Field, ...]:
        """All fields that appear at a place, in order."""
        return tuple(field for field in self.fields if channel in field.places)

    def sections_at(
        self, channel: Channel
    ) -> Iterator[tuple[Section, tuple[Field, ...]]]:
        """Each section that has fields at a place, with those fields."""
        for section in self.sections:
            if fields := section.at(channel):
                yield section, fields

    def field(self, field_id: str) -> Field:
        """Return a field by id; raise `KeyError` when there is none."""
        return self._by_id[field_id]

    def by_role(self, role: Role) -> Field | None:
        """Return the one field that has this role, or None."""
        return self._by_role.get(role)
