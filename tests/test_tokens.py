"""Signed texts: read only for their purpose, with any key that still counts."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from forms_service.tokens import (
    ALPHABET,
    CODE_LENGTH,
    TokenInvalid,
    Tokens,
    clean_token,
)

OLD, NEW = "o" * 32, "n" * 32


def test_a_token_gives_its_payload_back() -> None:
    tokens = Tokens([NEW])
    for payload in ("x", 3, ["id", 2], {"a": None}, "è"):
        assert tokens.read("verify", tokens.make("verify", payload)) == payload


def test_a_token_that_was_packed_is_read_and_none_is_packed_any_more() -> None:
    tokens, payload = Tokens([NEW]), ["a form", "0" * 64]
    packed = URLSafeSerializer(NEW, salt="forms-service/verify").dumps(payload)
    assert packed.startswith(".")
    assert tokens.read("verify", packed) == payload
    assert not tokens.make("verify", payload).startswith(".")


def test_a_token_is_of_one_purpose_only() -> None:
    tokens = Tokens([NEW])
    token = tokens.make("verify", "x")
    with pytest.raises(TokenInvalid):
        tokens.read("personal", token)


def test_an_older_key_still_reads_and_the_newest_signs() -> None:
    before, during, after = Tokens([OLD]), Tokens([OLD, NEW]), Tokens([NEW])
    assert during.read("verify", before.make("verify", "x")) == "x"
    assert after.read("verify", during.make("verify", "x")) == "x"
    with pytest.raises(TokenInvalid):
        after.read("verify", before.make("verify", "x"))


@pytest.mark.parametrize("token", ["", ".", "a.b", "è", "x" * 5000, "\x00"])
def test_what_we_did_not_make_is_refused(token: str) -> None:
    with pytest.raises(TokenInvalid):
        Tokens([NEW]).read("verify", token)


@given(st.integers(0, 200), st.characters(codec="ascii"))
def test_a_damaged_token_is_refused_or_names_the_same_payload(
    place: int, character: str
) -> None:
    tokens = Tokens([NEW])
    token = tokens.make("verify", ["0123456789", 1])
    place %= len(token)
    damaged = token[:place] + character + token[place + 1 :]
    try:
        assert tokens.read("verify", damaged) == ["0123456789", 1]
    except TokenInvalid:
        assert damaged != token


@pytest.mark.parametrize("keys", [[], [""], [NEW, ""]])
def test_no_key_is_no_tokens(keys: list[str]) -> None:
    with pytest.raises(ValueError, match="secret key"):
        Tokens(keys)


def test_a_code_is_the_same_until_payload_purpose_or_key_change() -> None:
    tokens = Tokens([NEW])
    code = tokens.code("open", "row:1")
    assert code == tokens.code("open", "row:1")
    others = (
        tokens.code("open", "row:2"),
        tokens.code("verify", "row:1"),
        Tokens([OLD]).code("open", "row:1"),
    )
    assert code not in others
    assert (len(code), set(code) <= set(ALPHABET)) == (CODE_LENGTH, True)


def test_a_code_is_read_as_people_type_it() -> None:
    tokens = Tokens([OLD, NEW])
    code = tokens.code("open", "row:1")
    for typed in (
        code,
        code.lower(),
        f" {code[:3]} {code[3:]} ",
        f"{code[:3]}-{code[3:]}",
        f"{code[:3]}–{code[3:]}",
        f"{code[:2]} {code[2:4]} {code[4:]}.",
        f"code: {code}",
        f"codice: {code[:3]}-{code[3:]}",
        f"Il codice è “{code.lower()}”",
        f"{code} (valido 30 minuti)",
        f"Codice (sei lettere): {code[:3]} {code[3:]} (vale per 30 minuti",
        f"Codice: ({code[:3]} {code[3:]})",
        "".join(chr(ord(c) + 0xFEE0) for c in code),
        code.translate({ord(d): chr(0x660 + int(d)) for d in "0123456789"}),
        code.translate(str.maketrans("ABCEHKMPTX", "АВСЕНКМРТХ")),
        f"\u200f{code}\u200b",
    ):
        assert tokens.matches("open", "row:1", typed)
    for typed in (
        "",
        code[:5],
        code + "A",
        "A" + code,
        f"{code} A",
        "ÈÈÈÈÈÈ",
        "\ud800"[:0] + "😀",
    ):
        assert not tokens.matches("open", "row:1", typed)
    assert not tokens.matches("open", "row:2", code)


def test_a_code_mailed_before_a_new_key_still_counts() -> None:
    code = Tokens([OLD]).code("open", "row:1")
    assert Tokens([OLD, NEW]).matches("open", "row:1", code)
    assert not Tokens([NEW]).matches("open", "row:1", code)


def test_every_character_is_as_likely_at_every_place_of_a_code() -> None:
    tokens, drawn = Tokens([NEW]), 6000
    codes = [tokens.code("open", f"row:{n}") for n in range(drawn)]
    usual = drawn / len(ALPHABET)
    for place in range(CODE_LENGTH):
        seen = Counter(code[place] for code in codes)
        assert set(seen) == set(ALPHABET)
        # Six standard deviations: a biased digit is far outside, chance is not.
        assert max(abs(n - usual) for n in seen.values()) < 6 * usual**0.5


@given(
    st.lists(st.text(max_size=300) | st.integers()), st.text(alphabet=" .,;)>]\"'»\n_-")
)
def test_a_token_is_found_in_what_was_copied_and_never_changed(payload, noise):
    token = Tokens(["a key for tests that is long enough"]).make("r", payload)
    assert clean_token(token) == token
    assert clean_token(token + noise) == token
    assert clean_token(f"<{token}>{noise}") == token
    assert clean_token(f"{token[:9]}\r\n {token[9:]}") == token
