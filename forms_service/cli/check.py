"""`check`: everything that would keep site and service from starting, at once."""

from contextlib import closing

import click

from ..clock import system_clock
from ..config import Config
from ..content import Content
from ..content.page_reading import load_pages
from ..definition import ContentError, Problem
from ..proofreading.production import production_problems
from ..proofreading.readability import notices
from ..proofreading.translations import late_translations
from ..store import definitions
from ..store.connection import StorageUnavailable, connect
from ..store.schema import pending
from ..workflow.publishing import compared
from .setup import content_of, settings


@click.command()
@click.option("--strict", is_flag=True, help="Treat notices as problems.")
def check(strict: bool) -> None:
    """Check content and settings; exit with 1 on any problem.

    Reads every file of the content folder and reports all problems with file, key
    and what to do. Where FORMS_DATA_DIR holds a database, also compares the forms
    with every version ever published. With FORMS_ENV=production also lists what
    production refuses. Texts that are hard to read, dates that have passed and
    translations older than their original are notices: with --strict they count as
    problems.
    """
    config = settings()
    content = content_of(config)
    found, comparison = against_published(config, content)
    found = [*page_problems(content), *found]
    noticed = [] if found else worth_a_look(content)
    if strict:
        found += noticed
    if lines := [*map(str, found), *unfit(config, content)]:
        raise click.ClickException("\n  ".join(["not fit to be served:", *lines]))
    missing = [] if config.production else production_problems(content)
    click.echo(f"{len(content.forms)} forms, {len(content.events)} events: no problem.")
    click.echo(comparison)
    if noticed:
        click.echo("\n  ".join(["Worth a second look:", *map(str, noticed)]))
    if missing:
        click.echo(
            f"Before production: {len(missing)} values to give or to confirm "
            "(FORMS_ENV=production lists them)."
        )


def page_problems(content: Content) -> list[Problem]:
    """Return what is wrong on the Markdown pages."""
    try:
        load_pages(content)
    except ContentError as error:
        return list(error.problems)
    return []


def worth_a_look(content: Content) -> list[Problem]:
    """Return what readers would stumble over, as of today; none of it is urgent."""
    today, pages = system_clock().astimezone(content.project.zone), load_pages(content)
    return [
        *notices(content, pages, today.date()),
        *late_translations(content, pages),
    ]


def unfit(config: Config, content: Content) -> list[str]:
    """Return what production refuses in settings and content; else nothing."""
    if not config.production:
        return []
    return [*config.production_problems(), *map(str, production_problems(content))]


def against_published(config: Config, content: Content) -> tuple[list[Problem], str]:
    """Compare with the versions in the database, read-only; say what was done."""
    database = config.database
    if not database.exists():
        return (
            [],
            f"Not compared with published versions: no database in {config.data_dir}.",
        )
    try:
        if pending(database):
            return [], "Not compared with published versions: the schema is older."
        with closing(connect(database, read_only=True)) as db:
            known = definitions.published(db)
    except StorageUnavailable as error:
        return [], f"Not compared with published versions: {error}."
    return compared(content, known), f"Compared with {len(known)} published versions."
