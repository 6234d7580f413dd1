"""Mail servers that stall, hang up, refuse and send back: all other mails leave.

A service at work, a mail server that behaves as the domain of the address says, and a
Maildir to which what is refused later comes back.
"""

import asyncio
import mailbox
import time

import pytest

from at_work import Post, Visitor, in_town
from conftest import ROOT
from drill_table import twin
from returned_mails import POSTFIX

WHAT = "mails stall, are dropped, refused at once and later; the others leave"
GOOD, EACH = 40, 2
SECONDS = 60
# What the page after sending offers when the mail was refused.
OTHER_ADDRESS = 'href="#address"'
FAULTS = ("tarpit.example", "dropped.example", "refused.example", "bounced.example")
# A failure after the sender was named counts against the way, as it once did.
BLAMES = (
    (
        "mail/smtp.py",
        "raise RecipientRefused(self._broken",
        "raise Unreachable(self._broken",
    ),
)
pytestmark = [pytest.mark.engine("sqlite"), pytest.mark.slow]


class Odd(Post):
    """A mail server that does to each address what its domain says."""

    def __init__(self, box):
        super().__init__()
        self.box = box

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if address.endswith("refused.example"):
            return "550 5.1.1 nobody here"
        return await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        (address,) = envelope.rcpt_tos
        if address.endswith("tarpit.example"):
            await asyncio.sleep(3600)
        if address.endswith("dropped.example"):
            server.transport.abort()
        if address.endswith("bounced.example"):
            back = envelope.mail_from
            self.box.add(POSTFIX.replace("{back}", back).replace("{key}", "0" * 32))
        return await super().handle_DATA(server, session, envelope)


def sent(folder, program, seconds):
    """Send to all kinds of addresses at once; return what came of each."""
    box = mailbox.Maildir(folder / "box")
    named = {"FORMS_BOUNCES": str(folder / "box")}
    with in_town(folder, program, Odd(box), **named) as town:
        town.start()
        visitor, pages = Visitor(town.base), {}
        for number in range(GOOD):
            for domain in FAULTS if number < EACH else ():
                town.send(visitor, domain)
                pages[domain] = visitor.location
            town.send(visitor)
        good = {email for email in town.told.received if email.endswith("example.org")}
        began = time.monotonic()
        while not good <= town.post.reached and time.monotonic() < began + seconds:
            time.sleep(0.1)
        took, late = time.monotonic() - began, good - town.post.reached
        if not late:
            told_of_refusals(town, visitor, pages)
        visitor.close()
    return took, len(late)


def told_of_refusals(town, visitor, pages):
    """Wait until persons and staff are told which mails were refused."""
    for domain in ("refused.example", "bounced.example"):
        ends = time.monotonic() + 120
        while visitor.ask(pages[domain]) != 200 or OTHER_ADDRESS not in visitor.page:
            assert time.monotonic() < ends, domain
            time.sleep(1)
    told = town.done("mail", "status", code=1)
    assert "hung up at DATA" in told
    assert "550 5.1.1" in told


@pytest.mark.promise("P20", WHAT)
def test_whatever_mail_servers_do_the_other_mails_leave_within_a_minute(
    tmp_path, figure
):
    took, late = sent(tmp_path, ROOT, SECONDS)
    assert late == 0
    figure(
        f"{GOOD} mails beside {EACH * len(FAULTS)} in trouble: all left within "
        f"{took:.0f} s; both refusals told on the page after sending"
    )


@pytest.mark.promise("P20", WHAT, control=True)
def test_where_the_way_is_blamed_for_one_mail_the_others_wait(tmp_path, figure):
    _, late = sent(tmp_path, twin(tmp_path, *BLAMES), SECONDS // 3)
    assert late
    figure(control=f"the relay blamed for a mail: {late} of {GOOD} still wait")
