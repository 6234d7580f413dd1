"""No page of staff reads the table of requests through, by the plans PostgreSQL used.

The server tells each plan with the rows that it came upon (auto_explain), of all that
the pages ask. What is looked for came last: whoever reads in order finds it at the end.
"""

import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from bench.fill import RARE
from bench.postgres import multiply
from clerk import Clerk, prove, send, signed_in
from cluster import Cluster
from forms_service.store import counts
from forms_service.store.postgres import connect

pytestmark = [pytest.mark.engine("postgresql"), pytest.mark.slow]

ROWS, NEW = 20_000, 300
# Five hundred of a kind and a thousand of a list are the most that anybody counts.
MOST = ROWS // 8
TOLD = {
    "session_preload_libraries": "auto_explain",
    "auto_explain.log_min_duration": "0",
    "auto_explain.log_analyze": "on",
    "auto_explain.log_timing": "off",
    "auto_explain.log_format": "json",
}
PLAN = re.compile(r"plan:\n((?:\t.*\n)+)")


class Plans:
    """The plans that a server writes into its log, from now on."""

    def __init__(self, log: Path) -> None:
        self._log = log

    def of(self, work: Callable[[], object]) -> dict[str, int]:
        """Do something; return its statements, and how many rows each came upon."""
        before = self._log.stat().st_size
        work()
        with self._log.open("rb") as log:
            log.seek(before)
            told = PLAN.findall(log.read().decode())
        found: dict[str, int] = {}
        for plan in map(json.loads, told):
            rows = sum(map(looked_at, nodes(plan["Plan"])))
            asked = plan["Query Text"]
            found[asked] = max(rows, found.get(asked, 0))
        return found


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a step of a plan and all below it."""
    yield plan
    for below in plan.get("Plans", []):
        yield from nodes(below)


def looked_at(step: dict[str, Any]) -> int:
    """Return how many rows of a table or an index a step came upon."""
    if "Scan" not in step["Node Type"] or step["Node Type"] == "Subquery Scan":
        return 0
    removed = [rows for name, rows in step.items() if name.startswith("Rows Removed")]
    return int((step["Actual Rows"] + sum(removed)) * step["Actual Loops"])


@pytest.fixture
def full(
    start_service: Callable[..., Any],
    new_database: Callable[[], str],
    cluster: Cluster,
) -> tuple[Clerk, Plans, Any]:
    """A clerk, the plans of what is asked for, and a request among twenty thousand."""
    url = new_database()
    options = " ".join(f"-c {name}={value}" for name, value in TOLD.items())
    service = start_service(database_url=f"{url}&options={quote(options)}")
    for number in range(12):
        for form_id in ("volontari", "barriere"):
            prove(service, send(service, form_id, email=f"p{number}@example.org"))
    with closing(connect(url)) as db:
        multiply(db, ROWS)
        # Of what came long ago a third is still open, and presses in a year.
        db.execute(
            "UPDATE submissions SET due_on = '2021-06-20', status = CASE number % 3 "
            "WHEN 0 THEN 'new' ELSE 'accepted' END "
            f"WHERE number < (SELECT max(number) - {NEW} FROM submissions)"
        )
        # As many names as people have, and one that few have.
        db.execute("UPDATE submissions SET search = search || ' n' || number % 997")
        # An answer that a third gave: they are not all read to show and count some.
        db.execute(
            "UPDATE submissions SET answers = CAST(jsonb_set(CAST(answers AS jsonb), "
            "'{comune}', '\"altro\"') AS text) WHERE number % 3 > 0"
        )
        # The newest of all, whom nothing shows.
        db.execute(
            "UPDATE submissions SET proof = 'none', phone = '+390564484111' "
            "WHERE number > (SELECT max(number) - 3 FROM submissions)"
        )
        db.execute("DELETE FROM counts")
        counts.count_again(db)
        db.execute("VACUUM ANALYZE")
        middle = db.execute(
            f"SELECT id, number FROM submissions WHERE number = {ROWS // 2}"
        ).fetchone()
    return signed_in(service), Plans(cluster.folder / "log"), middle


def test_a_page_of_staff_comes_upon_few_of_many_requests(full):
    clerk, plans, middle = full
    lists = {
        "new": "stato=new",
        "all": "stato=tutte",
        "needs": "stato=serve",
        "mine": "stato=mie",
        "form": "modulo=volontari&stato=tutte",
        "due": "modulo=barriere&ordine=scadenza",
        "before": f"stato=tutte&prima={middle['number']}",
        "after": f"stato=accepted&dopo={middle['number']}",
        "answer": "modulo=volontari&stato=tutte&risposta=comune:monte",
    }
    pages = {
        name: partial(clerk.get, f"/staff/?{asked}") for name, asked in lists.items()
    }
    for words in ("Nguyen", RARE, "xyzzyqq"):
        pages[words] = partial(clerk.find, words)
    request = clerk.submission(middle["id"])
    pages["request"] = partial(clerk.get, f"{request}?stato=accepted")
    # At last PostgreSQL may keep one plan for all values of a statement.
    for number in range(11):
        for name, page in pages.items():
            read = plans.of(page)
            assert any("FROM submissions" in asked for asked in read), name
            wrong = {asked: rows for asked, rows in read.items() if rows > MOST}
            assert not wrong, (name, number)
    # What does read all of them is told, and what finds one of them is not.
    assert rows_found_by(clerk, plans, "name", "nobody") == pytest.approx(
        ROWS, rel=0.01
    )
    assert rows_found_by(clerk, plans, "id", middle["id"]) == 1


def rows_found_by(clerk, plans, column, value):
    """Return how many requests PostgreSQL comes upon to find the one with a value."""
    asked = f"SELECT number FROM submissions WHERE {column} = ? ORDER BY number LIMIT 9"
    read = clerk.service.context.store.read
    (rows,) = plans.of(lambda: read(lambda db: db.execute(asked, [value]))).values()
    return rows
