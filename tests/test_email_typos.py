"""Slips in typing an address are guessed, said once and stop nobody."""

import pytest

from citizen import VOLUNTEER
from forms_service.definition.email_typos import (
    PROVIDERS,
    meant,
    mixes_alphabets,
    probably_meant,
)
from forms_service.store.filters import Filter
from forms_service.store.queue import queue
from test_public_personal_actions import Owner

FORM = "/moduli/it/volontari"


@pytest.mark.parametrize(
    ("typed", "probably"),
    [
        ("anna@gmail.con", "anna@gmail.com"),
        ("anna@gmial.com", "anna@gmail.com"),
        ("anna@gmail.co", "anna@gmail.com"),
        ("Anna.Bi@Hotmal.it", "Anna.Bi@hotmail.it"),
        ("anna@liberoo.it", "anna@libero.it"),
        ("mario@www.libero.it", "mario@libero.it"),
        ("mario@WWW.gmail.con", "mario@gmail.com"),
        ("mario@www.comune.monte.it", "mario@comune.monte.it"),
        ("mario@www.it", ""),
        ("@www.libero.it", ""),
        ("anna@wwwf.example.org", ""),
        ("anna@example.org", ""),
        ("anna@comune.monte.it", ""),
        ("anna@gmx.it", ""),
        ("", ""),
    ],
)
def test_one_slip_is_recognised(typed, probably):
    assert meant(typed) == probably


def test_no_provider_counts_as_a_slip_of_another():
    assert [meant(f"anna@{provider}") for provider in PROVIDERS] == [""] * len(
        PROVIDERS
    )


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


@pytest.mark.parametrize(
    ("typed", "probably"),
    [
        ("niccolò@libero.it", "niccolo@libero.it"),
        ("tim.o’connor@example.org", "tim.o'connor@example.org"),
        ("anna–maria@example.org", "anna-maria@example.org"),
        ("niccolò@gmial.com", "niccolo@gmail.com"),
        ("anna@gmаil.com", "anna@gmail.com"),
        ("mario٣@example.org", "mario3@example.org"),
        ("tim.o'connor@example.org", ""),
        ("юрій@ukr.net", ""),
        ("anna@bücher.example", ""),
        ("", ""),
    ],
)
def test_what_few_mailboxes_have_is_written_in_plain_letters(typed, probably):
    assert probably_meant(typed) == probably


@pytest.mark.parametrize(
    ("domain", "mixed"),
    [
        ("еxample.org", True),
        ("exampΙe.org", True),
        ("почта.example", False),
        ("bücher.example", False),
        ("日本ひらカナ.example", False),
        ("日本abc.example", True),
        ("example2.org", False),
    ],
)
def test_two_alphabets_in_one_name_are_noticed(domain, mixed):
    assert mixes_alphabets(f"anna@{domain}") is mixed


HINTS = [
    ("niccolò@libero.it", "Volevi scrivere niccolo@libero.it?"),
    ("tim.o’connor@example.org", "Volevi scrivere tim.o'connor@example.org?"),
    ("юрій@ukr.net", "quasi nessuna casella ha lettere come ю, р, і, й"),
    ("anna@еxample.org", "ci sono lettere di due alfabeti"),
    ("anh@gmail.con", "Volevi scrivere anh@gmail.com?"),
]


def seen(page):
    return " ".join(" ".join(page.find("//main")[0].text_content().split()).split())


@pytest.mark.parametrize(("email", "hint"), HINTS)
def test_each_doubt_is_said_on_the_summary_and_the_address_is_taken(
    service, email, hint
):
    summary = service.post(f"{FORM}/riepilogo", {**VOLUNTEER, "email": email})
    assert summary.status == 200
    assert hint in seen(summary)
    assert service.post(f"{FORM}/conferma", summary.controls()).status == 303
    [submission] = service.context.store.read(lambda db: queue(db, Filter(), 10))
    assert submission.email == email


@pytest.mark.parametrize(("email", "hint"), HINTS)
def test_at_the_desk_each_doubt_is_said_once(service, clerk, email, hint):
    about = {"entry-source": "paper", "entry-proof": "signature"}
    about |= {"entry-received": "2020-06-19", "email": email}
    page = clerk.get("/staff/inserisci/volontari")
    doubted = clerk.send(page, "/volontari", **{**VOLUNTEER, **about})
    assert (doubted.status, hint in seen(doubted)) == (422, True)
    assert clerk.send(doubted, "/volontari").status == 303
    [submission] = service.context.store.read(lambda db: queue(db, Filter(), 10))
    assert submission.email == email


def test_a_correction_says_the_doubt_as_well(service):
    anh = Owner(service, "volontari", VOLUNTEER)
    page = anh.go_on(
        anh.do("correggi"), "correggi/riepilogo", email="niccolò@libero.it"
    )
    assert "Volevi scrivere niccolo@libero.it?" in seen(page)
    anh.go_on(page, "correggi/conferma")
    assert anh.row.email == "niccolò@libero.it"


def test_who_has_lost_the_link_reads_the_doubt_about_the_address_too(service):
    address = "/moduli/it/link-perso"
    doubted = service.post(address, {"email": "maria@gmial.com"})
    assert doubted.status == 200
    assert "maria@gmail.com" in doubted.text
    assert doubted.find(f"//main//a[@href='{address}']")
    fine = service.post(address, {"email": "maria@gmail.com"})
    assert fine.status == 200
    assert "gmail" not in fine.text
