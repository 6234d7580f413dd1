"""An edit on its page in less than a second: only pages whose text changed are made.

What hangs on the whole site (PDFs, search, site map) is left to the build that runs
behind it.
"""

import os
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from forms_service import urls
from forms_service.config import Config
from forms_service.content.pages import Page
from freshness import RECORD, outdate
from plan import Plan, SitePage, make_plan
from stage import texts

MKDOCS = Path(__file__).resolve().parent.parent / "mkdocs.yml"


class IncrementalBuild:
    """Makes pages of a site that was built before."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._plan: Plan | None = None
        self._known: dict[str, dict[str, str]] = {}

    def refresh(self, edited: Iterable[Path]) -> None:
        """Make the pages that changed with the edited files; the first time only look.

        Raise what a build raises for a mistake.
        """
        if any(file.suffix != ".md" for file in edited):
            self._plan = None
        sound = self._plan.content if self._plan else None
        plan = make_plan(self.config, sound)
        plan = replace(plan, pdfs=self._pdfs(plan))
        changed = []
        for lang in _changed_languages(self._plan, plan):
            found, known = list(texts(plan, lang)), self._known.get(lang, {})
            changed += [it for it in found if known.get(it[0].url, it[1]) != it[1]]
            self._known[lang] = {page.url: text for page, text in found}
        if changed:
            self._make(changed)
        self._plan = plan

    def _pdfs(self, plan: Plan) -> dict[tuple[str, str], bytes]:
        """Return the PDFs of the last build."""
        files = {
            (form_id, lang): self.config.site_dir / urls.form_pdf(form_id, lang)[1:]
            for form_id, languages in plan.content.forms.items()
            for lang in languages
        }
        return {key: file.read_bytes() for key, file in files.items() if file.is_file()}

    def _make(self, pages: list[tuple[SitePage, str]]) -> None:
        """Make pages and lay them into the built site."""
        with TemporaryDirectory() as folder:
            work = Path(folder)
            for page, text in pages:
                source = work / "docs" / page.lang / f"{page.name}.md"
                source.parent.mkdir(parents=True, exist_ok=True)
                source.write_text(text, encoding="utf-8")
            run_mkdocs(work)
            outdate(self.config.site_dir / RECORD)
            for page, _ in pages:
                made = work / "site" / page.lang / page.made_file
                target = self.config.site_dir / page.file
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(made.read_bytes())
                for packed in (".gz", ".br"):
                    target.with_name(target.name + packed).unlink(missing_ok=True)


def _changed_languages(before: Plan | None, plan: Plan) -> list[str]:
    """Return the languages with a page that may say something else than before.

    What else stands in a file than its text is on other pages too: a title in menus.
    """
    found = plan.pages.by_language
    if before is None or _without_text(before) != _without_text(plan):
        return list(found)
    return [lang for lang in found if found[lang] != before.pages.by_language[lang]]


def _without_text(plan: Plan) -> list[Page]:
    found = plan.pages.by_language.values()
    return [replace(page, body="") for pages in found for page in pages.values()]


def run_mkdocs(work: Path) -> None:
    """Make HTML of a few pages in this process: starting another takes a second.

    Nothing on a page is the theme's or of these settings, so one run makes pages of all
    languages, and the thousands of files of the theme are not looked for.
    """
    os.environ["NO_MKDOCS_2_WARNING"] = "1"
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    build(
        load_config(
            str(MKDOCS),
            theme={"name": None, "custom_dir": str(MKDOCS.parent / "site" / "theme")},
            docs_dir=str((work / "docs").resolve()),
            site_dir=str((work / "site").resolve()),
        )
    )
