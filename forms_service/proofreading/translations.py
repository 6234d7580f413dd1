"""Translations against their originals, and what keeps content from going public.

A translation carries `of:`, the short hash of the original's texts as they were when
somebody translated them. Nothing here stops anybody from correcting an original: what
is found is for `check` to tell.
"""

import dataclasses
import re
from collections.abc import Iterator, Mapping
from hashlib import sha256
from typing import Any

from ..content.folder import Content
from ..content.lists import listed_fields
from ..content.pages import Page, Pages
from ..content.project import TODO
from ..definition.fingerprint import canonical
from ..definition.form import Choice
from ..definition.problems import Problem
from ..definition.texts import Review, Text, keys_of

LENGTH = 8
NO_LISTS: Mapping[str, set[str]] = {}
_NAMES = frozenset({"name", "controller"})
FIELD = re.compile(r"^sections\.\w+\.fields\.")
# What a page says; the day of its last change is no text to translate.
_PAGE = ("title", "description", "hero", "cards", "body")


def late_translations(content: Content, pages: Pages) -> list[Problem]:
    """Return every translation older than its original, and every missing text."""
    found = list(_compared(content, "project", content.projects))
    for name, form in content.forms.items():
        lists = listed_fields(content.folder / "forms" / f"{name}.yml")
        found += _compared(content, f"forms/{name}", form, lists)
    for name, event in content.events.items():
        found += _compared(content, f"events/{name}", event)
    originals = pages.by_language[content.main_language]
    for lang, translated in pages.by_language.items():
        for name, page in translated.items():
            if page.review.translated and name in originals:
                original = f"{content.folder.name}/{content.main_language}/{name}.md"
                file = f"{content.folder.name}/{lang}/{name}.md"
                found += _late(file, page.review, original, page_hash(originals[name]))
    return found


def page_hash(page: Page) -> str:
    """Return the short hash of what a page says."""
    whole = dataclasses.asdict(page)
    return _short({name: whole[name] for name in _PAGE})


def _short(tree: object) -> str:
    return sha256(canonical(tree).encode()).hexdigest()[:LENGTH]


def _compared(
    content: Content,
    name: str,
    by_language: Mapping[str, Any],
    lists: Mapping[str, set[str]] = NO_LISTS,
) -> Iterator[Problem]:
    main = content.main_language
    known = _short(_to_translate(by_language[main], lists))
    original = f"{content.folder.name}/{name}.yml"
    for lang, item in by_language.items():
        if lang == main:
            continue
        file = f"{content.folder.name}/{name}.{lang}.yml"
        yield from _late(file, item.review, original, known)
        for path, text in _to_translate(item, lists).items():
            if text.lang == main:
                yield Problem(file, path, f"not translated: readers see it in “{main}”")


def _late(file: str, review: Review, original: str, known: str) -> Iterator[Problem]:
    if review.of == known:
        return
    what = f"{original} has changed" if review.of else f"translates {original}"
    yield Problem(file, "of", f"{what}: compare the two, then write  of: {known}")


def _to_translate(original: object, lists: Mapping[str, set[str]]) -> dict[str, Text]:
    """Return the texts that a translation has to have, by its own key paths."""
    texts = ((FIELD.sub("fields.", path), text) for path, text in texts_of(original))
    return {
        path: text
        for path, text in texts
        if text and text != TODO and not _is_name(path, lists)
    }


def _is_name(path: str, lists: Mapping[str, set[str]]) -> bool:
    """Say whether a text is a name, which stays as it is in every language."""
    above, _, key = path.rpartition(".")
    field, _, last = above.removeprefix("fields.").partition(".")
    listed = last == "choices" and field in lists
    return key not in lists[field] if listed else key in _NAMES


def texts_of(value: object) -> Iterator[tuple[str, Text]]:
    """Yield every text under a part of the content with its key path."""
    for path, word in words_of(value):
        if isinstance(word, Text):
            yield path, word


def words_of(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield every text and every other word with its key path."""
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, Choice):
        yield path, value.label
    elif dataclasses.is_dataclass(value):
        for name, _, key in keys_of(type(value)):
            inner = f"{path}.{key.name}" if path else key.name
            yield from words_of(getattr(value, name), inner)
    elif isinstance(value, Mapping):
        for name, item in value.items():
            yield from words_of(item, f"{path}.{name}")
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            part = getattr(item, "id", None)
            yield from words_of(item, f"{path}.{part}" if part else f"{path}[{index}]")


# What keeps content from going public: missing facts, drawings, unchecked languages.
#
# `unknown` is no problem: it is an honest sentence about a fact that nobody has.

_TODO = re.compile(rf"\b{TODO}\b")


def production_problems(content: Content) -> list[Problem]:
    """Return every reason not to serve this content to the public."""
    problems = _missing(content, "project", content.projects)
    file = f"{content.folder.name}/project.yml"
    if content.project.is_demonstration:
        advice = "write who has authorised the site, when and by which act"
        problems.append(Problem(file, "authorised_by", advice))
    for asset in content.project.placeholder_assets:
        advice = f"replace {asset} with the real picture and take it off this list"
        problems.append(Problem(file, "placeholder_assets", advice))
    for name, form in content.forms.items():
        problems += _missing(content, f"forms/{name}", form)
    problems += _unreviewed(content)
    for name, event in content.events.items():
        problems += _missing(content, f"events/{name}", event)
    return problems


def _unreviewed(content: Content) -> Iterator[Problem]:
    """Tell the languages whose forms no person has checked, one problem each."""
    if content.project.allow_unreviewed:
        return
    for lang in content.project.languages:
        names = [
            name
            for name, form in content.forms.items()
            if lang in form and form[lang].review.pending
        ]
        if names:
            advice = (
                f"nobody has checked {', '.join(names)}: write who has, leave the "
                "language out, or write allow_unreviewed: true in project.yml"
            )
            file = f"{content.folder.name}/forms/*.{lang}.yml"
            yield Problem(file, "reviewed_by", advice)


def _missing(
    content: Content, name: str, by_language: Mapping[str, object]
) -> list[Problem]:
    """Tell every TODO once: in the main file, or in the translation that adds it."""
    problems = []
    reported: set[str] = set()
    for lang, item in by_language.items():
        suffix = "" if lang == content.main_language else f".{lang}"
        file = f"{content.folder.name}/{name}{suffix}.yml"
        for path, text in words_of(item):
            if _TODO.search(text) and path not in reported:
                advice = f"write the real value: {TODO} is refused in production"
                problems.append(Problem(file, path, advice))
                reported.add(path)
    return problems
