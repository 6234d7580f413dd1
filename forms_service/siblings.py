"""What the processes of one service tell one another: that which only memory knows."""

import json
import logging
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from itertools import count
from queue import Empty, SimpleQueue
from socket import AF_UNIX, SHUT_RD, SOCK_DGRAM, socket, socketpair
from threading import Event, Thread
from typing import Any

# Seconds that what is told waits for more to be told with it.
PAUSE_SECONDS = 0.02
# So much is told at once, at most: a datagram has to fit into the buffer of a socket.
MOST_AT_ONCE = 200
MOST_BYTES = 1 << 18
ANSWER_SECONDS = 2.0

log = logging.getLogger(__name__)
# A topic, and values that JSON knows.
Message = tuple[Any, ...]
Line = tuple[socket, socket]


def new_line() -> Line:
    """Return both ends of what one hears; who tells never waits."""
    heard, told = socketpair(AF_UNIX, SOCK_DGRAM)
    told.setblocking(False)
    return heard, told


class SiblingSilent(Exception):
    """A process of the service does not answer; the message says to what."""


class Siblings:
    """The others, as one of them knows them; `number` 0 is the first.

    What is told may come late, or, to one that does not listen, not at all.
    """

    def __init__(self, number: int = 0, lines: Sequence[Line] = ()) -> None:
        self.number = number
        self._others = {n: told for n, (_, told) in enumerate(lines) if n != number}
        self._heard = lines[number][0] if lines else None
        # Who has not begun yet has nothing to tell.
        self._begun = {0} & self._others.keys()
        self._takes: dict[str, Callable[..., None]] = {
            "answer": self._answered,
            "begun": self._begun.add,
        }
        self._gives: dict[str, Callable[[], Any]] = {}
        self._said: deque[Message] = deque()
        self._come = Event()
        self._tickets = count()
        self._asked: dict[int, SimpleQueue[Any]] = {}
        self._threads: list[Thread] = []
        self._ending = False

    @property
    def first(self) -> bool:
        """Whether this one does what is to be done once on a machine."""
        return self.number == 0

    def subscribe(self, topic: str, take: Callable[..., None]) -> None:
        """Have a function called with what the others tell of a topic."""
        if self._others:
            self._takes[topic] = take

    def answer(self, topic: str, give: Callable[[], Any]) -> None:
        """Have a function called when another one asks; values that JSON knows."""
        if self._others:
            self._gives[topic] = give

    def broadcast(self, topic: str, *values: Any) -> None:
        """Tell all others soon; never wait for them."""
        if self._others:
            self._said.append((topic, *values))
            if not self._come.is_set():
                self._come.set()

    def ask(self, topic: str, seconds: float = ANSWER_SECONDS) -> list[Any]:
        """Return the answers of the others; raise `SiblingSilent` when one is late."""
        ticket, answers = next(self._tickets), SimpleQueue[Any]()
        self._asked[ticket] = answers
        try:
            begun = [*self._begun]
            for number in begun:
                self._send(number, [("ask", topic, self.number, ticket)])
            return [answers.get(timeout=seconds) for _ in begun]
        except Empty as error:
            raise SiblingSilent(topic) from error
        finally:
            del self._asked[ticket]

    def follow(self) -> None:
        """Wait until the first one has begun: what it could not do, nobody can."""
        if self._heard is not None and not self.first:
            self._heard.recv(MOST_BYTES)

    def begin(self) -> None:
        """Listen and tell from now on, also what was told since the first one began."""
        if self._heard is None:
            return
        for number in self._others:
            self._send(number, [] if self.first else [("begun", self.number)])
        self._threads = [
            Thread(target=self._hear, args=[self._heard], name="hear", daemon=True),
            Thread(target=self._broadcasting, name="broadcast", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    def end(self) -> None:
        """Hear nothing any more, and tell what was said until now."""
        self._ending = True
        self._come.set()
        if self._heard is not None:
            self._heard.shutdown(SHUT_RD)
        for thread in self._threads:
            thread.join()

    def _broadcasting(self) -> None:
        while not self._ending or self._said:
            self._come.wait()
            time.sleep(PAUSE_SECONDS)
            # Before it is taken: what comes later says so again.
            self._come.clear()
            while self._said:
                most = min(len(self._said), MOST_AT_ONCE)
                said = [self._said.popleft() for _ in range(most)]
                for number in self._others:
                    self._send(number, said)

    def _send(self, number: int, messages: list[Message]) -> None:
        # One that is frozen is told nothing, and nobody waits for it.
        with suppress(OSError):
            self._others[number].send(json.dumps(messages).encode())

    def _hear(self, heard: socket) -> None:
        while messages := heard.recv(MOST_BYTES):
            for topic, *values in json.loads(messages):
                try:
                    if topic == "ask":
                        self._give(*values)
                    else:
                        self._takes[topic](*values)
                except Exception as error:
                    # One message is no reason to hear nothing any more.
                    log.error("told of %s: %s", topic, type(error).__name__)

    def _give(self, topic: str, number: int, ticket: int) -> None:
        self._send(number, [("answer", ticket, self._gives[topic]())])

    def _answered(self, ticket: int, value: Any) -> None:
        if answers := self._asked.get(ticket):
            answers.put(value)


ALONE = Siblings()
