"""“Tuesday morning, Arabic, Grosseto” at the desk; a member's page in a browser."""

import pytest

from clerk import CARLA, PASSWORD, join, prove, send
from forms_service.mail import kinds
from forms_service.store import queue, submissions
from forms_service.store.events import EventVerb
from forms_service.store.filters import Chosen, Filter
from forms_service.workflow import deciding, mail_delivery, reminding
from this_project.conftest import CONTENT

pytest_plugins = ["clerk"]

MINIMUM = {
    "telefono": "+39 333 4400003",
    "aree": ["sociale"],
    "maggiorenne": "true",
    "idoneita": "true",
    "presa_visione_privacy": "true",
}
WANTED = ("comune:grosseto", "lingue:arabo", "giorni:martedi", "fasce:mattina")


def members(service):
    """Take in people who offer all of it, all but one thing, and less."""
    offers = dict(each.split(":") for each in WANTED)
    other = dict(zip(offers, ("follonica", "rumeno", "sabato", "sera"), strict=True))
    taken = []
    for number in range(24):
        # In binary: which of the four they offer.
        given = {
            field: offers[field] if number >> place & 1 else other[field]
            for place, field in enumerate(offers)
        }
        typed = {k: v if k == "comune" else [v] for k, v in given.items()}
        email = f"p{number}@example.org"
        row = send(
            service, "albo", nome_completo=f"P{number}", email=email, **MINIMUM, **typed
        )
        prove(service, row)
        deciding.decide(service.context, row.id, EventVerb.ACCEPT, "staff:1")
        taken.append(row)
    return taken


@pytest.mark.slow
@pytest.mark.engine("sqlite")
@pytest.mark.parametrize("script", [True, False])
def test_who_helps_on_a_morning_is_found_in_six_clicks(
    start_service, new_page, axe, script
):
    service = start_service(CONTENT)
    join(service.context)
    taken = members(service)
    page = new_page(viewport={"width": 1280, "height": 900}, java_script_enabled=script)
    page.goto(f"{service.address}/staff/")
    page.get_by_label("Indirizzo email").fill(CARLA)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Accedi").click()

    page.get_by_role("link", name="Albo", exact=True).click()
    for label in ("Grosseto", "Arabo", "Martedì", "Mattina"):
        page.get_by_label(label, exact=True).check()
    button = page.get_by_role("main").get_by_role("button", name="Cerca", exact=True)
    assert button.bounding_box()["y"] < 850, "in view"
    button.click()
    page.wait_for_load_state()

    hits, near = page.locator("ul.hits").all()
    names = [who.inner_text() for who in hits.locator(".hit__who a:first-child").all()]
    chosen = [Chosen(*each.split(":")) for each in WANTED]
    answers = tuple(
        Chosen(each.field, (each.values,), each.field != "comune") for each in chosen
    )
    exported = Filter("albo", "accepted", answers=answers, oldest_first=True)
    listed = service.context.store.read(lambda db: queue.queue(db, exported, 99))
    assert names == [row.name for row in listed] == ["P15"]
    assert near.locator("li").count() == 5
    assert near.get_by_text("Manca:").count() == 5
    assert "martedì sì, mattina sì: chiedi se insieme" in hits.inner_text()
    if script:
        assert axe(page) == []
    stay_in_every_language(service, new_page, axe if script else None, taken[0])


def stay_in_every_language(service, new_page, axe, row):
    """Look at the page that asks whether one stays, and press its button."""
    service.clock.advance(days=365)
    reminding.announce(service.context)
    row = service.context.store.read(lambda db: submissions.get(db, row.id))
    link = mail_delivery.link_for(service.context, row, kinds.renewal)
    page = new_page(
        viewport={"width": 360, "height": 740}, java_script_enabled=axe is not None
    )
    for lang in service.context.content.project.languages:
        page.goto(f"{service.address}{link}?lang={lang}")
        assert page.locator("html").get_attribute("lang") == lang
        if axe:
            assert axe(page) == [], lang
    with page.expect_navigation():
        page.locator("main form button").first.click()
    assert page.locator("main form").count() == 0
    assert service.context.store.read(lambda db: submissions.get(db, row.id)).renewed_at
