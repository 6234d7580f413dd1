"""What stands in the files of a project: texts, their keys, and who translated them.

An object has one key for each of its fields. A dataclass says of a field what nobody
could tell from its name and its type:

    summary: Annotated[Text, Key("one sentence for lists", required=True)]

`content.reading` reads such objects, `content.schema` describes them to editors, and
`proofreading.translations` finds the key of a text again.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any, get_type_hints

from ..caches import remembered


class Text(str):
    """A text of the project that knows which language it is written in."""

    lang: str

    def __new__(cls, value: str, lang: str) -> "Text":
        text = super().__new__(cls, value)
        text.lang = lang
        return text

    @property
    def paragraphs(self) -> list["Text"]:
        """The parts between blank lines, each on one line."""
        parts = (" ".join(part.split()) for part in self.split("\n\n"))
        return [Text(part, self.lang) for part in parts if part]


@dataclass(frozen=True, slots=True)
class Key:
    """What may stand under a key, and what for: told where it is missing."""

    about: str = ""
    required: bool = False
    default: Any = None
    name: str = ""
    """In the file, where that is not the field's own name."""
    least: int = 0
    among: tuple[str, ...] = ()
    read: Callable[[Any, str], Any] | None = None
    """How the node of a file is asked for it, where the type does not say."""


@remembered("keys")
def keys_of(kind: type) -> tuple[tuple[str, Any, Key], ...]:
    """Return the name, the type and the key of each field of a dataclass."""
    found = []
    for name, hint in get_type_hints(kind, include_extras=True).items():
        (key,) = getattr(hint, "__metadata__", [Key()])
        named = replace(key, name=key.name or name)
        found.append((name, hint.__origin__ if key != Key() else hint, named))
    return tuple(found)


Needed = Annotated[Text, Key(required=True)]
NeededWord = Annotated[str, Key(required=True)]


@dataclass(frozen=True, slots=True)
class Review:
    """What a translation says about itself; an original needs nobody's review."""

    translated: bool = False
    of: str = ""
    """The short hash of the original at the time of translating."""
    by: str = ""
    on: date | None = None

    @property
    def pending(self) -> bool:
        """True for a translation that no person has checked."""
        return self.translated and not self.by


ORIGINAL = Review()
