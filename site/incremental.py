"""An edit on its page in less than a second: only pages whose text changed are made.

What hangs on the whole site (PDFs, search, site map) is left to the build that runs
behind it.
"""

import os
from collections.abc import Mapping
from dataclasses import replace
from itertools import groupby
from pathlib import Path
from tempfile import TemporaryDirectory

from forms_service import urls
from forms_service.config import Config
from freshness import RECORD, outdate
from plan import Plan, SitePage, make_plan
from stage import texts

MKDOCS = Path(__file__).resolve().parent.parent / "mkdocs.yml"


class IncrementalBuild:
    """Makes pages of a site that was built before."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self._known: Mapping[str, str] = {}

    def refresh(self) -> int:
        """Make what changed since the last time; return how many pages.

        The first time only looks. Raise what a build raises for a mistake.
        """
        plan = make_plan(self.config)
        plan = replace(plan, pdfs=self._pdfs(plan))
        found = list(texts(plan))
        changed = [
            (page, text)
            for page, text in found
            if self._known.get(page.url, text) != text
        ]
        self._known = {page.url: text for page, text in found}
        for _, group in groupby(changed, key=lambda item: item[0].lang):
            self._make(list(group), plan)
        return len(changed)

    def _pdfs(self, plan: Plan) -> dict[tuple[str, str], bytes]:
        """Return the PDFs of the last build."""
        pdfs = {}
        for form_id, languages in plan.content.forms.items():
            for lang in languages:
                url = urls.form_pdf(form_id, lang)
                file = self.config.site_dir / url.lstrip("/")
                if file.is_file():
                    pdfs[form_id, lang] = file.read_bytes()
        return pdfs

    def _make(self, pages: list[tuple[SitePage, str]], plan: Plan) -> None:
        """Make the pages of one language and lay them into the built site."""
        with TemporaryDirectory() as folder:
            work = Path(folder)
            for page, text in pages:
                source = work / "docs" / f"{page.name}.md"
                source.parent.mkdir(parents=True, exist_ok=True)
                source.write_text(text, encoding="utf-8")
            run_mkdocs(plan, work)
            outdate(self.config.site_dir / RECORD)
            for page, _ in pages:
                target = self.config.site_dir / page.file
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes((work / "site" / page.made_file).read_bytes())
                for packed in (".gz", ".br"):
                    target.with_name(target.name + packed).unlink(missing_ok=True)


def run_mkdocs(plan: Plan, work: Path) -> None:
    """Make HTML of a few pages in this process: starting another takes a second."""
    os.environ["NO_MKDOCS_2_WARNING"] = "1"
    from mkdocs.commands.build import build
    from mkdocs.config import load_config

    build(
        load_config(
            str(MKDOCS),
            site_name=str(plan.content.project.name),
            site_url=f"{plan.base_url}/",
            docs_dir=str((work / "docs").resolve()),
            site_dir=str((work / "site").resolve()),
        )
    )
