"""`move`: all data into another database, from a file to a server or back."""

from pathlib import Path

import click

from ..store import moving
from ..store.connection import StorageUnavailable
from ..store.database import exists
from .setup import ServiceRunning, bring_up_to_date, counted, lock, settings


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
