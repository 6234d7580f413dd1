"""Slips in typing an address are guessed, shown on the summary and stop nobody."""

import pytest

from forms_service.definition.email_typos import PROVIDERS, meant
from service import VOLUNTEER

FORM = "/moduli/it/volontari"


@pytest.mark.parametrize(
    ("typed", "probably"),
    [
        ("anna@gmail.con", "anna@gmail.com"),
        ("anna@gmial.com", "anna@gmail.com"),
        ("anna@gmail.co", "anna@gmail.com"),
        ("Anna.Bi@Hotmal.it", "Anna.Bi@hotmail.it"),
        ("anna@liberoo.it", "anna@libero.it"),
        ("anna@example.org", ""),
        ("anna@comune.monte.it", ""),
        ("anna@gmx.it", ""),
        ("", ""),
    ],
)
def test_one_slip_is_recognised(typed, probably):
    assert meant(typed) == probably


def test_no_provider_counts_as_a_slip_of_another():
    assert [meant(f"anna@{one}") for one in PROVIDERS] == [""] * len(PROVIDERS)


def test_the_hint_stands_on_the_summary_and_stops_nobody(service):
    summary = service.post(f"{FORM}/riepilogo", {**VOLUNTEER, "email": "anh@gmail.con"})
    assert summary.status == 200
    assert "Volevi scrivere anh@gmail.com?" in summary.text
    (change,) = summary.find("//div[contains(@class, 'callout')]//button/@formaction")
    target = change.partition("#")[2]
    form = service.post(FORM, summary.controls())
    assert form.find(f"//fieldset[@id='{target}']//input[@name='email']")
    sent = service.post(f"{FORM}/conferma", summary.controls())
    assert sent.status == 303
    assert "a•••@gmail.con" in service.get(sent.location).text


def test_a_right_address_gets_no_hint(service):
    assert "Volevi scrivere" not in service.post(f"{FORM}/riepilogo", VOLUNTEER).text
