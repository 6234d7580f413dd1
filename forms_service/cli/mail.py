"""`mail status`, `retry`, `release`: what waits, what failed and why, what is held."""

from datetime import datetime

import click

from ..store import outbox, stopped, submissions
from ..store.connection import Connection
from ..store.outbox import StoredMail
from ..workflow import accounts, mail_delivery
from .setup import counted, open_data

MINUTE = "%Y-%m-%d %H:%MZ"


@click.group()
def mail() -> None:
    """Look after the mails to be sent."""


@mail.command()
def status() -> None:
    """Count the mails and list those in trouble; exit with 1 if any has failed."""
    with open_data() as (_, context):
        totals = context.store.read(outbox.totals)
        lines = context.store.read(
            lambda db: [
                line(db, mail, context.clock()) for mail in stopped.failures(db)
            ]
        )
    click.echo("  ".join(f"{name}: {number}" for name, number in totals.items()))
    for text in lines:
        click.echo(text)
    if totals["failed"]:
        raise click.exceptions.Exit(1)


def line(db: Connection, mail: StoredMail, now: datetime) -> str:
    """Describe a mail in trouble, without its address."""
    about = submissions.find(db, mail.submission) if mail.submission else None
    reference = about.reference if about else ""
    if mail.reason == outbox.HELD:
        return f"{mail.kind:<16} {reference:<9} held since {mail.failed_at:{MINUTE}}"
    later = mail.not_before > now
    again = f"again at {mail.not_before:{MINUTE}}" if later else "waits for its turn"
    state = "failed" if mail.failed_at else again
    return (
        f"{mail.kind:<16} {reference:<9} {mail.attempts} tries  {state}  {mail.reason}"
    )


@mail.command()
def retry() -> None:
    """Queue every failed mail again."""
    with open_data() as (_, context):
        number = mail_delivery.retry(context, accounts.COMMAND)
    click.echo(f"{counted(number, 'mail')} queued again.")


@mail.command()
def release() -> None:
    """Let go the mails that a restore has held.

    Some of them may have left before, after the copy was made: who gets one again
    finds the same in it.
    """
    with open_data() as (_, context):
        number = mail_delivery.release(context, accounts.COMMAND)
    click.echo(f"{number} {'mail leaves' if number == 1 else 'mails leave'} now.")
