"""`audit verify`, `receipt verify`, `clock accept`: what may be believed."""

from pathlib import Path

import click

from ..intake.filled import read_receipt
from ..intake.refusals import Refusal
from ..shapes.pdf.receipt_proof import ReceiptContent, Verdict, check
from ..store import events
from ..tokens import Tokens
from ..workflow import accounts, timekeeping
from .setup import counted, open_data, settings

SENTENCES = {
    Verdict.GENUINE: "genuine: this service signed what stands here",
    Verdict.ALTERED: "changed: what this file says is not what this service signed",
    Verdict.NOT_OURS: "not ours: the file carries nothing that a key of ours signed",
}


@click.group()
def receipt() -> None:
    """Look at receipts."""


@receipt.command("verify")
@click.argument(
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The PDF of the receipt.",
)
def verify_receipt(file: Path) -> None:
    """Check a receipt with the keys in FORMS_SECRET_KEYS.

    Prints what it says; exit code 0 only for a genuine receipt. No database is opened:
    a receipt stays genuine when its request has been erased.
    """
    keys = settings().secret_keys
    if not keys:
        raise click.ClickException("FORMS_SECRET_KEYS: set at least one key")
    try:
        data, signature = read_receipt(file.read_bytes())
    except Refusal as refusal:
        raise click.ClickException(refusal.message.msgid) from refusal
    checked = check(data, signature, Tokens(keys))
    if checked.content is None or checked.verdict is not Verdict.GENUINE:
        raise click.ClickException(SENTENCES[checked.verdict])
    click.echo(SENTENCES[checked.verdict])
    print_content(checked.content)


def print_content(content: ReceiptContent) -> None:
    """Print what a receipt says, to be compared with the paper."""
    click.echo(f"reference:  {content.reference}")
    click.echo(f"form:       {content.title} ({content.form_id} {content.version})")
    click.echo(f"received:   {content.received.isoformat()}")
    if content.confirmed:
        click.echo(f"confirmed:  {content.confirmed.isoformat()}")
    for title, rows in content.sections:
        click.echo(f"\n{title}")
        for label, lines in rows:
            click.echo(f"  {label}: {' / '.join(lines)}")


@click.group()
def audit() -> None:
    """Look after the log of decisions, reads and exports."""


@audit.command("verify")
def verify_log() -> None:
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
