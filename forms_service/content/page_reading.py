"""Read the Markdown pages and find every mistake in them: keys, blocks, links."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from ..definition.problems import ContentError, Problem, Problems, relative, suggestion
from ..definition.review import ORIGINAL
from .folder import Content
from .formats import as_day
from .node import Node, parse_tree, read_review
from .page_faults import faults
from .pages import (
    BLOCK,
    DATED,
    HOME,
    LINK,
    NAMED_BLOCKS,
    NEWS,
    PLAIN_BLOCKS,
    TEMPLATES,
    Action,
    Card,
    Hero,
    Page,
    Pages,
    UnknownLink,
    block_of,
)

_FRONT = re.compile(r"---\n(.*?\n)---\n(.*)", re.DOTALL)


def load_pages(content: Content) -> Pages:
    """Read all Markdown pages; raise `ContentError` with every problem."""
    found: list[tuple[Page, Problems]] = []
    by_language: dict[str, dict[str, Page]] = {}
    for lang in content.project.languages:
        by_language[lang] = {}
        folder = content.folder / lang
        for file in sorted([*folder.glob("*.md"), *folder.glob(f"{NEWS}/*.md")]):
            problems = Problems(relative(file, content.folder))
            name = file.relative_to(folder).with_suffix("").as_posix()
            page = _read(file, name, lang, problems, lang != content.main_language)
            by_language[lang][page.name] = page
            found.append((page, problems))
    pages = Pages(content, by_language)
    wrong = _missing(pages).found + list(_missing_transcripts(content))
    for page, problems in found:
        _check(page, pages, problems)
        wrong += problems.found
    if wrong:
        raise ContentError(dict.fromkeys(wrong))
    return pages


def _read(
    file: Path, name: str, lang: str, problems: Problems, translated: bool
) -> Page:
    try:
        text = file.read_text(encoding="utf-8").replace("\r\n", "\n")
    except UnicodeDecodeError:
        problems.add("", "save the file as UTF-8")
        text = ""
    parts = _FRONT.fullmatch(text)
    if parts is None:
        problems.add("", "begin with --- title, description, updated ---", 1)
    # The empty line stands for the first ---, so that lines are counted as in the file.
    tree = parse_tree(f"\n{parts[1]}", problems) if parts else {}
    # The keys of what cannot be read are not missed one by one.
    node = Node(tree, Problems("") if problems.found else problems, lang)
    hero = node.node("hero")
    page = Page(
        name=name,
        lang=lang,
        title=node.word("title", required=True),
        description=node.word("description", required=True),
        updated=node.day("updated", required=True) or date.min,
        template=node.word("template", among=TEMPLATES),
        hero=_hero(hero) if node.has("hero") else None,
        cards=tuple(_card(card) for card in node.nodes("cards")),
        event=node.word("event"),
        body=parts[2] if parts else text,
        first_line=parts[1].count("\n") + 3 if parts else 1,
        review=read_review(node) if translated else ORIGINAL,
    )
    node.done()
    if "/" in name and not _is_dated(name):
        problems.add("", "name it after its day: 2020-06-18-what-it-says.md")
    return page


def _is_dated(name: str) -> bool:
    dated = DATED.fullmatch(name)
    return bool(dated and as_day(dated[1]))


def _hero(node: Node) -> Hero:
    hero = Hero(
        title=node.word("title", required=True),
        lead=node.word("lead"),
        action=_action(node, "action"),
        second=_action(node, "second"),
    )
    node.done()
    return hero


def _action(parent: Node, key: str) -> Action | None:
    node = parent.node(key)
    if not parent.has(key):
        return None
    action = Action(node.word("text", required=True), node.word("to", required=True))
    node.done()
    return action


def _card(node: Node) -> Card:
    card = Card(
        title=node.word("title", required=True),
        text=node.word("text"),
        to=node.word("to", required=True),
    )
    node.done()
    return card


def _missing(pages: Pages) -> Problems:
    """Tell the pages that the project names and nobody wrote."""
    content = pages.content
    problems = Problems(f"{content.folder.name}/project.yml")
    written = pages.by_language[content.main_language]
    for key in ("nav", "footer"):
        for name in getattr(content.project, key):
            if name not in written:
                near = suggestion(name, written)
                problems.add(key, f"there is no page “{name}.md”{near}")
    if report := content.project.legal.problem_report:
        try:
            pages.destination(report, content.main_language)
        except UnknownLink as unknown:
            problems.add("legal.problem_report", str(unknown))
    asking = [form_id for form_id in content.forms if content.form(form_id).safety]
    if asking and not content.project.safety.numbers:
        advice = f"write whom to call: the form “{asking[0]}” has safety: true"
        problems.add("safety.numbers", advice)
    for lang in content.projects:
        if HOME not in pages.by_language[lang]:
            advice = f"write the first page, {lang}/{HOME}.md"
            problems.found.append(Problem(f"{content.folder.name}/{lang}", "", advice))
    return problems


def _missing_transcripts(content: Content) -> Iterator[Problem]:
    """Tell the transcripts that an event names and nobody wrote."""
    folder = content.folder / "events"
    for event_id, languages in content.events.items():
        for name in {event.transcript for event in languages.values()} - {""}:
            if Path(name).name != name or not (folder / name).is_file():
                file = f"{content.folder.name}/events/{event_id}.yml"
                advice = f"put the text in events/{name}, as a plain text file"
                yield Problem(file, "transcript", advice)


def _check(page: Page, pages: Pages, problems: Problems) -> None:
    """Tell the blocks and links of a page that name nothing."""
    for path, link in _links(page):
        try:
            pages.destination(link, page.lang)
        except UnknownLink as unknown:
            problems.add(path, str(unknown))
    for position, fault in faults(page, pages):
        problems.add(_line_at(page, position), fault)
    content = pages.content
    if page.event and page.event not in content.events:
        near = suggestion(page.event, content.events)
        problems.add("event", f"there is no event “{page.event}”{near}")
    known = {"form": content.forms, "event": content.events}
    for found in BLOCK.finditer(page.body):
        block = block_of(found[1])
        line = _line(page, found)
        if block.name in NAMED_BLOCKS:
            names = known[NAMED_BLOCKS[block.name]]
            if block.argument not in names:
                near = suggestion(block.argument, names)
                problems.add(line, f"[[{found[1]}]]: no such {block.name}{near}")
        elif block.name not in PLAIN_BLOCKS:
            near = suggestion(found[1], {*PLAIN_BLOCKS, *NAMED_BLOCKS})
            problems.add(line, f"[[{found[1]}]] is no block{near}")


def _links(page: Page) -> Iterator[tuple[str, str]]:
    """Yield every link of a page with the place where it is written."""
    if page.hero:
        for key, action in (("action", page.hero.action), ("second", page.hero.second)):
            if action:
                yield f"hero.{key}.to", action.to
    for index, card in enumerate(page.cards):
        yield f"cards[{index}].to", card.to
    for found in LINK.finditer(page.body):
        yield _line(page, found), found[2]


def _line(page: Page, found: re.Match[str]) -> str:
    return _line_at(page, found.start())


def _line_at(page: Page, position: int) -> str:
    return f"line {page.first_line + page.body.count(chr(10), 0, position)}"
