"""One spelling for the search index, for what is typed into it, and for names."""

import sys
import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from forms_service.definition.contact import phone_end, phone_ends
from forms_service.definition.folding import fold, index_words, query_words, same_name

# What each spelling of one name is folded to.
SPELLINGS = {
    "nicolo": ["Nicolò", "NICOLO'", "Nicolo’", "nicolo`", "Nicolo´", "Nicolo\u0300"],
    "d angelo": ["D'Angelo", "D’Angelo", "DʼAngelo", "D`Angelo", "D′Angelo"],
    "maria grazia": ["Maria-Grazia", "Maria‐Grazia", "Maria\u2011Grazia"],
    "lukasz zolc": ["Łukasz Żółć", "łukasz żółć"],
    "soren oe aage": ["Søren Œ Aage", "SØREN œ aage"],
    "strasse": ["Straße", "STRASSE", "STRAẞE"],
    "thor aesir dora": ["Þór Æsir Ðóra"],
    "dang thi anh": ["Đặng Thị Ánh", "Đa\u0323\u0306ng Thi\u0323 A\u0301nh"],
    "stefan tarcea": ["Ștefan Țârcea", "ŞTEFAN ŢÂRCEA"],
    "cela elena": ["Çela Elëna"],
    "isik ibrahim": ["Işık İbrahim", "IŞIK IBRAHIM", "ışık ibrahim"],
    "jiri dvorak": ["Jiří Dvořák"],
    "dorde njegos": ["Đorđe Njegoš", "Đorđe ǌegoš", "ĐORĐE ǋEGOŠ"],
    "aliyev": ["Aliyev", "ALİYEV"],
    "anna 12": ["Anna 12", "Ａｎｎａ　１２", "Anna ١٢", "anna ۱۲"],
    "احمد": ["أحمد", "احمد", "أَحْمَد", "أحـمد", "ٱحمد", "إحمد", "آحمد"],
    "فاطمه": ["فاطمة", "فاطمه", "فَاطِمَة"],
    "يحيي": ["يحيى", "یحیی", "يحيي"],
    "علا": ["علاء", "علا"],
    "عليرضا": ["علی\u200cرضا", "عليرضا"],
    "كريم": ["کریم", "كريم"],
    "лук янова": ["Лук'янова", "Лук’янова", "Лукʼянова", "ЛУК`ЯНОВА"],
    "галаган": ["Ґалаґан", "Галаган"],
    "киів": ["Київ", "КИЇВ"],
    "გიორგი": ["გიორგი", "ᲒᲘᲝᲠᲒᲘ"],
    "王小明": ["王小明"],
    "ガラ": ["ガラ", "ｶﾞﾗ", "カ\u3099ラ"],
    "김철수": ["김철수", unicodedata.normalize("NFD", "김철수")],
    "हिनदी": ["हिन्दी"],
    "o connor": ["O'Connor", "O’Connor", "ÓʼCONNOR"],
    "": ["", "'", " - ’ ", "\u0301", "ـ"],
}  # fmt: skip


@pytest.mark.parametrize("folded", SPELLINGS)
def test_every_spelling_of_a_name_is_folded_to_one(folded):
    assert {fold(name) for name in SPELLINGS[folded]} == {folded}


def test_no_two_of_these_are_folded_to_one():
    others = (
        "Anna Anno Rossi Russo Mario Maria Luca Lucia كار كور か が Иван Іван राम रमा"
    )
    assert len({fold(name) for name in others.split()}) == len(others.split())


@pytest.mark.parametrize("step", [97, pytest.param(1, marks=pytest.mark.slow)])
def test_folding_any_character_again_changes_nothing(step):
    for code in range(0, sys.maxunicode + 1, step):
        folded = fold(chr(code))
        assert fold(folded) == folded, hex(code)
        # Words of letters, digits and the marks that make other letters; spaces.
        assert all(unicodedata.category(c)[0] in "LNM" for c in folded.replace(" ", ""))


@pytest.mark.no_cover
@given(st.text())
def test_folding_again_changes_nothing(text):
    assert fold(fold(text)) == fold(text)


@pytest.mark.no_cover
@example("\u0345 \u1fb3")
@given(st.text())
def test_accents_and_capitals_make_no_difference(text):
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert fold(unicodedata.normalize(form, text)) == fold(text)
    assert fold(text.casefold()) == fold(text)


def found(query, names=(), texts=()):
    """Say whether a query finds a row with these names and texts."""
    words = index_words(names, texts).split(" ")
    return all(
        any(word.startswith(spelling) for word in words for spelling in spellings)
        for spellings in query_words(query)
    )


@given(st.text(), st.text())
def test_a_text_is_found_by_itself_and_by_how_it_begins(text, more):
    assert found(text, [f"{text} {more}"])
    assert found(text, [], [f"{text} {more}"])
    assert found(fold(text), [text])
    assert found(fold(text)[: len(text) // 2].strip(), [text])


JOINED = [
    "De Luca", "Lo Cascio", "D'Angelo", "Maria-Grazia", "Van der Berg", "El Amrani",
    "Лук'янова", "De la Cruz", "عبد الرحمن", "Dell’Orto", "O'Brien",
]  # fmt: skip


@pytest.mark.parametrize("name", JOINED)
def test_a_name_is_found_joined_or_not_and_word_by_word(name):
    folded = fold(name)
    joined = folded.replace(" ", "")
    assert joined != folded
    for stored in (name, joined, f"Anna {name} Ugo", f"anna {folded}"):
        for query in (name, name.upper(), folded, joined):
            assert found(query, [stored]), (query, stored)
    assert all(found(word, [name]) for word in folded.split())


@pytest.mark.parametrize(
    ("query", "names", "there"),
    [
        ("de", ["De Luca"], True),
        ("de", ["Deluca"], True),
        ("de", ["Luca Rossi"], False),
        ("luca de", ["Mario De Luca"], True),
        ("Rossi, Mario", ["Mario Rossi"], True),
        ("anna", ["Anno"], False),
        ("rossi", ["Russo"], False),
        ("小明", ["王小明"], True),
        ("明", ["王小明"], True),
        ("大明", ["王小明"], False),
        ("qk2e bq7v", ["QK2EBQ7V"], True),
        ("QK2E-BQ7V", ["QK2EBQ7V"], True),
    ],
)
def test_what_a_query_finds(query, names, there):
    assert found(query, names) is there


def test_texts_are_found_by_word_but_not_joined():
    assert found("orto", [], ["vicino all’orto grande"])
    assert found("allorto", [], ["vicino all’orto grande"])
    assert not found("ortogrande", [], ["vicino all’orto grande"])
    assert index_words(["Ada Ada"], ["ada e ada"]) == "ada adaada e"
    # What needs no folding is spelt as what does.
    assert query_words("R2D2") == query_words("Ｒ２Ｄ２") == [["r2d2"]]


PAIRS = [
    ("D'Angelo Nicolò", "D’Angelo Nicolo'"),
    ("Maria-Grazia Bianchi", "Maria Grazia Bianchi"),
    ("Mariagrazia Bianchi", "Bianchi Maria Grazia"),
    ("Rossi, Mario", "Mario Rossi"),
    ("De Luca Anna", "Anna Deluca"),
    ("Lo Cascio Ugo", "ugo locascio"),
    ("Dangelo Ada", "Ada D Angelo"),
    ("Łukasz Żak", "Lukasz Zak"),
    ("Søren Kjær", "Soren Kjaer"),
    ("أحمد إبراهيم", "احمد ابراهيم"),
    ("فاطمة الزهراء", "فاطمه الزهرا"),
    ("Ірина Лук'янова", "Лукянова Ірина"),
    ("Strauß Jürgen", "JURGEN STRAUSS"),
    ("Ｎｇｕｙễｎ Thị Ánh", "Anh Nguyen Thi"),
    ("Ștefan Țurcanu", "Ştefan Ţurcanu"),
    ("Işık Çelik", "ISIK CELIK"),
    ("王小明", "王 小明"),
    ("Maria De la Cruz Van der Berg", "Vanderberg Delacruz Maria"),
    ("a b c d e f g h i", "i h g f e d c b a"),
]


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_two_spellings_are_one_name(one, other):
    assert same_name(one, other)
    assert same_name(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Anna Rossi", "Anno Rossi"),
        ("Mario Rossi", "Mario Russo"),
        ("Mario Rossi", "Maria Rossi"),
        ("De", "De Luca"),
        ("De", "Luca"),
        ("Rosa Maria", "Mariarosa"),
        ("王小明", "王明小"),
        ("राम", "रमा"),
        ("Mario", "Mario Rossi"),
        ("", ""),
        ("’", "-"),
        ("a b c d e f g h i", "ab c d e f g h i"),
    ],
)
def test_two_names_are_not_one(one, other):
    assert not same_name(one, other)
    assert not same_name(other, one)


@given(st.permutations(["Anna", "De", "Luca", "Lo", "Cascio"]))
def test_the_order_of_words_makes_no_difference(words):
    assert same_name(" ".join(words), "Anna De Luca Lo Cascio")


@pytest.mark.parametrize(
    "typed",
    ["0564 484111", "+39 0564 484111", "0039 0564484111", "39 0564 484111", "564484111",
     "+39 564 484111", "484111", "4111", "tel. 0564/484111", "0564 484111 int. 7",
     "٠٥٦٤ ٤٨٤١١١"],
)  # fmt: skip
def test_a_landline_is_found_by_its_end(typed):
    whole = phone_end("+390564484111;ext=23")
    assert whole == "11148446593"
    assert any(whole.startswith(end) for end in phone_ends(typed))


@pytest.mark.parametrize(
    ("stored", "typed"),
    [
        ("+393331200047", "0047"),
        ("+393331200047", "333 1200047"),
        ("+393331200047", "0333 1200047"),
        ("+33612345678", "06 12 34 56 78"),
        ("+33612345678", "+33 (0)6 12 34 56 78"),
        ("+380501234567", "050 123 45 67"),
    ],
)
def test_a_number_of_any_country_is_found_by_its_end(stored, typed):
    assert any(phone_end(stored).startswith(end) for end in phone_ends(typed))


@pytest.mark.parametrize(
    "typed", ["", "111", "4 1 1", "anna", "via Roma 1234", "+", "12345 o 67890"]
)
def test_what_is_no_number_has_no_end(typed):
    assert phone_ends(typed) == []


@pytest.mark.parametrize(
    "typed", ["0000000010", "000010", "+39 0000000010", "0039 0000000010"]
)
def test_few_digits_after_zeros_are_found_in_their_country(typed):
    whole = phone_end("+390000000010")
    assert any(whole.startswith(end) for end in phone_ends(typed, "it"))
    assert phone_ends("0047", "it") == ["7400"]


def test_other_digits_are_another_number():
    ends = phone_ends("484112")
    assert ends
    assert not any(phone_end("+390564484111").startswith(end) for end in ends)
    # Of zeros alone none may be left out: the empty end would be everybody's.
    assert phone_ends("0000") == ["0000"]
    assert phone_end(None) is None
