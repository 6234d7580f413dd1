"""`audit verify`, `receipt verify`, `clock accept`: what may be believed."""

from email import message_from_bytes, policy
from functools import partial
from pathlib import Path

import click

from ..intake.filled import read_receipt
from ..intake.refusals import Refusal
from ..shapes.pdf.receipt_proof import ReceiptContent, Verdict, check
from ..store import log_check
from ..store.sealing import kept_in
from ..tokens import Tokens
from ..workflow import accounts, log_sealing, timekeeping
from .setup import clock_doubt, counted, open_data, settings

OLD_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
# More of them say no more.
MOST = 20
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
@click.option(
    "--anchor", "anchors", type=OLD_FILE, multiple=True,
    help="A file with heads that were kept elsewhere; a saved mail will do.",
)  # fmt: skip
def verify_log(anchors: tuple[Path, ...]) -> None:
    """Look through the whole log; exit with 1 where anything is wrong with it.

    It names what was changed, taken out, cut off or put in its place since it was
    sealed, by the keys in FORMS_LOG_KEYS and by the head beside the database. Whoever
    could change that head too is found out by heads that were kept elsewhere.
    """
    with open_data() as (_, context):
        folder = context.folder
        kept = folder.head.read()
        for file in anchors:
            heads = kept_in(text_of(file))
            if not heads:
                raise click.ClickException(f"there is no head of a log in {file}")
            kept += heads
        check = partial(log_check.check, keys=folder.log_keys, kept=kept)
        report = context.store.read(partial(check, now=context.clock()))
    for head in report.lost:
        click.echo(f"The head of {head.day} is of a log that a copy has replaced.")
    if report.unknown:
        click.echo(f"{report.unknown} entries are under a key that is not given here.")
    if not report.whole:
        raise click.ClickException("\n  ".join(map(str, report.findings[:MOST])))
    number, seal = report.head
    click.echo(
        f"{number} entries, all whole. The head: {context.today} {number} {seal}"
    )


@audit.command("restart")
def restart_log() -> None:
    """Go on after a key of the log was lost, or where its head does not fit any more.

    Ask `audit verify` first, and keep a copy: whoever tampered with the log hopes for
    this. Nothing of it is taken away, and an entry says what nobody can verify any
    more. After the failover to a server that lacked what came last it is the way on.
    """
    with open_data() as (_, context):
        key, head = log_sealing.restart(context, accounts.COMMAND)
        check = partial(log_check.check, keys=context.folder.log_keys)
        report = context.store.read(check)
    if not key and not head:
        raise click.ClickException("the log goes on by itself: nothing is to be done")
    if key:
        click.echo(
            f"{report.unknown} entries are under the key {key}, which is not given: "
            "nobody can verify them any more, unless it is found."
        )
    if head:
        click.echo(
            f"How the log came to entry {head.number}, the head of {head.day}, nobody "
            "can verify any more: it is another log."
        )
    click.echo(f"The log goes on from entry {report.head.number}, which says so.")


def text_of(file: Path) -> str:
    """Return what a file says; of a saved mail its text too, however it is encoded."""
    saved = file.read_bytes()
    body = message_from_bytes(saved, policy=policy.default).get_body(("plain",))
    told = str(body.get_content()) if body else ""
    return f"{saved.decode('utf-8', 'replace')}\n{told}"


@click.group()
def clock() -> None:
    """Look after the time that decides what is erased."""


@clock.command("status")
def clock_status() -> None:
    """Say whether the system clock is believed; exit with 1 if it is not.

    `deploy/backup` asks: under a wrong clock every copy looks old.
    """
    config = settings()
    doubt = config.production and clock_doubt(config)
    click.echo(doubt or "ok")
    if doubt:
        raise click.exceptions.Exit(1)


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
