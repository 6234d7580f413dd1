"""Pages, sending and whole journeys under load, beside the peers; and what stays."""

import re
from functools import partial
from pathlib import Path
from statistics import median

from .load import Burst, Journeys, Party, burst, ratio, repeated, whole
from .people import PACKED, People, get, post, single, stored
from .place import Place
from .processes import Server, connection, memory
from .results import Results

# How many come at once, and how often each burst is: the last is compared.
MANY = {1: 1, 64: 1, 200: 2}
ROUNDS, SECONDS = 3, 1.0
# For the memory: those who come before, and those whose trace is looked for.
WARM_SECONDS, LOOKED_SECONDS = 2.0, 8.0

COLUMNS = [
    "what", "clients", "a second", "CPU µs each", "p50 ms", "p99 ms", "longest ms",
    "wrong answers",
]  # fmt: skip


class Sending:
    """The service and its peers, all up, and asked one at a time."""

    def __init__(self, place: Place, results: Results) -> None:
        self._place, self._results = place, results
        self._people = place.people()
        self._database = Path(place.settings("load")["FORMS_DATA_DIR"]) / "forms.sqlite"
        self._rows: list[list[object]] = []
        self._seen = Burst()

    def run(self) -> None:
        """Measure everything under load."""
        with (
            self._place.service("load") as service,
            self._place.peer("hello") as hello,
            self._place.peer("tutorial") as tutorial,
        ):
            self._results.figure("start", service.start_seconds)
            self._results.figure("rest", service.memory())
            service.forget_peak()
            self._beside_peers(service, hello, tutorial)
            for people, rounds in MANY.items():
                self._with_many(service, hello, people, rounds)
            self._results.figure("loaded", service.memory("VmHWM"))
            self._growth(service)
            self._notes_on_memory(service)
        self._results.table("Pages and sending", COLUMNS, self._rows)
        self._stored()

    def _notes_on_memory(self, service: Server) -> None:
        number = len(service.processes)
        self._results.note("processes", "processes that serve", number)
        together = sum(memory(pid, "Pss", "smaps_rollup") for pid in service.processes)
        self._results.note("together", "MiB of all of them", together)
        children = sum(map(memory, service.children()))
        self._results.note("children", "MiB of memory of children", children)

    def party(self, name: str, people: int) -> Party:
        """Return who comes on an errand of this name."""
        errands = {
            "form": single("form", self._people.form_page),
            "store": single("store", self._people.confirm, b"303"),
            "summary": single("summary", self._people.summary),
            "invalid": single("invalid", self._people.invalid, b"422"),
            "site page": single("site page", lambda n: get("/", n, PACKED)),
            "journey": self._people.journeys,
        }
        return Party(errands[name], people)

    def _beside_peers(self, service: Server, hello: Server, tutorial: Server) -> None:
        names = ["form", "store", "summary", "invalid", "site page"]
        asked = [partial(self._burst, service, self.party(name, 16)) for name in names]
        asked.append(partial(self._burst, hello, Party(HELLO, 16)))
        asked.append(
            partial(self._burst, tutorial, Party(forms(tutorial, self._people), 16))
        )
        commits: list[float] = []

        def bare() -> Burst:
            commits.append(self._place.commits(SECONDS))
            return Burst()

        # Nothing is drawn or compiled for the first time below.
        repeated(1, *(partial(each, seconds=SECONDS / 3) for each in asked))
        rounds = repeated(ROUNDS, *asked, bare)
        measured = dict(zip([*names, "hello", "tutorial"], rounds, strict=False))
        for name, bursts in measured.items():
            self._line(name, 16, whole(bursts))
        cost = {
            name: [part.cpu_each for part in measured[name]]
            for name in ("hello", "form", "tutorial", "store")
        }
        self._results.figure("form", ratio(cost["hello"], cost["form"]))
        self._results.figure("store", ratio(cost["tutorial"], cost["store"]))
        a_second = [part.a_second for part in measured["store"]]
        self._results.figure("commits", ratio(a_second, commits))
        self._results.note("bare", "bare three-row commits a second", median(commits))
        self._journeys(service)
        self._cost_of_client(measured["hello"])

    def _journeys(self, service: Server) -> None:
        party = self.party("journey", 16)
        bursts = [self._burst(service, party, 2 * SECONDS) for _ in range(ROUNDS)]
        self._line("journey", 16, whole(bursts))
        rates = [part.tally.journeys / part.tally.took for part in bursts]
        cost = [part.cpu / part.tally.journeys for part in bursts]
        self._results.figure("journeys", median(rates))
        self._results.note("journey", "CPU ms of a whole journey", median(cost) * 1e3)
        self._steps(whole(bursts))

    def _steps(self, journeys: Burst) -> None:
        rows = [
            [name, journeys.step(name).part(0.5), journeys.step(name).part(0.99)]
            for name in journeys.tally.seconds
        ]
        columns = ["step of a journey", "p50 ms", "p99 ms"]
        self._results.table("A journey, 16 people at once", columns, rows)

    def _with_many(
        self, service: Server, hello: Server, people: int, times: int
    ) -> None:
        names = ["form", "store", "journey"]
        asked = [
            partial(self._burst, service, self.party(name, people)) for name in names
        ]
        asked.append(partial(self._burst, hello, Party(HELLO, people)))
        rounds = dict(zip([*names, "hello"], repeated(times, *asked), strict=True))
        seen = {name: whole(bursts) for name, bursts in rounds.items()}
        for name, total in seen.items():
            self._line(name, people, total)
        if people != max(MANY):
            return
        faults = sum(sum(total.tally.faults.values()) for total in seen.values())
        self._results.figure("faults", faults)
        base = seen["hello"].latency.part(0.99)
        page, send = (seen[name].latency.part(0.99) for name in ("form", "store"))
        self._results.figure("crowd_page", page / base)
        self._results.figure("crowd_store", send / base)

    def _growth(self, service: Server) -> None:
        party = self.party("journey", 16)
        self._burst(service, party, WARM_SECONDS)
        before = sum(map(memory, service.processes))
        looked = self._burst(service, party, LOOKED_SECONDS)
        grown = sum(map(memory, service.processes)) - before
        self._results.figure("growth", max(0.0, grown / looked.tally.journeys * 1000))
        self._results.note("grown", "journeys for the growth", looked.tally.journeys)

    def _stored(self) -> None:
        counted, seconds = stored(self._database), self._seen.tally.seconds
        sent = len(seconds["store"]) + len(seconds["confirm"])
        verified = len(seconds["verify"])
        expected = {"rows": sent, "verified": verified, "mails": sent + verified}
        shares = [min(counted[k] / n, n / counted[k]) for k, n in expected.items()]
        self._results.figure("stored", min(shares))
        rows = [[name, expected[name], counted[name]] for name in expected]
        self._results.table("Stored", ["what", "acknowledged", "in the database"], rows)

    def _burst(self, server: Server, party: Party, seconds: float = SECONDS) -> Burst:
        seen = burst(server, party, seconds=seconds)[0]
        self._seen.add(seen)
        return seen

    def _line(self, name: str, people: int, seen: Burst) -> None:
        figures: list[object] = [""] * 5
        if seen.tally.answers:
            each = seen.latency
            shares = [each.part(0.5), each.part(0.99), each.most]
            figures = [seen.a_second, seen.cpu_each, *shares]
        faults = [f"{n} × {what}" for what, n in seen.tally.faults.items() if n]
        self._rows.append([name, people, *figures, ", ".join(faults) or 0])

    def _cost_of_client(self, bursts: list[Burst]) -> None:
        total = whole(bursts)
        cost = total.tally.cpu / total.tally.answers * 1e6
        self._results.note("client", "CPU µs of the client for an answer", cost)


def measure(place: Place, results: Results) -> None:
    """Measure everything under load."""
    Sending(place, results).run()


HELLO = single("hello", lambda number: get("/", number))


def forms(
    peer: Server,
    people: People,
    path: str = "/",
    control: str = "csrf_token",
    status: bytes = b"303",
) -> Journeys:
    """Return journeys that send the form of a peer, with one session for all."""
    with connection(peer.port) as browser:
        browser.request("GET", path)
        answer = browser.getresponse()
        page = answer.read().decode()
        cookie = answer.headers["Set-Cookie"].partition(";")[0]
    token = re.search(rf'name="{control}"[^>]* value="([^"]+)"', page)
    assert token
    more = f"Cookie: {cookie}\r\n".encode()
    mark = f"&{control}={token[1]}".encode()

    def request(number: int) -> bytes:
        return post(path, number, people.typed(number) + mark, more)

    return single("peer", request, status)
