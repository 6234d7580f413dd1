"""`staff add`: who may read and decide."""

import click

from ..definition.contact import EmailRefused
from ..workflow.accounts import invite
from .opening import opened
from .serve import setup_link


@click.group()
def staff() -> None:
    """Look after staff accounts."""


@staff.command("add")
@click.argument("email", help="Address of the new staff member.")
def add(email: str) -> None:
    """Invite EMAIL and print the set-up link.

    The link works once, for 30 minutes. Running it again makes a new link, also for
    somebody who has forgotten the password; the old password works until then.
    """
    with opened(create=True) as (config, work):
        try:
            token = invite(work, email)
        except EmailRefused as error:
            raise click.ClickException(f"{email} is no email address") from error
        click.echo("Give this link to nobody else. It works once, for 30 minutes:")
        click.echo(setup_link(config, token))
