"""Addresses and phone numbers: two kept libraries, set up once for our rules."""

import re

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from phonenumbers import PhoneNumberFormat, ValidationResult

COUNTRIES = frozenset(region.lower() for region in phonenumbers.SUPPORTED_REGIONS)
# Two numbers in one field, which the library would read as one. A slash may only
# part an area code from at least five more digits: 0564/484111.
_TWO_NUMBERS = re.compile(
    r"(?:\d\D*){9}[/\uff0f]|[/\uff0f](?:\D*\d){1,4}\D*$|[/\uff0f].*[/\uff0f]"
)


# Invented rows have such addresses: nothing is ever sent there.
INVENTED = "@demo.example.org"


class EmailRefused(ValueError):
    """The text is not an address we can send to."""


class PhoneRefused(ValueError):
    """The text is not a phone number of any country."""


def clean_email(text: str) -> str:
    """Return the normalised address (the local part as typed).

    Reserved test domains pass, because nothing is looked up: the mailbox is proven
    by its owner. Syntax is checked strictly, which also refuses a second address.
    """
    try:
        found = validate_email(
            text, check_deliverability=False, strict=True, test_environment=True
        )
    except EmailNotValidError as error:
        raise EmailRefused(text) from error
    return found.normalized


def masked(email: str) -> str:
    """Return an address that its owner recognises and nobody else can use."""
    name, _, domain = email.rpartition("@")
    return f"{name[:1]}•••@{domain}" if domain else ""


def clean_phone(text: str, country: str) -> str:
    """Return E.164; an Italian landline keeps its zero. Length decides, not lists.

    `country` (two letters) is where a number without prefix belongs. An extension is
    refused, because E.164 would lose it, and so is a slash between two numbers.
    """
    if _TWO_NUMBERS.search(text):
        raise PhoneRefused(text)
    try:
        number = phonenumbers.parse(text, country.upper())
    except phonenumbers.NumberParseException as error:
        raise PhoneRefused(text) from error
    length = phonenumbers.is_possible_number_with_reason(number)
    if length != ValidationResult.IS_POSSIBLE or number.extension:
        raise PhoneRefused(text)
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def is_known_phone(number: str) -> bool:
    """Say whether an E.164 number is in a range that its country has given out."""
    return phonenumbers.is_valid_number(phonenumbers.parse(number, None))


def show_phone(number: str) -> str:
    """Write an E.164 number with spaces, as people read it."""
    parsed = phonenumbers.parse(number, None)
    return phonenumbers.format_number(parsed, PhoneNumberFormat.INTERNATIONAL)
