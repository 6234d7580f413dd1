"""What a form says of paper, the desk, its places and how people are reached."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Annotated

from .texts import Key, Text


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
