"""Build the public site: check, stage, MkDocs once per language, postprocess, swap.

Readers see the old site until the new one is whole. Nothing is built while the
content has a problem. `python site/build.py [--if-due | --preview]`
"""

import argparse
import fcntl
import os
import subprocess
import sys
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import preview
from form_status import closed_forms
from forms_service.config import Config, ConfigError
from forms_service.content.pages import UnknownLink
from forms_service.definition import ContentError
from forms_service.proofreading.production import production_problems
from freshness import RECORD, fingerprint, is_due, write_record
from pdfs import blank_pdfs
from plan import Plan, make_plan
from postprocess import BrokenSite, postprocess
from publish import publish
from search_index import NoIndex
from stage import stage

ROOT = Path(__file__).resolve().parent.parent
PROGRAM = (ROOT / "forms_service", ROOT / "site")


def main(arguments: list[str], environment: Mapping[str, str]) -> int:
    """Build as asked; return the exit code and tell problems on standard error."""
    parser = argparse.ArgumentParser(description="Build the public site.")
    parser.add_argument(
        "--if-due", action="store_true", help="only if a date passed or a file changed"
    )
    parser.add_argument(
        "--preview", action="store_true", help="serve, and build at every change"
    )
    asked = parser.parse_args(arguments)
    try:
        config = Config.from_environment(environment)
        if asked.preview:
            return preview.serve(config)
        return build(config, if_due=asked.if_due)
    except (ConfigError, ContentError, BrokenSite, NoIndex, UnknownLink) as error:
        problems = error.args if isinstance(error, BrokenSite) else (error,)
        for problem in problems:
            tell(str(problem))
        return 1


def build(config: Config, if_due: bool = False) -> int:
    """Build the site of a configuration; raise for what must be mended first."""
    if config.production and config.site_now:
        raise ConfigError("SITE_NOW: remove it, it is for previews only.")
    work = config.site_dir.parent / f".{config.site_dir.name}.work"
    work.mkdir(parents=True, exist_ok=True)
    with (work / "lock").open("w") as lock:
        # Two builds would stage into the same folder; the second waits.
        fcntl.flock(lock, fcntl.LOCK_EX)
        sources = fingerprint([config.content_dir, *PROGRAM])
        plan = make_plan(config)
        if config.production and (wrong := production_problems(plan.content)):
            raise ContentError(wrong)
        if if_due and not is_due(config.site_dir / RECORD, plan, sources):
            return 0
        plan = replace(plan, pdfs=press(plan, work / "pdfs"))
        pages = stage(plan, work / "stage")
        run_mkdocs(plan, work / "stage", work / "built")
        postprocess(plan, pages, work / "built")
        write_record(work / "built" / RECORD, plan, sources)
        publish(work / "built", config.site_dir)
    listed = sum(page.listed for page in pages)
    tell(f"{listed} pages and {len(plan.pdfs)} PDFs in {config.site_dir}")
    return 0


def press(plan: Plan, cache: Path) -> dict[tuple[str, str], bytes]:
    """Return the PDF of every form; closed ones are stamped."""
    return blank_pdfs(plan.content, plan.base_url, closed_forms(plan), cache)


def run_mkdocs(plan: Plan, staged: Path, built: Path) -> None:
    """Make HTML of every language's tree; raise `BrokenSite` with what MkDocs says."""

    def run(lang: str) -> None:
        command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--clean"]
        command += ["--config-file", str(ROOT / "mkdocs.yml")]
        command += ["--site-dir", str((built / lang).resolve())]
        settings = {
            "STAGE_NAME": str(plan.project(lang).name),
            "STAGE_URL": f"{plan.base_url}/",
            "STAGE_DOCS": str((staged / lang).resolve()),
            "NO_MKDOCS_2_WARNING": "1",
        }
        done = subprocess.run(
            command, env=os.environ | settings, capture_output=True, text=True
        )
        if done.returncode:
            raise BrokenSite(f"MkDocs ({lang}): {done.stdout}{done.stderr}")

    with ThreadPoolExecutor(max_workers=2) as runners:
        list(runners.map(run, plan.content.projects))


def tell(message: str) -> None:
    """Say something to whoever started the build."""
    sys.stderr.write(f"{message}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
