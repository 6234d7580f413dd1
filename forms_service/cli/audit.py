"""`audit verify`: whether the log of what happened is whole."""

import click

from ..store import events
from .setup import open_data


@click.group()
def audit() -> None:
    """Look after the log of decisions, reads and exports."""


@audit.command()
def verify() -> None:
    """Check the chain of hashes; exit with 1 at the first entry that does not fit.

    Keep the printed hash elsewhere: only against it does a log that was cut at its
    end show.
    """
    with open_data() as (_, context):
        number, broken = context.store.read(events.verify)
        head = context.store.read(events.head)
    if broken:
        raise click.ClickException(
            f"entry {broken.event} does not fit the one before it "
            f"({number} entries before it are whole)"
        )
    click.echo(f"{number} entries, all whole. Last hash: {head}")
