"""The queue: counts, filters, pages, and what to notice about a request."""

from dataclasses import replace
from itertools import count

import pytest

from clerk import prove, row, send, signed_in
from forms_service.store import outbox
from forms_service.store.events import EventVerb
from forms_service.web.staff import queue
from forms_service.web.staff.search import Search, answers_of, filterable
from forms_service.workflow import deciding, mail_delivery
from sample_content import SAMPLE, form_with
from test_staff_desk import FILLED

LAST_YEAR = {"day": "31", "month": "1", "year": "2019"}


def first_names(page):
    found = page.find("//main//li[@class='request']//div[1]/a/bdi")
    return [finding.text_content() for finding in found]


def tabs(page):
    return [" ".join(tab.text_content().split()) for tab in page.find("//nav//ul/li/a")]


def badges(page):
    return [
        " ".join(b.text_content().split())
        for b in page.find("//*[contains(@class,'badge')]")
    ]


def follow(member, page, words):
    (link,) = [
        a for a in page.find("//main//a") if " ".join(a.text_content().split()) == words
    ]
    return member.get(link.get("href"))


def test_the_queue_opens_with_what_is_to_be_examined(service, clerk):
    prove(service, send(service, nome_completo="Amina"))
    send(service, nome_completo="Bruno", email="bruno@example.org")

    page = clerk.get("/staff/")

    assert first_names(page) == ["Amina"]
    assert {"Da esaminare 1", "Non confermate 1", "Tutte 2"} <= set(tabs(page))


def test_unproven_requests_stand_apart_and_can_be_read(service, clerk):
    send(service, nome_completo="Bruno")
    page = clerk.get("/staff/?stato=unverified")
    assert first_names(page) == ["Bruno"]
    assert "Identità non verificata" in badges(page)


def test_counts_follow_the_form(service, clerk):
    prove(service, send(service))
    assert "Da esaminare 1" in tabs(clerk.get("/staff/?modulo=volontari"))
    assert "Da esaminare 0" in tabs(clerk.get("/staff/?modulo=ascolto"))


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("modulo=volontari&risposta=comune:monte", ["Nguyễn Thị Ánh"]),
        ("modulo=volontari&risposta=comune:mare", ["Amina"]),
        ("modulo=volontari&risposta=aree:culturale", ["Nguyễn Thị Ánh"]),
        ("modulo=volontari&risposta=aree:sociale", ["Nguyễn Thị Ánh", "Amina"]),
        (
            "modulo=volontari&risposta=comune:monte&risposta=comune:mare",
            ["Nguyễn Thị Ánh", "Amina"],
        ),
        ("modulo=volontari&risposta=aree:sociale&risposta=comune:mare", ["Amina"]),
        ("modulo=ascolto", []),
        ("stato=accepted", []),
        ("stato=tutte", ["Amina", "Nguyễn Thị Ánh"]),
        ("lingua=en", ["Amina"]),
        ("lingua=it&fonte=web", ["Nguyễn Thị Ánh"]),
        ("fonte=paper", []),
        ("dal=2020-06-20&al=2020-06-20", ["Nguyễn Thị Ánh", "Amina"]),
        ("al=2020-06-19", []),
        ("dal=2020-06-21&lingua=x&fonte=y", []),
    ],
)
def test_filters_find_what_they_say(service, clerk, query, found):
    prove(service, send(service))
    other = {"nome_completo": "Amina", "email": "amina@example.org"}
    answers = {**other, "comune": "mare", "aree": ["sociale"]}
    prove(service, send(service, lang="en", **answers))
    assert first_names(clerk.get(f"/staff/?{query}")) == found


@pytest.mark.parametrize(
    ("words", "found"),
    [("anh", ["Nguyễn Thị Ánh"]), ("Ánh nguy", ["Nguyễn Thị Ánh"]), ("rossi", []),
     ("anh@ex", ["Nguyễn Thị Ánh"]), ("\"'*)(", ["Nguyễn Thị Ánh"]), ("\0", [])],
)  # fmt: skip
def test_words_are_looked_for_in_every_state(service, clerk, words, found):
    send(service)
    page = clerk.find(words)
    assert first_names(page) == found
    assert first_names(clerk.find(words, "stato=new")) == []


def test_no_words_lead_to_the_list(service, clerk):
    prove(service, send(service))
    done = clerk.send(clerk.get("/staff/"), "/cerca", testo="  ")
    assert done.location == "/staff/"


def test_a_reference_number_opens_its_request_as_it_was_read_over_the_phone(
    service, clerk
):
    submission = prove(service, send(service))
    first, second = submission.reference[:4].lower(), submission.reference[4:]
    page = clerk.find(f" {first} - {second}")
    assert page.find("//h1/bdi")[0].text_content() == submission.name


@pytest.mark.parametrize(
    ("words", "told"),
    [("QK2E BQ70", True), ("qk2e-bq7l", True), ("QK2EBQ7V", False),
     ("illusion", False), ("0564 1234", False)],
)  # fmt: skip
def test_a_sign_that_no_reference_has_is_told(clerk, words, told):
    assert ("0, O, 1, I, L, U: rileggilo" in clerk.find(words).text) is told


def test_what_was_searched_stays_with_the_session_and_in_no_address(
    service, clerk, new_clerk
):
    prove(service, send(service))
    page = clerk.find("anh", "modulo=volontari")
    assert "Hai cercato: anh" in page.text
    links = page.find("//main//a/@href")
    assert any("cerca=1" in link for link in links)
    assert not any("anh" in link for link in links)
    other = new_clerk("dora@example.org")
    other.sign_in()
    assert "Hai cercato" not in other.get("/staff/?cerca=1").text
    for _ in range(10):
        clerk.find("rossi")
    assert "Hai cercato" not in clerk.get("/staff/?cerca=1").text
    assert len(stored_searches(service)) == 10
    clerk.send(clerk.get("/staff/profilo"), "/staff/esci")
    assert stored_searches(service) == []


def stored_searches(service):
    return [r for r in service.rows() if r[0] == "searches"]


def test_a_search_that_finds_nothing_with_filters_offers_all_requests(service, clerk):
    prove(service, send(service))
    page = clerk.find("anh", "modulo=ascolto")
    assert first_names(page) == []
    words = "Cerca in tutte le richieste, senza filtri"
    assert first_names(follow(clerk, page, words)) == ["Nguyễn Thị Ánh"]


def test_words_of_an_old_page_are_given_back(service, clerk):
    page = clerk.post("/staff/cerca", {"testo": "anh"})
    assert page.status == 400
    assert page.find("//input[@name='testo']/@value") == ["anh"]


@pytest.mark.parametrize(
    "query",
    ["stato=nonsense", "modulo=nonsense", "modulo=volontari&risposta=comune:x' OR 1=1",
     "risposta=comune:monte", "modulo=volontari&risposta=email:anh@example.org",
     "prima=x&dopo=-", "prima=99999999999999999999", "dopo=٣", "cerca=9",
     "cerca=x", "dal=x&al=9999-12-31", "dal=0001-01-01",
     "prima=-5", "risposta=;&modulo=;"],
)  # fmt: skip
def test_an_odd_address_is_a_page_and_no_fault(service, clerk, query):
    prove(service, send(service))
    assert clerk.get(f"/staff/?{query}").status == 200


def test_a_number_can_be_filtered_by(start_service):
    service = start_service(SAMPLE)
    service.clock.now = service.clock.now.replace(year=2030, month=3)
    member = signed_in(service)
    for people in (1, 2):
        prove(service, send(service, "every-type", persone=str(people)))
    page = member.get("/staff/?modulo=every-type&risposta=persone:2")
    assert len(first_names(page)) == 1
    assert "Quante persone venite" in page.body.decode()


def test_only_answers_that_can_be_listed_are_offered_as_filters():
    number = "type: number, filterable: true"
    form = form_with(
        "- {id: a, label: A, type: text, filterable: true}\n"
        f"- {{id: b, label: B, {number}, limits: {{min: 1, max: 3}}}}\n"
        f"- {{id: c, label: C, {number}, limits: {{min: 1, max: 99}}}}\n"
        f"- {{id: d, label: D, {number}}}\n"
        "- {id: e, label: E, type: radio, choices: {x: X}}"
    )
    assert [field.id for field in filterable(form)] == ["b"]
    assert answers_of(form) == [("b:1", "1"), ("b:2", "2"), ("b:3", "3")]


@pytest.mark.parametrize(
    ("query", "on", "back"),
    [("", "Più recenti", "Meno recenti"),
     ("?ordine=nuove", "Meno recenti", "Più recenti")],
)  # fmt: skip
def test_pages_go_through_all_requests_once_in_both_directions(
    service, clerk, monkeypatch, query, on, back
):
    monkeypatch.setattr(queue, "PAGE", 3)
    for number in range(8):
        submission = send(
            service, nome_completo=f"N {number}x", email=f"n{number}@example.org"
        )
        prove(service, submission)
    expected = [f"N {number}x" for number in range(8)]

    first = clerk.get(f"/staff/{query}")
    second = follow(clerk, first, on)
    third = follow(clerk, second, on)
    again = follow(clerk, third, back)

    found = first_names(first) + first_names(second) + first_names(third)
    assert found == (expected[::-1] if query else expected)
    assert first_names(again) == first_names(second)
    assert first_names(follow(clerk, again, back)) == first_names(first)
    assert not third.find("//a[@rel='next']")
    assert not first.find("//a[@rel='prev']")


@pytest.mark.parametrize(
    ("state", "oldest_first"),
    [("new", True), ("correction_asked", True), ("accepted", False),
     ("unverified", False), ("tutte", False)],
)  # fmt: skip
def test_who_came_first_stands_first_where_staff_have_to_act(state, oldest_first):
    search = Search(status="" if state == "tutte" else state)
    assert search.oldest_first is oldest_first
    assert replace(search, order="nuove").oldest_first is False
    assert replace(search, order="vecchie").oldest_first is True


def test_the_order_can_be_turned_and_stays_turned(service, clerk):
    for name in ("Amina", "Bruno"):
        prove(service, send(service, nome_completo=name, email=f"{name}@example.org"))
    page = clerk.get("/staff/")
    assert first_names(page) == ["Amina", "Bruno"]
    turned = follow(clerk, page, "Prima le più recenti")
    assert first_names(turned) == ["Bruno", "Amina"]
    (link,) = turned.find("//main//li[@class='request'][1]//a/@href")
    (next_one,) = clerk.get(link).find("//a[@rel='next']/@href")
    assert "Amina" in clerk.get(next_one).text
    back = follow(clerk, turned, "Prima le più vecchie")
    assert first_names(back) == ["Amina", "Bruno"]


def test_a_kept_tax_code_and_a_passed_document_leave_a_mark(service, clerk):
    typed = {**FILLED, "codice_fiscale": "RSSMRA85T10A562X"}
    typed |= {f"documento_scadenza-{k}": v for k, v in LAST_YEAR.items()}
    page = clerk.send(clerk.get("/staff/inserisci/volontari"), "/volontari", **typed)
    assert "Questa data è passata." in page.text
    done = clerk.send(page, "/volontari")
    marks = ["Codice fiscale: da controllare", "Scadenza del documento: da controllare"]
    assert badges(clerk.get("/staff/"))[:2] == marks
    assert "Da controllare" in clerk.get(done.location).text

    sound = {**FILLED, "codice_fiscale": "RSSMRA85T10A562S", "email": "b@example.org"}
    done = clerk.send(clerk.get("/staff/inserisci/volontari"), "/volontari", **sound)
    assert "Da controllare" not in clerk.get(done.location).text


def test_pages_keep_the_filter(service, clerk, monkeypatch):
    monkeypatch.setattr(queue, "PAGE", 1)
    for number in range(2):
        prove(service, send(service, email=f"n{number}@example.org"))
    page = clerk.find("anh", "modulo=volontari&stato=new")
    page = follow(clerk, page, "Più recenti")
    assert len(first_names(page)) == 1
    assert page.find("//input[@name='testo']/@value") == ["anh"]


def test_badges_say_what_to_notice(service, clerk):
    first = prove(service, send(service))
    second = prove(service, send(service))
    mail = mail_delivery.claim(service.context)
    while mail.submission != first.id or mail.kind != "receipt":
        mail = mail_delivery.claim(service.context)
    mail_delivery.report_failure(service.context, mail, "550 5.1.1", permanent=True)

    page = clerk.get("/staff/")

    assert badges(page) == [
        "Probabilmente la stessa persona: 1 altra richiesta",
        "Email non consegnata",
        "Probabilmente la stessa persona: 1 altra richiesta",
    ]
    mails = service.context.store.read(lambda db: outbox.of_submission(db, second.id))
    assert not any(mail.failed_at for mail in mails)


def test_the_place_in_the_waiting_list_is_shown(start_service):
    service = start_service(SAMPLE)
    service.clock.now = service.clock.now.replace(year=2030, month=3)
    member = signed_in(service)
    number = count()
    for people in (6, 6, 3):
        email = f"n{next(number)}@example.org"
        prove(service, send(service, "every-type", persone=str(people), email=email))
    assert badges(member.get("/staff/")) == [
        "n. 1 in lista d’attesa",
        "n. 2 in lista d’attesa",
    ]


@pytest.mark.parametrize(
    ("passed", "said"),
    [({"minutes": 59}, "da meno di un’ora"), ({"minutes": 60}, "da 1 ora"),
     ({"hours": 23}, "da 23 ore"), ({"hours": 24}, "da 1 giorno"),
     ({"days": 12}, "da 12 giorni")],
)  # fmt: skip
def test_the_age_of_a_request_is_said(service, clerk, clock, passed, said):
    prove(service, send(service))
    clock.advance(**passed)
    clerk.sign_in()
    assert said in clerk.get("/staff/").text


def test_a_form_that_is_no_longer_there_goes_by_its_id(service, clerk):
    submission = prove(service, send(service))
    del service.context.content.forms["volontari"]
    assert "volontari" in clerk.get("/staff/").text
    assert clerk.get(clerk.submission(submission.id)).status == 200


def test_names_are_escaped_and_kept_in_their_direction(service, clerk):
    prove(service, send(service, nome_completo="مريم & D’Angelo"))
    page = clerk.get("/staff/")
    assert first_names(page) == ["مريم & D’Angelo"]
    assert '<bdi translate="no">مريم &amp; D’Angelo</bdi>' in page.body.decode()


def test_accepted_requests_leave_the_first_tab(service, clerk):
    submission = prove(service, send(service))
    deciding.decide(service.context, submission.id, EventVerb.ACCEPT, "staff:1")
    assert row(service, submission).status == "accepted"
    page = clerk.get("/staff/")
    assert first_names(page) == []
    assert "Qui non c’è nessuna richiesta." in page.text
    assert first_names(clerk.get("/staff/?stato=accepted")) == ["Nguyễn Thị Ánh"]


@pytest.mark.parametrize("words", ["anh", ""])
def test_a_search_without_a_hit_here_leads_to_its_hits_in_other_states(
    service, clerk, words
):
    send(service)
    submission = prove(service, send(service))
    deciding.decide(service.context, submission.id, EventVerb.ACCEPT, "staff:1")
    other = {"nome_completo": "Bruno", "comune": "mare"}
    send(service, **other, email="bruno@example.org")

    page = (
        clerk.find(words, "stato=new")
        if words
        else clerk.get("/staff/?modulo=volontari&risposta=comune:monte")
    )

    assert elsewhere(page) == [
        "Accolte: 1 richiesta",
        "Non confermate: 1 richiesta",
    ]
    # The tabs count what is found, and not what there is.
    assert {"Da esaminare 0", "Accolte 1", "Non confermate 1", "Tutte 2"} <= {
        *tabs(page)
    }
    there = follow(clerk, page, "Non confermate: 1 richiesta")
    assert first_names(there) == ["Nguyễn Thị Ánh"]
    assert elsewhere(there) == elsewhere(clerk.get("/staff/")) == []


def elsewhere(page):
    return [a.text_content() for a in page.find("//ul[@class='elsewhere']//a")]


def test_several_answers_stand_in_the_address_and_each_can_be_taken_away(
    service, clerk
):
    prove(service, send(service))
    page = clerk.get("/staff/?modulo=volontari")
    (form,) = page.find("//form[contains(@class,'filters')]")
    chosen = ["comune:monte", "aree:culturale", "aree:sociale"]
    sent = {**page.sent_by(form), "risposta": chosen}
    page = clerk.get("/staff/", query_string=sent)
    assert sorted(page.find("//input[@name='risposta'][@checked]/@value")) == sorted(
        chosen
    )
    left = follow(clerk, page, "Togli questo filtro: Esempio al Monte ×")
    kept = left.find("//input[@name='risposta'][@checked]/@value")
    assert sorted(kept) == ["aree:culturale", "aree:sociale"]
    (link,) = left.find("//main//li[@class='request']//a/@href")
    assert link.count("risposta=") == 2


def test_the_age_of_paper_counts_from_its_receipt(service, clerk):
    for day in ("2020-06-20", "2020-06-18"):
        page = clerk.get("/staff/inserisci/volontari")
        clerk.send(page, "/volontari", **{**FILLED, "entry-received": day})
    rows = clerk.get("/staff/").find("//div[@class='request__when']")
    said = [" ".join(row.text_content().split()) for row in rows]
    assert said == ["da 2 giorni", "da oggi"]


@pytest.mark.parametrize(
    ("query", "words", "said"),
    [
        ("?dal=2020-06-20&al=2020-06-19", "", "“Al” è prima di “Dal”"),
        ("?modulo=ascolto", "", "Nessuna richiesta con questi filtri."),
        ("?fonte=paper", "", "Nessuna richiesta con questi filtri."),
        ("?stato=accepted", "", "Qui non c’è nessuna richiesta."),
        ("", "rossi", "Nessuna richiesta con queste parole."),
        ("", "qk2e-bq7v", "ha il numero di riferimento QK2EBQ7V."),
    ],
)
def test_an_empty_list_says_what_is_the_case(service, clerk, query, words, said):
    assert "Non c’è ancora nessuna richiesta." in clerk.get("/staff/").text
    prove(service, send(service))
    page = clerk.find(words) if words else clerk.get(f"/staff/{query}")
    assert first_names(page) == []
    assert said in page.text
