"""Staff pages and tables with few rows and with many, asked as staff do."""

import zipfile
from collections.abc import Callable, Mapping
from contextlib import closing
from io import BytesIO
from statistics import median
from time import perf_counter
from urllib.parse import urlencode

from forms_service.definition import Field, FormDefinition
from forms_service.store.database import looked_into
from forms_service.store.sqlite import connect

from .browser import Browser, sign_in
from .fill import DEMO, RARE, database, invent, multiply, where
from .place import Place
from .processes import (
    Server,
    connection,
    family_cpu_seconds,
)
from .results import Results

MANY = 200_000
TIMES = 7
KINDS = ("csv", "xlsx")
# Pages that have a target, by its key.
JUDGED = {
    "staff_first": "first page",
    "staff_middle": "in the middle",
    "staff_filtered": "answer, one value",
    "staff_searched": "search, a common word",
    "staff_detail": "one request",
}


def measure(place: Place, results: Results, many: int = MANY) -> None:
    """Ask all pages with few rows and with many; then take tables out."""
    form = place.people().form
    small, big = f"rows-{DEMO}", f"rows-{many}"
    invent(place.settings(small))
    fill_a_page(place.settings(small), form)
    multiply(place.settings(big), database(place.settings(small)), many)
    few, some = _measured(place, results, small, form)
    much, all_of_them = _measured(place, results, big, form)
    _tell(results, some, all_of_them)
    for key, name in JUDGED.items():
        results.figure(key, much[name] / few[name])
    rows = [[name, few[name], much[name], much[name] / few[name]] for name in few]
    columns = ["page", f"CPU ms, {DEMO:,} rows", f"CPU ms, {many:,} rows", "ratio"]
    results.table("Staff pages", columns, rows)


def measure_a_million(place: Place, results: Results) -> None:
    """Do the same with five times as many rows."""
    measure(place, results, 5 * MANY)


def _measured(
    place: Place, results: Results, name: str, form: FormDefinition
) -> tuple[dict[str, float], "list[Table]"]:
    """Return what each page costs, and the tables that were taken out."""
    settings = place.settings(name)
    with place.service(name) as service:
        # What the service does by itself after its start is no cost of a page.
        service.wait_until_idle()
        browser = sign_in(service.port, settings)
        used = service.cpu_seconds
        cost = costs(browser, settings, form, used)
        # Of two the last is kept, which has many rows.
        results.figure("start_rows", service.start_seconds)
        return cost, [table(service, browser, form.id, kind) for kind in KINDS]


def costs(
    browser: Browser,
    settings: Mapping[str, str],
    form: FormDefinition,
    used: Callable[[], float],
) -> dict[str, float]:
    """Return what each page costs; `used` says how much processor was used so far."""
    paths = addresses(settings, form) | searches(browser, settings)
    return {page: page_cost(used, browser, path) for page, path in paths.items()}


def addresses(settings: Mapping[str, str], form: FormDefinition) -> dict[str, str]:
    """Return the pages of staff that are asked, by what they are called."""
    with looked_into(where(settings)) as db:
        middle, submission = db.execute(
            "SELECT number, id FROM submissions WHERE number <= "
            "(SELECT max(number) / 2 FROM submissions) ORDER BY number DESC LIMIT 1"
        ).fetchone()
    choice = choice_of(form)
    ticks = next(f for f in form.fields if f.filterable and f.type == "checkboxes")
    queues: dict[str, dict[str, object]] = {
        "first page": {},
        "all states": {"stato": "tutte"},
        "in the middle": {"stato": "tutte", "prima": middle},
        "one form": {"modulo": form.id},
        "one form, all states": {"modulo": form.id, "stato": "tutte"},
        "answer, one value": _answer(form, choice.id, choice.choices[0].id),
        "answer in a group": _answer(form, ticks.id, ticks.choices[0].id),
    }
    pages = {name: f"/staff/?{urlencode(asked)}" for name, asked in queues.items()}
    return pages | {
        "one request": f"/staff/richiesta/{submission}",
        "tables": "/staff/tabelle",
        "opinions": "/staff/pareri",
        "metrics": "/metrics",
    }


def searches(browser: Browser, settings: Mapping[str, str]) -> dict[str, str]:
    """Return the pages of what is typed into the box, which the session numbers."""
    words = {
        "search, a common word": _name(settings),
        "search, a rare word": RARE,
        "search, nothing found": "xyzzyqq",
    }
    browser.get("/staff/")
    for typed in words.values():
        browser.post("/staff/cerca", {"testo": typed})
        browser.get("/staff/")
    return {name: f"/staff/?cerca={n}" for n, name in enumerate(words, 1)}


def choice_of(form: FormDefinition) -> Field:
    """Return the field by whose single answer requests are looked for."""
    return next(f for f in form.fields if f.filterable and f.type == "select")


def fill_a_page(settings: Mapping[str, str], form: FormDefinition) -> None:
    """Give every third request the same answer, so that looking for it fills a page.

    A page with a dozen of a thousand rows, beside one with fifty of a million, says
    what a row costs and not what many rows do.
    """
    choice = choice_of(form)
    with closing(connect(database(settings))) as db:
        db.execute(
            f"UPDATE submissions SET answers = json_set(answers, '$.{choice.id}', ?) "
            "WHERE form_id = ? AND number % 3 = 0",
            [choice.choices[0].id, form.id],
        )


def _answer(form: FormDefinition, field: str, value: str) -> dict[str, object]:
    return {"modulo": form.id, "risposta": f"{field}:{value}", "stato": "tutte"}


def _name(settings: Mapping[str, str]) -> str:
    """Return the word that most invented names begin with."""
    with looked_into(where(settings)) as db:
        row = db.execute("SELECT name FROM submissions WHERE name > '' LIMIT 1")
        return str(row.fetchone()[0]).split()[0]


def page_cost(used: Callable[[], float], browser: Browser, path: str) -> float:
    """Return the milliseconds of processor of a page; the first time does not count."""
    each = []
    for _ in range(TIMES + 1):
        before = used()
        if (status := browser.get(path)) != 200:
            raise RuntimeError(f"{path}: {status}")
        each.append(used() - before)
    return median(each[1:]) * 1e3


def _tell(results: Results, few: "list[Table]", many: "list[Table]") -> None:
    for taken in many:
        results.figure(taken.kind, taken.rows / taken.cpu)
    results.figure("export_first", max(taken.first for taken in many))
    results.figure("export_memory", max(taken.added for taken in many))
    rows = [
        # Of few rows the kernel's clock sees nothing.
        [each.kind, each.rows, each.rows / each.cpu if each.cpu else "–", *each.seen]
        for each in (*few, *many)
    ]
    columns = ["table", "rows", "rows a CPU second", "first byte ms", "MiB more"]
    results.table("Export", columns, rows)


class Table:
    """A table that was taken out: its rows, and what it cost."""

    def __init__(
        self, service: Server, browser: Browser, form_id: str, kind: str
    ) -> None:
        self.kind, path = kind, f"/staff/tabelle/{form_id}"
        browser.get(path)
        typed = {"format": kind, "reason": "handling", "status": ""}
        before, used = service.memory(), family_cpu_seconds(service.pid)
        service.forget_peak()
        self.first, octets = take(service.port, browser, path, typed)
        self.cpu = family_cpu_seconds(service.pid) - used
        self.added = max(0.0, service.memory("VmHWM") - before)
        self.rows = rows_of(octets)
        self.seen = self.first, self.added


def table(service: Server, browser: Browser, form_id: str, kind: str) -> Table:
    """Take a table out three times; return what costs neither least nor most."""
    three = [Table(service, browser, form_id, kind) for _ in range(3)]
    return sorted(three, key=lambda each: each.cpu)[1]


def take(
    port: int, browser: Browser, path: str, typed: Mapping[str, str]
) -> tuple[float, bytes]:
    """Download a table; return the milliseconds to its first byte, and the file."""
    with connection(port) as opened:
        opened.timeout = 300
        body, began = browser.form(typed), perf_counter()
        opened.request("POST", path, body, browser.headers())
        answer = opened.getresponse()
        start = answer.read(1)
        first = (perf_counter() - began) * 1e3
        octets = start + answer.read()
    if answer.status != 200 or b"<html" in octets[:200]:
        raise RuntimeError(f"no table came: {answer.status}")
    return first, octets


def rows_of(octets: bytes) -> int:
    """Count the rows of a table below its head."""
    if not octets.startswith(b"PK"):
        return octets.count(b"\r\n") - 1
    with zipfile.ZipFile(BytesIO(octets)) as book:
        return book.read("xl/worksheets/sheet1.xml").count(b"<row ") - 1
