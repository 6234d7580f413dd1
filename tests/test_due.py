"""The day by which a form promises an answer: one value for people and for staff."""

from datetime import date

import pytest

from clerk import prove, send
from forms_service.definition.fingerprint import fingerprint
from forms_service.mail import kinds
from forms_service.mail.compose import preview
from forms_service.store.events import EventVerb
from forms_service.store.submissions import Proof, Source
from forms_service.workflow import deciding, desk_entry, mail_delivery, sending
from forms_service.workflow.deciding import staff_actor
from test_staff_queue import badges, first_names

pytest_plugins = ["life"]

PROMISE = (
    "forms/every-type.yml",
    "contact: email\n",
    "contact: email\nanswer_within: ",
)


def promising(new_world, within):
    file, old, new = PROMISE
    return new_world((file, old, f"{new}{within}\n"))


@pytest.mark.parametrize(
    ("within", "day"),
    [("{days: 30}", date(2030, 3, 31)), ("{months: 1}", date(2030, 4, 1))],
)
def test_the_day_counts_from_sending(new_world, within, day):
    world = promising(new_world, within)
    sent = world.sent()
    assert (sent.due_on, world.row(sent).due_on) == (day, day)


def test_the_day_counts_from_the_receipt_of_paper(new_world):
    world = promising(new_world, "{months: 1}")
    entry = desk_entry.DeskEntry(Source.PAPER, date(2030, 2, 20), Proof.SIGNATURE)
    typed = world.form(), world.answers(None), entry, staff_actor(world.clerk.id)
    assert desk_entry.enter(world.context, *typed).due_on == date(2030, 3, 20)


def test_the_promise_is_of_the_version_and_no_other_form_is_touched(new_world):
    plain, promised = new_world(), promising(new_world, "{days: 30}")
    assert plain.sent().due_on is None
    document = dict(plain.context.content.sources["every-type"]["it"].document)
    assert "answer_within" not in document
    assert plain.form().fingerprint == fingerprint(document)
    assert promised.form().fingerprint != plain.form().fingerprint


def test_page_receipt_and_mail_print_the_same_day(service):
    submission = send(service, "barriere")
    token = sending.sent_token(service.context, submission)
    said = "Rispondiamo entro lunedì 20 luglio 2020."
    after = f"/moduli/it/barriere/inviata/{token}"
    link = mail_delivery.link_for(service.context, submission, kinds.verify)
    assert said not in service.get(after).text
    assert said in service.post(f"{link}/conferma").text
    service.clock.advance(seconds=1)
    assert said in service.get(after).text
    letter = next(m for m in posted(service) if m.kind is kinds.receipt)
    assert said in preview(letter).text
    assert said in service.get(letter.link).text
    deciding.decide(service.context, submission.id, EventVerb.DECLINE, "staff:1")
    service.clock.advance(minutes=6)
    assert said not in service.get(letter.link).text


def posted(service):
    found = []
    while mail := mail_delivery.claim(service.context):
        found.append(mail_delivery.message_of(service.context, mail, ""))
        mail_delivery.report_sent(service.context, mail)
    return found


def test_the_list_says_how_much_time_is_left(service, clerk):
    prove(service, send(service, "barriere", nome_completo="Amina"))
    address = "/staff/?modulo=barriere"
    seen = []
    for days in (0, 23, 6, 1, 1, 29):
        service.clock.advance(days=days)
        if days:
            clerk.sign_in()
        page = clerk.get(address)
        assert first_names(page) == ["Amina"]
        (badge,) = page.find("//li[@class='request']//*[contains(@class,'badge')]")
        seen.append((badge.get("class"), badges(page)[0]))
    assert seen == [
        ("badge", "entro lun 20 luglio"),
        ("badge badge--warning", "entro lun 20 luglio, mancano 7 giorni"),
        ("badge badge--warning", "entro lun 20 luglio, manca 1 giorno"),
        ("badge badge--warning", "entro oggi"),
        ("badge badge--danger", "in ritardo di 1 giorno: era entro lun 20 luglio"),
        ("badge badge--danger", "in ritardo di 30 giorni: era entro lun 20 luglio"),
    ]
