"""One button pressed fifty times, a locked database, and links that machines open."""

import sqlite3
import time
from contextlib import closing
from threading import Barrier, Thread

import pytest

from at_work import FORM, KEY, LINK, Visitor, in_town
from citizen import VOLUNTEER
from drill_table import twin

TWICE = "one button is pressed fifty times at once"
LOCKED = "another program keeps the database locked"
OPENED = "machines open the link of a mail before the person does"
PRESSES, POSTS, SECONDS = 50, 8, 10.0
pytestmark = [pytest.mark.engine("sqlite"), pytest.mark.slow]


@pytest.fixture
def town(tmp_path):
    with in_town(tmp_path) as made:
        made.start()
        yield made


def summary(town, name):
    """Read a summary page; return what its button sends."""
    typed = VOLUNTEER | {"email": f"{name}@{name}.example.org"}
    with closing(Visitor(town.base)) as visitor:
        visitor.until(200, f"{FORM}/riepilogo", typed)
        return typed | dict(KEY.findall(visitor.page))


def pressed(town, pages):
    """Press the button of each page at once; return status and time of each answer."""
    answers = []
    together = Barrier(len(pages))

    def press(page):
        with closing(Visitor(town.base)) as visitor:
            together.wait()
            began = time.monotonic()
            status = visitor.ask(f"{FORM}/conferma", page)
            answers.append((status, visitor.location, time.monotonic() - began))

    threads = [Thread(target=press, args=[page]) for page in pages]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def rows(town):
    return town.sql("SELECT count(*) FROM submissions")[0][0]


@pytest.mark.promise("P3", TWICE)
def test_fifty_presses_of_one_button_are_one_request(town, figure):
    answers = pressed(town, [summary(town, "one")] * PRESSES)
    assert {status for status, *_ in answers} == {303}
    sent = town.sql("SELECT count(*) FROM outbox WHERE kind = 'verify'")[0][0]
    assert (rows(town), sent) == (1, 1)
    figure(f"{PRESSES} answers, 1 request, 1 mail")


@pytest.mark.promise("P3", TWICE, control=True)
def test_fifty_buttons_are_fifty_requests(town, figure):
    pressed(town, [summary(town, f"n{number}") for number in range(PRESSES)])
    assert rows(town) == PRESSES
    figure(control=f"a page each: {PRESSES} requests")


def locked(town):
    """Press while another program writes; return the answers."""
    pages = [summary(town, f"n{number}") for number in range(POSTS)]
    with closing(sqlite3.connect(town.database, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        answers = pressed(town, pages)
        assert rows(town) == 0
        other.execute("ROLLBACK")
    return answers, pages


@pytest.mark.promise("P5", LOCKED)
def test_who_sends_to_a_locked_database_is_told_to_wait(town, figure):
    answers, pages = locked(town)
    assert {status for status, *_ in answers} == {503}
    slowest = max(took for *_, took in answers)
    assert slowest < SECONDS
    with closing(Visitor(town.base)) as visitor:
        for page in pages:
            visitor.until(303, f"{FORM}/conferma", page)
    assert rows(town) == POSTS
    figure(f"{POSTS} told to wait within {slowest:.1f} s, no 500; all sent afterwards")


@pytest.mark.promise("P5", LOCKED, control=True)
def test_with_more_patience_they_would_wait(tmp_path, figure):
    patient = ("store/writer.py", "PATIENCE_SECONDS = 2.0", "PATIENCE_SECONDS = 12.0")
    with in_town(tmp_path, twin(tmp_path, patient)) as town:
        town.start()
        answers, _ = locked(town)
    slowest = max(took for *_, took in answers)
    assert slowest > SECONDS
    figure(control=f"a patience of 12 s: {slowest:.0f} s")


@pytest.mark.promise("P9", OPENED)
def test_only_the_button_confirms(town, figure):
    with closing(Visitor(town.base)) as visitor:
        town.send(visitor)
        _, octets = town.post.mails.get(timeout=120)
        mail = octets.decode().replace("=\r\n", "")
        link = LINK.search(mail)[0]
        for _ in range(3):
            assert visitor.ask(link) == 200
        assert visitor.ask(f"{link}/conferma") in (302, 303)
        assert town.sql("SELECT status FROM submissions") == [("unverified",)]
        assert visitor.ask(f"{link}/conferma", {}) == 200
    assert town.sql("SELECT status FROM submissions") == [("new",)]
    figure("opened 4 times: still unproven", control="the button pressed: proven")
