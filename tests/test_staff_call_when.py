"""Who asked to be called: the form says which answer means it, and staff are told."""

import pytest

from clerk import decision, prove, row, send
from forms_service.definition.checks import check_form
from forms_service.definition.problems import Problems
from forms_service.store.events import EventVerb
from forms_service.workflow import deciding
from sample_content import form_with

CALL_ME = {"contatto_preferito": "telefono", "telefono": "0564 484111"}
ASKED = "La persona ha chiesto di essere chiamata"


def test_a_call_is_announced_before_the_decision_and_due_after_it(service, clerk):
    submission = prove(service, send(service, **CALL_ME))
    said = f"{ASKED}: +39 0564 484111"
    assert (
        f"{said} Quando c’è l’esito" in clerk.get(clerk.submission(submission.id)).text
    )
    page = decision(clerk, submission, "accept")
    assert f"{said} L’email parte lo stesso." in page.text
    assert page.find("//main//a[@href='tel:+390564484111']")

    page = clerk.get(clerk.send(page, "/accept").location)

    assert "Da avvisare per telefono: +39 0564 484111" in page.text
    page = clerk.get(clerk.submission(submission.id))
    assert f"{said} L’esito Ho chiamato" in page.text
    assert row(service, submission).status == "accepted"

    called = clerk.send(page, "/persona", atto="told")
    assert ASKED not in clerk.get(called.location).text
    again = decision(clerk, submission, "reopen")
    clerk.send(again, "/reopen", motivo="Ha un altro numero")
    clerk.send(decision(clerk, submission, "accept"), "/accept")
    page = clerk.get(clerk.submission(submission.id))
    assert "L’esito Ho chiamato" in page.text, "of this decision"


@pytest.mark.slow
def test_who_has_withdrawn_is_not_to_be_called(service, clerk):
    submission = prove(service, send(service, **CALL_ME))
    deciding.decide(service.context, submission.id, EventVerb.WITHDRAW, "citizen")
    assert ASKED not in clerk.get(clerk.submission(submission.id)).text


def test_who_gave_a_number_without_asking_for_a_call_is_not_announced(service, clerk):
    submission = prove(
        service, send(service, **CALL_ME | {"contatto_preferito": "email"})
    )
    for tail in ("", "/esito/accept"):
        assert ASKED not in clerk.get(clerk.submission(submission.id, tail)).text
    del service.context.content.forms["volontari"]
    assert ASKED not in clerk.get(clerk.submission(submission.id)).text


FIELDS = """
- {id: email, type: email, label: Email, role: email, required: true, purpose: P}
- {id: by, type: radio, label: By, choices: {tel: Tel, mail: Mail}, purpose: P}
"""
PHONE = "- {id: phone, type: phone, label: Phone, role: phone, purpose: P}\n"
CALL = "call_when: {field: by, is: tel}"


@pytest.mark.parametrize(
    ("fields", "call", "problems"),
    [
        (FIELDS + PHONE, CALL, []),
        (FIELDS, CALL, ["call_when: needs a field with role: phone"]),
        (
            FIELDS + PHONE,
            CALL.replace("tel", "fax"),
            ["call_when: “by” has no “fax” (known: mail, tel)"],
        ),
    ],
)
def test_the_answer_that_asks_for_a_call_is_checked(fields, call, problems):
    found = Problems("tiny.yml")
    check_form(form_with(fields, call), [], found)
    assert [str(finding).partition(": ")[2] for finding in found.found] == problems


def test_who_may_ask_for_a_call_is_no_new_version_of_a_form():
    with_call, without = form_with(FIELDS + PHONE, CALL), form_with(FIELDS + PHONE)
    assert with_call.call_when != without.call_when
    assert with_call.fingerprint == without.fingerprint
