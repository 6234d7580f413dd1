"""Behind the mailed code: answers taken along, corrected, erased at once."""

import json

import pytest

from citizen import LISTENING, VOLUNTEER, Citizen
from forms_service.mail import kinds
from forms_service.store import events, revisions
from forms_service.store.events import EventVerb
from forms_service.store.submissions import NotFound, Status
from forms_service.workflow import deciding
from test_duties_safety import LEAVE


class Owner(Citizen):
    """Somebody whose address is proven and who has just got a code."""

    def __init__(self, service, form_id, typed):
        super().__init__(service, form_id, typed)
        self.link = self.proven().link
        self.fresh()

    def fresh(self):
        self.secret = self.code(self.link)

    def do(self, what, **typed):
        typed = {"code": self.secret, **typed}
        return self.service.post(f"{self.link}/{what}", typed)

    def go_on(self, page, what, **changes):
        """Press a button of the correction, with some boxes changed."""
        data = {**page.controls(), **changes}
        return self.service.post(f"{self.link}/{what}", data)

    def corrected(self, **changes):
        page = self.go_on(self.do("correggi"), "correggi/riepilogo", **changes)
        return self.go_on(page, "correggi/conferma")

    def decide(self, verb, **how):
        deciding.decide(self.service.context, self.id, verb, "staff:1", **how)
        self.take_mail()

    @property
    def revisions(self):
        return self.service.context.store.read(
            lambda db: revisions.of_submission(db, self.id)
        )


@pytest.fixture
def citizen(service):
    return Owner(service, "volontari", VOLUNTEER)


@pytest.fixture
def zoe(service):
    """Somebody with a mailbox on a delicate form."""
    return Owner(service, "ascolto", {**LISTENING, "email": "zoe@example.org"})


def test_the_data_are_taken_along_as_json(citizen):
    answer = citizen.do("dati")
    assert answer.headers["Content-Type"] == "application/json"
    assert "attachment" in answer.headers["Content-Disposition"]
    data = json.loads(answer.body)
    row = citizen.row
    assert data["reference"] == row.reference
    assert data["form"] == {
        "id": "volontari",
        "title": "Registro dei volontari",
        "version": "1.0",
    }
    assert {answer["id"]: answer["value"] for answer in data["answers"]} == row.answers
    texts = {answer["label"]: answer["text"] for answer in data["answers"]}
    assert texts["Nome e cognome"] == "Nguyễn Thị Ánh"
    assert data["address_confirmed_at"] == row.verified_at.isoformat()


@pytest.mark.parametrize("what", ["dati", "correggi", "cancella", "cancella/conferma"])
def test_nothing_opens_without_the_code(citizen, what):
    before = citizen.row
    refused = citizen.do(what, code="AAAAAA")
    assert refused.status == 422
    assert "Nguyễn" not in refused.text
    assert citizen.row.answers == before.answers


def test_a_correction_replaces_the_answers_and_keeps_the_old_ones(citizen):
    before = citizen.row.answers
    form = citizen.do("correggi")
    assert form.controls()["nome_completo"] == ["Nguyễn Thị Ánh"]
    assert form.controls()["maggiorenne"] == ["true"]
    wrong = citizen.go_on(form, "correggi/riepilogo", nome_completo="")
    assert wrong.status == 422
    assert wrong.find("//div[@role='alert']//a/@href") == ["#nome_completo"]
    summary = citizen.go_on(wrong, "correggi/riepilogo", nome_completo="Ánh Nguyễn")
    assert "Ánh Nguyễn" in summary.text
    back = citizen.go_on(summary, "correggi/modulo")
    assert back.controls()["nome_completo"] == ["Ánh Nguyễn"]
    assert citizen.row.answers == before
    done = citizen.go_on(summary, "correggi/conferma")
    assert done.status == 200
    assert "Abbiamo ricevuto le risposte corrette" in done.text
    assert citizen.row.answers == {**before, "nome_completo": "Ánh Nguyễn"}
    twice = citizen.go_on(summary, "correggi/conferma")
    assert "Abbiamo ricevuto le risposte corrette" in twice.text
    (old,) = citizen.revisions
    assert old.answers == before


def test_nothing_changed_is_no_correction_and_undoes_no_decision(citizen):
    citizen.decide(EventVerb.ACCEPT)
    assert "la esaminiamo di nuovo" not in citizen.do("correggi").text.lower()
    assert "sono come prima" in citizen.corrected().text
    assert citizen.row.status is Status.ACCEPTED
    assert citizen.revisions == []
    citizen.corrected(nome_completo="Ánh")
    assert citizen.row.status is Status.ACCEPTED, "a member of the register stays one"


def test_who_was_asked_for_a_correction_may_say_that_all_is_right(citizen):
    citizen.decide(EventVerb.ASK_CORRECTION, fields=["aree", "comune"])
    field = citizen.do("correggi").find(
        "//main//*[contains(@class, 'callout')]//a/@href"
    )
    assert field == ["#comune", "#aree"]
    citizen.corrected()
    assert citizen.row.status is Status.NEW


def test_a_code_that_has_expired_meanwhile_costs_no_answer(citizen):
    form = citizen.do("correggi")
    citizen.service.clock.advance(minutes=31)
    summary = citizen.go_on(form, "correggi/riepilogo", nome_completo="Ánh")
    refused = citizen.go_on(summary, "correggi/conferma")
    assert refused.status == 422
    assert refused.find("//input[@id='link-code']")
    assert citizen.revisions == []
    mailed = citizen.go_on(refused, "correggi/codice")
    assert "Ti abbiamo mandato un codice" in mailed.text
    done = citizen.go_on(
        mailed, "correggi/conferma", **{"link-code": citizen.take_mail().code}
    )
    assert "Abbiamo ricevuto" in done.text
    assert citizen.row.name == "Ánh"


def test_a_new_address_is_proven_again(citizen):
    done = citizen.corrected(email="nuova@example.org")
    assert "Conferma il tuo nuovo indirizzo" in done.text
    assert not citizen.row.proven
    letter = citizen.take_mail()
    assert (letter.kind, letter.email) == (
        kinds.verify,
        "nuova@example.org",
    )


def test_what_was_decided_meanwhile_is_not_corrected(citizen):
    summary = citizen.go_on(
        citizen.do("correggi"), "correggi/riepilogo", nome_completo="Ánh"
    )
    citizen.decide(EventVerb.DECLINE)
    refused = citizen.go_on(summary, "correggi/conferma")
    assert refused.status == 409
    assert citizen.row.name == "Nguyễn Thị Ánh"


def test_erasing_is_explained_and_then_done_at_once(citizen):
    page = citizen.do("cancella")
    assert "Non si può tornare indietro" in page.text
    assert "30 giorni" in page.text
    assert citizen.row.status is Status.NEW
    done = citizen.service.post(f"{citizen.link}/cancella/conferma", page.controls())
    assert done.status == 200
    assert "Abbiamo cancellato tutto" in done.text
    with pytest.raises(NotFound):
        assert citizen.row
    assert citizen.service.get(citizen.link).status == 410
    history = citizen.service.context.store.read(
        lambda db: events.of_submission(db, citizen.id)
    )
    assert (history[-1].verb, history[-1].actor) == ("erase", "citizen")
    assert all("Nguyễn" not in str(cells) for cells in citizen.service.rows())


@pytest.mark.parametrize("what", ["risposte", "dati", "ricevuta", "correggi"])
def test_a_delicate_form_shows_nothing_but_can_be_erased(zoe, what):
    assert zoe.do(what).status == 410
    page = zoe.do("cancella")
    assert "Sportello di ascolto" not in page.text
    gone = zoe.do("cancella/conferma")
    assert "Abbiamo cancellato" in gone.text
    assert gone.find(LEAVE)


def test_the_way_out_stays_when_a_link_is_old_or_used(service, clock):
    zoe = Citizen(service, "ascolto", {**LISTENING, "email": "zoe@example.org"})
    link = zoe.take_mail().link
    clock.advance(days=15)
    assert service.get(link).find(LEAVE)
    assert service.post(f"{link}/nuovo-link").find(LEAVE)
    link = zoe.take_mail().link
    assert service.post(f"{link}/conferma").find(LEAVE)
    used = service.get(link)
    assert "già confermato" in used.text
    assert used.find(LEAVE)


@pytest.mark.parametrize("what", ["modulo", "riepilogo", "conferma"])
def test_no_step_of_a_correction_opens_a_delicate_form(zoe, what):
    data = {**LISTENING, "link-code": zoe.secret}
    assert zoe.service.post(f"{zoe.link}/correggi/{what}", data).status == 410
    assert zoe.revisions == []


def test_a_reopened_tab_of_the_answers_asks_for_the_code_that_still_counts(citizen):
    led = citizen.service.get(f"{citizen.link}/risposte?lang=en")
    assert (led.status, led.location) == (303, f"{citizen.link}/codice?lang=en")
    assert citizen.do("risposte").status == 200
    citizen.service.clock.advance(minutes=31)
    assert citizen.service.get(f"{citizen.link}/risposte").location == citizen.link
    citizen.service.clock.advance(days=2000)
    assert citizen.service.get(f"{citizen.link}/risposte").location == citizen.link
