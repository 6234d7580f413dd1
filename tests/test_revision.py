"""Nobody decides on what they have not read, and nobody's words are lost by it."""

import pytest

from citizen import VOLUNTEER
from clerk import decision, mails, notes, prove, row, send
from forms_service.mail import kinds
from forms_service.store.events import WITHOUT_CHANGE, EventVerb
from forms_service.store.submissions import Status
from forms_service.workflow import correcting, deciding, verification
from photos import photo
from test_public_personal_actions import Owner
from test_staff_scans import of, upload

MEANWHILE = "Nel frattempo qualcuno ha cambiato questa richiesta"
SINCE = "Che cosa è cambiato da quando hai letto la richiesta"


@pytest.fixture
def owner(service):
    return Owner(service, "volontari", VOLUNTEER)


def texts(page, xpath):
    return [" ".join(found.text_content().split()) for found in page.find(xpath)]


def correct(service, submission, **changed):
    now = row(service, submission)
    form = service.context.content.form(now.form_id)
    answers = {**now.answers, **changed}
    return correcting.correct(service.context, form, now.id, answers)


def test_a_correction_after_the_page_was_opened_is_read_before_it_is_accepted(
    service, clerk
):
    submission = prove(service, send(service))
    page = decision(clerk, submission, "accept")
    correct(service, submission, nome_completo="Tutt’altra persona")

    refused = clerk.send(page, "/accept")

    assert (refused.status, row(service, submission).status) == (409, Status.NEW)
    assert MEANWHILE in refused.text
    assert SINCE in refused.text
    assert texts(refused, "//del") == ["Nguyễn Thị Ánh"]
    assert texts(refused, "//ins") == ["Tutt’altra persona"]
    assert "accepted" not in mails(service, submission)
    assert clerk.send(refused, "/accept").status == 303
    assert row(service, submission).status is Status.ACCEPTED


def test_what_changes_between_reading_and_asking_for_the_page_stands_on_it(
    service, clerk
):
    submission = prove(service, send(service))
    read = clerk.get(clerk.submission(submission.id))
    (accept,) = read.find("//main//a[contains(@href, '/esito/accept')]/@href")
    assert SINCE not in clerk.get(accept).text
    correct(service, submission, nome_completo="Tutt’altra persona")
    page = clerk.get(accept)
    assert page.status == 200
    assert texts(page, "//ins") == ["Tutt’altra persona"]
    assert clerk.send(page, "/accept").status == 303


def test_declined_and_opened_again_with_a_note_is_told_with_the_note(
    service, clerk, new_clerk
):
    submission = prove(service, send(service))
    page = decision(clerk, submission, "accept")
    dario = new_clerk("dario@example.org")
    dario.sign_in()
    for verb, why in (("decline", "Minorenne?"), ("reopen", "Attenti all’età")):
        other = decision(dario, submission, verb)
        assert dario.send(other, f"/{verb}", motivo=why).status == 303

    refused = clerk.send(page, "/accept")

    assert (refused.status, row(service, submission).status) == (409, Status.NEW)
    news = "//section[@aria-labelledby='news-title']"
    shown = texts(refused, f"{news}/ul[1]/li")
    assert ["dario@example.org" in line for line in shown] == [True, True]
    assert texts(refused, f"{news}//p[@class='note']") == [
        "Minorenne?",
        "Attenti all’età",
    ]


@pytest.mark.parametrize("verb", ["decline", "withdraw", "ask_correction"])
def test_a_typed_reason_stays_when_the_page_is_no_longer_true(service, clerk, verb):
    submission = prove(service, send(service))
    page = decision(clerk, submission, verb)
    correct(service, submission, nome_completo="Ánh Nguyễn")
    typed = {"motivo": "Parole mie,\r\ndue righe"}
    if verb == "ask_correction":
        typed["campo"] = ["comune"]
    refused = clerk.send(page, f"/{verb}", **typed)
    assert refused.status == 409
    assert refused.find("//textarea[@id='motivo']")[0].text_content().strip() == (
        "Parole mie,\ndue righe"
    )
    assert refused.controls().get("campo") == typed.get("campo")
    assert notes(service, submission) == []
    assert clerk.send(refused, f"/{verb}").status == 303
    assert notes(service, submission) == ["Parole mie,\ndue righe"]


def test_a_reason_for_what_can_no_longer_be_done_waits_in_the_box_for_notes(
    service, clerk
):
    submission = prove(service, send(service))
    page = decision(clerk, submission, "decline")
    deciding.decide(service.context, submission.id, EventVerb.WITHDRAW, "citizen")
    refused = clerk.send(page, "/decline", motivo="Non ha l’età")
    assert refused.status == 409
    assert MEANWHILE in refused.text
    assert clerk.send(refused, "/nota").status == 303
    assert notes(service, submission) == ["Non ha l’età"]


def test_a_mistake_on_an_old_page_does_not_make_it_a_new_one(service, clerk):
    submission = prove(service, send(service))
    page = decision(clerk, submission, "decline")
    correct(service, submission, nome_completo="Ánh Nguyễn")
    wrong = clerk.send(page, "/decline", motivo="")
    assert wrong.status == 422
    assert texts(wrong, "//ins") == ["Ánh Nguyễn"]


def test_a_note_of_a_colleague_is_read_before_a_decision(service, clerk):
    submission = prove(service, send(service))
    page = decision(clerk, submission, "accept")
    read = clerk.get(clerk.submission(submission.id))
    clerk.send(read, "/nota", text="Prima telefonare")
    refused = clerk.send(page, "/accept")
    assert refused.status == 409
    assert "Prima telefonare" in refused.text


def test_a_scan_is_deleted_only_from_the_page_as_it_is(service, clerk):
    submission = prove(service, send(service))
    here = clerk.submission(submission.id)
    upload(clerk, photo(), path=here, ending="/scansione")
    (kept,) = of(service, submission)
    page = clerk.get(here)
    clerk.send(page, "/nota", text="La foto serve ancora")
    refused = clerk.send(page, f"/{kept.id}/togli")
    assert (refused.status, of(service, submission)) == (409, [kept])
    assert "La foto serve ancora" in refused.text
    assert clerk.send(refused, f"/{kept.id}/togli").status == 303
    assert of(service, submission) == []


def test_what_only_looks_or_mails_makes_no_page_old(service, clerk, owner):
    submission = owner.row
    page = decision(clerk, submission, "accept")
    clerk.get(clerk.submission(submission.id))
    owner.fresh()
    verification.lost_link(service.context, submission.email)
    owner.mailbox.take(kinds.lost_link)
    assert clerk.send(page, "/accept").status == 303


@pytest.mark.parametrize("verb", list(EventVerb))
def test_every_verb_counts_as_a_change_but_those_that_only_look_or_mail(verb):
    silent = "read read_attachment sent failed resend lost_link request_code".split()
    silent += [
        "assign",
        "ask_renewal",
        "contact",
        "export",
        "message",
        "message_back",
        "tell",
        "tell_back",
    ]
    assert (verb in WITHOUT_CHANGE) is (verb.value in silent)


def test_a_correction_prepared_before_the_acceptance_does_not_undo_it_unseen(owner):
    form = owner.do("correggi")
    summary = owner.go_on(form, "correggi/riepilogo", nome_completo="Ánh Nguyễn")
    owner.decide(EventVerb.ACCEPT)

    refused = owner.go_on(summary, "correggi/conferma")

    assert (refused.status, owner.row.status) == (409, Status.ACCEPTED)
    assert "Abbiamo accolto la tua richiesta" in refused.text
    assert refused.controls()["nome_completo"] == ["Ánh Nguyễn"]
    assert owner.revisions == []
    summary = owner.go_on(refused, "correggi/riepilogo")
    assert owner.go_on(summary, "correggi/conferma").status == 200
    assert owner.row.answers["nome_completo"] == "Ánh Nguyễn"
    assert owner.row.status is Status.ACCEPTED, "a member of the register stays one"


def test_of_two_corrections_the_second_shows_the_first(owner):
    one, two = owner.do("correggi"), owner.do("correggi")
    for page, name in ((one, "Prima"), (two, "Seconda")):
        summary = owner.go_on(page, "correggi/riepilogo", nome_completo=name)
        answer = owner.go_on(summary, "correggi/conferma")
    assert answer.status == 409
    assert owner.row.answers["nome_completo"] == "Prima"
    assert texts(answer, "//del") == ["Nguyễn Thị Ánh"]
    assert texts(answer, "//ins") == ["Prima"]
    assert answer.controls()["nome_completo"] == ["Seconda"]


def test_who_is_asked_for_a_correction_finds_its_button_on_top(owner, clerk):
    assert (
        owner.do("risposte").find("//main//form")[0].get("action").endswith("ricevuta")
    )
    owner.decide(EventVerb.ASK_CORRECTION, fields=["comune"], reason="Quale dei due?")
    owner.fresh()
    page = owner.do("risposte")
    (first, *_) = page.find("//main//form")
    assert first.get("action") == f"{owner.link}/correggi"
    assert first.xpath("following::dl[contains(., 'Nguyễn')]")
    assert not first.xpath("preceding::dl[contains(., 'Nguyễn')]")
    form = owner.go_on(page, "correggi")
    for shown in (page, form):
        assert "Quale dei due?" in shown.text
    assert form.find("//main//a[@href='#comune']")


@pytest.mark.parametrize("carried", ["", "x", "-1", "9" * 30])
def test_a_page_without_its_revision_corrects_nothing_and_loses_nothing(owner, carried):
    form = owner.do("correggi")
    changes = {"nome_completo": "Ánh", "link-revision": carried}
    summary = owner.go_on(form, "correggi/riepilogo", **changes)
    refused = owner.go_on(summary, "correggi/conferma")
    assert refused.status == 409
    assert refused.controls()["nome_completo"] == ["Ánh"]


def test_what_can_no_longer_be_corrected_is_shown_to_be_copied(owner):
    form = owner.do("correggi")
    summary = owner.go_on(form, "correggi/riepilogo", nome_completo="Ánh Nguyễn")
    owner.decide(EventVerb.DECLINE)
    refused = owner.go_on(summary, "correggi/conferma")
    assert (refused.status, owner.row.status) == (409, Status.DECLINED)
    assert to_be_copied(refused)[0] == "Nome e cognome: Ánh Nguyễn"
    assert refused.find(f"//main//a[@href='{owner.link}']")


def to_be_copied(page):
    (box,) = page.find("//main//textarea[@readonly]")
    return box.text_content().strip().split("\n")


def test_a_correction_of_a_form_that_is_gone_can_be_copied_with_its_questions(owner):
    form = owner.do("correggi")
    del owner.service.context.content.forms["volontari"]
    for what in ("riepilogo", "modulo", "conferma"):
        refused = owner.go_on(form, f"correggi/{what}", nome_completo="Ánh Nguyễn")
        assert refused.status == 409
        assert "Nome e cognome: Ánh Nguyễn" in to_be_copied(refused)
        assert refused.find(f"//main//a[@href='{owner.link}']")


def test_a_correction_of_an_erased_request_can_be_copied_with_its_questions(owner):
    form = owner.do("correggi")
    deciding.erase(owner.service.context, owner.id, "citizen")
    refused = owner.go_on(form, "correggi/conferma", nome_completo="Ánh Nguyễn")
    assert refused.status == 410
    lines = to_be_copied(refused)
    assert (len(lines), lines[0]) == (10, "Nome e cognome: Ánh Nguyễn")
    assert lines[lines.index("E fare la spesa.") - 1].endswith(": Cucinare.")


def test_a_link_that_ends_while_one_types_costs_no_answer(owner):
    form = owner.do("correggi")
    verification.lost_link(owner.service.context, owner.row.email)
    owner.mailbox.take(kinds.lost_link)
    refused = owner.go_on(form, "correggi/riepilogo", nome_completo="Ánh Nguyễn")
    assert refused.status == 410
    assert "Ánh Nguyễn" in refused.text
    assert refused.find("//main//a[contains(@href, 'link-perso')]")
