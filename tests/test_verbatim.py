"""Names, numbers, addresses and codes are marked: no browser translates them."""

from dataclasses import replace

import pytest
from lxml import html
from markupsafe import Markup

from citizen import VOLUNTEER, Citizen
from clerk import decision
from forms_service.content import load_content
from forms_service.definition import Text
from forms_service.i18n import Translator
from forms_service.mail.compose import compose
from forms_service.shapes.chrome import marked, marked_contacts, verbatim
from sample_content import SAMPLE
from service import translatable

TYPED = {
    **VOLUNTEER,
    "nome_completo": "Rosa Neri",
    "email": "rosa.neri@example.org",
    "telefono": "+39 0564 484111",
}
PHONE = "0564 484111"


@pytest.fixture
def rosa(service):
    """Rosa Neri, whose name is a flower and a colour."""
    return Citizen(service, "volontari", TYPED)


def outside(page, rosa):
    """Return what of Rosa on a page may be translated, and that something is there."""
    values = ["Rosa Neri", "rosa.neri@", PHONE, rosa.row.reference]
    shown = [value for value in values if value in page.xpath("string(//body)")]
    assert shown, "nothing of Rosa is on this page: it proves nothing"
    return {value: found for value in shown if (found := translatable(page, value))}


def test_a_value_outside_is_found():
    page = html.document_fromstring(
        "<body><p>Rosa Neri <b translate=no>Rosa <i>Neri</i></b></p>"
        "<textarea>Rosa Neri</textarea></body>"
    )
    assert translatable(page, "Rosa Neri") == ["Rosa Neri"]
    assert translatable(page, "Bruno") == []


def test_on_no_page_of_a_citizen_a_name_or_number_may_be_translated(service, rosa):
    summary = service.post("/moduli/it/volontari/riepilogo", TYPED)
    sent = rosa.page()
    link, reference = rosa.proven().link, rosa.row.reference
    code = rosa.code(link)
    answers = service.post(f"{link}/risposte", {"code": code})
    for page in (summary, sent, rosa.page(), service.get(link), answers):
        assert outside(page.html, rosa) == {}
    last = service.post(f"{link}/cancella/conferma", {"code": code})
    assert translatable(last.html, reference) == []
    assert reference in last.text


def test_on_no_page_of_staff_a_name_or_number_may_be_translated(service, clerk, rosa):
    rosa.proven()
    other = Citizen(service, "volontari", {**TYPED, "competenze": "Altro"})
    other.proven()
    pages = [
        clerk.get("/staff/"),
        clerk.get(clerk.submission(rosa.id)),
        decision(clerk, rosa.row, "accept"),
        decision(clerk, rosa.row, "decline"),
        decision(clerk, rosa.row, "ask_correction"),
    ]
    for page in pages:
        assert outside(page.html, rosa) == {}
        assert translatable(page.html, clerk.email) == []
        assert translatable(page.html, other.row.reference) == []


def test_in_no_mail_a_number_or_code_may_be_translated(rosa):
    first = rosa.take_mail()
    rosa.service.post(f"{first.link}/conferma")
    receipt = rosa.take_mail()
    rosa.service.post(f"{receipt.link}/codice")
    for message in first, receipt, rosa.take_mail():
        mail = compose(message, "moduli@example.org", rosa.service.clock())
        body = html.document_fromstring(
            mail.get_body(("html",)).get_content()  # type: ignore[union-attr]
        )
        words = body.xpath("string(//body)")
        shown = [v for v in (message.reference, message.code) if v and v in words]
        assert shown or message.link in words
        for value in (*shown, "://", "@"):
            assert translatable(body, value) == []


def test_html_in_a_sentence_stays_html_and_everything_else_is_escaped():
    words = Translator("en", load_content(SAMPLE).project.zone)
    said = words.gettext("{a} and {b}", a=verbatim("<b>"), b="<i>")
    assert said == '<bdi translate="no">&lt;b&gt;</bdi> and &lt;i&gt;'
    assert isinstance(said, Markup)
    assert not isinstance(words.gettext("{b}", b="<i>"), Markup)
    assert verbatim("") == ""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Write to a@b.it.", 'Write to <bdi translate="no" dir="ltr">a@b.it</bdi>.'),
        ("“a@b.it”", '“<bdi translate="no" dir="ltr">a@b.it</bdi>”'),
        ("<a@b.it>", '&lt;<bdi translate="no" dir="ltr">a@b.it</bdi>&gt;'),
        ("4 @ 5", "4 @ 5"),
    ],
)
def test_an_address_in_a_text_is_marked(text, expected):
    assert marked(text, "en") == expected


@pytest.mark.parametrize("post", ["Via Rosa 1, Monte", ""])
def test_contacts_in_a_text_are_marked_and_missing_ones_are_words(post):
    project = load_content(SAMPLE).project
    project = replace(project, contacts=replace(project.contacts, post=post))
    text = Text("By post: {contacts.post}", "en")
    said = marked_contacts(text, project, Translator("en", project.zone))
    there = '<bdi translate="no">Via Rosa 1, Monte</bdi>'
    assert said == f"By post: {there if post else 'to be confirmed'}"
