"""The end of a session, signing in again and blocked cookies lose no typed word."""

import pytest
from flask_wtf.csrf import CSRFError

from clerk import Clerk, decision, notes, prove, row, send, signed_in
from forms_service.store.staff_rights import EVERYTHING, Grant, StaffRole
from forms_service.store.visibility import VisibleForms
from forms_service.web.staff import routes
from forms_service.workflow import deciding, members
from test_second_factor import enrolled
from test_staff_desk import FILLED

WORDS = "Prima riga «così»,\r\n<b>e due</b>"
# What nobody types words into: pressed once more, it is done.
BUTTONS = {
    "fix_report",
    "sign_out",
    "want_mail",
    "want_keys",
    "sign_out_all",
    "scan",
    "discard",
    "end_session",
}
# A typed password goes into no page.
SECRETS = {"password", "factor"}


def idle(clerk):
    clerk.service.clock.advance(minutes=31)


def elsewhere(clerk):
    other = Clerk(clerk.service)
    other.sign_in()
    other.send(other.get("/staff/profilo"), "/profilo/esci")


def sign_out(clerk):
    clerk.send(clerk.get("/staff/"), "/esci")


def written(page, name):
    (box,) = page.find(f"//textarea[@name='{name}']")
    return box.text_content().removeprefix("\n")


@pytest.mark.parametrize("end", [idle, elsewhere, sign_out])
@pytest.mark.parametrize("what", ["nota", "decline"])
def test_words_typed_when_the_session_ended_are_there_after_signing_in(
    service, clerk, end, what
):
    submission = prove(service, send(service))
    if what == "nota":
        page, box = clerk.get(clerk.submission(submission.id)), "text"
    else:
        page, box = decision(clerk, submission, what), "motivo"
    end(clerk)

    over = clerk.send(page, f"/{what}", **{box: WORDS})
    assert over.status == 401
    assert "un’altra scheda" in over.text
    assert notes(service, submission) == []

    assert clerk.sign_in().status == 303
    again = press(clerk, over, "Avanti, ho fatto l’accesso")
    assert again.status == 400
    assert "Questa pagina è di prima che tu accedessi" in again.text
    assert written(again, box) == WORDS.replace("\r\n", "\n")
    assert clerk.send(again, f"/{what}").status == 303
    assert notes(service, submission) == [WORDS.replace("\r\n", "\n")]


def press(clerk, page, label):
    address, values = page.button(label)
    return clerk.post(address, values)


def test_going_on_without_having_signed_in_keeps_them_too(service, clerk):
    submission = prove(service, send(service))
    page = clerk.get(clerk.submission(submission.id))
    idle(clerk)
    over = clerk.send(page, "/nota", text=WORDS)
    for _ in range(2):
        over = press(clerk, over, "Avanti, ho fatto l’accesso")
        assert over.status == 401
    kept = over.find("//input[@name='text']/@value")
    assert kept == [WORDS.replace("\r\n", "\n")]


def test_loading_the_old_page_again_gives_them_back_as_well(service, clerk):
    submission = prove(service, send(service))
    page = clerk.get(clerk.submission(submission.id))
    sign_out(clerk)
    clerk.sign_in()
    again = clerk.send(page, "/nota", text=WORDS)
    assert (again.status, written(again, "text")) == (400, WORDS.replace("\r", ""))


def test_what_changed_while_one_signed_in_again_is_read_first(service, clerk):
    submission = prove(service, send(service))
    page = decision(clerk, submission, "decline")
    idle(clerk)
    over = clerk.send(page, "/decline", motivo=WORDS)
    deciding.add_note(service.context, submission.id, 1, "Attenti")
    clerk.sign_in()
    again = press(clerk, over, "Avanti, ho fatto l’accesso")
    assert "Attenti" in again.text
    assert clerk.send(again, "/decline").status == 303


def test_a_form_typed_at_the_desk_comes_back_and_says_that_files_do_not(service, clerk):
    page = clerk.get("/staff/inserisci/volontari")
    idle(clerk)
    over = clerk.send(page, "/volontari", **FILLED)
    assert "Scegli di nuovo i file" not in over.text
    clerk.sign_in()
    again = press(clerk, over, "Avanti, ho fatto l’accesso")
    assert again.status == 400
    typed = again.controls()
    assert {name: typed[name] for name in ("nome_completo", "email")} == {
        name: [FILLED[name]] for name in ("nome_completo", "email")
    }
    assert clerk.send(again, "/volontari").status == 303


def test_every_post_of_staff_either_keeps_what_is_typed_or_has_nothing_typed():
    table = [route for route in routes.routes() if "POST" in route.methods]
    keeping = {route.endpoint for route in table if CSRFError in route.errors}
    assert {route.endpoint for route in table} - keeping == BUTTONS | SECRETS
    assert keeping > {"note", "decision", "enter", "attach", "table", "sign_in"}


def test_a_password_is_in_no_page(clerk):
    page = clerk.get("/staff/profilo")
    idle(clerk)
    over = clerk.send(page, "/password", old="vecchia parola", password="nuova parola")
    assert over.status == 401
    assert b"parola" not in over.body


def test_with_blocked_cookies_the_page_says_so_and_not_that_it_is_old(service, clerk):
    page = service.get("/staff/accedi")
    blocked = service.app.test_client(use_cookies=False)
    values = {**page.controls(), "email": clerk.email, "password": "x"}
    for _ in range(2):
        answer = blocked.post("/staff/accedi", data=values)
        text = answer.get_data(as_text=True)
        assert answer.status_code == 400
        assert "non conserva i cookie" in text
        assert "troppo a lungo" not in text
        assert f'value="{clerk.email}"' in text


def test_an_old_sign_in_page_asks_again_and_opens(service, clerk):
    page = clerk.get("/staff/profilo")
    sign_out(clerk)
    clerk.get("/staff/accedi")
    old = {"email": clerk.email, "password": "x", "csrf_token": "old"}
    answer = clerk.post("/staff/accedi", old)
    assert answer.status == 400
    assert "troppo a lungo" in answer.text
    done = clerk.send(answer, "/accedi", password="quattro parole lunghe mie")
    assert done.status == 303
    assert page.status == 200


@pytest.mark.parametrize("what", ["nota", "decline"])
def test_words_about_a_request_that_was_erased_meanwhile_can_be_copied(
    service, clerk, what
):
    submission = prove(service, send(service))
    page = (
        clerk.get(clerk.submission(submission.id))
        if what == "nota"
        else decision(clerk, submission, what)
    )
    deciding.erase(service.context, submission.id, "citizen")
    gone = clerk.send(page, f"/{what}", text=WORDS, motivo=WORDS)
    assert gone.status == 404
    (box,) = gone.find("//textarea[@readonly]")
    assert box.text_content().strip() == WORDS.replace("\r\n", "\n")


def test_signing_in_again_does_not_decide_by_itself(service, clerk):
    submission = prove(service, send(service))
    page = decision(clerk, submission, "accept")
    idle(clerk)
    over = clerk.send(page, "/accept")
    clerk.sign_in()
    press(clerk, over, "Avanti, ho fatto l’accesso")
    assert row(service, submission).status == "new"


def test_words_caught_by_the_demand_of_a_second_factor_are_there_once_it_is_on(
    start_service,
):
    service = start_service(production=True)
    grant = Grant(StaffRole.REVIEWER, VisibleForms(frozenset(["volontari"])))
    clerk = signed_in(service, grant=grant)
    submission = prove(service, send(service))
    page = clerk.get(clerk.submission(submission.id))
    members.change_grant(service.context, 1, EVERYTHING, "command")

    caught = clerk.send(page, "/nota", text=WORDS)
    assert caught.status == 403
    assert "Attiva il secondo fattore in un’altra scheda" in caught.text
    assert clerk.send(caught, "/nota").status == 403
    enrolled(clerk)
    again = press(clerk, caught, "Avanti, l’ho attivato")
    assert (again.status, notes(service, submission)) == (400, [])
    assert clerk.send(again, "/nota").status == 303
    assert notes(service, submission) == [WORDS.replace("\r\n", "\n")]
