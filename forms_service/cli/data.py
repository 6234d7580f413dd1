"""`export`, `purge`, `backup`, `restore`: what is done with all the data at once."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import click

from ..clock import system_clock
from ..shapes.table import spreadsheet
from ..store import backup as copies
from ..store import counts, moving, outbox
from ..store.connection import BackupDamaged, StorageUnavailable, UnfitDatabase
from ..store.data_folder import DataFolder
from ..store.database import exists, looked_into
from ..store.submissions import Status
from ..workflow import accounts, exporting, purging
from ..workflow.alarm_watch import LAST_COPY
from .setup import (
    ServiceRunning,
    bring_up_to_date,
    counted,
    lock,
    open_data,
    settings,
)

NEW_FILE = click.Path(dir_okay=False, writable=True, path_type=Path)
FORCE = click.option("--force", is_flag=True, help="Overwrite a file that is there.")
NO_DATABASE = (BackupDamaged, StorageUnavailable, UnfitDatabase, OSError)
OLD_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.argument("form", help="Id of the form: the name of its file.")
@click.option(
    "--format", "format_id", type=click.Choice(list(spreadsheet.FORMATS)),
    help="Kind of file; without it csv if FILE ends so, else xlsx.",
)  # fmt: skip
@click.option("--out", type=NEW_FILE, help="File to write; a dated name by default.")
@click.option(
    "--status",
    type=click.Choice([status.value for status in Status]),
    help="Only this state.",
)
@FORCE
def export(
    form: str, format_id: str | None, out: Path | None, status: str | None, force: bool
) -> None:
    """Write all submissions of FORM as a table.

    The file holds personal data: it is readable by you only. The log keeps that it
    was taken out.
    """
    with open_data() as (_, context):
        if form not in context.content.forms:
            known = ", ".join(context.content.forms)
            raise click.ClickException(f"there is no form {form} (known: {known})")
        if format_id is None:
            format_id = "csv" if out and out.suffix.lower() == ".csv" else "xlsx"
        target = out or Path(exporting.file_name(context, form, format_id))
        refuse_to_overwrite(target, force)
        wanted = Status(status) if status else None
        reason, actor = exporting.Reason.COMMAND, accounts.COMMAND
        with click.progressbar(length=1, label="Exporting") as bar:
            table = exporting.export(
                context, form, format_id, reason, actor, wanted, bar.update
            )
            bar.length = max(table.count, 1)
            _write(target, table.chunks)
    click.echo(f"{counted(table.count)} in {target}")
    if table.unconfirmed and wanted is None:
        click.echo(
            f"{counted(table.unconfirmed)} of these with an address that nobody has "
            "confirmed yet."
        )


def refuse_to_overwrite(file: Path, force: bool) -> None:
    """End when a file is there and nobody said that it may go."""
    if file.exists() and not force:
        raise click.ClickException(f"{file} is there already: --force overwrites it")


def _write(target: Path, chunks: Iterator[bytes]) -> None:
    """Write a file that only its owner may read; half a file does not stay."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_TRUNC
    try:
        with os.fdopen(os.open(target, flags, 0o600), "wb") as file:
            file.writelines(chunks)
    except BaseException:
        target.unlink(missing_ok=True)
        raise


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would be erased.")
def purge(dry_run: bool) -> None:
    """Erase every submission whose promised day has come.

    The service does this by itself every hour.
    """
    with open_data() as (_, context):
        gone = purging.due(context)
        if not dry_run:
            with click.progressbar(length=len(gone), label="Erasing") as bar:
                gone = purging.purge(context, bar.update)
    for form_id in sorted({path.form_id for path in gone}):
        number = sum(path.form_id == form_id for path in gone)
        click.echo(f"{form_id}: {number}")
    click.echo(f"{counted(len(gone))} {'would be ' if dry_run else ''}erased.")


@click.command()
@click.argument("file", type=NEW_FILE, help="Where the copy goes.")
@FORCE
def backup(file: Path, force: bool) -> None:
    """Copy the database to FILE while the service runs, and check the copy.

    The copy holds personal data: encrypt it before it leaves this machine, and delete
    it after the days that the privacy notice promises.
    """
    config = settings()
    refuse_to_overwrite(file, force)
    if not exists(config.database):
        raise click.ClickException(f"there is no database in {config.database_name}")
    try:
        with click.progressbar(length=1, label="Copying") as bar:

            def progress(done: int, total: int) -> None:
                bar.length = total
                bar.update(done - bar.pos)

            number = copies.backup(config.database, file, progress)
    except NO_DATABASE as error:
        raise click.ClickException(f"no copy was made: {error}") from error
    # The service tells staff when the last one is too old.
    with suppress(OSError):
        (config.data_dir / LAST_COPY).touch(0o600)
    click.echo(f"{counted(number)} in {file}, checked.")


@click.command()
@click.argument("file", type=OLD_FILE, help="A copy made by backup.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def restore(file: Path, yes: bool) -> None:
    """Put a copy made by `backup` in the place of the database.

    The service must be stopped. What it replaces is kept in FORMS_DATA_DIR. A copy of a
    PostgreSQL needs its tools pg_dump, pg_restore and psql. What was erased after the
    copy was made is erased again, by the ledger in FORMS_DATA_DIR, which no restore
    replaces.
    """
    config = settings()
    database = config.database
    try:
        with lock(config):
            number = copies.check(file)
            if not yes:
                click.confirm(
                    f"Replace all data by the copy ({counted(number)})?", abort=True
                )
            folder = DataFolder(config.data_dir, config.log_keys)
            kept = copies.restore(file, database, system_clock(), folder)
    except ServiceRunning as error:
        raise click.ClickException("stop the service first") from error
    except NO_DATABASE as error:
        raise click.ClickException(f"nothing was restored: {error}") from error
    with looked_into(database) as db:
        held, there = outbox.totals(db)["held"], sum(counts.of_status(db).values())
    again = f", {number - there} erased again" if there < number else ""
    click.echo(f"Restored from {file}: {counted(there)}{again}.")
    if kept:
        click.echo(f"The replaced data is in {kept}.")
    if held:
        click.echo(
            f"{counted(held, 'mail')} had not left when the copy was made, and may "
            "have left since. None leaves by itself: forms-service mail status lists "
            "what is held, forms-service mail release lets it go."
        )


# `move`: all data into another database, from a file to a server or back.


@click.command()
@click.option(
    "--to", "target", required=True,
    help="postgresql://user@host/database, or the name of a new file.",
)  # fmt: skip
def move(target: str) -> None:
    """Copy all data, the log included, into an empty database, and compare them.

    The service must be stopped. A move that was cut short goes on where it was. The
    password of a server may stand in PGPASSWORD or in a password file.
    """
    config = settings()
    where = target if "://" in target else Path(target)
    if not exists(config.database):
        raise click.ClickException(f"there is no database in {config.database_name}")
    if where == config.database:
        raise click.ClickException("the data are there already")
    try:
        with lock(config), click.progressbar(length=1, label="Moving") as bar:

            def progress(done: int, total: int) -> None:
                bar.length = total
                bar.update(done - bar.pos)

            bring_up_to_date(config)
            number = moving.move(config.database, where, progress)
            if isinstance(where, Path) and where.parent != config.data_dir:
                here = DataFolder(config.data_dir, config.log_keys)
                DataFolder(where.parent, config.log_keys).take_over(here)
    except ServiceRunning as error:
        raise click.ClickException("stop the service first") from error
    except moving.NotEmpty as error:
        raise click.ClickException(
            f"the target holds data already, in the table {error}"
        ) from error
    except moving.NotTheSame as error:
        raise click.ClickException(
            f"the table {error} of the target is not as ours: empty it and move again"
        ) from error
    except (StorageUnavailable, OSError) as error:
        raise click.ClickException(f"cut short ({error}): move again") from error
    click.echo(
        f"{counted(number, 'row')} moved, and the same in both. Name the new database "
        "in the settings, and serve the old one never again: mails would leave twice."
    )
