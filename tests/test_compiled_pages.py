"""A page that is filled from segments is the page that its template draws."""

import re

import pytest
from markupsafe import Markup

from citizen import LISTENING, VOLUNTEER, Citizen
from forms_service.mail import kinds
from forms_service.shapes.html import Segments, slot
from forms_service.web.app import create_app
from forms_service.workflow import mail_delivery
from sample_content import SAMPLE
from service import pages_of_repository

# What is new on each page, whoever draws it.
NEW = re.compile(r'(?<=name="mark" value=")[^"]+|(?<=name="form-key" value=")[^"]+')


@pytest.fixture
def drawn(service):
    """The same service with every page drawn from its template."""
    app = create_app(
        service.context, service.config, pages_of_repository(SAMPLE), compiled=False
    )
    return app.test_client()


@pytest.fixture
def same(service, drawn):
    """Ask both for an address, and return the page that both answer with."""

    def ask(path, data=None, status=200):
        clients = (service.client, drawn)
        if data is None:
            answers = [client.get(path) for client in clients]
        else:
            answers = [client.post(path, data=data) for client in clients]
        codes = {answer.status_code for answer in answers}
        assert len(codes) == 1
        assert status in (None, *codes)
        filled, whole = (NEW.sub("", answer.text) for answer in answers)
        assert filled == whole
        return filled

    return ask


def in_all_languages(same, path, number=3):
    pages = [same(path)]
    others = re.findall(r'<a href="([^"]+)" lang="\w+" hreflang', pages[0])
    assert len({same(other) for other in others} | set(pages)) == number


def send(service, number, form_id="volontari", **typed):
    service.client.environ_base["REMOTE_ADDR"] = f"10.0.{number}.9"
    return Citizen(service, form_id, typed)


def test_a_slot_is_filled_with_what_is_escaped_already():
    html = Markup("<b>&amp;</b>")
    assert isinstance(slot("a", html), Markup)
    segments = Segments.of(f"<p>{slot('a')}, {slot('b')}, {slot('a')}</p>")
    assert segments.fill({"a": html, "b": ""}) == f"<p>{html}, , {html}</p>"


def test_the_pages_before_a_proof(service, same):
    for number, mailbox in enumerate(("a@example.org", "o'brien+x@example.org")):
        sent = send(service, number, **VOLUNTEER | {"email": mailbox})
        in_all_languages(same, sent.here)
        in_all_languages(same, sent.take_mail().link)
        assert "rimandato" in same(f"{sent.here}/rimanda", {})
        same(f"{sent.here}/indirizzo", {"email": mailbox})
        service.context.store.write(
            lambda db, row=sent.id: db.execute(
                "UPDATE submissions SET link_tries = 5, address_changes = 2"
                " WHERE id = ?",
                [row],
            )
        )
        in_all_languages(same, sent.here)


def test_a_mail_that_never_leaves(service, same):
    refused = send(service, 2, **VOLUNTEER | {"email": "b@example.org"})
    mail = mail_delivery.claim(service.context)
    mail_delivery.report_failure(service.context, mail, "550 5.1.1", permanent=True)
    assert '<details class="more" id="address" open>' in same(refused.here)


def test_the_pages_after_a_proof(service, drawn, same):
    pages = []
    for number, client in enumerate((service.client, drawn, service.client)):
        sent = send(service, number, **VOLUNTEER)
        link = sent.mailbox.take(kinds.verify).link
        page = client.post(f"{link}/conferma", data={})
        pages.append(NEW.sub("", page.text).replace(sent.row.reference, "REFERENCE"))
        pages[-1] = pages[-1].replace(link, "LINK")
        in_all_languages(same, sent.here)
    assert pages[0] == pages[1] == pages[2]
    assert "REFERENCE" in pages[0]


def test_the_page_of_who_left_a_phone_number_only(caller, same):
    in_all_languages(same, caller.here)
    assert LISTENING["nome_completo"] not in same(caller.here)


TYPED = (
    VOLUNTEER,
    {},
    VOLUNTEER | {"email": "anh@", "comune": "Atlantide", "telefono": "<b>"},
    VOLUNTEER | {"email": "", "form-origin": "not ours", "competenze": "x" * 9000},
)


@pytest.mark.parametrize("path", ["/moduli/it/volontari", "/moduli/ar/volontari"])
def test_a_form_that_somebody_has_filled_in(same, path):
    for typed in TYPED:
        same(path, typed, 200)
        same(f"{path}/riepilogo", typed, None)


def test_a_form_that_is_closed_gives_back_what_was_typed(same, clock):
    for path in ("/moduli/it/corso", "/moduli/en/corso"):
        same(path, {"nome_completo": "Ánh"}, 200)
        same(f"{path}/riepilogo", {"nome_completo": "Ánh"}, None)
