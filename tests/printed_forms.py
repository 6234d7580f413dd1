"""Printed forms for the tests: each one is built once a run, when first asked."""

import fcntl
from collections.abc import Iterator
from functools import cache
from hashlib import sha256
from pathlib import Path

import pytest

from forms_service.content import Content, load_content
from forms_service.definition import FormDefinition
from forms_service.i18n import Translator
from forms_service.shapes.pdf.blank import blank_pdf
from forms_service.shapes.pdf.paper import Edition
from sample_content import OTHER, ROOT, SAMPLE

BASE_URL = "https://forms.example.org"

Key = tuple[Path, str, str]
EVERY: Key = (SAMPLE, "every-type", "it")
EVERY_EN: Key = (SAMPLE, "every-type", "en")


@cache
def content(folder: Path) -> Content:
    """Read a content folder of the repository."""
    return load_content(folder)


def editions() -> list[Key]:
    """Name every form of every content folder in every language it has."""

    def found() -> Iterator[Key]:
        for folder in (ROOT / "content", SAMPLE, OTHER):
            for form_id, languages in content(folder).forms.items():
                for lang in languages:
                    yield folder, form_id, lang

    return list(found())


def named(key: Key) -> str:
    """Return what a test is called that looks at a printed form."""
    folder, form_id, lang = key
    return f"{folder.name}-{form_id}-{lang}"


def editions_with(*sample: Key) -> pytest.MarkDecorator:
    """Run a test on every edition, in the short run only on a sample."""
    known = editions()
    return pytest.mark.parametrize(
        "key",
        [
            pytest.param(key, marks=() if key in sample else pytest.mark.slow)
            for key in known
        ],
        ids=named,
    )


# To print the rest takes minutes.
every_edition = editions_with(EVERY, (SAMPLE, "volontari", "ar"))


@cache
def edition(key: Key) -> Edition:
    """Return a form with project and words in its language."""
    folder, form_id, lang = key
    read = content(folder)
    project = read.projects.get(lang, read.project)
    return Edition(read.form(form_id, lang), project, Translator(lang, project.zone))


def form_of(key: Key) -> FormDefinition:
    """Return the definition behind a PDF."""
    return edition(key).form


def build(key: Key, closed: bool = False) -> bytes:
    """Print a form as the site does."""
    folder, form_id, _ = key
    main = content(folder).main_language
    mine = edition(key)
    return blank_pdf(
        mine.form,
        mine.project,
        mine.translator,
        BASE_URL,
        closed,
        prevailing=edition((folder, form_id, main)),
        folder=folder,
    )


# A folder for all workers of a run; until it is known each builds its own.
shelf: Path | None = None


@cache
def pdf(key: Key) -> bytes:
    """Return the printed form, built once."""
    if shelf is None:
        return build(key)
    file = shelf / f"{sha256(repr(key).encode()).hexdigest()[:16]}.pdf"
    with file.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not file.exists():
            file.write_bytes(build(key))
    return file.read_bytes()
