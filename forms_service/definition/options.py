"""What a form says of paper, the desk, its places and how people are reached."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from .retention import Period
from .texts import Key, NeededWord, Text


@dataclass(frozen=True, slots=True)
class PaperOptions:
    """What only the paper form prints."""

    send_to: tuple[Text, ...]
    office_box: Annotated[bool, Key(default=True)]
    signature: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class DeskOptions:
    """How staff see the requests of a form; nobody answers to it."""

    columns: Annotated[
        tuple[str, ...], Key("ids of fields that the list of requests shows")
    ]


@dataclass(frozen=True, slots=True)
class Register:
    """That who is accepted stays in a list of people who can be asked for help.

    A correction by a member changes no state there; nobody answers to it.
    """

    name: Annotated[Text, Key("what staff call it, in one word", required=True)]
    question: Annotated[Text, Key("asked of who may stay", required=True)]
    stay: Annotated[Text, Key("the button of who stays", required=True)]
    renew: Annotated[
        Period | None, Key("so long after acceptance each is asked whether they stay")
    ]
    remind: Annotated[Period | None, Key("so long after that, once more")]
    pause: Annotated[bool, Key("staff may note until when somebody has no time")]
    show: Annotated[tuple[str, ...], Key("ids of fields shown of each who is found")]
    together: Annotated[
        tuple[str, ...], Key("ids of fields asked apart, as days and hours are")
    ]

    @property
    def asks_after(self) -> tuple[Period, ...]:
        """So long each waits until they are asked first, and then once more."""
        return tuple(period for period in (self.renew, self.remind) if period)


@dataclass(frozen=True, slots=True)
class DeclineReason:
    """Why a request is declined: chosen by staff, read by the person, counted."""

    id: NeededWord
    label: Annotated[str, Key("what staff choose", required=True)]
    text: Annotated[Text, Key("what the person reads in the email", required=True)]


@dataclass(frozen=True, slots=True)
class Purpose:
    """What staff may write to many people about, and the subject of those mails."""

    id: NeededWord
    label: Annotated[str, Key("what staff choose", required=True)]
    subject: Annotated[Text, Key("of the email, seen on locked screens", required=True)]


class Contact(StrEnum):
    """By which answer a person is reached."""

    EMAIL = "email"
    EMAIL_OR_PHONE = "email_or_phone"


class Counted(StrEnum):
    """What a place is: a submission, or each of the people it names."""

    ROWS = "rows"
    PEOPLE = "people"


class Promotion(StrEnum):
    """Who gives a freed place to the first in line."""

    STAFF = "staff"
    AUTOMATIC = "automatic"


@dataclass(frozen=True, slots=True)
class Capacity:
    """How many fit, and what becomes of the others."""

    count: Annotated[Counted, Key(default=Counted.ROWS)]
    limit: Annotated[int, Key("how many fit", required=True, least=1)]
    waiting_list: Annotated[bool, Key(default=True)]
    place_hold: Annotated[
        int, Key("hours that an unproven address holds a place", default=72, least=1)
    ]
    promotion: Annotated[Promotion, Key(default=Promotion.STAFF)]

    @property
    def count_people(self) -> bool:
        """Say whether the people field is counted, and not the rows."""
        return self.count is Counted.PEOPLE
