"""The duties of a public body that this project's own texts carry out."""

import pytest

import national_audits as audits
from forms_service.proofreading.translations import production_problems
from service import pages_of_repository
from this_project.conftest import CONTENT


@pytest.fixture(scope="module")
def pages():
    return pages_of_repository(CONTENT)


def text(pages, name):
    """Return what an Italian page says, as it is written."""
    return (pages.content.folder / "it" / f"{name}.md").read_text(encoding="utf-8")


def test_p2_without_an_official_statement_the_page_says_that_there_is_none(pages):
    shown = text(pages, "accessibilita")
    assert "Per questo sito non c’è ancora, perché è una dimostrazione." in shown
    assert "form.agid.gov.it" not in shown


def test_p2_nothing_is_claimed_that_no_person_has_assessed(pages):
    shown = text(pages, "accessibilita").casefold()
    assert "nessuna persona ha provato" in shown
    for claim in ("conforme", "rispetta le wcag", "rispettiamo", "accessibile a tutti"):
        assert claim not in shown, claim


def test_p3_an_obstacle_can_be_reported_and_then_taken_to_the_ombudsman(pages):
    shown = text(pages, "accessibilita")
    assert "](form:sito-accessibile)" in shown
    assert "](https://www.agid.gov.it/)" in shown
    assert "Difensore civico per il digitale" in shown


def test_p6_the_privacy_page_names_officer_and_the_form_of_the_rights(pages):
    assert "privacy" in pages.content.project.footer
    shown = text(pages, "privacy")
    assert "Responsabile della protezione dei dati (RPD o DPO)" in shown
    assert "](form:tuoi-dati)" in shown


def test_p9_what_is_not_known_of_the_body_is_said_not_invented(pages):
    project = pages.content.project
    assert project.owner.name == "Coeso Società della Salute"
    assert {problem.path for problem in production_problems(pages.content)} >= {
        "authorised_by",
        "contacts.email",
        "contacts.phone",
        "contacts.pec",
        "owner.tax_code",
        "privacy.dpo_contact",
    }


@pytest.mark.slow
def test_the_open_licence_is_there_word_for_word(built_in_all):
    page = built_in_all.page("/note-legali/")
    assert audits.licence(page) == []
