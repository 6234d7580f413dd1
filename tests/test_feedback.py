"""The question at the end: the national words, counted once, linked to nobody."""

from datetime import UTC, datetime

import pytest

from citizen import LISTENING, VOLUNTEER, Citizen
from engines import fill_disk
from forms_service.i18n import Translator
from forms_service.shapes.notice import full_notice
from forms_service.store import feedback as rows
from forms_service.workflow import feedback, purging

HERE = "/moduli/it/volontari/parere"
HARDEST = [
    "A volte le indicazioni non erano chiare",
    "A volte le indicazioni non erano complete",
    "A volte non capivo se stavo procedendo correttamente",
    "Ho avuto problemi tecnici",
    "Altro",
]
BEST = [
    "Le indicazioni erano chiare",
    "Le indicazioni erano complete",
    "Capivo sempre che stavo procedendo correttamente",
    "Non ho avuto problemi tecnici",
    "Altro",
]


pytest_plugins = ["life"]


@pytest.fixture
def confirmed(service):
    """The page that somebody sees whose address has just been confirmed."""
    citizen = Citizen(service, "volontari", VOLUNTEER)
    return service.post(citizen.take_mail().link + "/conferma")


def table(service):
    return [row for row in service.rows() if row[0] == "feedback"]


def test_an_opinion_that_cannot_be_stored_stays_in_its_form(service, confirmed):
    why = service.post(HERE, {**confirmed.controls(), "stars": "2"})
    service.context.store.write(fill_disk)
    typed = {**why.controls(), "choice": ["unclear"], "text": ["Parole mie"]}
    for _ in range(2):
        refused = service.post(HERE, typed)
        assert refused.status == 503
        assert "Aspetta un minuto, poi riprova" in refused.text
        assert refused.controls() == typed
    stars = service.post(HERE, {**confirmed.controls(), "stars": "2"})
    assert stars.status == 503
    assert stars.controls()["stars"] == ["2"]


def test_opinions_count_for_what_an_hour_may_bring(start_service, clock):
    service = start_service(hourly_limit=72)
    page = Citizen(service, "volontari", VOLUNTEER).page()
    kinds = []
    for _ in range(11):
        mark = feedback.new_mark(service.context, "volontari")
        kinds.append(service.post(HERE, {"mark": mark, "stars": "4"}).status)
    assert (kinds, len(table(service))) == ([200] * 9 + [503] * 2, 9)
    assert page.status == 200
    clock.advance(minutes=10)
    mark = feedback.new_mark(service.context, "volontari")
    assert service.post(HERE, {"mark": mark, "stars": "4"}).status == 200


def labels(page):
    found = page.find("//main//label[contains(@class, 'choice')]")
    return [" ".join(label.text_content().split()) for label in found]


@pytest.mark.parametrize(
    ("stars", "question", "choices"),
    [
        ("3", "Dove hai incontrato le maggiori difficoltà?", HARDEST),
        ("4", "Quali sono stati gli aspetti che hai preferito?", BEST),
    ],
)
def test_the_words_are_those_of_the_national_model(
    service, confirmed, stars, question, choices
):
    assert "Quanto è stato facile usare questo servizio?" in confirmed.text
    why = service.post(HERE, {**confirmed.controls(), "stars": stars})
    assert question in why.text
    assert labels(why) == choices


def test_an_answer_counts_once_and_nothing_leads_to_the_person(service, confirmed):
    before = [row for row in service.rows() if row[0] != "feedback"]
    typed = {**confirmed.controls(), "stars": "2"}
    for _ in range(2):
        why = service.post(HERE, typed)
    data = {**why.controls(), "choice": "unsure", "text": "x" * 200}
    for text in (data, {**data, "text": "again"}):
        assert "Grazie" in service.post(HERE, text).text
    ((_, key, *stored),) = table(service)
    assert stored == ["volontari", 2, "unsure", "x" * 200, "2020-06-20"]
    # No other row has changed, and the key is in none of them.
    assert [row for row in service.rows() if row[0] != "feedback"] == before
    assert key not in str(before)


def test_only_stars_are_stars_and_only_our_marks_count(service, confirmed):
    mark = confirmed.controls()["mark"]
    for stars in ("", "0", "6", "five"):
        refused = service.post(HERE, {"mark": mark, "stars": stars})
        assert refused.status == 422
        assert "Scegli da 1 a 5 stelle" in refused.text
    other = feedback.new_mark(service.context, "assemblea")
    for strange in ("", "nonsense", other):
        assert service.post(HERE, {"mark": strange, "stars": "5"}).status == 404
    assert table(service) == []


def test_a_text_that_is_too_long_comes_back_whole(service, confirmed):
    why = service.post(HERE, {**confirmed.controls(), "stars": "2"})
    data = {**why.controls(), "choice": ["unsure"], "text": ["x" * 201]}
    wrong = service.post(HERE, data)
    assert wrong.status == 422
    assert wrong.title.startswith("Errore:")
    assert "al massimo 200 caratteri: ora sono 201" in wrong.text
    assert wrong.controls() == data
    assert "Grazie" in service.post(HERE, {**wrong.controls(), "text": "x"}).text
    ((*_, stars, choice, text, _),) = table(service)
    assert (stars, choice, text) == (2, "unsure", "x")


def test_six_stars_are_refused_whoever_asks(service):
    mark = feedback.new_mark(service.context, "volontari")
    with pytest.raises(ValueError, match="6 stars"):
        feedback.rate(service.context, "volontari", mark, 6)


def test_a_choice_of_the_other_list_is_none(service, confirmed):
    why = service.post(HERE, {**confirmed.controls(), "stars": "5"})
    service.post(HERE, {**why.controls(), "choice": "technical"})
    (submission,) = table(service)
    assert "technical" not in submission


def test_it_is_asked_at_the_end_only(service):
    citizen = Citizen(service, "volontari", VOLUNTEER)
    assert "Quanto è stato facile" not in citizen.page().text
    citizen.proven()
    assert "Quanto è stato facile" in citizen.page().text
    by_phone = Citizen(service, "ascolto", LISTENING)
    assert "Quanto è stato facile" in by_phone.page().text


def test_staff_read_the_totals_and_the_texts(service, clerk):
    assert "Non ha ancora risposto nessuno" in clerk.get("/staff/pareri").text
    for stars, choice, text in ((5, "clear", ""), (2, "unsure", "Troppo lungo")):
        mark = feedback.new_mark(service.context, "volontari")
        feedback.rate(service.context, "volontari", mark, stars)
        feedback.explain(service.context, "volontari", mark, choice, text)
    page = clerk.get("/staff/pareri").text
    assert "2 risposte, in media 3,5 stelle" in page
    assert "Troppo lungo" in page
    assert HARDEST[2] in page


def test_the_texts_come_in_no_order_of_time(service):
    for number in range(40):
        mark = feedback.new_mark(service.context, "volontari")
        feedback.rate(service.context, "volontari", mark, 3)
        feedback.explain(service.context, "volontari", mark, "", f"{number:02}")
    texts = service.context.store.read(rows.totals)["volontari"].texts
    assert len(texts) == 40
    assert texts != sorted(texts)


def test_each_day_of_feedback_goes_after_its_own_two_years(world):
    for _ in range(3):
        for _ in range(2):
            mark = feedback.new_mark(world.context, "every-type")
            feedback.rate(world.context, "every-type", mark, 4)
        world.clock.advance(days=1)
    world.clock.now = datetime(2032, 3, 3, 9, 0, tzinfo=UTC)
    assert feedback.purge(world.context) == 4
    assert [str(day) for day in world.store.read(rows.days)] == ["2030-03-03"]
    assert world.store.read(rows.totals)["every-type"].number == 2


def test_feedback_goes_after_the_two_years_that_the_notice_promises(service, clock):
    def rate():
        mark = feedback.new_mark(service.context, "volontari")
        feedback.rate(service.context, "volontari", mark, 5)

    rate()
    clock.advance(days=1)
    rate()
    clock.now = datetime(2022, 6, 20, 12, 0, tzinfo=UTC)
    assert feedback.purge(service.context) == 0
    clock.advance(days=1)
    purging.purge(service.context)
    assert [row[-1] for row in table(service)] == ["2020-06-21"]
    clock.advance(days=1)
    assert feedback.purge(service.context) == 1

    translator = Translator("it", service.context.zone)
    content = service.context.content
    notice = full_notice(content.form("volontari"), content.project, translator)
    assert any("per 24 mesi" in line for part in notice for line in part.paragraphs)
