"""The product's words: complete in Italian, and said as people say them."""

import re
import shutil
from collections import defaultdict
from datetime import UTC, date, datetime, time
from functools import lru_cache
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from babel.dates import format_date

from catalogues import in_code, in_template, message_files, singular, sources, spoken
from forms_service.i18n import (
    DATES_OF,
    N_,
    TRANSLATIONS,
    Message,
    Translator,
    catalogue,
)
from sample_content import ROOT

ROME = ZoneInfo("Europe/Rome")
ITALIAN, ENGLISH = Translator("it", ROME), Translator("en", ROME)


@lru_cache
def everything_said() -> dict[str, str]:
    """Return all that the sources say, with the place of each."""
    return spoken(sources())


def missing(lang: str, folder: Path = TRANSLATIONS) -> list[str]:
    """Return each id that the sources say and no file translates, with its place."""
    translated = {
        singular(message.id)
        for messages in message_files(lang, folder).values()
        for message in messages
        if message.id and not message.fuzzy and all(forms(message.string))
    }
    return sorted(
        f"{place}: {msgid!r}"
        for msgid, place in everything_said().items()
        if msgid not in translated
    )


def forms(string: str | tuple[str, ...] | list[str]) -> list[str]:
    """Return the translation, or all its plural forms."""
    return [string] if isinstance(string, str) else list(string)


def obsolete(lang: str, folder: Path = TRANSLATIONS) -> list[str]:
    """Return each id of a file that nothing says any more."""
    said = everything_said().keys()
    return [
        f"{name}: {singular(message.id)!r}"
        for name, messages in message_files(lang, folder).items()
        for message in [*messages, *messages.obsolete.values()]
        if message.id
        and (singular(message.id) not in said or message.id in messages.obsolete)
    ]


def test_everything_that_is_said_is_said_in_italian() -> None:
    assert missing("it") == []


# Staff and operators read Italian or English.
INSIDE = {"staff.po", "command.po", "duties.po"}


@pytest.mark.parametrize("lang", ["ro", "sq", "uk", "ar", "fr"])
def test_everything_said_to_the_public_is_said_in_each_of_its_languages(
    lang: str,
) -> None:
    public = {
        singular(message.id)
        for name, messages in message_files("it").items()
        for message in messages
        if message.id and name not in INSIDE
    }
    translated = {
        singular(message.id)
        for messages in message_files(lang).values()
        for message in messages
        if message.id and not message.fuzzy and all(forms(message.string))
    }
    assert public - translated == set()
    assert obsolete(lang) == []


def test_nothing_is_translated_that_nobody_says() -> None:
    assert obsolete("it") == []


@pytest.mark.parametrize("lang", ["it", "fr", "ro", "sq", "uk", "ar"])
def test_no_file_translates_a_message_twice(lang: str) -> None:
    # Merging two branches keeps both, and which of them is read is chance.
    for name, messages in message_files(lang).items():
        text = (TRANSLATIONS / lang / name).read_text(encoding="utf-8")
        # With the header, which has an empty one.
        assert len(re.findall(r"^msgid ", text, re.MULTILINE)) == len(messages) + 1, (
            name
        )


def test_a_message_that_is_taken_out_or_left_over_is_noticed(tmp_path: Path) -> None:
    shutil.copytree(TRANSLATIONS / "it", tmp_path / "it")
    file = tmp_path / "it" / "definition.po"
    text = file.read_text(encoding="utf-8")
    text = text.replace('msgid "No answer"', 'msgid "No reply"')
    text = text.replace('msgstr "Sì"', 'msgstr ""')
    file.write_text(f'{text}\n#~ msgid "Gone"\n#~ msgstr "Via"\n', encoding="utf-8")
    before, after = set(missing("it")), set(missing("it", tmp_path))
    assert {line.partition(": ")[2] for line in after - before} == {
        "'No answer'",
        "'Yes'",
    }
    assert {*obsolete("it", tmp_path)} - {*obsolete("it")} == {
        "definition.po: 'No reply'",
        "definition.po: 'Gone'",
    }


@pytest.mark.parametrize("lang", ["it", "ro", "sq", "uk", "ar", "fr"])
def test_a_translation_has_the_places_of_its_original(lang: str) -> None:
    wrong = [
        f"{name}: {singular(message.id)!r}"
        for name, messages in message_files(lang).items()
        for message in messages
        if message.id
        for form in forms(message.string)
        if places(form) - places(" ".join(forms(message.id)))
        or (isinstance(message.id, str) and places(form) != places(message.id))
    ]
    assert wrong == []


def places(text: str) -> set[str]:
    """Return the names in braces."""
    return set(re.findall(r"{(\w+)}", text))


# What must not stand in a text of a language, with an example of it.
STRANGE = [
    ("fr", r"[ \u00a0][;:!?»]|«[ \u00a0]|\b(?:tu|toi|tes)\b", "Pour qui ?"),
    ("uk", r"\b(?:ти|тебе|тобі|твоя|твої)\b", "Де ти працюєш"),
    ("ar", "[ء-ي](?:[;?]|,(?! to:))|\u064b\u0627", "من أنت?"),
    ("ro", "“|[şţŞŢ]", "“Da”"),
    ("sq", "“", "“Po”"),
]


@pytest.mark.parametrize(("lang", "strange", "example"), STRANGE)
def test_a_language_has_its_own_marks_and_one_courtesy(
    lang: str, strange: str, example: str
) -> None:
    assert re.search(strange, example)
    said = [
        f"{name}: {form}"
        for name, messages in message_files(lang).items()
        for message in messages
        if message.id
        for form in forms(message.string)
    ]
    assert [line for line in said if re.search(strange, line)] == []


def test_one_message_is_translated_one_way() -> None:
    ways: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
    for name, messages in message_files("it").items():
        for message in messages:
            if message.id:
                text = " / ".join(forms(message.string))
                ways[singular(message.id)][text].append(name)
    assert {msgid: dict(by) for msgid, by in ways.items() if len(by) > 1} == {}


def test_what_is_said_is_found_in_code_and_in_templates() -> None:
    code = 't.gettext("A", x=1); N_("B"); t.ngettext("C", "Cs", n); other("D")'
    assert [msgid for msgid, _ in in_code(code)] == ["A", "B", "C"]
    template = (
        "{{ t.gettext('A') }}{% set x = _('B', n=1) %}{{ _(name) }}"
        "{{ t.ngettext('C', 'Cs', n) }}{{ t.gettext('D' if x else 'E') }}{{ t('F') }}"
    )
    assert [msgid for msgid, _ in in_template(template)] == ["A", "B", "C", "D", "E"]
    assert len(sources()) > 50, "the sources are where we look"
    assert all(file.is_relative_to(ROOT) for file in sources())


def test_a_message_is_said_with_its_values() -> None:
    assert ITALIAN.gettext("No answer") == "Nessuna risposta"
    assert ENGLISH.gettext("No answer") == "No answer"
    assert ITALIAN.gettext("Fill in “{label}”.", label="{x}") == "Compila “{x}”."
    assert ENGLISH.gettext("{msgid}", msgid="a value may have any name") == (
        "a value may have any name"
    )


def test_a_message_that_nobody_translated_is_english() -> None:
    assert Translator("uk", ROME).gettext("In no file") == "In no file"


def test_a_message_carries_values_and_writes_dates_out() -> None:
    message = Message("Write a date not later than {high}.", {"high": date(2030, 1, 2)})
    assert ENGLISH.translate(message) == "Write a date not later than 2 January 2030."
    assert (
        ITALIAN.translate(message)
        == "Scrivi una data non successiva al 2 gennaio 2030."
    )
    assert ITALIAN.translate(Message("No answer")) == "Nessuna risposta"
    assert N_("No answer") == "No answer"


def test_all_files_of_a_language_are_one_catalogue() -> None:
    assert catalogue("it") is catalogue("it")
    for name, messages in message_files("it").items():
        ids = [message.id for message in messages if message.id]
        said = {ITALIAN.gettext(msgid) for msgid in ids if isinstance(msgid, str)}
        texts = {t for m in messages if m.id for t in forms(m.string)}
        assert said & texts, name


@pytest.mark.parametrize(
    ("lang", "direction", "name"),
    [
        ("it", "ltr", "Italiano"),
        ("en", "ltr", "English"),
        ("ar", "rtl", "العربية"),
        ("uk", "ltr", "Українська"),
    ],
)
def test_a_language_knows_its_name_and_direction(
    lang: str, direction: str, name: str
) -> None:
    translator = Translator(lang, ROME)
    assert (translator.direction, translator.own_name) == (direction, name)


@pytest.mark.parametrize(
    "value",
    ["0564 123 456", "+39 (0564) 12", "2014-2020", "/var/x", "@example.org"],
)
def test_a_number_in_groups_keeps_its_order_between_arabic_words(value: str) -> None:
    arabic = Translator("ar", ROME)
    assert arabic.gettext("{x}", x=value) == f"\u2066{value}\u2069"
    assert ITALIAN.gettext("{x}", x=value) == value
    for plain in ("2020", "1.0", "09:30", "anna@example.org"):
        assert arabic.gettext("{x}", x=plain) == plain


@pytest.mark.parametrize(
    ("lang", "joined"),
    [
        ("it", "A, B e C"),
        ("en", "A, B and C"),
        ("fr", "A, B et C"),
        ("ro", "A, B și C"),
        ("sq", "A, B dhe C"),
        ("uk", "A, B і C"),
        ("ar", "A وB وC"),
    ],
)
def test_things_are_listed_as_in_the_language(lang: str, joined: str) -> None:
    translator = Translator(lang, ROME)
    assert translator.format_list(letter for letter in "ABC") == joined
    assert (translator.format_list(["A"]), translator.format_list([])) == ("A", "")


def test_no_template_joins_things_with_a_comma_of_its_own() -> None:
    templates = [file for file in sources() if file.suffix == ".html"]
    own = re.compile(r"join\(['\"],")
    assert own.search('{{ names | join(", ") }}')
    assert [file for file in templates if own.search(file.read_text("utf-8"))] == []


def test_days_and_hours_are_written_for_people() -> None:
    day = date(2020, 7, 1)
    assert ITALIAN.format_date(day) == "1 luglio 2020"
    assert ITALIAN.format_date(day, weekday=True) == "mercoledì 1 luglio 2020"
    assert ENGLISH.format_date(day, weekday=True) == "Wednesday, 1 July 2020"
    assert ITALIAN.format_time(time(9, 5)) == "09:05"
    assert ITALIAN.format_time(datetime(2020, 7, 1, 8, 0, tzinfo=UTC)) == "10:00"
    late = datetime(2020, 6, 30, 22, 30, tzinfo=UTC)
    assert ITALIAN.format_datetime(late) == "1 luglio 2020, ore 00:30"
    assert ENGLISH.format_datetime(late) == "1 July 2020, 00:30"


def test_a_date_is_written_as_babel_writes_it_in_every_language() -> None:
    days = [date(2030, month, month + 9) for month in range(1, 13)]
    for lang in "it en fr ro sq uk ar de es zh ja id yo".split():
        translator, locale = Translator(lang, ROME), DATES_OF.get(lang, lang)
        for day in days:
            assert translator.format_date(day) == format_date(day, "long", locale)
            full = format_date(day, "full", locale)
            assert translator.format_date(day, weekday=True) == full


def test_numbers_and_sizes_are_written_as_in_the_language() -> None:
    assert (ITALIAN.format_number(1234567), ENGLISH.format_number(1234567)) == (
        "1.234.567",
        "1,234,567",
    )
    sizes = {1: "1 kB", 40_400: "40 kB", 999_999: "1.000 kB", 1_250_000: "1,2 MB"}
    sizes |= {64_255_500_000: "64,3 GB"}
    for octets, text in sizes.items():
        assert ITALIAN.format_size(octets) == text.replace(" ", "\N{NO-BREAK SPACE}")


def test_a_plural_has_the_form_of_its_number() -> None:
    singular, many = "{n} day ago", "{n} days ago"
    assert [ENGLISH.ngettext(singular, many, n) for n in (1, 2, 1000)] == [
        "1 day ago",
        "2 days ago",
        "1,000 days ago",
    ]


def test_the_colon_after_a_name_is_written_as_in_the_language() -> None:
    assert (ITALIAN.colon, Translator("fr", ROME).colon) == (":", "\u202f:")
