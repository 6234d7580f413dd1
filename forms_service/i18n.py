"""The product's own words: gettext messages, dates and plurals in one language.

Message ids are English; every `translations/<lang>/*.po` is read at first use, one
file per part of the product. The project's words are not here: they are content.
"""

import gettext
import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_skeleton
from babel.lists import format_list
from babel.messages.catalog import Message as Translated
from babel.messages.pofile import read_po
from babel.numbers import format_decimal
from markupsafe import Markup

from .caches import remembered

TRANSLATIONS = Path(__file__).parent / "translations"
# Day before month, as in every other language here; plain "en" is American.
DATES_OF = {"en": "en_GB"}
# Numbers in groups, paths, and the end of a mail address: between words written from
# the right their parts would change places. A full stop, a stroke or a colon alone
# keeps its two numbers together.
_OWN_ORDER = re.compile(r"[+(]*\d[\d./:]*\)?(?:[\s()–-]+[\d./:]+)+|[/@].+")


def N_(msgid: str) -> str:
    """Mark a message id for extraction where it is translated later."""
    return msgid


@dataclass(frozen=True, slots=True)
class Message:
    """A sentence not yet in any language: a message id and the values it needs."""

    msgid: str
    values: dict[str, object] = field(default_factory=dict)


@remembered("directions")
def direction(lang: str) -> str:
    """Return how a language is written, for `dir=`: `ltr` or `rtl`."""
    return Locale.parse(lang).text_direction


@remembered("own names")
def own_name(lang: str) -> str:
    """Return a language's name in itself, with a capital: Italiano, Українська."""
    name = Locale.parse(lang).get_language_name(lang) or lang
    return name[:1].upper() + name[1:]


# A message in a language, or one of its plural forms.
_Words = dict[str | tuple[str, int], str]


class _Catalogue(gettext.NullTranslations):
    """All messages of a language; what it does not have is said in English."""

    def __init__(self, words: _Words, plural: str) -> None:
        super().__init__()
        self._words, self._plural = words, gettext.c2py(plural)

    def gettext(self, message: str) -> str:
        """Return a message; of one with plural forms that of one thing."""
        words = self._words
        return words.get(message) or words.get((message, self._plural(1)), message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the form of a message that fits a number."""
        said = self._words.get((msgid1, self._plural(n)))
        return said or super().ngettext(msgid1, msgid2, n)


@remembered("catalogues")
def catalogue(lang: str) -> gettext.NullTranslations:
    """Read all message files of a language; English needs none, it is the source."""
    words: _Words = {}
    plural = ""
    for file in sorted((TRANSLATIONS / lang).glob("*.po")):
        with file.open("rb") as source:
            messages = read_po(source, locale=lang)
        # What two files say is taken from the later one, and so is the plural.
        plural = messages.plural_expr
        for message in messages:
            if message.id and not message.fuzzy:
                words.update(_said(message))
    return _Catalogue(words, plural) if words else gettext.NullTranslations()


def _said(message: Translated) -> Iterator[tuple[str | tuple[str, int], str]]:
    """Yield what a message is in its language, form by form; nothing if not yet."""
    if isinstance(message.string, str):
        if message.string:
            yield str(message.id), message.string
        return
    for number, form in enumerate(message.string or ()):
        if form:
            yield (message.id[0], number), form


# Arabic has other months from Morocco, from Algeria and from Iraq to the sea.
_MONTHS = {"ar": ("ar", "ar_MA", "ar_MR", "ar_DZ", "ar_IQ", "ar_LB")}

# Usual in print, and not in CLDR.
_SHORT = {"it": {"genn": 1, "febb": 2, "febbr": 2, "magg": 5, "sett": 9}}


@remembered("months")
def _months(lang: str) -> dict[str, int]:
    """Return the months of a language by their folded names, long and short."""
    known = (Locale.parse(name).months for name in _MONTHS.get(lang, [lang]))
    return {
        _folded(name): number
        for kinds in known
        for form in ("format", "stand-alone")
        for width in ("wide", "abbreviated")
        for number, name in kinds[form][width].items()
    } | _SHORT.get(lang, {})


def _folded(name: str) -> str:
    letters = unicodedata.normalize("NFKD", name.casefold().rstrip("."))
    return "".join(c for c in letters if not unicodedata.combining(c))


def month_of(name: str, languages: Iterable[str]) -> int | None:
    """Return the number of a month by its name in one of the languages."""
    found = (_months(lang).get(_folded(name)) for lang in languages)
    return next(filter(None, found), None)


class DateFormat:
    """How a language writes a date, looked up once: Babel does so for each date."""

    def __init__(self, locale: Locale, name: str) -> None:
        self._locale, self._name = locale, name
        self._pattern = locale.date_formats[name].format
        self._months = locale.months["format"]["wide"]
        self._weekdays = locale.days["format"]["wide"]

    def apply(self, day: date) -> str:
        """Write a date."""
        parts = {"d": day.day, "M": day.month, "y": day.year}
        months, weekdays = self._months, self._weekdays
        try:
            return str(
                self._pattern
                % {
                    **parts,
                    "MMMM": months[day.month],
                    "EEEE": weekdays[day.weekday()],
                }
            )
        except KeyError:
            # A language with other parts in its dates.
            return format_date(day, self._name, locale=self._locale)


class Translator:
    """Speak one language in one time zone."""

    def __init__(self, lang: str, zone: ZoneInfo) -> None:
        self.lang = lang
        self.zone = zone
        self.direction = direction(lang)
        self._locale = Locale.parse(lang)
        self._days = Locale.parse(DATES_OF.get(lang, lang))
        self._catalogue = catalogue(lang)
        self._date_formats = (
            DateFormat(self._days, "long"),
            DateFormat(self._days, "full"),
        )

    @property
    def own_name(self) -> str:
        """The language's name in itself, with a capital: Italiano, Українська."""
        return own_name(self.lang)

    @property
    def colon(self) -> str:
        """The mark between a name and its value; in French a space goes before it."""
        return "\N{NARROW NO-BREAK SPACE}:" if self.lang == "fr" else ":"

    def language_name(self, lang: str) -> str:
        """Return how this language calls another one: italiano, італійська."""
        return Locale.parse(lang).get_language_name(self.lang) or lang

    def gettext(self, msgid: str, /, **values: object) -> str:
        """Translate a message and put the values into its `{name}` places.

        With a value that is HTML already the sentence is HTML too.
        """
        text = self._catalogue.gettext(msgid)
        if not values:
            return text
        if any(isinstance(value, Markup) for value in values.values()):
            return Markup(text).format(**values)  # noqa: S704 - of our catalogues
        return text.format(
            **{
                name: self.isolated(value) if isinstance(value, str) else value
                for name, value in values.items()
            }
        )

    def isolated(self, value: str) -> str:
        """Keep a phone number or a path in its order where people write from the right.

        Marks that nobody sees, as Unicode's bidirectional algorithm has them (UAX 9).
        """
        if self.direction == "ltr" or not _OWN_ORDER.fullmatch(value):
            return value
        return f"\N{LEFT-TO-RIGHT ISOLATE}{value}\N{POP DIRECTIONAL ISOLATE}"

    def translate(self, message: Message) -> str:
        """Translate a message that carries its own values; a date is written out."""
        values = {
            name: self.format_date(value) if isinstance(value, date) else value
            for name, value in message.values.items()
        }
        return self.gettext(message.msgid, **values)

    def ngettext(self, singular: str, plural: str, n: int, **values: object) -> str:
        """Translate the plural form that fits `n`, available as `{n}`."""
        return self._catalogue.ngettext(singular, plural, n).format(
            n=self.format_number(n), **values
        )

    def format_list(self, items: Iterable[str]) -> str:
        """Join things into one sentence as the language does: "a, b e c"."""
        return format_list([str(item) for item in items], locale=self._days)

    def format_number(self, value: int | float) -> str:
        """Write a number the way this language writes it."""
        return format_decimal(value, locale=self._locale)

    def format_date(self, day: date, weekday: bool = False) -> str:
        """Write a date in words: "1 luglio 2020", or with its weekday before it."""
        return self._date_formats[weekday].apply(day)

    def format_day(self, day: date) -> str:
        """Write a day that is near, without its year: "ven 1 luglio"."""
        return format_date(day, "EEE d MMMM", locale=self._days)

    def format_month(self, day: date) -> str:
        """Write the month of a day: "luglio 2020"."""
        return format_skeleton("yMMMM", day, locale=self._days)

    def format_time(self, moment: datetime | time) -> str:
        """Write hours and minutes; a moment is first moved to the project's zone."""
        if isinstance(moment, datetime):
            moment = moment.astimezone(self.zone)
        return f"{moment:%H:%M}"

    def format_datetime(self, moment: datetime, weekday: bool = False) -> str:
        """Write date and hour of a moment in the project's zone."""
        local = moment.astimezone(self.zone)
        return self.gettext(
            "{day}, {hour}",
            day=self.format_date(local.date(), weekday),
            hour=self.format_time(local.time()),
        )

    def format_size(self, octets: int) -> str:
        """Write a size in kB, MB or GB on one line, as people read it at a download."""
        if octets < 1_000_000:
            number, unit = float(max(1, round(octets / 1000))), "kB"
        elif octets < 1_000_000_000:
            number, unit = round(octets / 1_000_000, 1), "MB"
        else:
            number, unit = round(octets / 1_000_000_000, 1), "GB"
        return f"{self.format_number(number)}\N{NO-BREAK SPACE}{unit}"
