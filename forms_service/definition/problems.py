"""What is wrong with the content: collected over all files, told all at once."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Problem:
    """One mistake: the file, the key path in it, and what to do.

    `line` is where the key stands; 0 where there is nothing to point at.
    """

    file: str
    path: str
    advice: str
    line: int = field(default=0, compare=False)

    def __str__(self) -> str:
        line = f"line {self.line}" if self.line else ""
        return ": ".join(filter(None, (self.file, line, self.path, self.advice)))


class ContentError(Exception):
    """The content cannot be used; carries every problem found."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def _nowhere(path: str) -> int:
    return 0


@dataclass(slots=True)
class Problems:
    """Collect problems of one file while it is read.

    `line_of` tells the line of a key path once the file has been read.
    """

    file: str
    found: list[Problem] = field(default_factory=list)
    line_of: Callable[[str], int] = _nowhere

    def add(self, path: str, advice: str, line: int = 0) -> None:
        """Record a mistake at a key path such as `sections[0].fields[2].type`.

        Or at a line, where there are no keys.
        """
        found = Problem(self.file, path, advice, line or self.line_of(path))
        self.found.append(found)


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return ` (did you mean "x"?)` for a near miss, or the list of what is known."""
    names = sorted(known)
    listed = f" (known: {', '.join(names)})" if names else ""
    return near_miss(word, names) or listed


def unknown_key(key: str, known: Iterable[str]) -> str:
    """Say what to do about a key that is none of the known ones."""
    return f"unknown key{suggestion(key, known)}"


def unknown_id(key: str, known: Iterable[str]) -> str:
    """Say it of an id in a translation: a list of those of a form would be long."""
    near = near_miss(key, known)
    advice = "the original has no such id: take this away, with all that belongs to it"
    return f"unknown key{near}" if near else advice


def near_miss(word: str, known: Iterable[str]) -> str:
    """Return ` (did you mean "x"?)`, or nothing where no known word is near."""
    near = get_close_matches(word, sorted(known), n=1)
    return f' (did you mean "{near[0]}"?)' if near else ""


def relative(file: Path, root: Path) -> str:
    """Name a file the way its editor knows it: from the content folder on."""
    return (
        str(file.relative_to(root.parent)) if file.is_relative_to(root) else str(file)
    )
