"""Addresses and phone numbers: two kept libraries, set up once for our rules.

A library answers with its best guess. So it gets only what a grammar of ours has read,
and its answer counts only if it holds exactly what was typed.
"""

import re
import unicodedata
from contextlib import suppress
from dataclasses import dataclass

import phonenumbers
from email_validator import EmailNotValidError, ValidatedEmail, validate_email
from phonenumbers import (
    COUNTRY_CODE_TO_REGION_CODE,
    PhoneMetadata,
    PhoneNumber,
    PhoneNumberFormat,
    ValidationResult,
)

from ..i18n import N_, Translator
from .folding import digits, western

COUNTRIES = frozenset(region.lower() for region in phonenumbers.SUPPORTED_REGIONS)

# Invented rows have such addresses: nothing is ever sent there.
# One provider, whose mailboxes have the same owner with dots and without.
WITHOUT_DOTS = ("gmail.com", "googlemail.com")
INVENTED = "@demo.example.org"
# What mail programs put around an address, or a sentence after it.
_AROUND = re.compile(r"(?:mailto:)?\s*(<)?\s*(?:mailto:)?(.*?)(?(1)>)[\s.,;]*", re.I)
_ENCODED_WORD = re.compile(r"=\?.*\?=")

# Words that stand before a number, and before an extension, in the languages here.
_LABEL = re.compile(
    r"(?:(?:tel|tél|telefono?|telefoni|telephone|téléphone|phone|ph|cell?|cellulare"
    r"|mob|mobile?|portable|num|numero|numéro|number|nr|no|n|тел|телефон|моб|номер"
    r"|هاتف|جوال|رقم)(?![^\W\d_])[\s.:°º/-]*)+",
    re.I,
)
_EXTENSION = re.compile(
    r"[\s,;-]*(?:(?:;ext=|(?<![^\W\d_])(?:interno|int|extension|ext|est|poste|interior"
    r"|x|внутр|дод|تحويلة|داخلي)[\s.:]*)|#\s*)(\d{1,8})$",
    re.I,
)
_MARKS = r"\s().\-\[\]"
_NUMBER = re.compile(rf"[(\[]?\+?[{_MARKS}/\d]*")
# The first word is named; without any, the first sign.
_STRANGE = re.compile(r"[^\W\d_]+"), re.compile(rf"[^{_MARKS}/\d]")
# A slash may only part an area code from at least five more digits: 0564/484111.
_SLASHED = re.compile(r"(?:\d\D*){9}/|/(?:\D*\d){1,4}\D*$|/.*/")
_LONGEST = 15
# Fewer digits would find half the people of a list.
_SHORTEST_END = 4


class EmailRefused(ValueError):
    """The text is not an address we can send to."""


class PhoneRefused(ValueError):
    """The text is not a phone number of any country."""


class StrangeInPhone(PhoneRefused):
    """Something else is among the digits; it is the exception's argument."""


class SeveralPhones(PhoneRefused):
    """There is more than one number."""


def clean_email(text: str) -> str:
    """Return the normalised address (the local part as typed).

    Reserved test domains pass, because nothing is looked up: the mailbox is proven
    by its owner. Syntax is checked strictly, which also refuses a second address, and
    no other address is made of what was typed.
    """
    around = _AROUND.fullmatch(_narrow(text.strip()))
    typed = around[2] if around else text
    if _ENCODED_WORD.search(typed):
        raise EmailRefused(text)
    try:
        found = validate_email(
            typed, check_deliverability=False, strict=True, test_environment=True
        )
    except EmailNotValidError as error:
        raise EmailRefused(text) from error
    if not _is_typed(found, unicodedata.normalize("NFC", typed)):
        raise EmailRefused(text)
    return found.normalized


def _narrow(text: str) -> str:
    """Return full-width letters and signs as ASCII; nothing else is another's."""
    if text.isascii():
        return text
    return "".join(western(c) if "\uff01" <= c <= "\uff5e" else c for c in text)


def _is_typed(found: ValidatedEmail, typed: str) -> bool:
    local, _, domain = typed.rpartition("@")
    domains = (found.domain, found.ascii_domain)
    return found.local_part == local and domain.lower() in map(str.lower, domains)


def mailbox_key(email: str) -> str:
    """Return what all spellings of one mailbox have in common, to count them by.

    Never to write to: some providers take a tag for another mailbox.
    """
    local, _, domain = email.lower().rpartition("@")
    local = local.partition("+")[0] or local
    if domain in WITHOUT_DOTS:
        local, domain = local.replace(".", ""), WITHOUT_DOTS[0]
    return f"{local}@{domain}"


def masked(email: str) -> str:
    """Return an address that its owner recognises and nobody else can use."""
    name, _, domain = email.rpartition("@")
    return f"{name[:1]}•••@{domain}" if domain else ""


@dataclass(frozen=True, slots=True)
class Phone:
    """A number as it was read with its extension, and what was typed of it."""

    number: PhoneNumber
    main: str

    @property
    def stored(self) -> str:
        """E.164; an Italian landline keeps its zero.

        An extension follows as in RFC 3966: +390564484111;ext=23.
        """
        kept = phonenumbers.format_number(self.number, PhoneNumberFormat.E164)
        return f"{kept};ext={self.number.extension}" if self.number.extension else kept

    @property
    def known(self) -> bool:
        """Whether it is in a range that its country has given out."""
        return phonenumbers.is_valid_number(self.number)

    def is_typed(self, country: str) -> bool:
        """Say whether it has exactly the digits that were typed.

        Only what a country puts before its numbers may be added or left out: the prefix
        of the country, the one for calls abroad, the zero for calls at home.
        """
        number = self.number
        national = phonenumbers.national_significant_number(number)
        head = digits(self.main).removesuffix(national)
        region = phonenumbers.region_code_for_country_code(number.country_code or 0)
        abroad = _metadata(country, "international_prefix") or "00"
        home = _metadata(region, "national_prefix")
        before = rf"(?:(?:00|{abroad})?{number.country_code})?(?:{home})?"
        whole = head + national == digits(self.main)
        return whole and re.fullmatch(before, head) is not None


def read_phone(text: str, country: str) -> Phone:
    """Read a number. Length decides, not lists.

    `country` (two letters) is where a number without prefix belongs. Raise
    `StrangeInPhone` for a letter or a sign that no number has, `SeveralPhones` for two
    numbers, `PhoneRefused`.
    """
    main, extension = _parts_of_phone(text)
    typed = ("+" if "+" in main else "") + digits(main)
    try:
        number = phonenumbers.parse(typed, country.upper())
    except phonenumbers.NumberParseException as error:
        raise PhoneRefused(text) from error
    length = phonenumbers.is_possible_number_with_reason(number)
    if length != ValidationResult.IS_POSSIBLE:
        raise PhoneRefused(text)
    number.extension = extension or None
    return Phone(number, main)


def _parts_of_phone(text: str) -> tuple[str, str]:
    """Return what was typed of the number, and of the extension."""
    main, extension = western(text).strip(" .,;"), ""
    if label := _LABEL.match(main):
        main = main[label.end() :]
    if found := _EXTENSION.search(main):
        main, extension = main[: found.start()], found[1]
    long = [run for run in re.split(rf"[^{_MARKS}/\d]", main) if len(digits(run)) > 5]
    if len(long) > 1 or len(digits(main)) > _LONGEST or _SLASHED.search(main):
        raise SeveralPhones(text)
    if not _NUMBER.fullmatch(main):
        strange = [kind.search(main.lstrip("([+")) for kind in _STRANGE]
        raise StrangeInPhone(next((item[0] for item in strange if item), main))
    return main, extension


def _metadata(region: str, name: str) -> str:
    """Return what the library knows of a country's numbers; empty for nothing."""
    found = PhoneMetadata.metadata_for_region(region.upper(), None)
    return str(getattr(found, name, None) or "")


def stored_number(stored: str) -> PhoneNumber:
    """Return a number that we have written: in E.164 there is nothing to guess."""
    main, _, extension = stored.removeprefix("+").partition(";ext=")
    beginnings = (main[:length] for length in (1, 2, 3))
    code = next(n for n in beginnings if int(n) in COUNTRY_CODE_TO_REGION_CODE)
    national = main.removeprefix(code)
    zeros = len(national) - len(national[:-1].lstrip("0")) - 1
    return PhoneNumber(
        country_code=int(code),
        national_number=int(national),
        extension=extension or None,
        italian_leading_zero=zeros > 0 or None,
        number_of_leading_zeros=zeros if zeros > 1 else None,
    )


def phone_end(number: str | None) -> str | None:
    """Return the digits of a stored number backwards, so that its end comes first.

    Without extension, and without the zero that some countries dial at home.
    """
    return _end(stored_number(number)) if number else None


def _end(number: PhoneNumber) -> str:
    return f"{number.country_code}{number.national_number}"[::-1]


def phone_ends(typed: str, country: str = "") -> list[str]:
    """Return how `phone_end` may begin for what was typed of a number, by its end.

    Four digits are the least; the prefix of a country, with + or 00 or neither, and
    the zero dialled at home make no difference. Few digits after zeros are looked for
    behind the prefix of `country`, as they are stored. Nothing for what is no number.
    """
    try:
        main, _ = _parts_of_phone(typed)
    except PhoneRefused:
        return []
    whole = digits(main)
    if len(whole) < _SHORTEST_END:
        return []
    rest = whole.lstrip("0")
    ends = {whole, rest}
    if whole.startswith("00") and len(rest) < _SHORTEST_END < len(whole):
        code = phonenumbers.country_code_for_region(country.upper())
        ends.add(f"{code or ''}{rest}")
    with suppress(phonenumbers.NumberParseException):
        ends.add(_end(phonenumbers.parse(f"+{rest}", None))[::-1])
    return sorted(end[::-1] for end in ends if len(end) >= _SHORTEST_END)


def spaced(number: PhoneNumber) -> str:
    """Write a number with spaces, its extension as everywhere in the world."""
    return phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL)


def show_phone(number: str, translator: Translator) -> str:
    """Write an E.164 number with spaces, as people read it."""
    main, _, extension = number.partition(";ext=")
    pattern = N_("{number}, extension {extension}")
    shown = spaced(stored_number(main))
    return (
        translator.gettext(pattern, number=shown, extension=extension)
        if extension
        else shown
    )


def raw_phone(number: str) -> str:
    """Return a stored number as somebody may type it."""
    return number.replace(";ext=", " ext. ")
