"""The order of names: as an Italian list has them, whoever typed them how."""

import pytest

from forms_service.definition.name_order import by_last_word, by_name

ITALIAN = [
    "Àlvaro Zeni",
    "alvaro Zeno",
    "Anna Bianchi",
    "d’Angelo Ugo",
    "D'ANGELO Vito",
    "Dalla Costa Ida",
    "Dangelo Ada",
    "De Luca Nino",
    "Deborah Luca",
    "Nicolò Rossi",
    "Nicolo’ Russo",
    "مريم الحسن",
]
BY_LAST_WORD = [
    "Ugo D’Angelo",
    "Ada Dangelo",
    "Anna De Luca",
    "Maria Grazia Della Torre",
    "De Luca Francesca",
    "Zoe Lo",
    "Nino Lo Cascio",
    "Luca",
    "Bruno Marzi",
    "Carlo Màrzi",
]


@pytest.mark.parametrize(
    ("key", "ordered"), [(by_name, ITALIAN), (by_last_word, BY_LAST_WORD)]
)
def test_names_stand_as_in_an_italian_list(key, ordered):
    assert sorted(ordered[1::2] + ordered[::2], key=key) == ordered


def test_accents_and_capitals_decide_only_between_the_same_letters():
    assert by_name("Nicolò")[0] == by_name("NICOLO")[0]
    assert sorted(["nicolò", "Nicolo"], key=by_name) == ["Nicolo", "nicolò"]
    assert by_last_word("") == by_name("")
