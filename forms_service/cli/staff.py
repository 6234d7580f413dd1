"""`staff add`, `list`, `remove`: who may read and decide; `readers`: who by SQL."""

import click

from ..definition.contact import EmailRefused
from ..store.readers import READER, let_read
from ..workflow.accounts import NoSuchMember, everyone, invite, remove
from .serve import setup_link
from .setup import counted, open_data


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
    with open_data(create=True) as (config, context):
        try:
            token = invite(context, email)
        except EmailRefused as error:
            raise click.ClickException(f"{email} is no email address") from error
        click.echo("Give this link to nobody else. It works once, for 30 minutes:")
        click.echo(setup_link(config, token))


@staff.command("list")
def list_members() -> None:
    """Print the address of every member, and who has not chosen a password yet."""
    with open_data() as (_, context):
        for member in everyone(context):
            invited = "" if member.password else " (invited, no password yet)"
            click.echo(f"{member.email}{invited}")


@staff.command("remove")
@click.argument("email", help="Address of the member who leaves.")
def remove_member(email: str) -> None:
    """Take EMAIL off the staff at once, also while they are signed in.

    Address and password are erased. Their notes, scans and entries in the log stay,
    as those of a former member. `staff add` makes a new account for the address.
    """
    with open_data() as (_, context):
        try:
            remove(context, email)
        except NoSuchMember as error:
            raise click.ClickException(f"{email} is not on the staff") from error
        click.echo(f"{email} can no longer sign in and gets no mail.")
        if not any(member.password for member in everyone(context)):
            click.echo("Nobody can sign in now: forms-service staff add invites.")


@click.command("readers")
def readers() -> None:
    """Make a role on PostgreSQL that reads the view of each form and nothing else.

    For those who work with SQL. A view holds the answers of a form, a column per field:
    no token, no session, no mail. The log does not see who reads what.
    """
    with open_data() as (_, context):
        views = context.store.write(let_read)
    click.echo(f"{READER} reads {counted(len(views), 'view')} and nothing else:")
    click.echo(f"  {', '.join(views)}")
    click.echo("For each person, as whoever runs the server:")
    click.echo(f"  CREATE ROLE anna LOGIN PASSWORD '...' IN ROLE {READER};")
    click.echo("  ALTER ROLE anna SET statement_timeout = '60s';")
