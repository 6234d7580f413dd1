"""`clock accept`: for when the clock is right and the service doubts it."""

import click

from ..workflow import accounts, timekeeping
from .setup import counted, open_data


@click.group()
def clock() -> None:
    """Look after the time that decides what is erased."""


@clock.command()
def accept() -> None:
    """Believe the system clock from now on; look at it first.

    After a long stop or a wrong clock nothing is erased until it has been steady and
    synchronised for a day. This command does not wait. What a clock that was ahead has
    stamped gets its days from the right moment.
    """
    with open_data() as (_, context):
        apart = timekeeping.accept(context, accounts.COMMAND)
        now = f"{context.clock():%Y-%m-%d %H:%M}Z"
    if apart is None:
        click.echo("Outside production the clock is always believed.")
    else:
        hours = counted(abs(round(apart.total_seconds() / 3600)), "hour")
        click.echo(f"The clock says {now} and is believed: {hours} apart before.")
