"""`check`: everything that would keep site and service from starting, at once."""

from dataclasses import replace

import click

from ..clock import system_clock
from ..config import Config, ConfigError
from ..content import Content
from ..content.files import cut_texts, unused
from ..content.pages import Pages
from ..content.strict_yaml import located
from ..definition import ContentError, Problem
from ..i18n import TRANSLATIONS
from ..proofreading.past_dates import fate_in_titles
from ..proofreading.readability import notices
from ..proofreading.translations import late_translations, production_problems
from ..sources import read_sources
from ..store import definitions
from ..store.connection import StorageUnavailable
from ..store.database import exists, looked_into
from ..store.schema import pending
from ..workflow.publishing import compared
from .setup import problem_list, settings, unfit

# The language in which the program's words are written.
SOURCE = "en"


@click.command()
@click.option("--strict", is_flag=True, help="Treat notices as problems.")
def check(strict: bool) -> None:
    """Check content and settings; exit with 1 on any problem.

    Reads every file of the content folder and reports all problems with file, line,
    key and what to do: whatever the site build would refuse or lose. Where
    FORMS_DATA_DIR holds a database, also compares the forms with every version ever
    published. With FORMS_ENV=production also lists what
    production refuses. Texts that are hard to read, dates that have passed,
    translations older than their original and files that nothing shows are notices:
    with --strict they count as problems.
    """
    config = settings()
    try:
        sources = read_sources(config)
    except ConfigError as error:
        raise click.ClickException(str(error)) from error
    found, pages = list(sources.problems), sources.pages
    if pages is None:
        raise click.ClickException(problem_list(ContentError(found)))
    content = pages.content
    broken = any(problem.file.split("/")[1:2] == ["forms"] for problem in found)
    changed, said = ([], "") if broken else against_published(config, content)
    found += changed
    noticed = [] if found else worth_a_look(pages)
    if strict:
        found += noticed
    if lines := [*map(str, found), *unfit(config, content)]:
        raise click.ClickException("\n  ".join(["not fit to be served:", *lines]))
    missing = [] if config.production else production_problems(content)
    click.echo(f"{len(content.forms)} forms, {len(content.events)} events: no problem.")
    click.echo(said)
    if noticed:
        click.echo("\n  ".join(["Worth a second look:", *map(str, noticed)]))
    for lang in content.project.languages:
        if lang != SOURCE and not any((TRANSLATIONS / lang).glob("*.po")):
            click.echo(
                f"The program has no words in “{lang}”: readers see English "
                f"until forms_service/translations/{lang}/ has them."
            )
    if missing:
        click.echo(
            f"Before production: {len(missing)} values to give or to confirm "
            "(FORMS_ENV=production lists them)."
        )


def worth_a_look(pages: Pages) -> list[Problem]:
    """Return what readers would stumble over, as of today; none of it is urgent."""
    content = pages.content
    today = system_clock().astimezone(content.project.zone)
    late = [*late_translations(content, pages), *fate_in_titles(content)]
    late = located(late, content.folder)
    return [
        *notices(content, pages, today.date()),
        *late,
        *cut_texts(content),
        *unused(content),
    ]


def against_published(config: Config, content: Content) -> tuple[list[Problem], str]:
    """Compare with the versions in the database, read-only; say what was done."""
    database = config.database
    try:
        if not exists(database):
            where = config.database_name
            return [], f"Not compared with published versions: no database in {where}."
        if pending(database):
            return [], "Not compared with published versions: the schema is older."
        with looked_into(database) as db:
            known = definitions.published(db)
    except StorageUnavailable as error:
        return [], f"Not compared with published versions: {error}."
    problems = [
        replace(problem, file=f"{content.folder.name}/{problem.file}")
        for problem in compared(content, known)
    ]
    result = f"Compared with {len(known)} published versions."
    return located(problems, content.folder), result
