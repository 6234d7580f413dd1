"""Translations: who checked them, which original they say, and what they leave out."""

from pathlib import Path

import pytest

from forms_service.content import load_content
from forms_service.content.page_reading import load_pages
from forms_service.definition import ContentError
from forms_service.proofreading.translations import (
    late_translations,
    production_problems,
)
from sample_content import copied, every_type, problems_of

FORM, ENGLISH = "forms/every-type.yml", "forms/every-type.en.yml"
REVIEWED = 'reviewed_by: ""\nreviewed_on: null'
CHECKED = "reviewed_by: Ann\nreviewed_on: 2030-01-20"


def late(folder: Path) -> list[str]:
    """Return what is late in a folder, without the folder's own name."""
    content = load_content(folder)
    found = late_translations(content, load_pages(content))
    return [str(finding).removeprefix(f"{folder.name}/") for finding in found]


def up_to_date(tmp_path: Path) -> Path:
    """Copy the content with every translation said to be of today's original."""
    folder = copied(tmp_path)
    for problem in late(folder):
        name, key, advice = problem.split(": ", 2)
        if key == "of":
            file, of = folder / name, f"of: {advice.rpartition(' ')[2]}\n"
            text = file.read_text("utf-8")
            start = "---\n" if file.suffix == ".md" else ""
            file.write_text(start + of + text.removeprefix(start), "utf-8")
    return folder


def test_a_translation_that_says_nothing_of_its_original_is_told(
    tmp_path: Path,
) -> None:
    problem = [line for line in late(copied(tmp_path)) if ": of: " in line]
    assert [line.partition(":")[0] for line in problem] == [
        "project.en.yml",
        "forms/every-type.en.yml",
        "events/incontro.en.yml",
        "en/index.md",
    ]
    assert "translates content/forms/every-type.yml: compare the two" in problem[1]
    assert not [line for line in late(up_to_date(tmp_path)) if ": of: " in line]


@pytest.mark.parametrize(
    ("original", "old", "new", "translation"),
    [
        (FORM, "label: Telefono", "label: Cellulare", ENGLISH),
        (FORM, "altro: Un altro paese", "altro: Altrove", ENGLISH),
        ("events/incontro.yml", "title: Domande", "title: Risposte",
         "events/incontro.en.yml"),
        ("project.yml", "text: Allo", "text: Presso lo", "project.en.yml"),
        ("it/index.md", "title: ", "title: Nuovo ", "en/index.md"),
    ],
)  # fmt: skip
def test_a_correction_of_the_original_is_told_of_its_translation(
    tmp_path: Path, original: str, old: str, new: str, translation: str
) -> None:
    before = late(up_to_date(tmp_path))
    (problem,) = set(late(copied(tmp_path, (original, old, new)))) - set(before)
    assert problem.startswith(
        f"{translation}: of: content/{original} has changed: compare the two, then "
        "write  of: "
    )


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        (FORM, "opens: 2030-02-01", "opens: 2030-02-02"),
        (FORM, "required: true", "required: false"),
        ("data/paesi.csv", "Esempio a Mare", "Esempio al Mare"),
        ("it/index.md", "updated: 20", "updated: 19"),
    ],
)
def test_what_nobody_translates_makes_no_translation_old(
    tmp_path: Path, name: str, old: str, new: str
) -> None:
    before = late(up_to_date(tmp_path))
    assert late(copied(tmp_path, (name, old, new))) == before


def test_a_text_that_is_missing_is_told_with_file_and_key(tmp_path: Path) -> None:
    before = late(copied(tmp_path))
    untranslated = "not translated: readers see it in “it”"
    assert f"{ENGLISH}: fields.nome.hint: {untranslated}" in before
    assert not any("choices.mare" in line for line in before), "lists hold names"
    after = late(copied(tmp_path, (ENGLISH, "altro: Another village", "")))
    (more,) = set(after) - set(before)
    assert more == f"{ENGLISH}: fields.paese.choices.altro: {untranslated}"


@pytest.mark.parametrize(
    ("new", "problem"),
    [
        ("of: 1234", "of: write the eight characters that `check` names, or nothing"),
        ("reviewed_by: Ann", "reviewed_on: write the day on which it was checked"),
        ("reviewed_on: 2030-01-20", "reviewed_by: write who has checked it"),
    ],
)
def test_half_a_review_is_a_mistake(tmp_path: Path, new: str, problem: str) -> None:
    folder = copied(tmp_path, (ENGLISH, REVIEWED, new))
    assert problems_of(folder) == [f"content/{ENGLISH}: {problem}"]


def test_an_original_has_no_review(tmp_path: Path) -> None:
    page = copied(tmp_path, ("it/index.md", "title: ", f"{CHECKED}\ntitle: "))
    content = load_content(page)
    with pytest.raises(ContentError, match="unknown key"):
        load_pages(content)


def test_a_translation_waits_for_its_review_until_somebody_signs_it(
    tmp_path: Path,
) -> None:
    assert every_type().form("every-type", "en").review.pending
    content = load_content(copied(tmp_path, (ENGLISH, REVIEWED, CHECKED)))
    assert not content.form("every-type", "en").review.pending
    assert content.form("every-type", "en").review.by == "Ann"


def refused(folder: Path) -> list[str]:
    """Return the files that production refuses for want of a review."""
    found = production_problems(load_content(folder))
    return [finding.file for finding in found if finding.path == "reviewed_by"]


def test_production_refuses_forms_that_nobody_has_checked(tmp_path: Path) -> None:
    assert refused(copied(tmp_path)) == ["content/forms/*.en.yml"]
    allowed = copied(
        tmp_path, ("project.yml", "country:", "allow_unreviewed: true\ncountry:")
    )
    assert refused(allowed) == []


def test_production_takes_forms_that_somebody_has_checked(tmp_path: Path) -> None:
    assert refused(copied(tmp_path, (ENGLISH, REVIEWED, CHECKED))) == []
