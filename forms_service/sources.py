"""Everything the site is made from, read at once: `check` and the build begin here.

So one run tells every mistake of every file, and what one of the two refuses the other
refuses as well.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .clock import system_clock
from .config import Config, ConfigError
from .content import Content, Project
from .content.files import misplaced
from .content.loading import read_content
from .content.page_reading import read_pages
from .content.pages import Pages
from .content.strict_yaml import reopened
from .definition.form import FormDefinition
from .definition.problems import ContentError, Problem
from .definition.texts import Text
from .i18n import TRANSLATIONS
from .proofreading.catalogues import catalogue_problems
from .proofreading.translations import FIELD, texts_of
from .shapes.pdf.font_coverage import known_letters


@dataclass(frozen=True, slots=True)
class Sources:
    """What was read, and every problem of it; with one, nothing may be made from it."""

    pages: Pages | None
    now: datetime
    problems: tuple[Problem, ...]

    @property
    def sound(self) -> Pages:
        """The pages, with all content; raise `ContentError` with every problem."""
        if self.pages is None or self.problems:
            raise ContentError(self.problems)
        return self.pages


def read_sources(
    config: Config, translations: Path = TRANSLATIONS, sound: Content | None = None
) -> Sources:
    """Read the content folder; raise `ConfigError` for an unusable SITE_NOW.

    Where `sound` content has not changed since it was read, only the pages are read.
    """
    content, problems = (sound, []) if sound else read_content(config.content_dir)
    if content is None:
        return Sources(None, system_clock(), tuple(problems))
    now = _moment(config, content.project)
    today = now.astimezone(content.project.zone).date()
    pages, wrong = read_pages(content, today)
    problems += wrong
    if not sound:
        problems += misplaced(content)
        problems += catalogue_problems(translations, content.project.languages)
        problems += _undrawable(content)
    return Sources(pages, now, tuple(dict.fromkeys(problems)))


def _moment(config: Config, project: Project) -> datetime:
    """Return the moment of a preview, or now."""
    if not config.site_now:
        return system_clock()
    try:
        local = datetime.fromisoformat(config.site_now)
    except ValueError as error:
        raise ConfigError("SITE_NOW: write it as 2020-06-25T10:00") from error
    return local.replace(tzinfo=local.tzinfo or project.zone).astimezone(UTC)


def _undrawable(content: Content) -> Iterator[Problem]:
    """Yield the texts of the paper forms with letters that no font of theirs has."""
    main, known = content.main_language, known_letters()
    for form_id, languages in content.forms.items():
        for lang, form in languages.items():
            name = f"{form_id}.yml" if lang == main else f"{form_id}.{lang}.yml"
            problems = None
            for path, text in _printed(form):
                if text.lang == lang and not known.issuperset(text):
                    letters = " ".join(sorted(set(text) - known))
                    file = content.folder / "forms" / name
                    problems = problems or reopened(file, content.folder)
                    problems.add(
                        FIELD.sub("fields.", path),
                        f"the PDF cannot show {letters}: no font in shapes/fonts has "
                        "it. Write it in other letters, or add them to subset.sh",
                    )
            yield from problems.found if problems else ()


def _printed(form: FormDefinition) -> Iterator[tuple[str, Text]]:
    """Yield the texts of a form but those of its mails, by their path."""
    for path, text in texts_of(form):
        if not path.startswith("texts."):
            yield path, text
