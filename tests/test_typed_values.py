"""What is typed is what is kept: nothing is guessed, invented or dropped on the way."""

import unicodedata
from collections import Counter
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from citizen import VOLUNTEER
from clerk import EVERY as TYPED
from forms_service.definition import TYPES, Channel, clean, raw_of, shown, type_of
from forms_service.definition.field_type import (
    Answer,
    DoubtfulAnswer,
    InputContext,
    InvalidAnswer,
    LineType,
)
from forms_service.definition.folding import one_line
from forms_service.definition.form import Field
from forms_service.shapes.pdf.draft import fill
from forms_service.store.filters import Filter
from forms_service.store.queue import queue
from printed_forms import EVERY, form_of, pdf
from sample_content import SAMPLE, form_with, one_field
from test_types import ENGLISH, boxes, refusal

HERE = InputContext("it", date(2030, 6, 15), ("it",))


def kept(kind: str, typed: str, here: InputContext = HERE) -> Any:
    """Return what is kept of a line, also if it was doubted; None if it is refused."""
    field = one_field(f"type: {kind}", country=here.country)
    try:
        return type_of(field).clean(field, {"it": [typed]}, here)
    except DoubtfulAnswer as doubt:
        return doubt.answer
    except InvalidAnswer:
        return None


def digits(text: str) -> str:
    """The test's own idea of the digits of a text."""
    return "".join(str(unicodedata.decimal(c)) for c in text if c.isdecimal())


STRANGE_PHONES = [
    ("333 12345l7", "l"),
    ("+39 33O 1234567", "O"),
    ("0564 484111 b. 2", "b"),
    ("333-FIORI-12", "FIORI"),
    ("333 1234567 (casa)", "casa"),
    ("333 1234567 ore pasti", "ore"),
    ("fax 0564 484111", "fax"),
    ("333 1234567, chiamare dopo le 18", "chiamare"),
    ("333 12З4567", "З"),
    ("333 123456½", "½"),
    ("333 123456²", "²"),
    ("0564 484111 int.", "int"),
    ("0564 484111 *2", "*"),
    ("333 1234567;phone-context=x", "phone"),
    ("abc", "abc"),
]


@pytest.mark.parametrize(("typed", "found"), STRANGE_PHONES)
def test_what_does_not_belong_to_a_phone_number_is_named(
    typed: str, found: str
) -> None:
    assert refusal("type: phone", typed) == (
        f"“{found}” does not belong to a phone number: write digits only, for example "
        "+39 0564 123456."
    )


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("tel. 0564 484111", "+390564484111"),
        ("Tel.: +39 0564 484111", "+390564484111"),
        ("tel:+39-0564-484111", "+390564484111"),
        ("Cell. 333 1234567", "+393331234567"),
        ("cell 333.1234567", "+393331234567"),
        ("n. 333/1234567", "+393331234567"),
        ("n° tel. 0564 484111", "+390564484111"),
        ("тел. 0564 484111", "+390564484111"),
        ("هاتف: 0564 484111", "+390564484111"),
        ("(+39) 0564-484111", "+390564484111"),
        ("[0564] 484111.", "+390564484111"),
        ("+39 (0)564 484111", "+390564484111"),
        ("+44 (0)20 7946 0958", "+442079460958"),
        ("＋３９　０５６４　４８４１１１", "+390564484111"),
        ("۰۵۶۴ ۴۸۴۱۱۱", "+390564484111"),
        ("0564–484111", "+390564484111"),
    ],
)
def test_a_phone_number_may_have_its_decorations(typed: str, number: str) -> None:
    assert kept("phone", typed) == number


@pytest.mark.parametrize(
    ("typed", "extension"),
    [
        ("0564 484111 int. 23", "23"),
        ("0564 484111 interno 4", "4"),
        ("0564 484111, ext 5", "5"),
        ("+39 0564 484111 ext. ٢٣", "23"),
        ("0564484111x007", "007"),
        ("0564 484111 #9", "9"),
        ("+390564484111;ext=23", "23"),
        ("0564 484111 poste 12", "12"),
    ],
)
def test_an_extension_is_kept_shown_exported_and_typed_again(
    typed: str, extension: str
) -> None:
    form = form_with("- {id: phone, type: phone, label: Phone, role: phone}")
    answer = f"+390564484111;ext={extension}"
    result = clean(form, {"phone": [typed]}, Channel.WEB)
    assert (result.ok, result.answers) == (True, {"phone": answer})
    field = form.field("phone")
    [read] = shown(field, answer, ENGLISH)
    assert read == f"+39 0564 484111, extension {extension}"
    assert type_of(field).export(field, answer, None) == answer
    again = clean(form, raw_of(form, result.answers), Channel.WEB)
    assert again.answers == result.answers


@pytest.mark.parametrize(
    "typed",
    [
        "333 1234567 e 0564 484111",
        "333 1234567, 0564 484111",
        "333 1234567 / 0564 484111",
        "333 1234567 oppure 333 7654321",
        "333 1234567 0564 484111",
        "+39 333 1234567 +39 0564 484111",
        "tel. 0564 484111 cell. 333 1234567",
    ],
)
def test_two_phone_numbers_are_told_apart_in_words(typed: str) -> None:
    assert refusal("type: phone", typed) == "Write one phone number here, not two."


def test_the_zero_for_calls_at_home_is_all_that_a_phone_number_may_lose() -> None:
    assert kept("phone", "01 2345678", InputContext("at", None)) == "+4312345678"
    assert (
        kept("phone", "011 39 0564 484111", InputContext("us", None)) == "+390564484111"
    )
    # The library would make it +54 9 11 2345 6789: a digit that nobody typed.
    assert kept("phone", "011 15 2345 6789", InputContext("ar", None)) is None


NUMERALS = "0123456789٠١٢٣٤٥٦٧٨٩０１２３４５６７８９०१२"
PHONES = st.text(NUMERALS * 2 + " +-./()[]xintel;=#,lO", max_size=24)


@given(PHONES | st.text(max_size=30), st.sampled_from(["it", "at", "us", "ar", "br"]))
@example("+390564484111;ext=23", "it")
def test_no_phone_number_is_kept_that_was_not_typed(typed: str, country: str) -> None:
    number = kept("phone", typed, InputContext(country, None))
    if number is None:
        return
    main, _, extension = number.partition(";ext=")
    all_typed = digits(typed)
    assert all_typed.endswith(extension)
    before = all_typed.removesuffix(extension) if extension else all_typed
    national = main[1:]
    while not before.endswith(national):
        national = national[1:]
    # At least all but the prefix of a country and what is dialled before it.
    assert len(main) - 1 - len(national) <= 3
    assert len(before) - len(national) <= 6


LINES = sorted(
    name for name, kind in TYPES.items() if isinstance(kind, LineType) and kind.is_value
)
SAME_DIGITS = ("email", "codice_fiscale", "iban", "select", "radio")


@pytest.mark.parametrize("kind", LINES)
@given(typed=st.text(max_size=24) | st.text(NUMERALS + " /.-,:RSMAhx@", max_size=20))
def test_a_value_has_the_digits_that_were_typed(kind: str, typed: str) -> None:
    answer = kept(kind, typed)
    if answer is None:
        return
    if kind in SAME_DIGITS:
        assert digits(str(answer)) == digits(typed)
    else:
        # Zeros before a number, and the order of a date, are the type's business.
        plain = Counter(digits(typed).replace("0", ""))
        prefix = Counter("39") if kind == "phone" else Counter()
        assert (
            plain <= Counter(str(answer)) <= plain + prefix + Counter("0+-:;=ext" * 9)
        )


@pytest.mark.parametrize("kind", LINES)
def test_a_control_character_hides_no_other_value(kind: str) -> None:
    right = {
        "email": "a{}b@example.org",
        "phone": "0564{} 484111",
        "date": "27/3{}/1985",
        "time": "9{}:30",
        "number": "1{}2",
        "iban": "IT60X0542811101000000{}123456",
        "codice_fiscale": "RSSMRA85T10A{}562S",
    }
    for control in ("\x00", "\x07", "\x1b", "\x9f"):
        assert kept(kind, right.get(kind, "{}").format(control)) is None


class Doubting(LineType):
    """A type that doubts whatever it reads, and reads no more than two characters."""

    name = "doubting"
    missing = "Write it."

    def parse(self, field: Field, text: str, here: InputContext) -> Answer:
        raise DoubtfulAnswer(text[:2], "Is it right?")


def test_a_doubt_may_keep_only_what_was_typed() -> None:
    field, kind = one_field("type: text"), Doubting()
    with pytest.raises(DoubtfulAnswer) as doubt:
        kind.clean(field, {"it": ["12"]}, HERE)
    assert doubt.value.answer == "12"
    with pytest.raises(InvalidAnswer, match="Fill in"):
        kind.clean(field, {"it": ["123"]}, HERE)


class Guessing(LineType):
    """A type whose library helps."""

    name = "guessing"
    missing = "Write it."

    def parse(self, field: Field, text: str, here: InputContext) -> Answer:
        return text.replace("O", "0").replace(" ", "")[:4]


def test_a_type_of_ones_own_that_guesses_is_refused() -> None:
    field, kind = one_field("type: text"), Guessing()
    assert kind.clean(field, {"it": ["12 34"]}, HERE) == "1234"
    for typed in ("1O34", "12345"):
        with pytest.raises(InvalidAnswer, match="Fill in"):
            kind.clean(field, {"it": [typed]}, HERE)


@pytest.mark.parametrize(
    ("typed", "found"),
    [("1,5", ","), ("1.000", "."), ("1'000", "'"), ("3O", "O"), ("½", "½"),
     ("3 persone", "persone"), ("1_000", "_"), ("²", "²"), ("tre", "tre")],
)  # fmt: skip
def test_what_is_no_digit_of_a_number_is_named(typed: str, found: str) -> None:
    problem = f"Write a whole number in digits only, without “{found}”."
    assert refusal("type: number", typed) == problem


@pytest.mark.parametrize(
    ("typed", "number"),
    [("1 000", 1000), ("1\u202f000\u202f000", 1000000), ("１２", 12), ("−5", -5),
     ("1 2", None), ("12 34", None), ("1 0000", None)],
)  # fmt: skip
def test_spaces_part_thousands_and_never_two_numbers(
    typed: str, number: int | None
) -> None:
    assert kept("number", typed) == number


DAYS = [
    ("27–3–1985", "it"),
    ("27—3—1985", "it"),
    ("27−3−1985", "it"),
    ("27, 3, 1985", "it"),
    ("27،3،1985", "ar"),
    ("27 marzo 1985", "it"),
    ("27 MARZO 1985", "it"),
    ("27 mar. 1985", "it"),
    ("27-mar-1985", "it"),
    ("27 March 1985", "en"),
    ("27th March 1985", "en"),
    ("March 27, 1985", "en"),
    ("27 mars 1985", "fr"),
    ("27 martie 1985", "ro"),
    ("27 mars 1985", "sq"),
    ("27 березня 1985", "uk"),
    ("27 березень 1985", "uk"),
    ("٢٧ مارس ١٩٨٥", "ar"),
    ("２７／３／１９８５", "it"),
]


@pytest.mark.parametrize(("typed", "lang"), DAYS)
def test_a_day_is_read_with_any_dash_and_the_months_of_the_page(
    typed: str, lang: str
) -> None:
    here = InputContext("it", None, (lang, "it"))
    assert kept("date", typed, here) == "1985-03-27"
    field = one_field("type: date")
    on_paper = type_of(field).from_paper(field, typed)
    assert on_paper
    assert type_of(field).clean(field, on_paper, here) == "1985-03-27"


@pytest.mark.parametrize(
    ("typed", "lang", "day"),
    [
        ("5 sett. 1985", "it", "1985-09-05"),
        ("5 genn 1985", "it", "1985-01-05"),
        ("Febbr. 5, 1985", "it", "1985-02-05"),
        ("5 ma 1985", "it", None),
        ("5 jui 1985", "fr", None),
        ("5 settem 1985", "it", None),
        ("5 gennaiò 1985", "it", "1985-01-05"),
        ("5 gennaios 1985", "it", None),
        ("٥ أيلول ١٩٨٥", "ar", "1985-09-05"),
        ("5 ايلول 1985", "ar", "1985-09-05"),
        ("5 كانون الثاني 1985", "ar", "1985-01-05"),
        ("5/كانون الأول/1985", "ar", "1985-12-05"),
        ("5 كانون 1985", "ar", None),
        ("5 جويلية 1985", "ar", "1985-07-05"),
        ("5 غشت 1985", "ar", "1985-08-05"),
    ],
)
def test_a_month_is_read_as_every_country_calls_and_shortens_it(
    typed: str, lang: str, day: str | None
) -> None:
    here = InputContext("it", None, (lang, "it"))
    assert kept("date", typed, here) == day
    field = one_field("type: date")
    if day:
        on_paper = type_of(field).from_paper(field, typed)
        assert on_paper
        assert type_of(field).clean(field, on_paper, here) == day


def test_the_first_of_a_month_and_months_with_accents_are_read() -> None:
    here = InputContext("it", None, ("fr", "it"))
    assert kept("date", "1° marzo 1985", here) == "1985-03-01"
    assert kept("date", "1er fevrier 1985", here) == "1985-02-01"
    assert kept("date", "5 août 1985", here) == "1985-08-05"
    assert kept("date", "5 agosto 1985", here) == "1985-08-05", "the main language"
    assert kept("date", "5 August 1985", here) is None, "neither of the two"
    assert kept("date", "5 di maggio del 1985", here) == "1985-05-05"
    field = one_field("type: date")
    on_paper = type_of(field).from_paper(field, "5 di maggio del 1985")
    assert type_of(field).clean(field, on_paper, here) == "1985-05-05"


def test_the_name_of_a_month_may_stand_in_its_box() -> None:
    field = one_field("type: date")
    assert type_of(field).clean(field, boxes("27", "marzo", "1985"), HERE) == (
        "1985-03-27"
    )
    assert type_of(field).clean(field, boxes("27/3/1985", "", ""), HERE) == (
        "1985-03-27"
    )


@pytest.mark.parametrize(
    ("typed", "problem"),
    [
        ("31/02/1985", "This day does not exist: check day and month."),
        ("31 febbraio 1985", "This day does not exist: check day and month."),
        ("3/27/1985", "This day does not exist: check day and month."),
        ("27/3/85", "Check the year: write it with four digits."),
        ("27 marzo 85", "Check the year: write it with four digits."),
        ("0085-03-27", "Check the year: write it with four digits."),
    ],
)
def test_a_date_that_is_wrong_is_told_why(typed: str, problem: str) -> None:
    assert refusal("type: date", typed, here=HERE) == problem


@pytest.mark.parametrize(
    "typed", ["27 marz 1985", "marzo 1985", "27 3 1985 10", "2/7/3/1985", "27 3 l985"]
)
def test_what_is_no_date_is_told_how_to_write_one(typed: str) -> None:
    advice = "Write day, month and year in digits, for example 27 3 1985."
    assert refusal("type: date", typed, here=HERE) == advice


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("RSSMRA85T1OA562S", "RSSMRA85T1OA562S"),
        ("C.F. RSSMRA85T10A562S", "RSSMRA85T10A562S"),
        ("Codice fiscale: rssmra 85t10 a562s", "RSSMRA85T10A562S"),
        ("RSS-MRA-85T10-A562S", "RSSMRA85T10A562S"),
        ("ＲＳＳＭＲＡ８５Ｔ１０Ａ５６２Ｓ", "RSSMRA85T10A562S"),
        ("CFRMRA85T10A562S", "CFRMRA85T10A562S"),
    ],
)
def test_a_tax_code_is_never_mended(typed: str, code: str) -> None:
    assert kept("codice_fiscale", typed) == code


@pytest.mark.parametrize("kind", ["codice_fiscale", "iban"])
@pytest.mark.parametrize("strange", ["Ρ", "ß", "ﬁ", "ı", "²", "é"])
def test_a_letter_that_no_code_has_is_named(kind: str, strange: str) -> None:
    problem = refusal(f"type: {kind}", f"RSSMRA{strange}5T10A562S")
    assert problem.startswith(f"“{strange}” does not belong to a code")


@pytest.mark.parametrize(
    ("typed", "address"),
    [
        ("mailto:a@b.it", "a@b.it"),
        ("<a@b.it>", "a@b.it"),
        ("a@b.it.", "a@b.it"),
        ("a@b.it,", "a@b.it"),
        ("ａ＠ｂ．ｉｔ", "a@b.it"),
        ("A.B@xn--bcher-kva.example", "A.B@bücher.example"),
        ("name at example.org", None),
        ("name(at)example.org", None),
        ("mario rossi@example.org", None),
        ("mario@ example.org", None),
        ("Mario <a@b.it>", None),
        ("a@b.it c@d.it", None),
        ("a@b.it;c@d.it", None),
        ("=?utf-8?q?a?=@b.it", None),
        ("=?utf-8?B?YQ==?=@b.it", None),
        ("a@ﬁ.it", None),
        ("a@b。it", None),
        ("a@①.it", None),
        ("a\x00b@c.it", None),
    ],
)
def test_no_other_address_is_made_of_what_was_typed(
    typed: str, address: str | None
) -> None:
    assert kept("email", typed) == address


@given(st.text("abà@.'’ -_<>mailto:,xn1１Ａ。ß", max_size=20).map("a@b.it{}a@".format) |
       st.emails() | st.text(max_size=30))  # fmt: skip
def test_an_address_is_kept_letter_by_letter_or_refused(typed: str) -> None:
    address = kept("email", typed)
    if address is None or "xn--" in typed.lower():
        return
    wide = unicodedata.normalize("NFKC", one_line(typed)).casefold()
    assert unicodedata.normalize("NFKC", address).casefold() in wide


# And wherever it can be typed.


@pytest.fixture
def service(start_service):
    """The sample form with every type, open."""
    service = start_service(SAMPLE)
    service.clock.now = service.clock.now.replace(year=2030, month=3)
    return service


WRONG = [
    ({"telefono": "333 12345l7"}, "“l” non fa parte di un numero di telefono"),
    ({"telefono": "333-FIORI-12"}, "“FIORI” non fa parte di un numero di telefono"),
    ({"telefono": "333 1234567 e 0564 484111"}, "Scrivi qui un solo numero"),
    ({"nascita-day": "31", "nascita-month": "02", "nascita-year": "1985"},
     "Questo giorno non esiste"),
    ({"persone": "1,5"}, "senza “,”"),
]  # fmt: skip
RIGHT = {
    "telefono": "tel. 0564 484111 int. 23",
    "nascita-day": "27",
    "nascita-month": "marzo",
    "nascita-year": "1985",
}


@pytest.mark.parametrize(("typed", "problem"), WRONG)
def test_on_the_web_what_was_typed_comes_back_and_is_named(
    service, typed, problem
) -> None:
    page = service.post("/moduli/it/every-type/riepilogo", {**TYPED, **typed})
    assert page.status == 422
    assert problem in page.text
    for control, text in typed.items():
        assert page.controls()[control] == [text]
    assert not service.context.store.read(lambda db: queue(db, Filter(), 10))


@pytest.mark.parametrize(("typed", "problem"), WRONG)
def test_a_draft_that_comes_back_says_the_same(service, typed, problem) -> None:
    raw = {name: value if isinstance(value, list) else [value]
           for name, value in {**TYPED, **typed}.items()}  # fmt: skip
    draft = fill(pdf(EVERY), form_of(EVERY), raw)
    page = service.post(
        "/moduli/it/every-type/carica", {"file": (BytesIO(draft), "modulo.pdf")}
    )
    again = service.post("/moduli/it/every-type/riepilogo", page.controls())
    assert again.status == 422
    assert problem in again.text


def test_what_is_right_is_stored_as_it_was_typed_and_corrected_so(service) -> None:
    page = service.post("/moduli/it/every-type/riepilogo", {**TYPED, **RIGHT})
    assert page.status == 200
    assert "+39 0564 484111, interno 23" in page.text
    service.post("/moduli/it/every-type/conferma", page.controls())
    [submission] = service.context.store.read(lambda db: queue(db, Filter(), 10))
    assert submission.phone == submission.answers["telefono"] == "+390564484111;ext=23"
    assert submission.answers["nascita"] == "1985-03-27"


@pytest.mark.parametrize(("typed", "problem"), WRONG)
def test_at_the_desk_staff_read_the_same(service, new_clerk, typed, problem) -> None:
    clerk = new_clerk()
    clerk.sign_in()
    about = {"entry-source": "paper", "entry-proof": "signature"}
    about["entry-received"] = service.clock().date().isoformat()
    page = clerk.get("/staff/inserisci/every-type")
    refused = clerk.send(page, "/every-type", **{**TYPED, **typed, **about})
    assert refused.status == 422
    assert problem in refused.text
    done = clerk.send(page, "/every-type", **{**TYPED, **RIGHT, **about})
    assert done.status == 303
    read = clerk.get(done.location)
    assert read.find("//a[@href='tel:+390564484111;ext=23']")
    assert "+39 0564 484111, interno 23" in read.text


def test_the_sentence_of_the_form_does_not_hide_which_letter_it_is(
    start_service,
) -> None:
    service = start_service()
    page = service.post(
        "/moduli/it/volontari/riepilogo", {**VOLUNTEER, "telefono": "+39 33O 1234567"}
    )
    assert "“O” non fa parte di un numero di telefono" in page.text
