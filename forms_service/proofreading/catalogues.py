"""The product's words in a language of the project: files that gettext would misread.

A quote that is not closed cuts a word without a sound; a changed `{name}` breaks the
page on which it stands.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from ..caches import remembered
from ..definition.problems import Problem

_TEXT = r'"(?:[^"\\]|\\.)*"'
_LINE = re.compile(
    rf"(?:(msgctxt|msgid|msgid_plural|msgstr(?:\[\d+\])?)[ \t]+)?({_TEXT})[ \t]*"
)
_PLACE = re.compile(r"\{(\w*)\}")


def catalogue_problems(folder: Path, languages: Iterable[str]) -> list[Problem]:
    """Return every problem of the message files of some languages."""
    files = (file for lang in languages for file in sorted(folder.glob(f"{lang}/*.po")))
    return [
        Problem(f"{folder.name}/{file.parent.name}/{file.name}", "", advice, line)
        for file in files
        for line, advice in _faults(file, file.stat().st_mtime_ns)
    ]


@remembered("message file faults")
def _faults(file: Path, changed: int) -> tuple[tuple[int, str], ...]:
    try:
        text = file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        return ((0, "save the file as UTF-8"),)
    return (*_unreadable(text), *_misplaced(text))


def _unreadable(text: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(text.split("\n"), start=1):
        written = line.strip()
        if not written or written.startswith("#") or _LINE.fullmatch(written):
            continue
        if written.count('"') - written.count('\\"') == 1:
            yield number, "this quote is not closed: write one at the end of the line"
        else:
            yield number, 'write msgid "text" or msgstr "text"; for a quote inside, \\"'


def _misplaced(text: str) -> Iterator[tuple[int, str]]:
    """Yield translations that lack a `{name}` of the original, or have another."""
    original: dict[str, str] = {}
    for line, keyword, words in _entries(text):
        if line and not keyword:
            yield line, "this text belongs to nothing: write msgid before it"
        if keyword in ("msgid", "msgid_plural"):
            original = {**(original if keyword != "msgid" else {}), keyword: words}
        elif keyword.startswith("msgstr") and words and original.get("msgid"):
            known = set(_PLACE.findall("".join(original.values())))
            used = set(_PLACE.findall(words))
            # In a plural, "one" may be said without its number.
            missing = known - used if keyword == "msgstr" else set()
            for name in sorted(used - known):
                yield line, f"there is no {{{name}}} in the original: take it away"
            for name in sorted(missing):
                yield line, f"{{{name}}} of the original is missing: write it, too"


def _entries(text: str) -> Iterator[tuple[int, str, str]]:
    """Yield each keyword with its line and its text, whatever lines that takes."""
    begun = (0, "", "")
    for number, line in enumerate(text.split("\n"), start=1):
        found = _LINE.fullmatch(line.strip())
        if found is None:
            continue
        if found[1]:
            yield begun
            begun = (number, found[1], found[2][1:-1])
        else:
            begun = (begun[0] or number, begun[1], begun[2] + found[2][1:-1])
    yield begun
