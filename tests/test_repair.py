"""Staff mend answers: the state stays, what was typed comes back, the person knows."""

import json

import pytest

from citizen import LISTENING
from clerk import decision, log, mails, prove, row, send
from forms_service.mail.compose import preview
from forms_service.store import revisions, stopped, submissions
from forms_service.store.events import EventVerb
from forms_service.store.submissions import Proof, Seat, Status
from forms_service.workflow import (
    calling,
    correcting,
    deciding,
    mail_delivery,
    maintenance,
    reaching,
    sending,
    verification,
)
from forms_service.workflow.correcting import Why
from forms_service.workflow.sending import AlreadyConfirmed
from forms_service.workflow.transitions import NotAllowed, RevisionConflict

pytest_plugins = ["life"]
STAFF = "staff:1"


def repair(world, submission, *, why=Why.TYPING, **typed):
    answers = {**submission.answers, **typed}
    return correcting.repair(world.context, submission.id, answers, STAFF, why)


def told(world, kind):
    (mail,) = [mail for mail in world.post() if mail.kind == kind]
    return preview(world.message(mail, "https://forms.example")).text


def test_a_repair_keeps_the_state_the_day_and_the_answers_before(world):
    submission = world.proven()
    for verb in (EventVerb.ASK_CORRECTION, EventVerb.STOP_WAITING, EventVerb.ACCEPT):
        deciding.decide(world.context, submission.id, verb, STAFF)
        before = world.row(submission)
        mended = repair(world, before, nome=f"Ánh {verb}")
        assert (mended.status, mended.purge_after, mended.decided_at) == (
            before.status,
            before.purge_after,
            before.decided_at,
        )
        assert (mended.name, mended.fingerprint) == (f"Ánh {verb}", before.fingerprint)
    kept = world.store.read(lambda db: revisions.of_submission(db, submission.id))
    assert [old.answers["nome"] for old in kept][:2] == [
        submission.answers["nome"],
        f"Ánh {EventVerb.ASK_CORRECTION}",
    ]
    event = world.events(submission)[-1]
    assert (event.verb, event.actor) == ("repair", STAFF)
    assert event.detail == {"fields": ["nome"], "why": "typing"}


def test_who_stops_waiting_leads_out_of_a_correction_that_was_asked(world):
    submission = world.proven()
    world.post()
    deciding.decide(
        world.context,
        submission.id,
        EventVerb.ASK_CORRECTION,
        STAFF,
        reason="Il nome?",
        fields=["nome"],
    )
    deciding.decide(world.context, submission.id, EventVerb.STOP_WAITING, STAFF)
    # Its mail had not left, and has nothing to say any more.
    assert world.post() == []
    accepted = deciding.decide(world.context, submission.id, EventVerb.ACCEPT, STAFF)
    assert accepted.status is Status.ACCEPTED


def test_the_person_reads_which_answers_were_mended_and_none_of_them(world):
    submission = world.proven()
    world.post()
    repair(world, submission, nome="Ánh Segreta", interessi=["cucina"])
    said = told(world, "repaired")
    form = world.form()
    assert form.field("nome").label in said
    assert form.field("interessi").label in said
    assert form.field("profilo").label not in said
    assert "Segreta" not in said


def test_the_person_reads_that_a_correction_has_arrived(world):
    submission = world.proven()
    world.post()
    answers = {**submission.answers, "nome": "Ánh Segreta"}
    correcting.correct(world.context, world.form(), submission.id, answers)
    said = told(world, "corrected")
    assert world.form().field("nome").label in said
    assert "Segreta" not in said
    # Nothing is different: that is a correction too, and no answer is named.
    correcting.correct(world.context, world.form(), submission.id, answers)
    assert world.form().field("nome").label not in told(world, "corrected")


def test_a_mended_address_is_asked_to_confirm_itself_in_neutral_words(world):
    submission = world.proven()
    world.post()
    moved = correcting.mend_address(
        world.context, submission.id, "right@example.org", STAFF
    )
    assert (moved.status, moved.proven, moved.proof) == (
        submission.status,
        False,
        Proof.NONE,
    )
    assert moved.answers["email"] == "right@example.org"
    left = world.post()
    assert [mail.kind for mail in left] == ["address_check", "address_left"]
    proven = verification.confirm_link(world.context, world.link(moved))
    assert (proven.proven, proven.status) == (True, submission.status)


def test_of_two_repairs_the_second_is_refused(world):
    submission = world.proven()
    read = world.row(submission).revision
    repair(world, submission, nome="Una")
    with pytest.raises(RevisionConflict):
        correcting.repair(
            world.context, submission.id, submission.answers, STAFF, Why.PHONE, read
        )


def test_a_repair_ends_the_way_back_of_a_decision_whose_mail_still_leaves(
    new_world,
):
    world = new_world(("project.yml", "decision_delay: 0", "decision_delay: 5"))
    submission = world.proven()
    world.post()
    deciding.decide(world.context, submission.id, EventVerb.ACCEPT, STAFF)
    repair(world, submission, nome="Altra")
    assert [mail.kind for mail in world.post()] == ["repaired"]
    world.clock.advance(minutes=5)
    assert [mail.kind for mail in world.post()] == ["accepted"]
    assert world.row(submission).status is Status.ACCEPTED


def test_fewer_people_pass_a_place_on_and_more_go_over_the_limit(world):
    first = world.proven(people=6)
    second = world.proven(people=6)
    assert second.place is Seat.WAITING
    assert repair(world, first, persone=12).seats == 12
    repair(world, first, persone=1)
    assert world.row(first).place is Seat.HELD


def test_what_was_not_reached_is_mended_at_the_new_address(world):
    submission = world.sent("typo@example.org")
    correcting.mend_address(world.context, submission.id, "right@example.org", STAFF)
    assert world.row(submission).status is Status.UNVERIFIED
    assert {mail.email for mail in world.post()} == {"right@example.org"}
    sending.resend(world.context, submission.id)
    confirmed = verification.confirm_link(
        world.context, world.link(world.row(submission))
    )
    assert confirmed.status is Status.NEW


# --- the page


def page_of(clerk, submission):
    return clerk.get(clerk.submission(submission.id, "/correggi"))


def test_the_page_holds_what_is_stored_and_stores_what_is_changed(service, clerk):
    submission = prove(service, send(service))
    request = clerk.get(clerk.submission(submission.id))
    (way,) = request.find("//a[.='Correggi le risposte']/@href")
    page = clerk.get(way)
    assert page.controls()["nome_completo"] == [submission.name]
    typed = {"nome_completo": "Ánh Nguyễn", "entry-why": "phone"}
    done = clerk.send(page, "/correggi", **typed)
    assert done.status == 303
    now = row(service, submission)
    assert (now.name, now.status) == ("Ánh Nguyễn", submission.status)
    assert {**now.answers, "nome_completo": submission.name} == submission.answers
    shown = clerk.get(done.location)
    assert shown.find("//del/text()") == [submission.name]
    assert shown.find("//ins/text()") == ["Ánh Nguyễn"]
    assert "Lo dice per telefono" in shown.text
    assert "Un’email dice alla persona quali" in shown.text
    assert mails(service, submission)[-1] == "repaired"


def test_without_a_change_nothing_is_stored_and_why_is_asked_for(service, clerk):
    submission = prove(service, send(service))
    page = page_of(clerk, submission)
    asked = clerk.send(page, "/correggi", competenze="Cucino")
    assert asked.status == 422
    assert "Scegli perché si correggono le risposte." in asked.text
    assert asked.controls()["competenze"] == ["Cucino"]
    same = clerk.send(page, "/correggi", **{"entry-why": "typing"})
    assert "Nessuna risposta è diversa" in clerk.get(same.location).text
    assert row(service, submission).revision == submission.revision + 1


def test_what_is_wrong_now_is_said_only_of_what_was_changed(service, clerk):
    submission = prove(service, send(service))
    kept = {key: submission.answers[key] for key in ("comune", "aree", "maggiorenne")}
    old = {**kept, "email": "non più così@@", "nome_completo": "Ánh"}
    service.context.store.write(
        lambda db: submissions.change(db, submission, answers=old)
    )
    page = page_of(clerk, submission)
    # Consents that nobody asked for then, an address that is none: they stay.
    typed = {"nome_completo": "Nguyễn", "entry-why": "in_person"}
    assert clerk.send(page, "/correggi", **typed).status == 303
    assert row(service, submission).answers == {**old, "nome_completo": "Nguyễn"}
    page = page_of(clerk, submission)
    wrong = clerk.send(page, "/correggi", **{**typed, "email": "altro@@"})
    assert wrong.status == 422
    empty = clerk.send(page, "/correggi", **{**typed, "nome_completo": ""})
    assert empty.status == 422


def test_a_new_address_is_asked_to_confirm_itself(service, clerk):
    submission = prove(service, send(service))
    typed = {"email": "nuova@example.org", "entry-why": "phone"}
    done = clerk.send(page_of(clerk, submission), "/correggi", **typed)
    assert "si chiede la conferma" in clerk.get(done.location).text
    assert mails(service, submission)[-2:] == ["address_check", "address_left"]
    assert not row(service, submission).proven
    typed = {"nome_completo": "Ánh", "entry-why": "phone"}
    done = clerk.send(page_of(clerk, submission), "/correggi", **typed)
    assert "Non parte nessuna email" in clerk.get(done.location).text


def test_a_colleague_was_faster_and_all_that_was_typed_is_there(service, clerk):
    submission = prove(service, send(service))
    page = page_of(clerk, submission)
    deciding.decide(service.context, submission.id, EventVerb.ACCEPT, STAFF)
    typed = {"competenze": "So cucinare", "entry-why": "phone"}
    refused = clerk.send(page, "/correggi", **typed)
    assert refused.status == 409
    assert "Richiesta accolta" in refused.text
    assert refused.controls()["competenze"] == ["So cucinare"]
    assert clerk.send(refused, "/correggi").status == 303
    assert row(service, submission).status is Status.ACCEPTED


def test_what_is_declined_is_not_mended(service, clerk):
    submission = prove(service, send(service))
    deciding.decide(service.context, submission.id, EventVerb.DECLINE, STAFF)
    assert page_of(clerk, submission).status == 409
    request = clerk.get(clerk.submission(submission.id))
    assert request.find("//a[.='Correggi le risposte']") == []


def test_an_asked_correction_is_no_dead_end(service, clerk):
    submission = prove(service, send(service))
    asked = decision(clerk, submission, "ask_correction")
    clerk.send(asked, "/ask_correction", campo=["comune"], motivo="Quale?")
    stop = decision(clerk, submission, "stop_waiting")
    assert "Non parte nessuna email" in stop.text
    done = clerk.send(stop, "/stop_waiting", motivo="L’ha detto al telefono")
    assert submission.id in done.location
    assert row(service, submission).status is Status.NEW


# --- knowing and reaching a person


def fail(world, reason="550 5.1.1", permanent=True):
    """Let the next mail fail for good, or for so long that it is given up."""
    mail = mail_delivery.claim(world.context)
    if not permanent:
        world.clock.advance(days=4)
    mail_delivery.report_failure(world.context, mail, reason, permanent)
    return mail


def undelivered(world, submission):
    now = world.row(submission)
    return world.store.read(lambda db: reaching.undelivered(db, now))


@pytest.mark.parametrize("proof", [Proof.PHONE, Proof.IN_PERSON, Proof.SIGNATURE])
def test_who_is_recognised_becomes_new_and_the_address_stays_to_be_proven(world, proof):
    submission = world.sent()
    known = reaching.prove(world.context, submission.id, proof, STAFF)
    assert (known.status, known.proof, known.proven) == (Status.NEW, proof, False)
    assert known.purge_after > submission.purge_after
    event = world.events(submission)[-1]
    assert (event.verb, event.actor, event.detail) == (
        "prove",
        STAFF,
        {"proof": proof.value},
    )
    with pytest.raises(NotAllowed):
        reaching.prove(world.context, submission.id, proof, STAFF)
    confirmed = verification.confirm_link(world.context, world.link(known))
    assert (confirmed.proof, confirmed.proven) == (proof, True)


def test_a_place_that_lapsed_is_taken_again_in_the_line(world):
    submission = world.sent()
    world.clock.advance(hours=73)
    maintenance.release_lapsed(world.context)
    assert world.row(submission).place is Seat.NONE
    known = reaching.prove(world.context, submission.id, Proof.PHONE, STAFF)
    assert known.place is Seat.HELD


def test_the_email_is_sent_again_by_staff_while_it_can_prove_anything(world):
    submission = world.sent()
    world.post()
    leaves = reaching.resend(world.context, submission.id, STAFF)
    assert leaves == world.clock()
    assert world.events(submission)[-1].actor == STAFF
    assert [mail.kind for mail in world.post()] == ["verify"]
    verification.confirm_link(world.context, world.link(world.row(submission)))
    with pytest.raises(AlreadyConfirmed):
        reaching.resend(world.context, submission.id, STAFF)


def test_a_mail_that_failed_is_tried_again_or_told_by_phone(world):
    submission = world.sent()
    assert undelivered(world, submission) is None
    assert reaching.retry(world.context, submission.id, STAFF) == 0
    assert not calling.mark_called(world.context, submission.id, STAFF)
    mail = fail(world)
    assert undelivered(world, submission).id == mail.id
    assert reaching.retry(world.context, submission.id, STAFF) == 1
    assert undelivered(world, submission) is None
    fail(world, "ConnectionRefusedError at connect", permanent=False)
    assert undelivered(world, submission)
    assert calling.mark_called(world.context, submission.id, STAFF)
    assert undelivered(world, submission) is None
    assert world.verbs(submission)[-2:] == ["failed", "tell"]
    paper = world.proven()
    assert reaching.retry(world.context, paper.id, STAFF) == 0


def test_what_a_restore_holds_has_not_failed(world):
    submission = world.sent()
    world.store.write(lambda db: stopped.hold(db, world.clock()))
    assert undelivered(world, submission) is None


def test_nobody_without_an_address_is_reached_by_mail(world):
    submission = world.sent()
    world.force("UPDATE submissions SET email = NULL WHERE id = ?", submission.id)
    assert undelivered(world, submission) is None


def pressed(clerk, submission, label):
    page = clerk.get(clerk.submission(submission.id))
    address, values = page.button(label)
    done = clerk.post(address, values)
    return clerk.get(done.location) if done.location else done


def test_the_clerk_at_the_telephone_presses_one_button(service, clerk):
    submission = send(service)
    said = pressed(clerk, submission, "Rimanda l’email")
    assert "L’email parte il" in said.text
    said = pressed(clerk, submission, "Ha confermato per telefono")
    assert "È annotato come conosci la persona" in said.text
    assert row(service, submission).proof is Proof.PHONE
    # The address is still to be confirmed, and said so beside it.
    page = clerk.get(clerk.submission(submission.id))
    prove(service, row(service, submission))
    address, values = page.button("Rimanda l’email")
    done = clerk.post(address, values)
    assert "L’indirizzo è già confermato" in clerk.get(done.location).text
    assert clerk.post(address, {**values, "atto": "altro"}).status == 400


def test_a_wrong_address_is_mended_on_a_page_of_its_own(service, clerk):
    submission = send(service)
    page = clerk.get(clerk.submission(submission.id, "/indirizzo"))
    same = clerk.send(page, "/indirizzo")
    assert "È già questo l’indirizzo salvato" in same.text
    wrong = clerk.send(page, "/indirizzo", email="giusta@")
    assert (wrong.status, wrong.controls()["email"]) == (422, ["giusta@"])
    deciding.add_note(service.context, submission.id, 1, "Ho chiamato")
    refused = clerk.send(page, "/indirizzo", email="giusta@example.org")
    assert refused.status == 409
    assert "Ho chiamato" in refused.text
    done = clerk.send(refused, "/indirizzo")
    assert "chiede lì di confermarlo" in clerk.get(done.location).text
    assert row(service, submission).email == "giusta@example.org"


def test_a_mail_that_failed_says_why_and_what_can_be_done(service, clerk):
    submission = send(service)
    fail(service)
    page = clerk.get(clerk.submission(submission.id))
    assert "la casella non esiste (550 5.1.1)" in page.text
    assert "Correggi l’indirizzo" in page.text
    assert "Email non consegnata" in clerk.get("/staff/?stato=tutte").text
    assert "1 email parte di nuovo" in pressed(clerk, submission, "Riprova").text
    fail(service, "451 4.7.1", permanent=False)
    clerk.sign_in()
    page = clerk.get(clerk.submission(submission.id))
    assert "il server l’ha rimandata più volte (451 4.7.1)" not in page.text
    assert "È stata tentata dal" in page.text
    said = pressed(clerk, submission, "Avvisata per telefono")
    assert "È annotato che la persona lo sa" in said.text
    assert "Un’email non è arrivata" not in said.text
    assert "non arrivata, detto per telefono" in said.text
    assert "Email non consegnata" not in clerk.get("/staff/?stato=tutte").text


# --- what people may ask of their data


def erasing(clerk, submission):
    return clerk.get(clerk.submission(submission.id, "/cancella"))


def test_everything_is_erased_when_identity_and_reference_are_given(service, clerk):
    submission = prove(service, send(service))
    (way,) = clerk.get(clerk.submission(submission.id)).find(
        "//a[.='Cancella tutto (lo chiede la persona)']/@href"
    )
    page = clerk.get(way)
    assert page.controls()["reference"] == [""]
    wrong = clerk.send(page, "/cancella", reference="ABCDEFGH")
    assert wrong.status == 422
    assert "Non è il numero di riferimento di questa richiesta" in wrong.text
    assert wrong.find("//*[@id='identity-error']")
    typed = f"{submission.reference[:4]} {submission.reference[4:].lower()}"
    done = clerk.send(wrong, "/cancella", reference=typed, identity="called_back")
    assert done.status == 303
    assert (
        "Tutto quello che riguardava la richiesta è cancellato"
        in clerk.get(done.location).text
    )
    assert clerk.get(way).status == 404
    actor, verb, detail = [entry for entry in log(service) if entry[1] == "erase"][0]
    assert actor == STAFF
    assert json.loads(detail) == {"form": "volontari", "identity": "called_back"}
    assert submission.id in service.context.folder.ledger.ids()


def test_a_session_that_ended_erases_nothing(service, clerk):
    submission = prove(service, send(service))
    page = erasing(clerk, submission)
    clerk.send(clerk.get("/staff/"), "/esci")
    clerk.sign_in()
    typed = {"reference": submission.reference, "identity": "document"}
    again = clerk.send(page, "/cancella", **typed)
    assert again.status == 400
    assert again.controls()["reference"] == [submission.reference]
    assert clerk.send(again, "/cancella").status == 303


def test_the_address_that_is_stored_already_is_asked_nothing(world):
    submission = world.proven()
    world.post()
    same = correcting.mend_address(
        world.context, submission.id, submission.email, STAFF
    )
    assert (same.proven, world.post()) == (True, [])


def test_of_a_delicate_form_not_even_the_names_of_answers_are_mailed(service):
    typed = {**LISTENING, "email": "anh@example.org"}
    submission = prove(service, send(service, "ascolto", **typed))
    label = service.context.content.form("ascolto").field("nome_completo").label
    answers = {**submission.answers, "nome_completo": "Ánh Nguyễn"}
    correcting.repair(service.context, submission.id, answers, STAFF, Why.PHONE)
    kinds = []
    while mail := mail_delivery.claim(service.context):
        kinds.append(mail.kind)
        said = preview(
            mail_delivery.message_of(service.context, mail, "https://forms.example")
        ).text
        mail_delivery.report_sent(service.context, mail)
    assert kinds[-1] == "repaired"
    assert label not in said
    assert "Abbiamo corretto qualcosa" in said
