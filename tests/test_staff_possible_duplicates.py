"""Other requests of perhaps the same person: staff read what exactly is the same."""

import pytest

from clerk import VOLUNTEER, prove, raw, send
from forms_service.definition import Channel, clean
from forms_service.store.submissions import Proof, Source
from forms_service.workflow.desk_entry import DeskEntry, enter

ANH = {"nome_completo": "Nguyễn Thị Ánh", "email": "anh@example.org"}
LINH = {"nome_completo": "Linh Nguyễn", "email": "linh@example.org"}
PHONE = {"telefono": "0564 484111"}
CODE, OTHER_CODE = "RSSMRA85T10A562S", "BNCLRA90A41E202K"


def on_paper(service, **typed):
    """Store a request as staff type it in: only paper asks for the tax code."""
    form, today = service.context.content.form("volontari"), service.context.today
    cleaned = clean(form, raw(VOLUNTEER | typed), Channel.DESK, today)
    entry = DeskEntry(Source.PAPER, today, Proof.SIGNATURE)
    return enter(service.context, form, cleaned.answers, entry, "staff:1")


def duplicates_of(clerk, submission):
    """Return the headline and each other request with its evidence."""
    page = clerk.get(clerk.submission(submission.id))
    boxes = page.find("//details[contains(@class, 'callout')]")
    return [
        (
            box.findtext("summary"),
            [line.text_content() for line in box.iterfind("ul/li/span")],
        )
        for box in boxes
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mine", "theirs", "headline", "evidence"),
    [
        (ANH | PHONE, LINH | PHONE, "Stesso telefono", "stesso telefono"),
        (
            ANH,
            LINH | {"email": "Anh@example.org"},
            "Stesso indirizzo email",
            "stesso indirizzo email",
        ),
        (
            ANH,
            ANH | {"nome_completo": "Anh  NGUYEN Thi"},
            "Probabilmente la stessa persona",
            "stesso nome e stesso indirizzo email",
        ),
        (
            ANH | PHONE,
            LINH | {"telefono": "0564 484111 int. 23"},
            "Stesso telefono",
            "stesso telefono",
        ),
        (
            ANH | {"nome_completo": "D'Angelo Nicolò De Luca"},
            ANH | {"nome_completo": "Deluca, Nicolo' Dangelo"},
            "Probabilmente la stessa persona",
            "stesso nome e stesso indirizzo email",
        ),
        (
            ANH | PHONE,
            ANH | PHONE,
            "Probabilmente la stessa persona",
            "stesso nome, stesso indirizzo email e stesso telefono",
        ),
    ],
)
def test_the_evidence_is_said_precisely(
    service, clerk, mine, theirs, headline, evidence
):
    submission, other = (
        prove(service, send(service, **typed)) for typed in (mine, theirs)
    )
    assert duplicates_of(clerk, submission) == duplicates_of(clerk, other)
    assert duplicates_of(clerk, submission) == [(f"{headline} (1)", [f"({evidence})"])]


@pytest.mark.parametrize(
    ("typed", "evidence"),
    [
        (
            LINH | {"codice_fiscale": CODE},
            "Probabilmente la stessa persona: stesso codice fiscale e stesso telefono",
        ),
        (
            ANH | {"email": "", "codice_fiscale": OTHER_CODE},
            "Stesso nome, stesso telefono e codice fiscale diverso: "
            "stesso nome, stesso telefono e codice fiscale diverso",
        ),
    ],
)
def test_a_tax_code_weighs_more_than_a_name(service, clerk, typed, evidence):
    submission = on_paper(service, **ANH, **PHONE, codice_fiscale=CODE)
    on_paper(service, **typed, **PHONE)
    headline, shown_evidence = evidence.split(": ")
    assert duplicates_of(clerk, submission) == [
        (f"{headline} (1)", [f"({shown_evidence})"])
    ]


def test_likely_ones_come_first_and_nothing_is_merged(service, clerk):
    submission = prove(service, send(service, **ANH, **PHONE))
    again = prove(service, send(service, **ANH))
    for email in ("linh@example.org", "mai@example.org"):
        prove(service, send(service, **(LINH | PHONE | {"email": email})))

    ((headline, evidence),) = duplicates_of(clerk, submission)

    assert headline == "Probabilmente la stessa persona (1) · Stesso telefono (2)"
    assert evidence[0] == "(stesso nome e stesso indirizzo email)"
    page = clerk.get(clerk.submission(submission.id))
    (first, *_) = page.find("//details[contains(@class, 'callout')]//li/a/@href")
    assert first == clerk.submission(again.id)
    assert clerk.get("/staff/").text.count("Stesso telefono: altre 2 richieste") == 1


@pytest.mark.slow
def test_who_has_nothing_in_common_is_not_mentioned(service, clerk):
    submission = prove(service, send(service, **ANH))
    prove(service, send(service, **LINH))
    assert duplicates_of(clerk, submission) == []
