"""The project's own texts: plain, in time, translated, kept as the forms promise."""

import re
from datetime import date

import pytest

from service import pages_of_repository
from test_deploy import BACKUPS_DAYS
from test_duties_checklist import section
from test_i18n import STRANGE
from test_proofreading import found
from test_translations import late
from this_project.conftest import CONTENT


@pytest.fixture(scope="module")
def pages():
    return pages_of_repository(CONTENT)


def test_they_are_plain_and_in_time():
    assert found(CONTENT, date(2026, 11, 22)) == []


def test_the_translations_are_complete_and_up_to_date():
    assert late(CONTENT) == []


def test_every_page_is_read_in_each_language(pages):
    assert set(pages.by_language) == {"it", "en", "ro", "sq", "uk", "ar", "fr"}
    assert pages.page("index", "it").hero.action.to == "form:albo"
    assert pages.alternatives("azioni") == {"it": "/azioni/", "en": "/en/azioni/"}


def test_copies_are_kept_as_long_as_the_notice_says(pages):
    assert pages.content.project.privacy.backups_days == BACKUPS_DAYS


def test_the_readme_names_what_is_there():
    readme = (CONTENT.parent / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"`content/([\w./-]+)`", readme)
    assert named
    assert [name for name in named if not (CONTENT / name).exists()] == []


def test_nothing_is_claimed_before_somebody_signed():
    signed = [line for line in section("Signed").splitlines()[4:] if line]
    people = [line.split("|")[3].strip() for line in signed]
    page = (CONTENT / "it" / "accessibilita.md").read_text(encoding="utf-8")
    assert any(people) or "nessuno ha ancora controllato" in page


@pytest.mark.parametrize(("lang", "strange", "example"), STRANGE)
def test_a_translation_has_the_marks_of_its_language(lang, strange, example):
    assert re.search(strange, example)
    files = [*CONTENT.glob(f"{lang}/*.md"), *CONTENT.glob(f"**/*.{lang}.yml")]
    assert files
    said = [line for file in files for line in file.read_text("utf-8").splitlines()]
    assert [line for line in said if re.search(strange, line)] == []
