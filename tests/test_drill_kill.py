"""The service is killed while everybody is at work: all that was said holds."""

import secrets
import time

import pytest

from at_work import broken, in_town
from drill_table import twin
from machine import Machine

KILLS, RECEIVED = 50, 10_000
WHAT = "the service is killed at any moment, with mail and staff at work"
pytestmark = [pytest.mark.engine("sqlite"), pytest.mark.slow]
ANSWERS = "                outcome.deliver(waiting.answer)"
COMMITS = "                self._db.commit()\n"
AT_ONCE = """                for waiting, outcome in zip(inside, outcomes, strict=True):
                    if outcome is not None:
                        outcome.deliver(waiting.answer)
                time.sleep(0.05)
"""
# Whoever sends is answered before the commit.
HASTY = (
    ("store/writer.py", ANSWERS, "                pass"),
    ("store/writer.py", COMMITS, AT_ONCE + COMMITS),
)


def killed(town, kills, received, **work):
    """Kill so often, and go on until so many have been told "received".

    Return how long it took to serve again, at most.
    """
    dice, slowest = secrets.SystemRandom(), town.start()
    with town.working(**work):
        for number in range(1, kills + 1):
            while len(town.told.received) < number * received // kills:
                assert not town.faults, town.faults
                time.sleep(0.01)
            time.sleep(dice.uniform(0, 0.2))
            town.kill()
            slowest = max(slowest, town.start())
    return slowest


def worked_on(folder, kills, received):
    """Kill and look that all holds; return what was told, mails twice, the waiting."""
    machine = Machine(folder, folder / "var")
    with in_town(folder, **machine.settings()) as town:
        slowest = killed(town, kills, received, share=8)
        # What a sender had when it was killed is sent when its lease is over.
        machine.clock(passes=150)
        town.wait_for_mails()
        town.stop()
        assert broken(town.database, town.told) == []
        town.done("audit", "verify")
        assert {*town.told.received} <= town.post.reached
        twice = sum(number - 1 for number in town.post.ids.values())
        assert twice <= 4 * kills
    return town.told, twice, slowest


def test_five_kills_lose_and_double_nothing(tmp_path):
    told, *_ = worked_on(tmp_path, KILLS // 10, RECEIVED // 50)
    assert len(told.received) >= RECEIVED // 50


@pytest.mark.drill
@pytest.mark.promise("P1", WHAT)
def test_fifty_kills_lose_and_double_nothing(tmp_path, figure):
    told, twice, slowest = worked_on(tmp_path, KILLS, RECEIVED)
    figure(
        f"{KILLS} kills, {len(told.received):,} received, {len(told.confirmed):,} "
        f"confirmed, {len(told.decided):,} accepted: 0 lost, 0 doubled; {twice} mails "
        f"twice, with the same Message-ID; served again after {slowest:.1f} s at most"
    )


@pytest.mark.promise("P1", WHAT, control=True)
def test_a_service_that_answers_before_its_commit_loses(tmp_path, figure):
    with in_town(tmp_path, twin(tmp_path, *HASTY)) as town:
        killed(town, 8, 160, staff=False, share=65536)
        town.stop()
        lost = [item for item in broken(town.database, town.told) if "lost" in item]
        assert lost
        figure(control=f"answered before the commit: {len(lost)} lost in 8 kills")
