"""Arabic letters are joined and lines are turned as people read them."""

import unicodedata

import pytest

from forms_service.shapes.pdf.draft_script import (
    forms,
    in_sight,
    is_right_to_left,
    joined,
)


@pytest.mark.parametrize(
    ("word", "drawn"),
    [
        ("ب", "\ufe8f"),
        ("بب", "\ufe91\ufe90"),
        ("ببب", "\ufe91\ufe92\ufe90"),
        ("دب", "\ufea9\ufe8f"),
        ("سلام", "\ufeb3\ufefc\ufee1"),
        ("لا", "\ufefb"),
        ("بْب", "\ufe91\u0652\ufe90"),
        ("ب\u200cب", "\ufe8f\ufe8f"),
        ("ب\u200d", "\ufe91"),
        ("بـ", "\ufe91\u0640"),
        ("abc д 12", "abc д 12"),
        ("", ""),
        ("\u064b", "\u064b"),
    ],
)
def test_a_letter_has_the_form_of_its_place(word: str, drawn: str) -> None:
    assert joined(word) == drawn


def test_every_form_is_a_form_of_its_letter() -> None:
    assert len(forms()) > 200
    for (letter, position), form in forms().items():
        assert unicodedata.decomposition(form).startswith(f"<{position}>")
        plain = unicodedata.normalize("NFKC", form)
        assert plain == unicodedata.normalize("NFKC", letter)


@pytest.mark.parametrize(
    ("line", "turned", "seen"),
    [
        ("abc 12", False, "abc 12"),
        ("דוד", True, "דוד"),
        ("אבג", True, "גבא"),
        ("אב 12/3 גד", True, "דג 12/3 בא"),
        ("אב abc גד", True, "דג abc בא"),
        ("abc (אב) def", False, "abc (בא) def"),
        ("אב (גד)", True, "(דג) בא"),
        ("abc אב 12", False, "abc 12 בא"),
        ("abc", True, "abc"),
        ("abc.", True, ".abc"),
        ("", True, ""),
    ],
)
def test_a_line_is_drawn_in_the_order_of_sight(
    line: str, turned: bool, seen: str
) -> None:
    assert in_sight(line, turned) == seen


def test_no_letter_is_lost_in_turning() -> None:
    line = "مرحبا abc, 12/3 (דוד) + x@y.it «ok»"
    for turned in (True, False):
        assert len(in_sight(line, turned)) == len(joined(line))


@pytest.mark.parametrize(
    ("text", "right"), [("12 سلام a", True), ("12 a سلام", False), ("12 ()", False)]
)
def test_the_first_letter_gives_the_direction(text: str, right: bool) -> None:
    assert is_right_to_left(text) is right
