"""Fifty people and ten places: real requests, real threads, one line in order.

On PostgreSQL half of them meet another service, as behind a proxy.
"""

import threading
from http.client import HTTPConnection
from ipaddress import ip_network
from urllib.parse import urlencode, urlsplit

import pytest

from forms_service.store import outbox
from forms_service.store.events import EventVerb
from forms_service.store.submissions import Seat
from forms_service.workflow import capacity, deciding, sending, verification
from life import TYPED
from sample_content import copied
from stored import rows_of

FILE = "forms/every-type.yml"
FORM = "every-type"
PEOPLE, SEATS = 50, 10


def at_once(services, count):
    """Send everybody's summary in the same moment; return the answers' statuses."""
    service = services[0]
    form = service.context.content.form(FORM)
    bodies = [
        urlencode(
            TYPED
            | {
                "email": f"p{n}@example.org",
                "form-key": sending.new_form_key(service.context, form),
                "form-version": form.fingerprint,
            }
        )
        for n in range(count)
    ]
    hosts = [urlsplit(each.address).netloc for each in services]
    barrier, statuses = threading.Barrier(count), []

    def post(number, body):
        host = hosts[number % len(hosts)]
        connection = HTTPConnection(host, timeout=30)
        connection.connect()
        barrier.wait()
        # Each comes from a network of its own: from one they would come by turns.
        headers = {
            "Content-Type": "application/x-www-form-urlencoded",
            "X-Forwarded-For": f"20.0.{number}.9",
        }
        connection.request("POST", f"/moduli/it/{FORM}/conferma", body, headers)
        statuses.append(connection.getresponse().status)
        connection.close()

    threads = [threading.Thread(target=post, args=each) for each in enumerate(bodies)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return statuses


def line_of(service):
    """Return all rows in order of arrival, each with its place in the line."""

    def job(db):
        rows = rows_of(db, FORM)
        return rows, [capacity.position(db, row) for row in rows]

    return service.context.store.read(job)


@pytest.mark.parametrize("count", ["people", "rows"])
def test_ten_of_fifty_get_a_place_and_the_others_wait_in_order(
    start_service, tmp_path, count
):
    change = (FILE, "count: people, limit: 10", f"count: {count}, limit: 10")
    automatic = (FILE, "promotion: staff", "promotion: automatic")
    content = copied(tmp_path, change, automatic)
    proxy = (ip_network("127.0.0.1/32"),)
    service = start_service(content, trusted_proxies=proxy)
    service.clock.now = service.clock.now.replace(year=2030, month=3)
    services = [service]
    if where := service.config.database_url:
        services.append(
            start_service(content, trusted_proxies=proxy, database_url=where)
        )

    assert at_once(services, PEOPLE) == [303] * PEOPLE

    rows, line = line_of(service)
    waiting = PEOPLE - SEATS
    assert [row.place for row in rows] == [Seat.HELD] * SEATS + [Seat.WAITING] * waiting
    assert line == [None] * SEATS + [*range(1, waiting + 1)]
    assert len({row.email for row in rows}) == PEOPLE

    each_step_has_its_mail(service, rows[0], rows[SEATS])


def each_step_has_its_mail(service, holder, first):
    """The first in line gets the place of who goes, and both are told."""
    work = service.context
    for submission in (holder, first):
        verification.confirm(work, submission.id)
    deciding.decide(work, holder.id, EventVerb.WITHDRAW, "citizen")
    rows, line = line_of(service)
    assert [row.place for row in rows if row.id == first.id] == [Seat.HELD]
    assert [n for n in line if n] == [*range(1, PEOPLE - SEATS)]

    def kinds(submission):
        mails = work.store.read(lambda db: outbox.of_submission(db, submission.id))
        return [mail.kind for mail in mails]

    assert kinds(holder) == ["verify", "receipt", "withdrawn"]
    assert kinds(first) == ["verify", "receipt", "promoted"]
