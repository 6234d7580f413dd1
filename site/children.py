"""Other programs that a build starts: none of them outlives it, however it ends."""

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from tempfile import TemporaryFile

# The kernel ends the child with its parent, after kill -9 too.
WITH_PARENT = ("setpriv", "--pdeathsig", "KILL", "--")
AT_ONCE = 2

Command = tuple[Sequence[str], Mapping[str, str]]


class Child:
    """A program under way; what it says is kept in a file, so that it never waits."""

    def __init__(self, command: Command) -> None:
        arguments, environment = command
        self._output = TemporaryFile()
        self._process = subprocess.Popen(
            [*WITH_PARENT, *arguments],
            env=environment,
            stdout=self._output,
            stderr=subprocess.STDOUT,
        )

    @property
    def running(self) -> bool:
        """Whether it has not ended yet."""
        return self._process.poll() is None

    def wait(self) -> tuple[int, str]:
        """Wait until it has ended; return its exit code and what it said."""
        code = self._process.wait()
        self._output.seek(0)
        return code, self._output.read().decode(errors="replace")

    def kill(self) -> None:
        """End it now; what it started ends with it."""
        self._process.kill()
        self._process.wait()
        self._output.close()


def run_children(commands: Mapping[str, Command]) -> Iterator[tuple[str, int, str]]:
    """Run commands, two at a time; yield name, exit code and output of each."""
    waiting = list(commands.items())
    children: dict[str, Child] = {}
    try:
        while waiting or children:
            while waiting and len(children) < AT_ONCE:
                name, command = waiting.pop(0)
                children[name] = Child(command)
            name = next(iter(children))
            yield name, *children[name].wait()
            children.pop(name).kill()
    finally:
        for child in children.values():
            child.kill()
