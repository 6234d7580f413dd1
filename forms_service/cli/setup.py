"""What every command needs first: settings, content, the lock, the opened data.

Faults that whoever runs the command can mend become one sentence and exit code 1.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import click

from ..clock import NONE, advance, system_clock
from ..config import Config, ConfigError, unusable
from ..content import Content, load_content
from ..content.strict_yaml import located
from ..definition import ContentError
from ..proofreading.translations import production_problems
from ..store import timeline
from ..store.backup import BEFORE, backup, copy_name
from ..store.data_folder import DataFolder
from ..store.database import Store, exists, looked_into
from ..store.schema import begun, migrate, pending, ready
from ..store.sealing import NotOurKey
from ..tokens import Tokens
from ..workflow import erasing, log_sealing
from ..workflow.context import WorkflowContext, context_of


class Unfit(click.ClickException):
    """Settings or content must be mended: another try in a second is of no use."""

    exit_code = os.EX_CONFIG


class Ill(Exception):
    """Something is wrong; the message says what, and what to do."""


class ServiceRunning(Exception):
    """Another process of ours, usually the service, works on the data now."""


def settings() -> Config:
    """Read the environment."""
    try:
        return Config.from_environment(os.environ)
    except ConfigError as error:
        raise click.ClickException(str(error)) from error


def content_of(config: Config) -> Content:
    """Read the content folder; every problem is told at once."""
    try:
        return load_content(config.content_dir)
    except ContentError as error:
        raise click.ClickException(problem_list(error)) from error


def problem_list(error: ContentError) -> str:
    """Return all problems of the content, one a line."""
    lines = [f"  {problem}" for problem in error.problems]
    return "\n".join(["the content has problems:", *lines])


def unfit(config: Config, content: Content) -> list[str]:
    """Return what production refuses in settings and content; else nothing."""
    if not config.production:
        return []
    missing = located(production_problems(content), content.folder)
    return [*config.production_problems(), *map(str, missing)]


def counted(number: int, what: str = "submission") -> str:
    """Return a number of things in words: "1 submission", "2 submissions"."""
    return f"{number} {what}{'' if number == 1 else 's'}"


def refusal(error: Exception) -> str:
    """Say what a database refuses: it tells more than the name of its fault."""
    said = str(error.__cause__ or "").partition("\n")[0]
    known = not said or isinstance(error.__cause__, OSError)
    return str(error) if known else f"{error} ({said})"


@contextmanager
def lock(config: Config) -> Iterator[None]:
    """Hold `serve.lock`, which the kernel frees on kill -9; raise `ServiceRunning`."""
    try:
        config.data_dir.mkdir(parents=True, exist_ok=True)
        opened_file = config.lock_file.open("w")
    except OSError as error:
        raise click.ClickException(unusable(config.data_dir, error)) from error
    with opened_file as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise ServiceRunning from error
        yield


def bring_up_to_date(config: Config) -> Path | None:
    """Migrate under a lock that the caller holds; return the copy made before."""
    database = config.database
    copy = None
    # Of a server, whoever runs it makes copies.
    file = database if isinstance(database, Path) and database.exists() else None
    if file and pending(file) and begun(file):
        copy = copy_name(file, BEFORE, system_clock())
        backup(file, copy)
    migrate(database)
    return copy


@contextmanager
def open_data(create: bool = False) -> Iterator[tuple[Config, WorkflowContext]]:
    """Open the data for one command, while the service runs or not.

    An old schema is migrated under the lock of `serve`; while the service holds it,
    the command is refused. Without a database only `create` makes one.
    """
    config = settings()
    content = content_of(config)
    if not (create or exists(config.database)):
        other = "database" if config.database_url else "folder"
        raise click.ClickException(
            f"there is no database in {config.database_name}: it names another "
            f"{other}, or the service has never run"
        )
    if not config.secret_keys:
        raise click.ClickException("FORMS_SECRET_KEYS: set at least one key")
    if not config.log_keys:
        raise click.ClickException("FORMS_LOG_KEYS: set at least one key")
    if not ready(config.database):
        try:
            with lock(config):
                bring_up_to_date(config)
        except ServiceRunning as error:
            raise click.ClickException(
                "the database needs a newer schema: stop the service first"
            ) from error
    with closing(Store(config.database)) as store:
        tokens = Tokens(config.secret_keys)
        folder = DataFolder(config.data_dir, config.log_keys)
        context = context_of(config.production, store, content, tokens, folder)
        if context.timekeeper:
            context.timekeeper.look(None)
        erasing.erase_again(context)
        yield config, context
        try:
            log_sealing.seal_log(context)
        except NotOurKey as error:
            # What the command did is done.
            click.echo(
                f"Warning: the log is sealed with the key {error}, which is not given. "
                "Add it to FORMS_LOG_KEYS; if it is lost: forms-service audit restart",
                err=True,
            )


def clock_doubt(config: Config) -> str:
    """Say what is wrong with the system clock, as it was last kept; "" if nothing."""
    with looked_into(config.database) as db:
        kept = timeline.load(db)
    line = kept and advance(kept, NONE, system_clock(), synchronised=False)
    return str(line) if line and line.apart else ""
