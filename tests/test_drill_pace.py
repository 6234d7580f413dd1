"""A hall and a flood against a real service, whose clock goes on as fast as asked."""

import re
import time
from contextlib import closing
from threading import Thread

import pytest

from at_work import FORM, KEY, Visitor, in_town
from citizen import VOLUNTEER
from conftest import ROOT
from drill_table import twin
from machine import Machine

HALL, TEN_MINUTES = 200, 600
NETWORKS, MINUTES, HOURLY = 500, 70, 360
WAIT = re.compile(r'data-wait="(\d+)"')
IN_A_HALL = "200 people send from a hall behind one address"
FLOOD = "500 networks send all that they are let"
PEOPLE, SECONDS = 100, 5.0
TOGETHER = "100 people send within the same minute"
SLOW = (
    "store/writer.py",
    "            return cls(job(db))",
    "            return cls(time.sleep(0.5) or job(db))",
)
pytestmark = [pytest.mark.engine("sqlite"), pytest.mark.slow]


def typed(name):
    return VOLUNTEER | {"email": f"{name}@example.org", "nome_completo": name}


class Crowd:
    """People with a summary page and the moment at which they may press."""

    def __init__(self, town, machine):
        self.machine = machine
        self.visitor = Visitor(town.base)
        self.waiting: list[tuple[float, str, dict]] = []
        self.sent: list[float] = []
        self.refused = 0

    @property
    def now(self):
        return time.time() + self.machine.ahead

    def reads(self, name, network):
        """Open the summary; without a turn come again later. Return the wait."""
        self.visitor.network = network
        status = self.visitor.ask(f"{FORM}/riepilogo", typed(name))
        if status != 200:
            assert status in (409, 503), self.visitor.page
            self.refused += 1
            return None
        page = self.visitor.page
        wait = int(WAIT.search(page)[1])
        press = typed(name) | dict(KEY.findall(page))
        self.waiting.append((self.now + wait, network, press))
        return wait

    def presses(self, later):
        """Let seconds pass; have everybody press whose turn has come."""
        # To the server a kept connection has been idle for as long.
        self.visitor.close()
        self.machine.clock(passes=later)
        here = [item for item in self.waiting if item[0] <= self.now]
        self.waiting = [item for item in self.waiting if item[0] > self.now]
        for _, network, press in here:
            self.visitor.network = network
            status = self.visitor.ask(f"{FORM}/conferma", press)
            assert status in (303, 409, 503), self.visitor.page
            if status == 303:
                self.sent.append(self.now)


def hall(folder, program, within):
    """Let a hall send for so long; return when each was through."""
    machine = Machine(folder, folder / "var")
    settings = {"FORMS_SUMMARY_SECONDS": "2"}
    with in_town(folder, program, **settings, **machine.settings()) as town:
        town.start()
        crowd = Crowd(town, machine)
        began = crowd.now
        for number in range(HALL):
            crowd.reads(f"h{number}", "203.0.113.9")
        while len(crowd.sent) < HALL and crowd.now < began + within:
            crowd.presses(later=10)
        crowd.visitor.close()
        assert len(town.sql("SELECT 1 FROM submissions")) == len(crowd.sent)
    return [moment - began for moment in crowd.sent]


@pytest.mark.promise("P18", IN_A_HALL)
def test_a_hall_is_through_in_ten_minutes(tmp_path, figure):
    through = hall(tmp_path, ROOT, TEN_MINUTES)
    assert len(through) == HALL
    figure(f"all through after {max(through) / 60:.0f} minutes, nobody refused")


@pytest.mark.promise("P18", IN_A_HALL, control=True)
def test_a_pace_of_five_a_minute_would_keep_the_hall(tmp_path, figure):
    slow = twin(tmp_path, ("pace.py", "OF_ADDRESS = 30", "OF_ADDRESS = 5"))
    through = hall(tmp_path, slow, TEN_MINUTES)
    assert len(through) < HALL
    figure(control=f"five turns a minute: {len(through)} through")


def flooded(folder, limit):
    """Let a flood use every turn for more than an hour; return the fullest hour."""
    machine = Machine(folder, folder / "var")
    settings = {"FORMS_SUMMARY_SECONDS": "2", "FORMS_HOURLY_LIMIT": str(limit)}
    with in_town(folder, **settings, **machine.settings()) as town:
        town.start()
        crowd = Crowd(town, machine)
        for minute in range(MINUTES):
            for number in range(10):
                network = (10 * minute + number) % NETWORKS
                name = f"f{minute}-{number}"
                crowd.reads(name, f"10.{network // 250}.{network % 250}.1")
            crowd.presses(later=60)
        crowd.visitor.close()
    assert crowd.sent
    hours = [sum(at <= other < at + 3600 for other in crowd.sent) for at in crowd.sent]
    return max(hours), crowd.refused


@pytest.mark.promise("P18", FLOOD)
def test_a_flood_never_sends_more_in_an_hour_than_the_limit(tmp_path, figure):
    most, refused = flooded(tmp_path, HOURLY)
    assert 0 < most <= HOURLY
    assert refused
    figure(
        f"{most} in the fullest hour of {HOURLY} allowed; {refused} told when to come"
    )


@pytest.mark.promise("P18", FLOOD, control=True)
def test_without_a_limit_the_same_flood_is_larger(tmp_path, figure):
    most, _ = flooded(tmp_path, 100_000)
    assert most > HOURLY
    figure(control=f"without the limit: {most}")


def minute(folder, program):
    """Have people come one after the other; return how long each answer took."""
    took, faults = [], []

    def come(number):
        with closing(Visitor(town.base)) as visitor:
            for path, wanted in (("riepilogo", 200), ("conferma", 303)):
                page = typed(f"m{number}") | dict(KEY.findall(visitor.page))
                began = time.monotonic()
                if visitor.ask(f"{FORM}/{path}", page) != wanted:
                    faults.append(visitor.page)
                    return
                took.append(time.monotonic() - began)
                if wait := WAIT.search(visitor.page):
                    time.sleep(int(wait[1]))

    with in_town(folder, program, FORMS_SUMMARY_SECONDS="2") as town:
        town.start()
        people = [Thread(target=come, args=[number]) for number in range(PEOPLE)]
        for person in people:
            person.start()
            time.sleep(0.3)
        for person in people:
            person.join()
        stored = town.sql("SELECT count(*) FROM submissions")[0][0]
    return sorted(took), faults, stored


@pytest.mark.promise("P16", TOGETHER)
def test_a_hundred_in_one_minute_are_all_served_at_once(tmp_path, figure):
    took, faults, stored = minute(tmp_path, ROOT)
    assert faults == []
    assert stored == PEOPLE
    assert took[-3] < SECONDS
    figure(f"all received; 99 of 100 answers within {took[-3]:.2f} s")


@pytest.mark.promise("P16", TOGETHER, control=True)
def test_a_service_that_takes_half_a_second_a_row_keeps_them_waiting(tmp_path, figure):
    took, faults, stored = minute(tmp_path, twin(tmp_path, SLOW))
    assert faults or took[-3] > SECONDS
    figure(control=f"half a second a row: {len(faults)} refused, {stored} received")
