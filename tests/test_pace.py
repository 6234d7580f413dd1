"""The pace of halls and floods: turns one after the other, for however many."""

import re
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import expect

from citizen import LISTENING, VOLUNTEER
from forms_service import urls
from forms_service.config import Config
from forms_service.moving_window import REMEMBERED, BoundedMemoryStorage
from forms_service.pace import NoTurn, Pace, allowed_by_disk, networks_of
from forms_service.store import counts
from service import Clock

FORM = "/moduli/it/volontari"
CONFIRM = f"{FORM}/conferma"
PLENTY = 1_000_000


@pytest.fixture
def clock():
    return Clock()


def paced(clock, hourly_limit=PLENTY, least=2):
    return Pace(BoundedMemoryStorage(clock), clock, lambda: hourly_limit, least)


def taken(pace, clock, address="203.0.113.9"):
    """Return the seconds until the next turn of an address; None when there is none."""
    try:
        return pace.take(address) - clock().timestamp()
    except NoTurn:
        return None


def test_who_comes_alone_waits_only_as_long_as_one_reads(clock):
    pace = paced(clock)
    assert [taken(pace, clock) for _ in range(10)] == [2] * 10
    clock.advance(seconds=60)
    assert taken(pace, clock) == 2


def test_a_thousand_pages_opened_at_once_come_one_after_the_other(clock):
    pace = paced(clock)
    waits = [taken(pace, clock) for _ in range(1000)]
    given = [wait for wait in waits if wait is not None]
    assert given == sorted(given)
    assert len(given) == 300
    assert waits[300:] == [None] * 700
    assert max(Counter(given).values()) <= 12
    assert given[-1] <= 600
    # Who presses again later finds turns.
    clock.advance(minutes=10)
    assert taken(pace, clock) == 2


@pytest.mark.parametrize("second", [0, 31, 59.9])
def test_a_hall_of_200_behind_one_address_is_through_in_ten_minutes(clock, second):
    clock.advance(seconds=second)
    pace = paced(clock)
    waits = [taken(pace, clock) for _ in range(200)]
    assert max(waits) < 600


def through_in_an_hour(hourly_limit, clock):
    """Let 500 networks take every turn, keep it as long as they may, then use it."""
    pace = paced(clock, hourly_limit)
    usable = []
    for minute in range(90):
        for network in range(minute % 10, 500, 10):
            address = f"10.{network // 250}.{network % 250}.1"
            wait = taken(pace, clock, address)
            if wait is not None:
                usable.append(clock() + timedelta(seconds=wait))
        clock.advance(minutes=1)
    hoarded = clock.now - timedelta(hours=1, minutes=10)
    return sum(hoarded <= turn < clock.now for turn in usable)


def test_500_networks_together_never_send_more_than_the_limit_of_an_hour(clock):
    assert 0.8 * 1440 < through_in_an_hour(1440, clock) <= 1440
    # The same flood without a limit worth the name is larger.
    assert through_in_an_hour(PLENTY, clock) > 1440


def test_when_all_turns_are_given_it_says_of_whom_and_when_to_come_again(clock):
    begun = clock.now
    pace = paced(clock, hourly_limit=72)
    assert [taken(pace, clock, f"10.0.{n}.1") for n in range(10)][0] == 2
    with pytest.raises(NoTurn) as none:
        pace.take("10.0.99.1")
    assert (none.value.together, none.value.again - begun) == (
        True,
        timedelta(minutes=10),
    )
    pace = paced(clock)
    for _ in range(300):
        pace.take("10.0.0.1")
    with pytest.raises(NoTurn) as none:
        pace.take("10.0.0.1")
    assert not none.value.together
    assert pace.take("10.0.0.2")


def test_a_turn_is_kept_for_ten_minutes_and_another_is_then_free_at_once(clock):
    pace = paced(clock)
    turn = pace.take("10.0.0.1")
    assert pace.left(turn) == 2
    clock.advance(minutes=10)
    assert pace.kept(turn, "10.0.0.1") == turn
    assert pace.left(turn) == 0
    clock.advance(seconds=2)
    assert pace.kept(turn, "10.0.0.1") == clock().timestamp()
    # A key of the version before has no turn at all.
    assert pace.left(pace.kept(0, "10.0.0.1")) == 0


def test_the_limit_of_the_hour_is_looked_up_again_each_minute(clock):
    allowed = [72, 0]
    pace = Pace(BoundedMemoryStorage(clock), clock, lambda: allowed.pop(0), 2)
    assert taken(pace, clock, "10.0.0.1") == 2
    assert taken(pace, clock, "10.0.1.1") is not None
    assert allowed == [0]
    clock.advance(minutes=1)
    assert taken(pace, clock, "10.0.2.1") is None


def test_most_of_what_an_hour_may_bring_is_an_alarm(start_service, clock):
    service = start_service(hourly_limit=144)
    found = service.app.extensions["alarms"]
    for number in range(2 * 58):
        if number % 2 == 0 and number:
            clock.advance(minutes=1)
        read(service)
    assert found() == []
    read(service)
    assert [str(alarm.kind) for alarm in found()] == ["flood"]
    assert found()[0].detail == {"percent": 81}
    clock.advance(hours=1)
    assert found() == []
    # A full disk leaves no turn, and is told by its own alarm: nobody floods.
    full = Pace(BoundedMemoryStorage(clock), clock, lambda: 0, 2)
    assert full.percent() == 0


def test_the_free_disk_lasts_a_day_and_a_full_one_takes_nothing(tmp_path):
    assert allowed_by_disk(tmp_path) > 0
    assert allowed_by_disk(Path("/proc")) == 0


@pytest.mark.parametrize(
    ("first", "other", "narrow", "wide"),
    [
        ("203.0.113.1", "203.0.113.254", False, True),
        ("203.0.113.1", "203.0.114.1", False, False),
        ("2001:db8::1", "2001:db8::ffff:1", True, True),
        ("2001:db8::1", "2001:db8:0:1::1", False, True),
        ("2001:db8::1", "2001:db8:1::1", False, False),
        ("::ffff:203.0.113.1", "203.0.113.1", True, True),
        ("nonsense", "nonsense", True, True),
        ("nonsense", "", False, False),
    ],
)
def test_who_shares_an_address_shares_turns(first, other, narrow, wide):
    mine, theirs = networks_of(first), networks_of(other)
    assert (mine[0] == theirs[0], mine[1] == theirs[1]) == (narrow, wide)


@settings(max_examples=30)
@given(st.text())
def test_whatever_a_proxy_calls_an_address_has_a_network(text):
    assert len(networks_of(text)) == 2


def test_counts_end_with_their_minute_and_are_bounded(clock):
    storage = BoundedMemoryStorage(clock)
    assert [storage.incr("a", 60), storage.incr("a", 60, 2)] == [1, 3]
    clock.advance(seconds=60)
    assert storage.incr("a", 60) == 1
    # What a clock stamped that was ahead is forgiven when it is put right.
    clock.advance(days=-1)
    assert storage.incr("a", 60) == 1
    for number in range(REMEMBERED):
        storage.incr(f"b{number}", 60)
    assert storage.incr("a", 60) == 1


def read(service, **changes):
    page = service.post(f"{FORM}/riepilogo", {**VOLUNTEER, **changes})
    assert page.status == 200, page.text
    return page


def stored(service):
    return sum(service.context.store.read(counts.of_status).values())


def test_a_program_that_sends_before_one_can_read_gets_the_same_page_back(
    start_service, clock
):
    service = start_service(summary_seconds=2)
    page = read(service)
    data = page.controls()
    assert page.find("//form/@data-wait") == ["2"]
    assert "molte persone" not in page.text

    clock.advance(seconds=1)
    early = service.post(CONFIRM, data)
    assert (early.status, early.headers["Retry-After"]) == (409, "2")
    assert "Puoi inviarle tra 1 secondo." in early.text
    # With the seconds stands a button: on a phone the other one is far below.
    assert early.find("//form[@id='form-send']/preceding::button[@form='form-send']")
    assert early.controls() == data
    assert early.find("//form/@data-wait") == ["1"]
    assert stored(service) == 0

    clock.advance(seconds=1)
    assert service.post(CONFIRM, early.controls()).status == 303
    assert service.post(CONFIRM, data).status == 303
    assert stored(service) == 1


def test_a_key_that_is_not_ours_is_no_way_around_the_seconds(start_service, clock):
    service = start_service(summary_seconds=2)
    page = service.post(CONFIRM, read(service).controls() | {"form-key": "none"})
    assert (page.status, page.find("//form/@data-wait")) == (409, ["2"])
    assert service.post(CONFIRM, page.controls()).status == 409
    assert stored(service) == 0
    clock.advance(seconds=2)
    assert service.post(CONFIRM, page.controls()).status == 303


def test_a_hall_is_told_the_seconds_and_sends_within_its_turn(start_service, clock):
    service = start_service(summary_seconds=2)
    pages = [read(service, email=f"p{number}@example.org") for number in range(13)]
    waits = [int(page.find("//form/@data-wait")[0]) for page in pages]
    assert waits == [2] * 11 + [2, 4]
    assert "molte persone stanno inviando" in pages[-1].text
    assert "Puoi inviarle tra 4 secondi." in pages[-1].text
    for page, wait in zip(pages, waits, strict=True):
        clock.now = Clock().now + timedelta(seconds=wait)
        assert service.post(CONFIRM, page.controls()).status == 303


def test_above_the_limit_of_the_hour_the_answers_stay_and_paper_is_offered(
    start_service, clock
):
    service = start_service(hourly_limit=72)
    pdf = service.config.site_dir / urls.form_pdf("volontari", "it").lstrip("/")
    pdf.parent.mkdir(parents=True, exist_ok=True)
    pdf.write_bytes(b"x" * 4100)
    for _ in range(10):
        read(service)
    full = service.post(f"{FORM}/riepilogo", VOLUNTEER)
    assert (full.status, full.headers["Retry-After"]) == (503, "601")
    assert "non possiamo ricevere altre richieste" in full.text
    assert "alle 10:10" in full.text
    assert full.find("//a/@href[contains(., '.pdf')]")
    kept = full.controls()
    assert {name: kept[name] for name in ("email", "aree")} == {
        "email": [VOLUNTEER["email"]],
        "aree": VOLUNTEER["aree"],
    }
    assert service.post(CONFIRM, kept).status == 503
    assert stored(service) == 0
    clock.advance(minutes=10)
    assert service.post(CONFIRM, kept).status == 303


def test_a_page_of_the_version_before_takes_its_turn_when_it_is_sent(service):
    form = service.context.content.form("volontari")
    for more in ([], ["2020-06-20T07:59:00+00:00"]):
        payload = [form.id, form.fingerprint, *more, f"nonce{len(more)}"]
        key = service.context.tokens.make("form-key", payload)
        data = read(service).controls() | {"form-key": key}
        assert service.post(CONFIRM, data).status == 303
    assert stored(service) == 2


@pytest.mark.parametrize(("seconds", "told"), [("0", 1), ("2", 0)])
def test_production_refuses_that_programs_pass(seconds, told):
    settings = {"FORMS_SECRET_KEYS": "k" * 32, "FORMS_SUMMARY_SECONDS": seconds}
    problems = Config.from_environment(settings).production_problems()
    assert len([line for line in problems if "SUMMARY_SECONDS" in line]) == told


def read_in_browser(page, service):
    """Fill in a form and go on to its summary."""
    page.goto(f"{service.address}/moduli/it/ascolto")
    for name, value in LISTENING.items():
        box = page.locator(f"[name={name}]")
        kind = box.first.get_attribute("type")
        if kind == "radio":
            page.locator(f"[name={name}][value={value}]").check()
        elif kind == "checkbox":
            box.check()
        elif box.evaluate("box => box.tagName") == "SELECT":
            box.select_option(value)
        else:
            box.fill(value)
    page.locator(".actions .button").first.click()
    expect(page).to_have_title(re.compile("^Controlla le tue risposte"))
    return page.locator(".actions .button")


@pytest.mark.slow
def test_a_press_before_the_turn_counts_down_and_then_sends(start_service, clock, page):
    service = start_service(summary_seconds=2)
    buttons = read_in_browser(page, service)
    # The browser counts its own seconds; the clock of the service stands still.
    clock.advance(seconds=2)
    buttons.first.click()
    expect(page).to_have_url(re.compile("/inviata/"))
    assert stored(service) == 1


@pytest.mark.slow
def test_who_waits_longer_sees_the_seconds_and_another_button_does_not_wait(
    start_service, clock, page
):
    buttons = read_in_browser(page, start_service(summary_seconds=600))
    expect(buttons.first).to_contain_text(re.compile(r"\(\d+\)"))
    buttons.nth(1).click()
    expect(page).to_have_url(re.compile("/ascolto$"))
