"""The duties of the service: what may be kept, found, remembered; and who is told."""

from http.cookies import SimpleCookie

import pytest

from clerk import VOLUNTEER, prove, send
from forms_service import urls
from forms_service.i18n import Translator
from forms_service.shapes.notice import backup_sentence, retention_sentences
from forms_service.staff_session import STAFF_IDLE, STAFF_LONGEST
from sample_content import SAMPLE
from service import pages_of_repository

FORMS = list(pages_of_repository(SAMPLE).content.forms)
VALUES = {
    "lang": "it",
    "form_id": "volontari",
    "token": "unknown",
    "digest": "older",
    "name": "chrome.css",
    "verb": "accept",
    "submission_id": "unknown",
    "path": "nowhere",
}
# Pages of the site and files: theirs is another file of tests.
NOT_PAGES = ("/", "/<path:path>", urls.STATIC_PATTERN)
# What a POST is answered with: a copy for the history of this browser.
OWN_COPY = "private, max-age=0"
KEPT = {
    ("GET", urls.FORM_PATTERN): "public, max-age=60",
    ("GET", urls.STATE): "public, max-age=30",
}


def asked(service, client):
    """Ask every address of the service once with each method; yield the answers."""
    for rule in service.app.url_map.iter_rules():
        if rule.rule in NOT_PAGES:
            continue
        with service.app.test_request_context():
            names = {name: VALUES.get(name, "1") for name in rule.arguments}
            path = service.app.url_map.bind("localhost").build(rule.endpoint, names)
        for method in sorted(rule.methods - {"HEAD", "OPTIONS"}):
            yield method, rule.rule, client.open(path, method=method)


@pytest.fixture
def signed_in(clerk):
    return clerk.client


@pytest.mark.parametrize("who", ["citizen", "staff"])
def test_p15_no_page_of_the_service_is_kept_or_found_by_search_engines(
    service, signed_in, who
):
    client = signed_in if who == "staff" else service.app.test_client()
    number = 0
    for method, rule, answer in asked(service, client):
        number += 1
        kept = answer.headers.get("Cache-Control", "")
        own = method == "POST" and answer.mimetype == "text/html"
        expected = KEPT.get((method, rule), OWN_COPY if own else "no-store")
        assert expected in kept or answer.status_code == 303, f"{method} {rule}: {kept}"
        if answer.mimetype == "text/html" and answer.status_code != 303:
            found_headers = answer.headers.get("X-Robots-Tag")
            assert found_headers == "noindex", f"{method} {rule}"
    assert number > 40


def test_a_page_with_answers_is_kept_for_nobody_else(service, clerk):
    submission = prove(service, send(service))
    for path in (
        clerk.submission(submission.id),
        clerk.submission(submission.id, "/esito/accept"),
        "/staff/",
        "/staff/registro",
    ):
        answer = clerk.get(path)
        assert answer.status == 200, path
        assert answer.headers["Cache-Control"] == "no-store", path
        assert answer.headers["X-Robots-Tag"] == "noindex", path
    summary = service.post("/moduli/it/volontari/riepilogo", VOLUNTEER)
    assert summary.headers["Cache-Control"] == OWN_COPY


def test_p8_citizens_get_no_cookie_from_any_page(service):
    for method, rule, answer in asked(service, service.app.test_client()):
        if not rule.startswith(urls.STAFF):
            assert "Set-Cookie" not in answer.headers, f"{method} {rule}"


def told_on(page):
    """Return what the page about cookies says, fact by fact."""
    block = page.xpath("//main//h2[.='Cookie']/following-sibling::dl[1]")[0]
    facts = [dd.text_content().strip() for dd in block.xpath(".//dd")]
    assert len(facts) == 4
    return facts


def test_p8_the_cookie_page_names_exactly_the_cookie_that_staff_get(
    start_service, built
):
    name, who, _, how_long = told_on(built.page("/privacy/"))
    service = start_service(base_url="https://we.example")
    answer = service.client.get("/staff/accedi", base_url="https://we.example")
    (header,) = answer.headers.getlist("Set-Cookie")
    (cookie,) = SimpleCookie(header).values()
    assert cookie.key == name == "__Host-staff"
    # For this site only, and until the browser is closed.
    assert not cookie["domain"]
    assert "solo per sé" in who
    assert not cookie["expires"]
    assert not cookie["max-age"]
    assert cookie["secure"]
    assert cookie["httponly"]
    assert f"{STAFF_IDLE.seconds // 60} minuti" in how_long
    assert f"{STAFF_LONGEST.seconds // 3600} ore" in how_long


def test_p8_a_session_ends_when_the_cookie_page_says(service, clerk, clock):
    clock.advance(seconds=STAFF_IDLE.total_seconds() - 61)
    assert clerk.get("/staff/").status == 200
    clock.advance(seconds=STAFF_IDLE.total_seconds())
    assert clerk.get("/staff/").status == 303


def test_the_record_of_processing_tells_all_that_each_form_does(clerk):
    content = pages_of_repository(SAMPLE).content
    translator, page = (
        Translator("it", content.project.zone),
        clerk.get("/staff/registro"),
    )
    for form_id in FORMS:
        (section,) = page.find(f"//section[h2[@id='{form_id}-title']]")
        found_headers = " ".join(section.text_content().split())
        for fact in facts_of(content.form(form_id), content.project, translator):
            assert " ".join(fact.split()) in found_headers, fact


def facts_of(form, project, words):
    return [
        form.title,
        *form.privacy.purposes,
        *form.privacy.recipients,
        *form.privacy.legal_basis.paragraphs,
        *form.page.who.paragraphs,
        *(field.label for field in form.fields if field.purpose),
        *retention_sentences(form, words),
        backup_sentence(project, words),
    ]


def test_the_record_names_who_answers_and_is_for_staff_only(service, clerk):
    text = clerk.get("/staff/registro").text
    assert "Il titolare del trattamento è Associazione Orto Aperto." in text
    assert "Responsabile della protezione dei dati" in text
    assert "da confermare" in text
    assert "TODO" not in text
    assert service.get("/staff/registro").status == 303
    assert clerk.get("/staff/").find("//a[@href='/staff/registro']")


def test_p10_every_page_of_the_service_carries_the_funding_and_legal_links(service):
    for path in ("/moduli/it/volontari", "/moduli/it/barriere", "/staff/accedi"):
        page = service.get(path)
        assert (
            service.context.content.project.funding.sentence in page.html.text_content()
        )
        for mark in ("privacy-policy-link", "accessibility-link", "legal-notes"):
            assert page.find(f"//footer//a[@data-element='{mark}']"), path
        (report,) = page.find("//footer//a[@data-element='report-inefficiency']")
        assert report.text == "Segnalazione disservizio"


@pytest.mark.parametrize("form_id", FORMS)
def test_p5_the_notice_stands_before_the_button_of_each_form(service, form_id):
    page = service.get(f"/moduli/it/{form_id}")
    if not page.find("//main//form"):
        return
    order = page.find("//*[@id='privacy-notice'] | //main//form//button")
    assert order[-1].tag == "button"
    assert any(item.get("id") == "privacy-notice" for item in order)
    assert page.find("//main//form//a[contains(@href,'/privacy/')]")
