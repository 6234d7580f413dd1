"""A burst: a crowd asks a server for some seconds while its processor is read."""

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from multiprocessing.connection import Connection
from statistics import median

from .client import PATIENCE_SECONDS, Crowd, Journey, Tally
from .processes import Server, family_cpu_seconds

# More processes than one play a crowd that is larger than this.
ALONE = 8
PROCESSES = 2
_fork = multiprocessing.get_context("fork")

# The journeys of people with the given numbers.
Journeys = Callable[[Iterator[int]], Iterator[Journey]]


@dataclass(frozen=True)
class Party:
    """Who comes: so many people at once on the same errand."""

    journeys: Journeys
    people: int
    most: int = 1_000_000

    def split(self, numbers: range) -> list[tuple[Journeys, Iterator[int], int]]:
        """Share the people among processes."""
        parts = PROCESSES if self.people > ALONE else 1
        return [
            (
                self.journeys,
                islice(iter(numbers[part::parts]), -(-self.most // parts)),
                len(range(part, self.people, parts)),
            )
            for part in range(parts)
        ]


@dataclass
class Burst:
    """What was seen, and what it cost the server (and its children, apart)."""

    tally: Tally = field(default_factory=Tally)
    cpu: float = 0.0
    children: float = 0.0

    def add(self, other: "Burst") -> None:
        """Take in another burst of the same kind, later in the run."""
        took = self.tally.took + other.tally.took
        self.tally.add(other.tally)
        self.tally.took = took
        self.cpu += other.cpu
        self.children += other.children

    @property
    def a_second(self) -> float:
        """Answers a second."""
        return self.tally.answers / self.tally.took

    @property
    def cpu_each(self) -> float:
        """Microseconds of the server's processor for an answer."""
        return self.cpu / self.tally.answers * 1e6

    def step(self, name: str) -> "Latency":
        """Return how long the answers to one step took."""
        return Latency(self.tally.seconds.get(name, []))

    @property
    def latency(self) -> "Latency":
        """How long all answers took."""
        return Latency([s for part in self.tally.seconds.values() for s in part])


class Latency:
    """How long answers took, in milliseconds."""

    def __init__(self, seconds: Sequence[float]) -> None:
        if not seconds:
            raise ValueError("no right answer came")
        self._sorted = sorted(seconds)

    def part(self, share: float) -> float:
        """Return what this share of the answers stayed below."""
        return (
            self._sorted[min(int(len(self._sorted) * share), len(self._sorted) - 1)]
            * 1e3
        )

    @property
    def most(self) -> float:
        """The longest."""
        return self._sorted[-1] * 1e3


class Numbers:
    """Hands out the numbers of people: nobody comes twice."""

    def __init__(self) -> None:
        self._next = 1

    def take(self, count: int = 100_000) -> range:
        """Return the numbers of people who have not come yet."""
        self._next += count
        return range(self._next - count, self._next)


NUMBERS = Numbers()


def burst(server: Server, *parties: Party, seconds: float) -> list[Burst]:
    """Let parties ask a server at the same time; return one burst for each.

    The processor of the server cannot be told apart between them: each has the whole.
    """
    parts = [
        (number, part)
        for number, party in enumerate(parties)
        for part in party.split(NUMBERS.take())
    ]
    players = [Player(server.port, *part, seconds) for _, part in parts]
    try:
        for player in players:
            player.wait()
        own, all_of_it = server.cpu_seconds(), family_cpu_seconds(server.pid)
        for player in players:
            player.go()
        tallies = [player.wait() for player in players]
        own = server.cpu_seconds() - own
        children = max(0.0, family_cpu_seconds(server.pid) - all_of_it - own)
    finally:
        for player in players:
            player.end()
    bursts = [Burst(cpu=own, children=children) for _ in parties]
    for (number, _), tally in zip(parts, tallies, strict=True):
        bursts[number].tally.add(tally)
    return bursts


class Player:
    """A process that plays a part of a crowd."""

    def __init__(
        self,
        port: int,
        journeys: Journeys,
        numbers: Iterator[int],
        people: int,
        seconds: float,
    ) -> None:
        self._seconds = seconds
        self._line, line = _fork.Pipe()
        self._process = _fork.Process(
            target=play, args=[line, port, journeys(numbers), people, seconds]
        )
        self._process.start()
        line.close()

    def go(self) -> None:
        """Let it begin."""
        self._line.send(None)

    def wait(self) -> Tally:
        """Return what it has to say: that it is ready, or what it saw."""
        if not self._line.poll(self._seconds + 2 * PATIENCE_SECONDS):
            raise TimeoutError("a client hangs")
        said: Tally = self._line.recv()
        return said

    def end(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self._process.join()
        self._line.close()


def play(
    line: Connection,
    port: int,
    journeys: Iterator[Journey],
    people: int,
    seconds: float,
) -> None:
    """Be a crowd: connect, say so, wait for the word, run, tell."""
    crowd = Crowd(port, journeys, people)
    line.send(crowd.tally)
    line.recv()
    line.send(crowd.run(seconds))


def repeated(count: int, *measured: Callable[[], Burst]) -> list[list[Burst]]:
    """Measure things in turn, round after round; return the bursts of each."""
    rounds = [[measure() for measure in measured] for _ in range(count)]
    return [list(bursts) for bursts in zip(*rounds, strict=True)]


def ratio(above: Sequence[float], below: Sequence[float]) -> float:
    """Return the median of the ratios of the rounds."""
    return median(a / b for a, b in zip(above, below, strict=True))


def whole(bursts: Sequence[Burst]) -> Burst:
    """Return the bursts of all rounds as one."""
    total = Burst()
    for part in bursts:
        total.add(part)
    return total
