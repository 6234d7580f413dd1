"""Build the public site: check, stage, MkDocs once per language, postprocess, swap.

Readers see the old site until the new one is whole. Nothing is built while the
content has a problem. `python site/build.py [--if-due | --preview]`
"""

import argparse
import fcntl
import os
import shutil
import signal
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from tempfile import mkdtemp

import preview
from form_status import closed_forms
from forms_service.config import Config, ConfigError
from forms_service.content.pages import UnknownLink
from forms_service.definition import ContentError
from forms_service.proofreading.translations import production_problems
from forms_service.shapes.pdf.font_coverage import LettersMissing
from freshness import RECORD, fingerprint, is_due, write_record
from pdfs import blank_pdfs
from plan import Plan, make_plan
from postprocess import BrokenSite, NoIndex, postprocess, publish
from process import Child, ProcessEnded, print_message, show_progress, with_bar
from stage import stage

ROOT = Path(__file__).resolve().parent.parent
# The locks say which versions of other programs have a say in the pages.
PROGRAM = [ROOT / n for n in ("forms_service", "site", "requirements", "mkdocs.yml")]
# What a build leaves in the work folder for the next one.
KEPT = ("lock", "pdfs")
REFUSALS = (
    ConfigError,
    ContentError,
    BrokenSite,
    NoIndex,
    UnknownLink,
    LettersMissing,
    ProcessEnded,
)


def main(arguments: list[str], environment: Mapping[str, str]) -> int:
    """Build as asked; return the exit code and tell problems on standard error."""
    parser = argparse.ArgumentParser(description="Build the public site.")
    parser.add_argument(
        "--if-due", action="store_true", help="say nothing if nothing has changed"
    )
    parser.add_argument(
        "--preview", action="store_true", help="serve, and build at every change"
    )
    options = parser.parse_args(arguments)
    try:
        config = Config.from_environment(environment)
        if options.preview:
            preview.serve(config)
        return build(config, if_due=options.if_due)
    except REFUSALS as error:
        problems = error.args if isinstance(error, BrokenSite) else (error,)
        for problem in problems:
            print_message(str(problem))
    except OSError as error:
        print_message(f"{error.filename or 'The build'}: {error.strerror}.")
    except KeyboardInterrupt:
        print_message("Stopped.")
        return 0 if options.preview else 130
    return 1


def build(config: Config, if_due: bool = False) -> int:
    """Build the site of a configuration; raise for what must be mended first.

    Nothing is made when the result would be the site that is there; `if_due` says so
    to nobody.
    """
    if config.production and config.site_now:
        raise ConfigError("SITE_NOW: remove it, it is for previews only.")
    with work_folder(config) as (work, kept):
        sources = fingerprint([config.content_dir, *PROGRAM])
        plan = make_plan(config)
        if config.production and (wrong := production_problems(plan.content)):
            raise ContentError(wrong)
        if not is_due(config.site_dir / RECORD, plan, sources):
            if not if_due:
                print_message(f"Nothing has changed in {config.site_dir}")
            return 0
        closed = closed_forms(plan)
        pdfs = blank_pdfs(plan.content, plan.base_url, closed, kept / "pdfs")
        plan = replace(plan, pdfs=pdfs)
        pages = stage(plan, work / "stage")
        run_mkdocs(plan, work / "stage", work / "built")
        show_progress("Search index, links")
        postprocess(plan, pages, work / "built")
        write_record(work / "built" / RECORD, plan, sources)
        publish(work / "built", config.site_dir)
    listed = sum(page.listed for page in pages)
    print_message(f"{listed} pages and {len(plan.pdfs)} PDFs in {config.site_dir}")
    return 0


@contextmanager
def work_folder(config: Config) -> Iterator[tuple[Path, Path]]:
    """Yield an empty folder for one build, and the folder of what builds share.

    A second build waits. What an earlier one left goes, whatever ended it; what may
    not be removed stays and harms nothing.
    """
    shared = config.site_dir.parent / f".{config.site_dir.name}.work"
    shared.mkdir(parents=True, exist_ok=True)
    with (shared / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for left in shared.iterdir():
            if left.name not in KEPT:
                shutil.rmtree(left, ignore_errors=True)
        work = Path(mkdtemp(dir=shared))

        def end(number: int, _: object) -> None:
            Child.kill_all()
            shutil.rmtree(work, ignore_errors=True)
            signal.signal(number, signal.SIG_DFL)
            signal.raise_signal(number)

        before = signal.signal(signal.SIGTERM, end)
        try:
            yield work, shared
        finally:
            shutil.rmtree(work, ignore_errors=True)
            signal.signal(signal.SIGTERM, before)


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
        code, output = Child(command, os.environ | settings).wait()
        if code:
            raise BrokenSite(f"MkDocs ({lang}): {output}")

    languages = plan.content.projects
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as runners:
        for _ in with_bar(runners.map(run, languages), "Pages", len(languages)):
            continue


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
