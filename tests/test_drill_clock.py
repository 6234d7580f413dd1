"""A clock that lies to a service in production: it serves, and nothing is erased."""

import json
from shutil import copytree

import pytest

from at_work import KEY, Visitor, in_town
from forms_service.cli.demo import invented
from forms_service.content import load_content
from forms_service.definition import raw_of
from forms_service.i18n import Translator
from machine import Machine
from sample_content import OTHER, changed

WHAT = "the clock says 40 days later, years ahead, years back"
FORM = "/moduli/de/lesepate"
BASE = "https://lesen.example"
DAY = 86_400
YEARS = 12 * 365 * DAY
# Open whatever the year is.
ALWAYS = (
    ("forms/lesepate.yml", "opens: 2031-02-10", "opens: 2001-02-10"),
    ("forms/lesepate.yml", "closes: 2031-06-30", "closes: null"),
    ("forms/lesepate.yml", "limit: 20", "limit: 2000"),
)
pytestmark = [pytest.mark.engine("sqlite"), pytest.mark.slow]


class Town:
    """A service in production, with five requests that nobody has confirmed."""

    def __init__(self, town, machine):
        self.town, self.machine, self.sent = town, machine, 0
        content = load_content(town.content)
        form = content.form("lesepate", "de")
        answers = invented(form, 1, Translator("de", content.project.zone))
        self.typed = raw_of(form, answers)
        # Nobody has it, which is asked about.
        del self.typed["rufnummer"]
        for _ in range(5):
            self.send()

    def send(self):
        """Send a form as somebody new, after having read what is sent."""
        visitor = Visitor(self.town.base)
        self.sent += 1
        typed = self.typed | {"mailadresse": [f"n{self.sent}@t{self.sent}.example.org"]}
        visitor.until(200, f"{FORM}/riepilogo", typed)
        visitor.close()
        # Where the clock lies behind, the written time passes half as fast.
        self.machine.clock(passes=6)
        visitor.until(303, f"{FORM}/conferma", typed | dict(KEY.findall(visitor.page)))
        visitor.close()

    def erased(self, **settings):
        """Have erased what is due now; return how many are gone."""
        self.town.done("purge", **settings)
        left = self.town.sql("SELECT count(*) FROM submissions")[0][0]
        gone, self.sent = self.sent - left, left
        return gone

    def health(self):
        visitor = Visitor(self.town.base)
        visitor.ask("/healthz")
        visitor.close()
        return json.loads(visitor.page)


@pytest.fixture
def town(tmp_path):
    machine = Machine(tmp_path, tmp_path / "var")
    (tmp_path / "site").mkdir()
    record = json.dumps({"base_url": BASE})
    (tmp_path / "site" / ".build.json").write_text(record)
    copytree(OTHER, tmp_path / "content")
    settings = {
        "FORMS_ENV": "production",
        "FORMS_BASE_URL": BASE,
        "FORMS_SUMMARY_SECONDS": "2",
        "FORMS_MAIL_FROM": "lesen@musterhausen.example",
    }
    with in_town(tmp_path, **settings, **machine.settings()) as made:
        made.content = changed(tmp_path / "content", *ALWAYS)
        made.start(FORM)
        yield Town(made, machine)


@pytest.mark.promise("P19", WHAT)
def test_a_clock_that_lies_erases_nothing_and_the_service_serves(town, figure):
    machine = town.machine
    for leap in (40 * DAY, YEARS, -YEARS, -3 * 365 * DAY, 3 * 365 * DAY):
        machine.clock(leap=leap)
        assert town.erased() == 0
        town.send()
    # The machine was off for 40 days, and starts again.
    town.town.stop()
    town.town.start(FORM)
    assert town.erased() == 0
    town.send()
    assert town.health()["clock"] != "ok"
    kept = town.sent
    town.town.done("clock", "accept")
    assert town.erased() > 0
    figure(
        f"{kept} requests through 5 leaps and a start: 0 erased, each followed by one "
        "more that was received; erased once a person accepts the clock"
    )


@pytest.mark.promise("P19", WHAT, control=True)
def test_without_a_second_time_a_leap_erases(town, figure):
    town.machine.clock(leap=40 * DAY)
    gone = town.erased(FORMS_ENV="")
    assert gone == 5
    figure(control=f"with the system clock alone: {gone} of 5 erased at once")
