"""The crowd in front of a server: many people, each with a connection that is kept.

One process plays many people with bare sockets, because a client of the usual kind
costs more processor than the server that it asks. What it costs is measured too.
"""

import select
import socket
from collections import Counter
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from time import perf_counter, process_time
from typing import NamedTuple

# After the last new journey, whoever still waits gives up.
PATIENCE_SECONDS = 20.0


class Step(NamedTuple):
    """One request of a person, and the status that it must be answered with."""

    name: str
    octets: bytes
    expected: bytes = b"200"


class Answer(NamedTuple):
    """What came back."""

    status: bytes
    head: bytes
    body: bytes

    def header(self, name: bytes) -> bytes:
        """Return a header, empty when it is not there."""
        _, _, rest = self.head.partition(b"\r\n" + name + b": ")
        return rest.partition(b"\r\n")[0]


Journey = Generator[Step, Answer, None]


@dataclass
class Tally:
    """What a crowd saw: seconds of each answer by step, journeys, faults."""

    seconds: dict[str, list[float]] = field(default_factory=dict)
    journeys: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    took: float = 0.0
    cpu: float = 0.0

    def add(self, other: "Tally") -> None:
        """Take in what another process saw at the same time."""
        for step, seconds in other.seconds.items():
            self.seconds.setdefault(step, []).extend(seconds)
        self.journeys += other.journeys
        self.faults += other.faults
        self.took = max(self.took, other.took)
        self.cpu += other.cpu

    @property
    def answers(self) -> int:
        """How many right answers came."""
        return sum(map(len, self.seconds.values()))


class Person:
    """A connection, and the journey of whoever uses it now."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._received = b""
        self.journey: Journey | None = None
        self.step: Step | None = None
        self.asked_at = 0.0
        self.socket = self._connect()

    def ask(self, step: Step) -> None:
        """Send a request."""
        self.step = step
        self.asked_at = perf_counter()
        self.socket.sendall(step.octets)

    def receive(self) -> Answer | None:
        """Return the answer when it has come as a whole; raise `OSError`."""
        octets = self.socket.recv(262144)
        if not octets:
            raise ConnectionError("closed")
        self._received += octets
        head, end, body = self._received.partition(b"\r\n\r\n")
        if not end:
            return None
        answer = Answer(head[9:12], head, body)
        if len(body) < int(answer.header(b"Content-Length") or 0):
            return None
        self._received = b""
        return answer

    def connect_again(self) -> None:
        """Begin anew after a fault."""
        self.socket.close()
        self._received = b""
        self.socket = self._connect()

    def _connect(self) -> socket.socket:
        opened = socket.create_connection(("127.0.0.1", self._port), timeout=30)
        opened.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return opened


class Crowd:
    """Some people at once: each begins the next journey when one is over."""

    def __init__(self, port: int, journeys: Iterator[Journey], people: int) -> None:
        self._journeys = journeys
        self._poll = select.epoll()
        self._waiting: dict[int, Person] = {}
        self._people = [Person(port) for _ in range(people)]
        self._end = 0.0
        self.tally = Tally()

    def run(self, seconds: float) -> Tally:
        """Begin journeys for some seconds, and wait until all are over."""
        began, used = perf_counter(), process_time()
        self._end = began + seconds
        for person in self._people:
            self._watch(person)
            self._begin(person)
        while self._waiting and perf_counter() < self._end + PATIENCE_SECONDS:
            for number, _ in self._poll.poll(1.0):
                self._hear(self._waiting[number])
        self.tally.faults["no answer"] += len(self._waiting)
        self.tally.took = perf_counter() - began
        self.tally.cpu = process_time() - used
        return self.tally

    def _hear(self, person: Person) -> None:
        try:
            answer = person.receive()
        except OSError as error:
            self._poll.unregister(person.socket)
            del self._waiting[person.socket.fileno()]
            person.connect_again()
            self._watch(person)
            self._fail(person, type(error).__name__)
            return
        if answer is not None:
            self._go_on(person, answer)

    def _go_on(self, person: Person, answer: Answer) -> None:
        step, journey = person.step, person.journey
        assert step
        assert journey
        if answer.status != step.expected:
            self._fail(person, answer.status.decode())
            return
        seconds = self.tally.seconds.setdefault(step.name, [])
        seconds.append(perf_counter() - person.asked_at)
        try:
            person.ask(journey.send(answer))
        except StopIteration:
            self.tally.journeys += 1
            self._begin(person)

    def _fail(self, person: Person, what: str) -> None:
        assert person.step
        self.tally.faults[f"{person.step.name}: {what}"] += 1
        self._begin(person)

    def _begin(self, person: Person) -> None:
        journey = next(self._journeys, None) if perf_counter() < self._end else None
        if journey is None:
            self._leave(person)
            return
        person.journey = journey
        person.ask(next(journey))

    def _watch(self, person: Person) -> None:
        self._waiting[person.socket.fileno()] = person
        self._poll.register(person.socket, select.EPOLLIN)

    def _leave(self, person: Person) -> None:
        self._poll.unregister(person.socket)
        del self._waiting[person.socket.fileno()]
        person.socket.close()
