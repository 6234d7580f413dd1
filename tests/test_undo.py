"""A decision can be taken back for some minutes, as if it had not been made."""

import re
import shutil

import pytest
from playwright.sync_api import expect

from citizen import Citizen
from clerk import (
    VOLUNTEER,
    buttons,
    decision,
    log,
    prove,
    row,
    send,
    signed_in,
)
from forms_service.mail import kinds
from forms_service.store.events import EventVerb
from forms_service.store.submissions import Status
from forms_service.workflow import deciding, mail_delivery
from sample_content import SAMPLE
from test_staff_browser import sign_in

DECLINE = {"motivo": "Non ha 18 anni"}
NEW = "staff:1"


@pytest.fixture
def service(start_service, tmp_path):
    """The service of the sample, in which decisions settle after five minutes."""
    folder = shutil.copytree(SAMPLE, tmp_path / "five-minutes")
    file = folder / "project.yml"
    text = file.read_text("utf-8").replace("decision_delay: 0", "decision_delay: 5")
    file.write_text(text, "utf-8")
    started = start_service(folder)
    started.clock.now = started.clock.now.replace(year=2030, month=3)
    return started


def decide(service, submission, verb=EventVerb.ACCEPT):
    return deciding.decide(service.context, submission.id, verb, NEW)


def sent_kinds(service):
    """Let everything leave that may, and return what it was."""
    kinds = []
    while mail := mail_delivery.claim(service.context):
        mail_delivery.report_sent(service.context, mail)
        kinds.append(mail.kind)
    return kinds


@pytest.mark.parametrize(
    ("verb", "typed"), [("accept", {}), ("decline", DECLINE)]
)  # fmt: skip
def test_a_decision_is_taken_back_from_the_page_that_comes_next(
    service, clerk, verb, typed
):
    submission = prove(service, send(service))
    sent_kinds(service)
    before = row(service, submission)

    done = clerk.send(decision(clerk, submission, verb), f"/{verb}", **typed)
    page = clerk.get(done.location)

    assert "L’email parte alle" in page.text
    assert sent_kinds(service) == []
    service.clock.advance(minutes=4, seconds=59)
    assert sent_kinds(service) == []
    back = clerk.send(page, "/annulla")
    assert "La decisione è annullata" in clerk.get(back.location).text
    assert row(service, submission) == before
    service.clock.advance(days=1)
    assert sent_kinds(service) == []
    assert (NEW, "undo", "{}") in log(service)


def test_after_its_time_the_mail_leaves_and_the_decision_stands(service, clerk):
    submission = prove(service, send(service))
    sent_kinds(service)
    clerk.send(decision(clerk, submission, "accept"), "/accept")
    here = clerk.submission(submission.id)
    page = clerk.get(here)
    assert "Riapri" not in buttons(page)
    service.clock.advance(minutes=5, seconds=1)

    late = clerk.send(page, "/annulla")

    assert late.status == 409
    assert "non si può più annullare" in late.text
    assert row(service, submission).status is Status.ACCEPTED
    assert sent_kinds(service) == ["accepted"]
    again = clerk.get(here)
    assert "Riapri" in buttons(again)
    assert not again.find("//form[@class='undo']")


def test_the_personal_page_tells_the_state_before_until_it_settles(service):
    citizen = Citizen(service, "volontari", VOLUNTEER)
    citizen.proven()
    decide(service, citizen.row)
    link = mail_delivery.link_for(service.context, citizen.row, kinds.accepted)
    assert "La legge una persona." in service.get(link).text
    service.clock.advance(minutes=5)
    assert "Abbiamo accolto la tua richiesta" in service.get(link).text


def test_a_fresh_process_undoes_what_another_decided(service, clerk):
    """Nothing of it is kept outside of the database."""
    submission = prove(service, send(service))
    decide(service, submission)
    other = signed_in(service, "d@example.org")
    other.send(other.get(other.submission(submission.id)), "/annulla")
    assert row(service, submission).status is Status.NEW


def test_single_keys_find_open_decide_and_undo_but_not_while_typing(
    service, clerk, new_page, axe
):
    older, _ = (prove(service, send(service)) for _ in range(2))
    page = new_page(viewport={"width": 1280, "height": 900})
    sign_in(page, service)
    expect(page).to_have_title(re.compile("Richieste"))
    page.wait_for_load_state()
    lines = page.locator(".request a")
    for key, line in [("j", 0), ("j", 1), ("j", 1), ("k", 0)]:
        page.keyboard.press(key)
        expect(lines.nth(line)).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Tasti")).to_be_visible()
    expect(page.get_by_role("button", name="Chiudi")).to_be_focused()
    assert axe(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog", name="Tasti")).to_be_hidden()
    page.keyboard.press("/")
    page.keyboard.type("adnc?")
    expect(page.get_by_role("searchbox")).to_have_value("adnc?")
    page.goto(f"{service.address}/staff/richiesta/{older.id}")
    page.keyboard.press("a")
    expect(page).to_have_title(re.compile("accogliere questa richiesta"))
    page.wait_for_load_state()
    page.keyboard.press("Enter")
    expect(page.get_by_text("La richiesta è accolta.")).to_be_visible()
    assert row(service, older).status == "accepted"
    page.wait_for_load_state()
    page.keyboard.press("u")
    expect(page.get_by_text("La decisione è annullata")).to_be_visible()
    assert row(service, older).status == "new"
