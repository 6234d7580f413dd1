"""Read the Markdown pages, with every mistake in them."""

import re
from collections.abc import Collection
from datetime import date
from pathlib import Path

from ..definition.problems import ContentError, Problem, Problems, relative
from ..definition.texts import ORIGINAL
from .folder import Content
from .formats import as_day
from .node import Node, parse_tree, read_review
from .page_checks import check_page, missing_pages, missing_transcripts
from .pages import DATED, NEWS, RESERVED, TEMPLATES, Page, Pages
from .reading import read_record
from .strict_yaml import read_text

_NAME = re.compile("[a-z0-9][a-z0-9-]*")
_DATED_NAME = "name it after its day: 2020-06-18-what-it-says.md"
FRONT_MATTER = re.compile(r"---\n(.*?\n)---\n(.*)", re.DOTALL)


def load_pages(content: Content) -> Pages:
    """Read all Markdown pages; raise `ContentError` with every problem."""
    pages, problems = read_pages(content)
    if problems:
        raise ContentError(problems)
    return pages


def read_pages(content: Content, today: date = date.max) -> tuple[Pages, list[Problem]]:
    """Return all Markdown pages with every problem; news come out on their day."""
    found: list[tuple[Page, Problems]] = []
    by_language: dict[str, dict[str, Page]] = {}
    for lang in content.project.languages:
        by_language[lang] = {}
        folder = content.folder / lang
        for file in sorted([*folder.glob("*.md"), *folder.glob(f"{NEWS}/*.md")]):
            problems = Problems(relative(file, content.folder))
            name = file.relative_to(folder).with_suffix("").as_posix()
            page = _read(file, name, lang, problems, lang != content.main_language)
            if advice := _misnamed(name, content.project.languages):
                problems.add("", advice)
            by_language[lang][page.name] = page
            found.append((page, problems))
    pages = Pages(content, by_language)
    wrong = [*missing_pages(pages), *missing_transcripts(content)]
    for page, problems in found:
        check_page(page, pages, problems, today)
        wrong += problems.found
    return pages, list(dict.fromkeys(wrong))


def _read(
    file: Path, name: str, lang: str, problems: Problems, translated: bool
) -> Page:
    text = read_text(file, problems)
    parts = FRONT_MATTER.fullmatch(text or "")
    if parts is None and text is not None:
        problems.add("", "begin with --- title, description, updated ---", 1)
    # The empty line stands for the first ---, so that lines are counted as in the file.
    tree = parse_tree(f"\n{parts[1]}", problems) if parts else {}
    # The keys of what cannot be read are not missed one by one.
    node = Node(tree, Problems("") if problems.found else problems, lang)
    page = read_record(
        Page,
        node,
        name=name,
        lang=lang,
        body=parts[2] if parts else "",
        first_line=parts[1].count("\n") + 3 if parts else 1,
        review=read_review(node) if translated else ORIGINAL,
    )
    for key in ("hero", "cards"):
        if node.has(key) and not page.template:
            advice = (
                f"only a page with template: {TEMPLATES[0]} shows this: take it away"
            )
            problems.add(key, advice)
    return page


def _misnamed(name: str, languages: Collection[str]) -> str:
    """Say what is wrong with the name of a page; else nothing."""
    if "/" in name:
        return "" if _is_dated(name) else _DATED_NAME
    if not _NAME.fullmatch(name):
        return "rename the file: small letters a-z, digits and -"
    if name in RESERVED or name in languages:
        return f"rename the file: “/{name}/” is an address of the program"
    return ""


def _is_dated(name: str) -> bool:
    dated = DATED.fullmatch(name)
    return bool(dated and as_day(dated[1]))
