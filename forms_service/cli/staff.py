"""`staff`: who may read and decide, with which forms; `readers`: who by SQL."""

from collections.abc import Callable
from typing import Any

import click

from ..definition.contact import EmailRefused
from ..store import staff as staff_rows
from ..store import staff_rights
from ..store.connection import UnfitDatabase
from ..store.readers import READER, let_read
from ..store.staff_rights import EVERYTHING, Grant, StaffRole
from ..store.visibility import ALL_FORMS, VisibleForms
from ..workflow.accounts import (
    COMMAND,
    LastAdministrator,
    NoSuchMember,
    everyone,
    invite,
    remove,
)
from ..workflow.context import WorkflowContext
from ..workflow.members import change_grant
from ..workflow.second_factor import reset
from .serve import setup_link
from .setup import counted, open_data


def grant_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Let a command take a role and forms."""
    for option in (
        click.option(
            "--all-forms", is_flag=True, help="All forms, also those to come."
        ),
        click.option("--form", multiple=True, help="A form they may see; repeatable."),
        click.option(
            "--role",
            type=click.Choice([role.value for role in StaffRole]),
            help="Whether they read, also decide and type, or also look after people.",
        ),
    ):
        command = option(command)
    return command


def asked(
    context: WorkflowContext, role: str | None, form: tuple[str, ...], all_forms: bool
) -> Grant:
    """Return what the options give; raise for a form that is not there."""
    for name in form:
        if name not in context.content.forms:
            known = ", ".join(context.content.forms)
            raise click.ClickException(f"there is no form {name}: there are {known}")
    forms = ALL_FORMS if all_forms else VisibleForms(frozenset(form))
    return Grant(StaffRole(role or StaffRole.READER), forms)


def last_administrator(email: str) -> click.ClickException:
    """Return what a command says that would leave nobody who gives rights."""
    return click.ClickException(
        f"{email} is the last administrator: make another one first"
    )


@click.group()
def staff() -> None:
    """Look after staff accounts."""


@staff.command("add")
@click.argument("email", help="Address of the new staff member.")
@grant_options
def add(email: str, role: str | None, form: tuple[str, ...], all_forms: bool) -> None:
    """Invite EMAIL and print the set-up link.

    Without options somebody new is a reader of no form, but while nobody can sign in an
    administrator of all. The link works once, for 30 minutes. Running it again makes a
    new link, also for somebody who has forgotten the password; the old password works
    until then.
    """
    with open_data(create=True) as (config, context):
        grant = None
        if role or form or all_forms:
            grant = asked(context, role, form, all_forms)
        elif not context.store.read(staff_rows.any_account):
            grant = EVERYTHING
        try:
            token = invite(context, email, COMMAND, grant)
        except EmailRefused as error:
            raise click.ClickException(f"{email} is no email address") from error
        except LastAdministrator as error:
            raise last_administrator(email) from error
        click.echo("Give this link to nobody else. It works once, for 30 minutes:")
        click.echo(setup_link(config, token))


@staff.command("role")
@click.argument("email", help="Address of the member.")
@grant_options
def role_of(
    email: str, role: str | None, form: tuple[str, ...], all_forms: bool
) -> None:
    """Replace what EMAIL may do, from the next page on that they open.

    Without --role the role stays; without --form and --all-forms the forms do.
    """
    with open_data() as (_, context):
        member = context.store.read(lambda db: staff_rows.by_email(db, email))
        if member is None:
            raise click.ClickException(f"{email} is not on the staff")
        given = asked(context, role or member.role, form, all_forms)
        if not (form or all_forms):
            now = context.store.read(lambda db: staff_rights.forms_of(db, [member.id]))
            given = Grant(given.role, now[member.id])
        try:
            change_grant(context, member.id, given, COMMAND)
        except LastAdministrator as error:
            raise last_administrator(email) from error
        click.echo(f"{email}: {granted(given)}.")


def granted(given: Grant) -> str:
    """Return what a member may do, in words."""
    if given.forms.all:
        return f"{given.role} of all forms"
    return f"{given.role} of {', '.join(sorted(given.forms.ids)) or 'no form'}"


@staff.command("list")
def list_members() -> None:
    """Print every member with role and forms, and who has no password yet."""
    with open_data() as (_, context):
        members = everyone(context)
        forms = context.store.read(
            lambda db: staff_rights.forms_of(db, [member.id for member in members])
        )
        for member in members:
            invited = "" if member.password else " (invited, no password yet)"
            given = granted(Grant(member.role, forms[member.id]))
            click.echo(f"{member.email}: {given}{invited}")


@staff.command("reset-factor")
@click.argument("email", help="Address of the member who lost telephone and codes.")
def reset_factor(email: str) -> None:
    """Let EMAIL sign in by the password alone; every administrator is mailed.

    Make sure who asks for it. Their sessions end.
    """
    with open_data() as (_, context):
        member = context.store.read(lambda db: staff_rows.by_email(db, email))
        try:
            reset(context, member.id if member else 0, COMMAND)
        except NoSuchMember as error:
            raise click.ClickException(
                f"{email} is not on the staff, or has no second factor"
            ) from error
        click.echo(f"{email} signs in by the password alone. Administrators are told.")


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
        try:
            views = context.store.write(let_read)
        except UnfitDatabase as error:
            # Nothing is to be mended for the other commands.
            raise click.ClickException(str(error)) from error
    click.echo(f"{READER} reads {counted(len(views), 'view')} and nothing else:")
    click.echo(f"  {', '.join(views)}")
    click.echo("For each person, as whoever runs the server:")
    click.echo(f"  CREATE ROLE anna LOGIN PASSWORD '...' IN ROLE {READER};")
    click.echo("  ALTER ROLE anna SET statement_timeout = '60s';")
