"""What pages name and nobody wrote, and what is broken inside their text."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from ..definition.problems import Problem, Problems, suggestion
from .folder import Content
from .page_html import addresses, dead_part, html_faults, page_named
from .page_markdown import markdown_faults, without_code
from .pages import (
    BLOCK,
    HOME,
    LINK,
    NAMED_BLOCKS,
    PLAIN_BLOCKS,
    Page,
    Pages,
    UnknownLink,
    block_of,
)
from .strict_yaml import reopened

_PICTURE = re.compile(r"!\[(?P<words>[^\]]*)\]\((?P<file>[^)\s]+)")
_FILE_NAME = re.compile(r"\S+\.(?:png|jpe?g|svg|gif|webp)", re.IGNORECASE)


def missing_pages(pages: Pages) -> Iterator[Problem]:
    """Yield what project.yml names and nobody wrote, and pages that are to be gone."""
    content, project = pages.content, pages.content.project
    problems = reopened(content.folder / "project.yml", content.folder)
    written = pages.by_language[content.main_language]
    for key in ("nav", "footer"):
        for name in getattr(project, key):
            if name not in written:
                near = suggestion(name, written)
                problems.add(key, f"there is no page “{name}.md”{near}")
    if report := project.legal.problem_report:
        try:
            pages.destination(report, content.main_language)
        except UnknownLink as unknown:
            problems.add("legal.problem_report", str(unknown))
    asking = [form_id for form_id in content.forms if content.form(form_id).safety]
    if asking and not project.safety.numbers:
        advice = f"write whom to call: the form “{asking[0]}” has safety: true"
        problems.add("safety.numbers", advice)
    _not_gone(pages, problems)
    yield from problems.found
    for lang in project.languages:
        if HOME not in pages.by_language[lang]:
            advice = f"write the first page, {lang}/{HOME}.md"
            yield Problem(f"{content.folder.name}/{lang}", "", advice)


def _not_gone(pages: Pages, problems: Problems) -> None:
    """Tell the addresses that are listed as removed and are still there."""
    for address in pages.content.project.gone:
        folder = f"{address.rstrip('/')}/"
        asset = (pages.content.folder / address.strip("/")).exists()
        known = any(f"{known}/".startswith(folder) for known in addresses(pages))
        if known or (asset and folder.startswith("/assets/")):
            advice = f"{address}: take it off gone in project.yml, the page is there"
            problems.add("gone", advice)


def missing_transcripts(content: Content) -> Iterator[Problem]:
    """Yield the transcripts that an event names and nobody wrote."""
    folder = content.folder / "events"
    for event_id, languages in content.events.items():
        for name in {event.transcript for event in languages.values()} - {""}:
            if Path(name).name != name or not (folder / name).is_file():
                problems = reopened(folder / f"{event_id}.yml", content.folder)
                advice = f"put the text in events/{name}, as a plain text file"
                problems.add("transcript", advice)
                yield from problems.found


def check_page(page: Page, pages: Pages, problems: Problems, today: date) -> None:
    """Tell the blocks and links of a page that name nothing."""
    for path, line, link in _links(page):
        try:
            pages.destination(link, page.lang)
        except UnknownLink as unknown:
            problems.add(path, str(unknown), line)
        else:
            if advice := _too_early(link, page, pages, today):
                problems.add(path, advice, line)
    for line, fault in faults(page, pages):
        problems.add("", fault, line)
    events = pages.content.events
    if page.event and page.event not in events:
        near = suggestion(page.event, events)
        problems.add("event", f"there is no event “{page.event}”{near}")
    _check_blocks(page, pages.content, problems)


def _check_blocks(page: Page, content: Content, problems: Problems) -> None:
    known = {"form": content.forms, "event": content.events}
    for found in BLOCK.finditer(page.body):
        block, line = block_of(found[1]), page.line_at(found.start())
        if block.name in NAMED_BLOCKS:
            names = known[NAMED_BLOCKS[block.name]]
            if block.argument not in names:
                near = suggestion(block.argument, names)
                advice = f"[[{found[1]}]]: no such {block.name}{near}"
                problems.add("", advice, line)
        elif block.name not in PLAIN_BLOCKS:
            near = suggestion(found[1], {*PLAIN_BLOCKS, *NAMED_BLOCKS})
            problems.add("", f"[[{found[1]}]] is no block{near}", line)


def _too_early(link: str, page: Page, pages: Pages, today: date) -> str:
    """Say that a link leads to news that are not out when the page is; else nothing."""
    there = page_named(link.partition("#")[0], page, pages)
    day = there.published if there else None
    if day is None or day <= max(today, page.published or today):
        return ""
    return f"“{link}” comes out on {day}: link to it from then on"


def _links(page: Page) -> Iterator[tuple[str, int, str]]:
    """Yield every link of a page with its key, or the line where it is written."""
    if page.hero:
        for key, action in (("action", page.hero.action), ("second", page.hero.second)):
            if action:
                yield f"hero.{key}.to", 0, action.to
    for index, card in enumerate(page.cards):
        yield f"cards[{index}].to", 0, card.to
    for found in LINK.finditer(page.body):
        yield "", page.line_at(found.start()), found[2]


def faults(page: Page, pages: Pages) -> Iterator[tuple[int, str]]:
    """Yield each fault with its line in the file."""
    for position, advice in (*_dead_parts(page, pages), *markdown_faults(page.body)):
        yield page.line_at(position), advice
    for line, advice in html_faults(without_code(page.body), page, pages):
        yield page.first_line + line - 1, advice


def _dead_parts(page: Page, pages: Pages) -> Iterator[tuple[int, str]]:
    """Yield pictures without words and dead parts, with their place in the body."""
    for found in _PICTURE.finditer(page.body):
        if not found["words"].strip() or _FILE_NAME.fullmatch(found["words"].strip()):
            name = found["file"]
            advice = (
                f"{name}: say in words what the picture shows, ![like this]({name})"
            )
            yield found.start(), advice
    for found in LINK.finditer(page.body):
        target, _, part = found[2].partition("#")
        if reason := dead_part(part, page_named(target, page, pages), pages):
            yield found.start(), f"“{found[2]}”: {reason}"
