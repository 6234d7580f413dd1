"""The one validator: web, paper and desk, errors, doubts, what is never stored."""

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from forms_service.definition import (
    KEPT,
    Channel,
    Cleaned,
    FormDefinition,
    clean,
    raw_of,
)
from forms_service.i18n import Message, Translator
from sample_content import every_type, form_with

TODAY = date(2030, 3, 1)
ENGLISH = Translator("en", ZoneInfo("Europe/Rome"))
ITALIAN = Translator("it", ZoneInfo("Europe/Rome"))

TYPED: dict[str, list[str]] = {
    "nome": ["Nguyễn Thị Ánh"],
    "email": ["anh@example.org"],
    "telefono": ["+39 0564 484111"],
    "nascita-day": ["27"],
    "nascita-month": ["3"],
    "nascita-year": ["1985"],
    "profilo": ["persona"],
    "persone": ["2"],
    "paese": ["monte"],
    "interessi": ["si", "musica"],
    "strumento": ["Tamburo"],
    "note": ["uno\r\ndue"],
    "codice_fiscale": ["RCCMNL83S18D969H"],
    "maggiorenne": ["true"],
    "informativa": ["true"],
}


def every() -> FormDefinition:
    """The form with every field type."""
    return every_type().form("every-type")


def cleaned(channel: Channel = Channel.WEB, **changes: list[str]) -> Cleaned:
    """Clean a complete form with some controls typed otherwise."""
    typed = {**TYPED, **{key.replace("__", "-"): v for key, v in changes.items()}}
    return clean(every(), typed, channel, TODAY)


def said(message: Message) -> str:
    """Say a message in English."""
    return ENGLISH.translate(message)


def test_a_complete_form_is_answers_and_nothing_to_say() -> None:
    result = cleaned()
    assert result.ok
    assert result.answers == {
        "nome": "Nguyễn Thị Ánh",
        "email": "anh@example.org",
        "telefono": "+390564484111",
        "nascita": "1985-03-27",
        "profilo": "persona",
        "persone": 2,
        "paese": "monte",
        "interessi": ["si", "musica"],
        "strumento": "Tamburo",
        "note": "uno\ndue",
        "codice_fiscale": "RCCMNL83S18D969H",
        "maggiorenne": True,
        "informativa": {
            "version": "1.0",
            "hash": result.answers["informativa"]["hash"],
        },
    }


def test_an_empty_form_says_what_is_missing_in_the_order_of_the_form() -> None:
    result = clean(every(), {}, Channel.WEB, TODAY)
    assert {key: said(message) for key, message in result.errors.items()} == {
        "nome": "Scrivi il nome e il cognome",
        "email": "Write your email address.",
        "profilo": "Choose an answer for “Per chi scrivi”.",
        "persone": "Write a number in “Quante persone venite”.",
        "interessi": "Choose at least one answer for “Interessi”.",
        "maggiorenne": "Per inviare, conferma che hai compiuto 18 anni",
        "informativa": "To go on, read and tick “Ho letto l’informativa”.",
    }
    assert list(result.errors) == [
        f.id for f in every().fields if f.id in result.errors
    ]
    assert (result.answers, result.ok) == ({}, False)


def test_errors_keep_the_order_of_the_form_whatever_is_wrong_with_each() -> None:
    result = cleaned(nome=[""], email=["x"], persone=["9"], maggiorenne=[])
    assert list(result.errors) == ["nome", "email", "persone", "maggiorenne"]


def test_the_sentence_of_the_form_wins_over_ours_but_never_hides_a_limit() -> None:
    assert said(cleaned(nome=["123"]).errors["nome"]) == "Scrivi il nome e il cognome"
    assert said(cleaned(nome=["x" * 151]).errors["nome"]) == (
        "Write at most 150 characters: now there are 151."
    )
    translated = clean(every_type().form("every-type", "en"), {}, Channel.WEB, TODAY)
    own = translated.errors["nome"].values["own"]
    assert (own, getattr(own, "lang", "")) == (
        "Write your first name and surname",
        "en",
    )


def test_a_doubted_phone_number_goes_on_once_it_is_kept() -> None:
    typed = {"telefono": ["+39 999 1234567"]}
    assert list(cleaned(**typed).warnings) == ["telefono"]
    kept = cleaned(**typed, **{f"telefono{KEPT}": ["+399991234567"]})
    assert kept.ok
    assert kept.answers["telefono"] == "+399991234567"


def test_what_was_not_asked_is_not_stored() -> None:
    result = cleaned(
        documento=["AB123"], strumento=["Tamburo"], interessi=["orto"], other=["x"]
    )
    assert "documento" not in result.answers, "it is only on paper and at the desk"
    assert "strumento" not in result.answers, "nobody ticked music"
    assert "other" not in result.answers


def test_paper_and_desk_ask_what_the_web_does_not() -> None:
    for channel in (Channel.PDF, Channel.DESK):
        assert cleaned(channel, documento=["AB123"]).answers["documento"] == "AB123"


def test_a_mistake_in_a_field_that_does_not_apply_is_no_mistake() -> None:
    too_long = ["x" * 500]
    assert "ente" not in cleaned(ente=too_long).errors
    assert "ente" in cleaned(profilo=["ente"], ente=too_long).errors
    assert said(cleaned(profilo=["ente"]).errors["ente"]) == (
        "Fill in “Nome dell’ente”."
    )


def test_today_of_the_caller_bounds_a_date() -> None:
    future = {"nascita__day": ["2"], "nascita__year": ["2030"]}
    assert "nascita" in cleaned(**future).errors
    typed = {**TYPED, "nascita-day": ["2"], "nascita-year": ["2030"]}
    assert clean(every(), typed, Channel.WEB, date(2030, 3, 2)).ok


@pytest.mark.parametrize("channel", list(Channel))
def test_a_doubt_is_told_once_and_kept_when_sent_again(channel: Channel) -> None:
    doubtful = "RCCMNL83S18D969X"
    first = cleaned(channel, codice_fiscale=[doubtful])
    assert list(first.warnings) == ["codice_fiscale"]
    assert first.answers["codice_fiscale"] == doubtful
    assert (first.errors, first.ok) == ({}, False)
    kept = {f"codice_fiscale{KEPT}": [doubtful]}
    again = cleaned(channel, codice_fiscale=[doubtful.lower()], **kept)
    assert (again.ok, again.answers["codice_fiscale"]) == (True, doubtful)
    other = cleaned(channel, codice_fiscale=["RCCMNL83S18D969Y"], **kept)
    assert list(other.warnings) == ["codice_fiscale"], "another doubt is told again"


def test_nobody_is_turned_away_at_the_desk_for_having_no_address() -> None:
    assert "email" in cleaned(Channel.WEB, email=[""]).errors
    assert cleaned(Channel.DESK, email=[""]).ok
    assert cleaned(Channel.PDF, email=[""]).ok
    assert "email" in cleaned(Channel.DESK, email=["not an address"]).errors


EITHER = """
- {id: email, type: email, label: Email, role: email}
- {id: phone, type: phone, label: Phone, role: phone}
"""


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({}, ["email"]),
        ({"email": ["a@example.org"]}, []),
        ({"phone": ["0564 484111"]}, []),
        ({"email": ["a@"]}, ["email"]),
        ({"phone": ["12"]}, ["phone"]),
        ({"email": ["a@"], "phone": ["0564 484111"]}, ["email"]),
    ],
)
def test_where_either_will_do_one_of_the_two_contacts_is_needed(
    typed: dict[str, list[str]], wrong: list[str]
) -> None:
    form = form_with(EITHER, "contact: email_or_phone")
    assert list(clean(form, typed, Channel.WEB).errors) == wrong
    assert clean(form, {}, Channel.DESK).ok


def test_a_contact_that_does_not_apply_does_not_count() -> None:
    form = form_with(
        """
- {id: how, type: radio, label: How, choices: {mail: Mail, call: Call}}
- {id: email, type: email, label: Email, role: email, when: {field: how, is: mail}}
- {id: phone, type: phone, label: Phone, role: phone}
""",
        "contact: email_or_phone",
    )
    result = clean(form, {"how": ["call"], "email": ["a@example.org"]}, Channel.WEB)
    assert said(result.errors["phone"]).startswith("Write an email address or a phone")
    assert result.answers == {"how": "call"}


def test_messages_are_said_in_the_language_of_the_page() -> None:
    result = cleaned(email=["x"], nascita__year=["2031"])
    shown = [ITALIAN.translate(message) for message in result.errors.values()]
    assert all("{" not in text for text in shown)


@pytest.mark.parametrize("channel", list(Channel))
def test_answers_typed_again_clean_to_the_same_answers(channel: Channel) -> None:
    answers = cleaned(channel).answers
    assert clean(every(), raw_of(every(), answers), channel, TODAY).answers == answers


CONTROLS = [
    *TYPED, "documento", "ente", "aiuto", "accompagnatore", "codice_fiscale-kept"
]  # fmt: skip
SCRAPS = st.sampled_from(["", "si", "true", "2", "Off", "a@example.org"]) | st.text()


@given(st.dictionaries(st.sampled_from(CONTROLS), st.lists(SCRAPS, max_size=3)))
def test_whatever_is_typed_is_judged_and_never_breaks(typed: dict[str, Any]) -> None:
    for channel in Channel:
        result = clean(every(), typed, channel, TODAY)
        assert result.answers.keys() <= {field.id for field in every().at(channel)}
        assert not result.answers.keys() & result.errors.keys()
        again = clean(every(), raw_of(every(), result.answers), channel, TODAY)
        assert again.answers == result.answers
        for message in (*result.errors.values(), *result.warnings.values()):
            assert said(message)
