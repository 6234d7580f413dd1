"""Field types: what is typed, what is kept, what is shown, what is exported."""

import unicodedata
from datetime import date
from hashlib import sha256
from typing import Any
from zoneinfo import ZoneInfo

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms_service.definition import TYPES, Channel, exported, shown, type_of
from forms_service.definition.code_types import doubts, has_right_digits
from forms_service.definition.contact import stored_number
from forms_service.definition.field_type import (
    DoubtfulAnswer,
    InputContext,
    InvalidAnswer,
)
from forms_service.definition.folding import multiline, one_line
from forms_service.i18n import Translator
from sample_content import every_type, one_field

HERE = InputContext("it", date(2030, 6, 15))
ENGLISH = Translator("en", ZoneInfo("Europe/Rome"))


def cleaned(field: str, *typed: str, here: InputContext = HERE) -> Any:
    """Clean what was typed in a field's only control."""
    question = one_field(field, country=here.country)
    return type_of(question).clean(question, {"it": list(typed)}, here)


def refusal(field: str, *typed: str, here: InputContext = HERE) -> str:
    """Return the English sentence of a refusal."""
    with pytest.raises(InvalidAnswer) as caught:
        cleaned(field, *typed, here=here)
    values = {"label": "It", **caught.value.message.values}
    return ENGLISH.gettext(caught.value.message.msgid, **values)


@pytest.mark.parametrize("kind", TYPES)
def test_nothing_typed_is_no_answer(kind: str) -> None:
    assert cleaned(f"type: {kind}, text: It is so., version: 1") is None


@pytest.mark.parametrize("kind", ["text", "textarea", "email", "number", "date"])
def test_what_nobody_can_see_is_no_answer(kind: str) -> None:
    assert cleaned(f"type: {kind}", " \u200e\n ") is None


@pytest.mark.parametrize(
    "name",
    [
        "Nguyễn Thị Ánh",
        "D’Angelo",
        "O'Brien-Łukasz",
        "Sukarno",
        "محمد الأمين",
        "Олена Шевченко",
        "陈",
        "de la Cruz y Ñáñez",
        "Dr. Anna Rossi, 3ª",
    ],
)
def test_a_name_in_any_script_is_kept_as_typed(name: str) -> None:
    assert cleaned("type: text, role: name", name) == unicodedata.normalize("NFC", name)


@pytest.mark.parametrize("junk", ["<b>", "http://x.example", "123", "=1+1", "a@b.it"])
def test_what_cannot_be_a_name_is_refused(junk: str) -> None:
    advice = "Write the name only, as it is on the document."
    assert refusal("type: text, role: name", junk) == advice


def test_only_names_are_looked_at_so_closely() -> None:
    assert cleaned("type: text", "=1+1 <b> 123") == "=1+1 <b> 123"


def test_text_is_kept_in_nfc_on_one_line() -> None:
    assert cleaned("type: text", "  E\u0300  l\u2019ora\t\n x ") == "È l’ora x"


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("a\r\nb\rc\nd\u2028e\u2029f\u0085g", "a\nb\nc\nd\ne\nf\ng"),
        ("\u202eevil\u202c \u2066x\u2069\u200f\u061c", "evil x"),
        ("e\u200b\u0301", "é"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("  two  spaces  \n\n  inside ", "two  spaces\n\n  inside"),
        ("nul\x00 bell\x07 tab\t.", "nul bell tab\t."),
        ("half \ud800 pair", "half  pair"),
    ],
)
def test_hidden_characters_and_line_ends_do_not_get_in(typed: str, kept: str) -> None:
    assert cleaned("type: textarea", typed) == kept


@given(st.text())
def test_plain_text_stays_as_it_is_when_cleaned_again(text: str) -> None:
    several, submission = multiline(text), one_line(text)
    assert multiline(several) == several
    assert one_line(submission) == submission
    assert unicodedata.is_normalized("NFC", several)
    assert "\n" not in submission
    several.encode()


def test_the_limit_of_a_text_counts_characters_and_says_how_many_there_are() -> None:
    field = "type: text, limits: {min: 2, max: 4}"
    assert cleaned(field, "Ánh") == "Ánh"
    assert cleaned(field, "e\u0301" * 4) == "éééé"
    assert refusal(field, "A") == "Write at least 2 characters."
    assert refusal(field, "12345") == "Write at most 4 characters: now there are 5."


def test_a_text_without_limits_has_one_all_the_same() -> None:
    assert cleaned("type: text", "x" * 200) == "x" * 200
    assert "now there are 201" in refusal("type: text", "x" * 201)
    assert cleaned("type: textarea", "x\n" * 499 + "xx") is not None
    assert "now there are 1001" in refusal("type: textarea", "x" * 1001)
    assert cleaned("type: textarea, limits: {max: 3000}", "x" * 3000) == "x" * 3000


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Mario.Rossi@Example.ORG", "Mario.Rossi@example.org"),
        ("a+b@mail.test", "a+b@mail.test"),
        (" x@example.org\u200f ", "x@example.org"),
        ("ü@example.org", "ü@example.org"),
    ],
)
def test_an_address_is_kept_as_typed_but_for_its_domain(typed: str, kept: str) -> None:
    assert cleaned("type: email", typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "a@b.it, c@d.it",
        "=?utf-8?q?a?=@b.it,c@d.it",
        "Mario <a@b.it>",
        "a@b",
        "a b@c.it",
        "a@@b.it",
        "a@b.it\nBcc: c@d.it",
        "@b.it",
        "x" * 65 + "@b.it",
    ],
)
def test_what_is_not_one_address_is_refused(typed: str) -> None:
    advice = "Check the email address: it must look like name@example.org."
    assert refusal("type: email", typed) == advice


@pytest.mark.parametrize(
    ("typed", "kept", "read"),
    [
        ("+39 0564 484111", "+390564484111", "+39 0564 484111"),
        ("0564 484111", "+390564484111", "+39 0564 484111"),
        ("0039 0564-484111", "+390564484111", "+39 0564 484111"),
        ("0564/484111", "+390564484111", "+39 0564 484111"),
        ("0039 0564/484111", "+390564484111", "+39 0564 484111"),
        ("(0564) 48.41-11", "+390564484111", "+39 0564 484111"),
        ("333 1234567", "+393331234567", "+39 333 123 4567"),
        ("+212 661-234567", "+212661234567", "+212 6 61 23 45 67"),
        ("٠٥٦٤ ٤٨٤١١١", "+390564484111", "+39 0564 484111"),
    ],
)
def test_a_phone_number_is_kept_as_e164(typed: str, kept: str, read: str) -> None:
    assert cleaned("type: phone", typed) == kept
    field = one_field("type: phone")
    assert shown(field, kept, ENGLISH) == [read]
    assert exported(field, kept) == kept


def test_a_stored_number_is_the_one_that_the_library_reads_in_it() -> None:
    stored = [
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        for region in phonenumbers.SUPPORTED_REGIONS
        for kind in phonenumbers.PhoneNumberType.values()
        if (number := phonenumbers.example_number_for_type(region, kind))
    ]
    # Several zeros at the beginning, and nothing else.
    stored += ["+390000000001", "+39000000", "+39012"]
    assert len(stored) > 1000
    for text in [*stored, *(f"{text};ext=23" for text in stored[:9])]:
        assert stored_number(text) == phonenumbers.parse(text, None), text


def test_a_number_without_prefix_is_of_the_country_of_the_project() -> None:
    austria = InputContext("at", None)
    assert cleaned("type: phone", "01 2345678", here=austria) == "+4312345678"
    assert cleaned("type: phone", "+39 0564 484111", here=austria) == "+390564484111"


@pytest.mark.parametrize(
    "typed",
    [
        "12",
        "+",
        "+999 1",
    ],
)
def test_what_cannot_be_called_is_refused(typed: str) -> None:
    advice = "Check the phone number: write all digits, for example +39 0564 123456."
    assert refusal("type: phone", typed) == advice


@pytest.mark.parametrize(
    "typed",
    [
        "0564 484111 / 333 1234567",
        "0564 484111/2",
        "0564/484111/2",
        "3331234567/8",
        "0564 4841 ／ 12",
    ],
)
def test_a_slash_parts_two_numbers_unless_an_area_code_is_before_it(typed: str) -> None:
    assert refusal("type: phone", typed) == "Write one phone number here, not two."


def test_a_number_that_no_country_gave_out_is_only_doubted() -> None:
    with pytest.raises(DoubtfulAnswer) as caught:
        cleaned("type: phone", "999 1234567")
    assert caught.value.answer == "+399991234567"
    field = "Check the phone number: +39 9991234567. If it is right, you can go on."
    assert ENGLISH.translate(caught.value.message) == field


@pytest.mark.parametrize(
    ("typed", "kept"),
    [("3", 3), (" 1 000 ", 1000), ("-5", -5), ("+7", 7), ("007", 7), ("٣", 3)],
)
def test_a_number_is_whole_in_any_digits(typed: str, kept: int) -> None:
    assert cleaned("type: number", typed) == kept


@pytest.mark.parametrize("typed", ["9" * 16, "1 2", "+-"])
def test_what_is_not_a_whole_number_is_refused(typed: str) -> None:
    assert refusal("type: number", typed) == "Write a whole number, in digits."


def test_a_number_keeps_within_its_limits() -> None:
    field = "type: number, limits: {min: 1, max: 6}"
    assert [cleaned(field, typed) for typed in ("1", "6")] == [1, 6]
    assert refusal(field, "0") == "Write a number not lower than 1."
    assert refusal(field, "7") == "Write a number not higher than 6."
    assert "not higher" in refusal("type: number", "1000000000000")
    assert "not lower" in refusal("type: number", "-1000000000000")


def boxes(*typed: str) -> dict[str, list[str]]:
    """Fill the three boxes of a date."""
    return {
        f"it-{part}": [t]
        for part, t in zip(("day", "month", "year"), typed, strict=True)
    }


@pytest.mark.parametrize(
    "typed", ["27/3/1985", "27.03.1985", "27 3 1985", "27-3-1985", "1985-03-27"]
)
def test_a_date_is_read_as_people_write_it(typed: str) -> None:
    assert cleaned("type: date", typed) == "1985-03-27"


def test_a_date_is_read_from_three_boxes_and_written_back_into_them() -> None:
    field = one_field("type: date")
    kind = type_of(field)
    typed = boxes("27", " 3", "1985")
    assert kind.controls(field) == ("it-day", "it-month", "it-year")
    assert kind.clean(field, typed, HERE) == "1985-03-27"
    assert kind.raw(field, "1985-03-27") == boxes("27", "3", "1985")
    assert shown(field, "1985-03-27", ENGLISH) == ["27 March 1985"]


@pytest.mark.parametrize(
    "typed",
    [
        ("", "3", "1985"),
        ("27", "", "1985"),
        ("1_2", "3", "2020"),
        ("27", "3", "99999"),
        ("ventisette", "3", "1985"),
        ("1", "2", "3/4"),
    ],
)
def test_what_is_not_three_numbers_is_no_date(typed: tuple[str, ...]) -> None:
    field = one_field("type: date")
    with pytest.raises(InvalidAnswer) as caught:
        type_of(field).clean(field, boxes(*typed), HERE)
    advice = "Write day, month and year in digits, for example 27 3 1985."
    assert ENGLISH.translate(caught.value.message) == advice


@pytest.mark.parametrize(
    "typed", ["31/02/1980", "31/4/2020", "29/2/2021", "1/13/1980", "0/1/1980"]
)
def test_a_day_that_is_not_in_the_calendar_is_told_so(typed: str) -> None:
    problem = "This day does not exist: check day and month."
    assert refusal("type: date", typed) == problem


def test_a_year_needs_four_digits() -> None:
    advice = "Check the year: write it with four digits."
    assert refusal("type: date", "27/3/85") == advice
    assert refusal("type: date", "27/3/00") == advice


def test_a_date_keeps_within_its_limits() -> None:
    field = "type: date, limits: {min: 1900-01-01, max: 1999-12-31}"
    assert cleaned(field, "1/1/1900") == "1900-01-01"
    assert cleaned(field, "31/12/1999") == "1999-12-31"
    assert refusal(field, "31/12/1899").startswith("Write a date not earlier than")
    assert refusal(field, "1/1/2000").startswith("Write a date not later than")


def test_today_bounds_a_date_and_moves_with_the_day() -> None:
    field = "type: date, limits: {max: today}"
    assert cleaned(field, "15/6/2030") == "2030-06-15"
    advice = "Write a date that is not in the future."
    assert refusal(field, "16/6/2030") == advice
    assert cleaned(field, "16/6/2030", here=InputContext("it", date(2030, 6, 16)))
    assert cleaned(field, "16/6/2030", here=InputContext("it", None)), (
        "no day, no bound"
    )
    future = "type: date, limits: {min: today}"
    assert cleaned(future, "15/6/2030") == "2030-06-15"
    assert "not earlier" in refusal(future, "14/6/2030")


CHOICES = "choices: {si: Yes, no: No, forse: Perhaps}"


@pytest.mark.parametrize("kind", ["select", "radio"])
def test_one_option_is_kept_by_its_id_and_shown_by_its_label(kind: str) -> None:
    field = one_field(f"type: {kind}, {CHOICES}")
    assert cleaned(f"type: {kind}, {CHOICES}", "no") == "no"
    assert shown(field, "no", ENGLISH) == ["No"]
    assert exported(field, "no") == "No"
    assert exported(field, "gone") == "gone"
    assert refusal(f"type: {kind}, {CHOICES}", "No") == (
        "Choose one of the options of “It”."
    )


def test_several_options_are_kept_once_in_the_order_of_the_form() -> None:
    field = one_field(f"type: checkboxes, {CHOICES}")
    typed = ("forse", "", "si", "forse")
    assert cleaned(f"type: checkboxes, {CHOICES}", *typed) == ["si", "forse"]
    assert shown(field, ["si", "forse"], ENGLISH) == ["Yes", "Perhaps"]
    assert exported(field, ["si", "forse"]) == "Yes | Perhaps"
    assert type_of(field).raw(field, ["si", "forse"]) == {"it": ["si", "forse"]}
    assert "Choose one of" in refusal(f"type: checkboxes, {CHOICES}", "si", "x")


def test_the_number_of_ticks_has_limits() -> None:
    field = f"type: checkboxes, {CHOICES}, limits: {{min: 2, max: 2}}"
    assert cleaned(field) is None, "nothing is ticked: that is a matter of required"
    assert cleaned(field, "si", "no") == ["si", "no"]
    assert refusal(field, "si") == "Choose at least 2."
    assert refusal(field, "si", "no", "forse") == "Choose at most 2."


def test_a_declaration_is_true_or_not_there() -> None:
    field = one_field("type: declaration, text: I declare")
    assert cleaned("type: declaration, text: I declare", "true") is True
    for other in ("Off", "false", "1"):
        assert cleaned("type: declaration, text: I declare", other) is None
    assert type_of(field).raw(field, True) == {"it": ["true"]}
    assert (shown(field, True, ENGLISH), exported(field, True)) == (["Yes"], "X")


def test_an_acknowledgement_keeps_version_and_hash_of_the_text_that_was_shown() -> None:
    keys = 'type: acknowledgement, text: Read me, version: "1.10"'
    answer = cleaned(keys, "true")
    assert answer == {"version": "1.10", "hash": sha256(b"Read me").hexdigest()}
    assert cleaned(keys, "Off") is None
    field = one_field(keys)
    assert shown(field, answer, ENGLISH) == ["Yes, version 1.10"]
    assert exported(field, answer) == f"1.10 {answer['hash'][:12]}"
    assert type_of(field).raw(field, answer) == {"it": ["true"]}


def test_a_translated_notice_has_a_hash_of_its_own() -> None:
    content = every_type()
    answers = [
        type_of(field).clean(field, {"informativa": ["true"]}, HERE)
        for field in (
            content.form("every-type", lang).field("informativa")
            for lang in ("it", "en")
        )
    ]
    assert answers[0]["hash"] != answers[1]["hash"]


@pytest.mark.parametrize(
    "code",
    [
        "RCCMNL83S18D969H",
        "rcc mnl 83s18 d969h",
        "CNTFNC84R44H5L1E",
        "CNTPTR60C29H5L1W",
        "MNCMSM69L12D61NP",
        "RSSMRA70A01Z50QQ",
    ],
)
def test_a_tax_code_that_real_people_hold_raises_no_doubt(code: str) -> None:
    assert cleaned("type: codice_fiscale", code) == "".join(code.split()).upper()


def luhn_digit(ten: str) -> str:
    """Return the check digit that ISO/IEC 7812-1 puts after ten digits."""
    doubled = "".join(str(int(digit) * 2) for digit in ten[1::2])
    return str(-sum(map(int, ten[0::2] + doubled)) % 10)


@pytest.mark.parametrize(
    "office", "053 100 120 888 999 101 102 150 200 500 900".split()
)
def test_a_provisional_code_of_any_office_passes_with_its_check_digit(
    office: str,
) -> None:
    ten = f"1234567{office}"
    right = ten + luhn_digit(ten)
    wrong = ten + str((int(right[-1]) + 1) % 10)
    assert cleaned("type: codice_fiscale", right) == right
    with pytest.raises(DoubtfulAnswer):
        cleaned("type: codice_fiscale", wrong)


@pytest.mark.parametrize(
    "code",
    [
        "RCCMNL83S18D969X",
        "RCCMNL83S18D969",
        "RCCMNL83Z18D969H",
        "1234567890",
        "RCCMNL",
    ],
)
def test_a_tax_code_that_looks_wrong_is_a_doubt_that_can_be_kept(code: str) -> None:
    with pytest.raises(DoubtfulAnswer) as caught:
        cleaned("type: codice_fiscale", code)
    assert caught.value.answer == code
    assert "you can go on" in ENGLISH.translate(caught.value.message)


def test_what_is_too_long_for_a_tax_code_is_refused() -> None:
    advice = "A tax code has 16 characters, or 11 digits."
    assert refusal("type: codice_fiscale", "RCCMNL83S18D969HX") == advice


def test_omocodia_is_read_at_every_digit_not_only_from_the_right() -> None:
    letters = "LMNPQRSTUV"
    plain = "RCCMNL83S18D969"
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    places = [6, 7, 9, 10, 12, 13, 14]
    for mask in range(128):
        body = "".join(
            letters[int(c)] if i in places and mask >> places.index(i) & 1 else c
            for i, c in enumerate(plain)
        )
        passing = [last for last in alphabet if not doubts(body + last)]
        assert len(passing) == 1, f"{body} has one check character"


IBANS = (
    "IT60 X054 2811 1010 0000 0123 456",
    "GB82 WEST 1234 5698 7654 32",
    "DE89 3704 0044 0532 0130 00",
    "MT84 MALT 0110 0001 2345 MTLC AST0 01S",
    "NO93 8601 1117 947",
)


@pytest.mark.parametrize("shown_as", IBANS)
def test_an_iban_is_kept_compact_and_shown_in_groups_of_four(shown_as: str) -> None:
    field = one_field("type: iban")
    kept = shown_as.replace(" ", "")
    for typed in (shown_as, kept.lower(), f"IBAN: {shown_as}", "-".join(kept)):
        assert cleaned("type: iban", typed) == kept
    assert shown(field, kept, ENGLISH) == [shown_as]
    assert type_of(field).raw(field, kept) == {"it": [shown_as]}
    assert exported(field, kept) == kept


def test_an_iban_may_be_typed_in_the_digits_of_any_script() -> None:
    arabic = IBANS[0].translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert cleaned("type: iban", arabic) == IBANS[0].replace(" ", "")


def test_an_iban_with_one_wrong_exchanged_or_missing_character_is_refused() -> None:
    code = IBANS[0].replace(" ", "")
    advice = "There is a mistake in this IBAN: compare each character with "
    for place in range(4, len(code)):
        other = "1" if code[place] != "1" else "2"
        wrong = [code[:place] + other + code[place + 1 :]]
        wrong.append(code[:place] + code[place + 1 :])
        if place + 1 < len(code) and code[place] != code[place + 1]:
            pair = code[place + 1] + code[place]
            wrong.append(code[:place] + pair + code[place + 2 :])
        for typed in wrong:
            assert refusal("type: iban", typed).startswith(advice)


@pytest.mark.parametrize("typed", ["1234", "IT60", "60ITX0542811101000000123456"])
def test_what_is_no_iban_is_told_what_one_looks_like(typed: str) -> None:
    advice = "Write the IBAN as the bank writes it: two letters, two digits, "
    assert refusal("type: iban", typed).startswith(advice)


def test_check_digits_of_an_iban_that_are_never_given_are_wrong() -> None:
    # ISO 7064 gives 02 to 98: the others leave the same remainder by chance.
    account = "X0542811101000000"
    number = int("".join(str(int(c, 36)) for c in account + "IT00"))
    odd = [n for n in (0, 1, 99) if (number + n) % 97 == 1]
    right = [n for n in range(2, 99) if has_right_digits(f"IT{n:02}{account}")]
    assert len(right) == 1
    for digits in ("00", "01", "99", *(f"{n:02}" for n in odd)):
        assert not has_right_digits(f"IT{digits}{account}")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("9.30", "09:30"),
        ("9:30", "09:30"),
        ("09:30", "09:30"),
        ("0930", "09:30"),
        ("930", "09:30"),
        ("h 9.30", "09:30"),
        ("h. 9,30", "09:30"),
        ("ore 9.30", "09:30"),
        ("ora 9:30", "09:30"),
        ("9h30", "09:30"),
        ("9 H", "09:00"),
        ("9", "09:00"),
        ("23:59", "23:59"),
        ("0", "00:00"),
        ("٩:٣٠", "09:30"),
    ],
)
def test_an_hour_is_read_as_people_write_it(typed: str, kept: str) -> None:
    assert cleaned("type: time", typed) == kept


@pytest.mark.parametrize(
    "typed", ["24", "9:60", "9.5", "alle nove", "9 pm", "12345", "-1", "9:30:00", "h"]
)
def test_what_is_no_hour_of_the_day_is_refused(typed: str) -> None:
    assert refusal("type: time", typed) == (
        "Write hours and minutes in digits, from 00:00 to 23:59, for example 14:30."
    )


def test_an_hour_keeps_within_its_limits() -> None:
    field = 'type: time, limits: {min: "09:00", max: "17:30"}'
    assert [cleaned(field, typed) for typed in ("9", "17.30")] == ["09:00", "17:30"]
    assert refusal(field, "8:59") == "Write a time not earlier than 09:00."
    assert refusal(field, "17:31") == "Write a time not later than 17:30."
    assert shown(one_field(field), "09:00", ENGLISH) == ["09:00"]


def test_a_static_text_has_no_control_and_no_answer() -> None:
    field = one_field("type: static, text: Read")
    assert type_of(field).controls(field) == ()
    assert cleaned("type: static, text: Read", "typed") is None


def test_an_absent_answer_is_said_to_people_and_empty_in_a_table() -> None:
    field = one_field("type: text")
    assert shown(field, None, ENGLISH) == ["No answer"]
    assert exported(field, None) == ""


def test_what_is_typed_back_gives_the_same_answer_for_every_type() -> None:
    form = every_type().form("every-type")
    answers = {
        "nome": "Nguyễn Thị Ánh",
        "email": "a@example.org",
        "telefono": "+390564484111",
        "nascita": "1985-03-27",
        "profilo": "ente",
        "persone": 3,
        "paese": "altro",
        "interessi": ["si", "orto"],
        "aiuto": True,
        "note": "uno\n\ndue",
        "codice_fiscale": "RCCMNL83S18D969H",
        "conto": "IT60X0542811101000000123456",
        "orario": "09:05",
    }
    for field_id, answer in answers.items():
        field = form.field(field_id)
        kind = type_of(field)
        assert kind.clean(field, kind.raw(field, answer), HERE) == answer
    kinds = {form.field(field_id).type for field_id in answers}
    assert kinds | {"acknowledgement", "static"} == TYPES.keys(), "none forgotten"
    assert {field.type for field in form.at(Channel.WEB)} == TYPES.keys()


def test_a_text_is_one_control_shown_as_it_is() -> None:
    field = one_field("type: text")
    assert type_of(field).controls(field) == ("it",)
    assert shown(field, "=1+1", ENGLISH) == ["=1+1"]
    assert exported(field, "=1+1") == "=1+1"


def test_a_long_text_is_shown_line_by_line() -> None:
    assert shown(one_field("type: textarea"), "a\n\nb", ENGLISH) == ["a", "", "b"]
