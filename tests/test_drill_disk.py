"""The disk refuses: at each call in turn, and for a while. Who sends keeps the answers.

The service is not started again: the next one who presses after it is served.
"""

import errno
import json
import time

import pytest

from at_work import FORM, KEY, Visitor, broken, in_town
from citizen import VOLUNTEER
from machine import SWALLOW, Machine

CALLS, SECONDS = 60, 3.0
EACH = "one call to the disk fails, each in turn, with EIO and with ENOSPC"
FULL = "the disk is full for a while, with everybody at work"
pytestmark = [pytest.mark.engine("sqlite"), pytest.mark.slow]
NAMES = {errno.EIO: "EIO", errno.ENOSPC: "ENOSPC"}


@pytest.fixture
def machine(tmp_path):
    return Machine(tmp_path, tmp_path / "var")


@pytest.fixture
def town(tmp_path, machine):
    with in_town(tmp_path, **machine.settings()) as made:
        made.start()
        yield made
        machine.mend()


def press(town, visitor, email):
    """Read a summary, and return what its button then sends."""
    typed = VOLUNTEER | {"email": email}
    visitor.until(200, f"{FORM}/riepilogo", typed)
    return typed | dict(KEY.findall(visitor.page))


def sent_through(town, machine, fault):
    """Press once for each call that fails meanwhile; return how many had to again."""
    visitor, again = Visitor(town.base), 0
    for call in range(1, CALLS + 1):
        email = f"n{call}@{NAMES[fault].lower()}.example.org"
        typed = press(town, visitor, email)
        machine.fail(fault, call, call)
        status = visitor.ask(f"{FORM}/conferma", typed)
        machine.mend()
        if status != 303:
            assert status == 503, visitor.page
            assert VOLUNTEER["nome_completo"] in visitor.page
            again += 1
            # The next press is served, without a restart.
            assert visitor.ask(f"{FORM}/conferma", typed) == 303, visitor.page
        town.told.received[email] = town.now()
    visitor.close()
    return again


@pytest.mark.promise("P4", EACH)
def test_whichever_call_fails_nothing_is_lost_and_the_next_press_is_served(
    town, machine, figure
):
    again = {name: sent_through(town, machine, fault) for fault, name in NAMES.items()}
    town.stop()
    assert broken(town.database, town.told) == []
    assert min(again.values()) > 1
    told = ", ".join(
        f"{number} told to press again by {n}" for n, number in again.items()
    )
    figure(f"{2 * CALLS} calls: {told}; {len(town.told.received)} received, 0 lost")


def swallowed(town, machine):
    """Have a disk only say that it wrote; return what is lost of five requests."""
    visitor = Visitor(town.base)
    machine.fail(SWALLOW)
    for _ in range(5):
        town.send(visitor)
    visitor.close()
    town.kill()
    return [item for item in broken(town.database, town.told) if "lost" in item]


@pytest.mark.promise("P4", EACH, control=True)
def test_a_disk_that_only_says_that_it_wrote_loses(town, machine, figure):
    lost = swallowed(town, machine)
    assert lost
    figure(control=f"writes that are swallowed: {len(lost)} of 5 lost")


@pytest.mark.promise("P4", FULL)
def test_on_a_full_disk_nothing_is_called_received_that_is_not_stored(
    town, machine, figure
):
    watch = Visitor(town.base)
    with town.working():
        town.wait_for(lambda: len(town.told.received) > 20)
        machine.fail(errno.ENOSPC)
        began = time.monotonic()
        while watch.ask("/healthz") != 503:
            assert time.monotonic() < began + 60, watch.page
        assert json.loads(watch.page)["database"].startswith("SQLITE_")
        before = len(town.told.received)
        time.sleep(SECONDS)
        meanwhile = len(town.told.received) - before
        machine.mend()
        assert (
            watch.ask(f"{FORM}/conferma", press(town, watch, "a@b.example.org")) == 303
        )
        town.wait_for(lambda: len(town.told.received) > before + meanwhile + 20)
    watch.close()
    town.stop()
    assert broken(town.database, town.told) == []
    told = town.refused[503]
    assert (meanwhile <= 4, told > 0) == (True, True)
    figure(
        f"{told} told to wait with their answers, {len(town.told.received)} received: "
        "0 lost; the first press after it served"
    )


@pytest.mark.promise("P4", FULL, control=True)
def test_what_a_full_disk_swallows_is_seen_as_lost(town, machine, figure):
    lost = swallowed(town, machine)
    assert lost
    figure(control=f"called received all the same: {len(lost)} of 5 lost")
