"""How well the project's texts read: what a person who edits them should look at.

Nothing here stops a build: each finding is a notice with file, line and what to do.
Mistakes (a dead link, a picture without words) are told by `page_reading`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path

from ..caches import remembered
from ..content.folder import Content
from ..content.pages import Page, Pages
from ..definition.form import FormDefinition
from ..definition.problems import Problem, relative
from .past_dates import passed_dates, still_inviting

LISTS = Path(__file__).with_name("plain_words")
# Lucisano and Piemontese 1988: from 60 on, eight years of school are enough to read a
# text with ease. The formula is made for Italian.
READABLE = {"it": 60}
# A shorter text has too few sentences to be judged.
ENOUGH_WORDS = 100

# What is not the author's running text: code, tables, raw HTML (texts that the law
# prescribes word by word), blocks, pictures, addresses.
_ASIDE = re.compile(
    r"```.*?```|`[^`\n]*`|^[ ]*[<|].*?$|\[\[.*?\]\]|!\[[^\]]*\]\([^)]*\)"
    r"|(?<=\])\([^)]*\)|\{[^}\n]*\}|https?://\S+|\S+@\S+",
    re.DOTALL | re.MULTILINE,
)
# In YAML: comments, keys, and what is a law's or a source's own wording.
_ASIDE_YAML = re.compile(
    r"^( *)(?:legal_basis|source):.*\n(?:\1[ ]+.*\n)*"
    r"|(?:^|(?<=\s))#.*?$|^[ ]*(?:- )?[{]?\w+:(?=\s)|https?://\S+|\S+@\S+",
    re.MULTILINE,
)
_HEADING = re.compile(r"^#.*$", re.MULTILINE)
_WORD = re.compile(r"[^\W\d_]+")
# One letter before the dot is an abbreviation: "n. 82".
_SENTENCE_END = re.compile(r"(?<=[\w)”»’]{2})[.!?…]+(?=\s|[)”»*_]|$)|\n\s*\n")


@dataclass(frozen=True, slots=True)
class Readability:
    """The Gulpease index of a text, from 0 to 100, and what it is made of."""

    index: float
    words: int
    longest: str
    """The longest sentence."""


def readability(text: str) -> Readability:
    """Judge a plain text: 89 + (300 × sentences − 10 × letters) / words."""
    sentences = [" ".join(part.split()) for part in _SENTENCE_END.split(text)]
    counted = [(len(_WORD.findall(sentence)), sentence) for sentence in sentences]
    counted = [(words, sentence) for words, sentence in counted if words]
    words = sum(count for count, _ in counted)
    letters = sum(len(word) for word in _WORD.findall(text))
    index = 89 + (300 * len(counted) - 10 * letters) / max(words, 1)
    return Readability(min(index, 100), words, max(counted, default=(0, ""))[1])


def notices(content: Content, pages: Pages, today: date) -> list[Problem]:
    """Return everything worth a second look in all languages, file by file."""
    found: list[Problem] = []
    for text in _texts(content, pages):
        found += text.heavy_words()
        found += text.passed(today)
    for written in pages.by_language.values():
        for page in written.values():
            found += _hard_page(page, content)
            found += still_inviting(page, content, _file_of(page, content), today)
    for form_id, languages in content.forms.items():
        for lang, form in languages.items():
            suffix = "" if lang == content.main_language else f".{lang}"
            file = f"{content.folder.name}/forms/{form_id}{suffix}.yml"
            found += _hard(_page_text(form), lang, file, "page")
    return sorted(found, key=_place)


def _place(problem: Problem) -> tuple[str, int]:
    line = problem.path.removeprefix("line ")
    return problem.file, int(line) if line.isdecimal() else 0


@dataclass(frozen=True, slots=True)
class _Text:
    """What people read of one file; the rest is blank, so that lines can be counted."""

    file: str
    lang: str
    text: str
    history: bool = False

    def heavy_words(self) -> Iterator[Problem]:
        lowered = self.text.lower()
        for stem, pattern, plain in heavy_words(self.lang):
            # Nearly no text has a given word: to look it up is quicker than to search.
            for word in pattern.finditer(self.text) if stem in lowered else ():
                found = " ".join(word[0].split())
                advice = f"“{found}” is hard to read. Plainer: {plain}"
                yield self._problem(word.start(), advice)

    def passed(self, today: date) -> Iterator[Problem]:
        for at, found in (
            () if self.history else passed_dates(self.text, self.lang, today)
        ):
            advice = f"“{found}” is over: take it away, or tell it as something past"
            yield self._problem(at, advice)

    def _problem(self, at: int, advice: str) -> Problem:
        line = self.text.count("\n", 0, at) + 1
        return Problem(self.file, f"line {line}", advice)


def _texts(content: Content, pages: Pages) -> Iterator[_Text]:
    """Yield the texts of all pages, forms, events and of the project."""
    for written in pages.by_language.values():
        for page in written.values():
            # The body keeps its line numbers.
            body = "\n" * (page.first_line - 1) + _running(page.body)
            file = _file_of(page, content)
            yield _Text(file, page.lang, body, bool(page.published))
    names = [Path("project"), *(Path("forms", name) for name in content.forms)]
    for name in [*names, *(Path("events", name) for name in content.events)]:
        for lang in content.projects:
            suffix = "" if lang == content.main_language else f".{lang}"
            path = content.folder / f"{name}{suffix}.yml"
            if path.is_file():
                text = _ASIDE_YAML.sub(_blank, path.read_text(encoding="utf-8"))
                yield _Text(relative(path, content.folder), lang, text)


def _file_of(page: Page, content: Content) -> str:
    return f"{content.folder.name}/{page.lang}/{page.name}.md"


def _running(markdown: str) -> str:
    return _ASIDE.sub(_blank, markdown)


def _blank(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found[0])


@remembered("heavy words")
def heavy_words(lang: str) -> tuple[tuple[str, re.Pattern[str], str], ...]:
    """Return how a word begins, how to find it and what is plainer, by the list."""
    file = LISTS / f"{lang}.txt"
    if not file.is_file():
        return ()
    found = []
    for line in file.read_text(encoding="utf-8").splitlines():
        heavy, sign, plain = line.partition(" = ")
        if sign and not line.startswith("#"):
            words = re.escape(heavy).replace(r"\*", r"\w*").replace(r"\ ", r"\s+")
            pattern = re.compile(rf"(?<![\w-]){words}(?![\w-])", re.IGNORECASE)
            stem = re.split(r"[* ]", heavy.lower(), maxsplit=1)[0]
            found.append((stem, pattern, plain))
    return tuple(found)


def _hard_page(page: Page, content: Content) -> list[Problem]:
    text = _HEADING.sub("", _running(page.body))
    place = f"line {page.first_line}"
    return _hard(text, page.lang, _file_of(page, content), place)


def _hard(text: str, lang: str, file: str, place: str) -> list[Problem]:
    judged = readability(text)
    wanted = READABLE.get(lang, 0)
    if judged.words < ENOUGH_WORDS or judged.index >= wanted:
        return []
    beginning = " ".join(judged.longest.split()[:8])
    advice = (
        f"Gulpease {judged.index:.0f}, at least {wanted} is wanted: shorten the "
        f"sentences and use shorter words. The longest begins “{beginning}…”"
    )
    return [Problem(file, place, advice)]


def _page_text(form: FormDefinition) -> str:
    """Return what a form's page says, each text a paragraph."""
    values = [getattr(form.page, part.name) for part in fields(form.page)]
    parts = [part for value in values for part in _listed(value)]
    return "\n\n".join(parts)


def _listed(value: object) -> tuple[str, ...]:
    return value if isinstance(value, tuple) else (str(value),)
