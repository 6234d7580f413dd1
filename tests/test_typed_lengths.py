"""A text that is too long is told by both numbers, and comes back whole."""

import re

import pytest
from lxml import html

from citizen import VOLUNTEER, Citizen
from clerk import decision, prove, row, send
from conftest import ROOT
from forms_service.definition import Channel, type_of
from sample_content import SAMPLE
from service import faults
from test_public_upload import bring, draft, in_spring

LONG = "parola " * 1428 + "fine"
SOURCES = [ROOT / "forms_service", ROOT / "site"]
CUTS = re.compile(r"maxlength\s*=|\.maxLength\b|\bLength\(|\.MaxLen\b")


def test_no_source_tells_a_browser_or_a_viewer_to_cut():
    files = [
        file
        for folder in SOURCES
        for ending in ("html", "js", "py")
        for file in folder.rglob(f"*.{ending}")
    ]
    assert len(files) > 200
    assert [file for file in files if CUTS.search(file.read_text("utf-8"))] == []


def test_what_cuts_is_noticed():
    box = '<textarea maxlength="600"></textarea>'
    page = html.document_fromstring(f"<html lang=it><h1>x</h1>{box}")
    assert faults(page) == ["maxlength, which cuts pasted text without a word"]
    for cut in (box, "box.maxLength = 5", "[Length(max=5)]", "box.MaxLen = 5"):
        assert CUTS.search(cut)


def written(form, channel):
    """Return the boxes for words of a form: the control, and how much it takes."""
    return {
        field.id: type_of(field).most(field)
        for field in form.at(channel)
        if type_of(field).name in ("text", "textarea")
    }


def kept(page, control):
    """Return what a box holds."""
    (box,) = page.find(f"//*[@name='{control}'][not(@type='hidden')]")
    return box.get("value") or box.text_content().removeprefix("\n")


def whole(page, boxes):
    """Say of each box that both numbers are told and everything is in it."""
    assert page.status in (200, 422)
    for control, most in boxes.items():
        shown = f"al massimo {most} caratteri: ora sono {len(LONG)}"
        (error,) = page.find(f"//*[@id='{control}-error']")
        assert shown in error.text_content(), control
        assert kept(page, control) == LONG


@pytest.fixture
def service(start_service):
    """A service whose form of every type is open."""
    return in_spring(start_service(SAMPLE))


@pytest.mark.parametrize("form_id", ["volontari", "every-type", "ascolto"])
def test_a_form_gives_long_words_back(service, form_id):
    boxes = written(service.context.content.form(form_id), Channel.WEB)
    typed = dict.fromkeys(boxes, LONG) | {"paese": "altro"}
    page = service.post(f"/moduli/it/{form_id}/riepilogo", typed)
    asked = {id_: n for id_, n in boxes.items() if page.find(f"//*[@id='{id_}-error']")}
    assert len(asked) >= 2
    whole(page, asked)
    assert {kept(page, id_) for id_ in boxes} == {LONG}


def test_a_correction_gives_long_words_back(service):
    ours = Citizen(service, "volontari", VOLUNTEER)
    link = ours.proven().link
    form = service.post(f"{link}/correggi", {"code": ours.code(link)})
    boxes = written(service.context.content.form("volontari"), Channel.WEB)
    typed = form.controls() | dict.fromkeys(boxes, LONG)
    whole(service.post(f"{link}/correggi/riepilogo", typed), boxes)


def test_the_desk_gives_long_words_back(service, clerk):
    boxes = written(service.context.content.form("volontari"), Channel.DESK)
    page = clerk.get("/staff/inserisci/volontari")
    whole(clerk.send(page, "/volontari", **dict.fromkeys(boxes, LONG)), boxes)


def test_the_boxes_of_staff_give_long_words_back(service, clerk):
    submission = prove(service, send(service))
    page = clerk.get(clerk.submission(submission.id))
    whole(clerk.send(page, "/nota", text=LONG), {"text": 2000})
    page = decision(clerk, submission, "decline")
    whole(clerk.send(page, "/decline", motivo=LONG), {"motivo": 2000})
    found = clerk.find(LONG)
    whole(found, {"testo": 100})
    assert submission.name not in found.text
    assert [r for r in service.rows() if r[0] == "notes"] == []
    assert row(service, submission).status == "new"


def test_an_opinion_is_given_back(service):
    citizen = Citizen(service, "volontari", VOLUNTEER)
    citizen.proven()
    why = service.press(citizen.page(), "Invia", stars="2")
    whole(service.press(why, "Invia", text=LONG), {"text": 200})


def test_a_pdf_brought_back_tells_both_numbers_and_keeps_every_word(service):
    boxes = {"nome": 150, "note": 1000}
    page = bring(service, draft(**{name: [LONG] for name in boxes}))
    whole(page, boxes)
    # What is not filled in yet is no mistake.
    page = bring(service, draft(nome=[], note=["Due parole."]))
    assert not page.find("//*[@class='error-summary']")
