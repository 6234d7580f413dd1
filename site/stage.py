"""Write the plain tree that MkDocs reads: one folder of pages per language.

Whatever belongs to all languages (PDFs, pictures, style sheet) lies in the main
language's folder; calendar files change with what people were told, so the service
sends them. The tree needs no plug-in, so another generator can read it.
"""

import json
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from event_view import event_news
from form_status import state_words
from forms_service import urls
from forms_service.content.pages import HOME, NEWS
from forms_service.i18n import Translator
from forms_service.shapes import chrome
from pages import site_pages
from plan import SCRIPTS, Plan, SitePage, script

FEED = f"{NEWS}/feed.xml"


def stage(plan: Plan, folder: Path) -> list[SitePage]:
    """Write a tree per language into an empty folder; return the pages written."""
    pages = []
    for lang in plan.content.projects:
        for page, text in texts(plan, lang):
            _write(folder / lang, f"{page.name}.md", text.encode())
            pages.append(page)
        if octets := feed(plan, lang):
            _write(folder / lang, FEED, octets)
    _shared(plan, folder / plan.content.main_language)
    return pages


def texts(plan: Plan, lang: str) -> Iterator[tuple[SitePage, str]]:
    """Yield every page of a language with its text as MkDocs reads it."""
    for page in site_pages(plan, lang):
        yield page, _front_matter(page, plan) + str(page.body)


def _front_matter(page: SitePage, plan: Plan) -> str:
    translator, project = plan.translator(page.lang), plan.project(page.lang)
    meta = {
        "lang": page.lang,
        "dir": translator.direction,
        "title": str(page.title),
        "head_title": _head_title(page, str(project.name)),
        "description": str(page.description),
        "canonical": plan.base_url + page.url if page.listed else "",
        "noindex": project.is_demonstration or not page.listed,
        "icon": f"/{project.logo}",
        "stylesheet": f"{plan.chrome_folder}/{chrome.STYLESHEET}",
        "layout": page.layout,
        "content_id": chrome.CONTENT_ID,
        "top": str(page.top),
        "index_title": translator.gettext("On this page"),
        "note_back": translator.gettext("Back to the text"),
        "updated_text": translator.gettext(
            "Page updated on {day}", day=translator.format_date(page.updated)
        )
        if page.updated
        else "",
        "feed": urls.site_root(page.lang, plan.content.main_language) + FEED
        if page.name.startswith((HOME, NEWS)) and feed(plan, page.lang)
        else "",
        "structured": list(page.structured),
        "scripts": list(_scripts(page, translator, plan)),
        **_chrome(page, translator, plan),
    }
    # JSON is YAML too, and much quicker to write.
    return f"---\n{json.dumps(meta, ensure_ascii=False)}\n---\n\n"


def _chrome(page: SitePage, translator: Translator, plan: Plan) -> dict[str, str]:
    """Draw the header and the footer of a page."""
    lang, project = page.lang, plan.project(page.lang)
    nav = plan.pages.menu(lang, page.menu_name)
    header = chrome.header(
        project,
        lang,
        translator,
        chrome.languages(translator, page.alternatives),
        nav,
        page.review,
    )
    footer = chrome.footer(project, lang, translator, nav, plan.pages.legal(lang))
    return {"header": str(header), "footer": str(footer)}


def _scripts(
    page: SitePage, translator: Translator, plan: Plan
) -> Iterator[dict[str, object]]:
    """Yield the scripts of a page: those that what is on it has a use for."""
    text = page.top + page.body
    if "data-form=" in text:
        data = {"state": urls.STATE, "words": state_words(translator)}
        yield {"src": script("state.js"), "data": data}
    if "data-search=" in text:
        yield {"src": script("search.js"), "data": {}}
    if "data-player=" in text:
        yield {"src": script("player.js"), "data": {}}
    if "data-leave" in text:
        yield {"src": f"{plan.chrome_folder}/{chrome.LEAVE}", "data": {}}


def _head_title(page: SitePage, name: str) -> str:
    return name if page.title == name else f"{page.title} – {name}"


def _shared(plan: Plan, folder: Path) -> None:
    """Write what all languages share: pictures, style sheet, PDFs."""
    content = plan.content
    # Octets only: whoever may not write the pictures writes beside their copies.
    for file in (content.folder / "assets").rglob("*"):
        if file.is_file():
            _write(folder, str(file.relative_to(content.folder)), file.read_bytes())
    for name, octets in chrome.files(content.project.colours).items():
        _write(folder, f"{plan.chrome_folder}/{name}", octets)
    for source in SCRIPTS.iterdir():
        _write(folder, script(source.name), source.read_bytes())
    for (form_id, lang), octets in plan.pdfs.items():
        _write(folder, urls.form_pdf(form_id, lang), octets)


def _write(folder: Path, url: str, octets: bytes) -> None:
    file = folder / url.lstrip("/")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(octets)


# The news of one language as an Atom feed (RFC 4287).


class _Entry(NamedTuple):
    id: str
    link: str
    title: str
    published: date
    updated: date
    summary: str


def feed(plan: Plan, lang: str) -> bytes:
    """Return the feed of a language, newest first; nothing where there is no news."""
    entries = list(_entries(plan, lang))
    if not entries:
        return b""
    project, main = plan.project(lang), plan.content.main_language
    home = plan.base_url + urls.site_page("index", lang, main)
    root = Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": lang})
    _add(root, "id", home + FEED)
    _add(root, "title", str(project.name))
    _add(root, "updated", _moment(max(entry.updated for entry in entries), plan))
    SubElement(root, "link", rel="self", href=home + FEED)
    SubElement(root, "link", href=home)
    _add(SubElement(root, "author"), "name", str(project.owner.name))
    for item in entries:
        entry = SubElement(root, "entry")
        _add(entry, "id", item.id)
        _add(entry, "title", item.title)
        _add(entry, "published", _moment(item.published, plan))
        _add(entry, "updated", _moment(item.updated, plan))
        SubElement(entry, "link", href=item.link)
        _add(entry, "summary", item.summary)
    indent(root)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def _entries(plan: Plan, lang: str) -> Iterator[_Entry]:
    """Yield what became of events to come, then the news."""
    for event in event_news(plan, lang):
        link, day = plan.base_url + event.url, event.page.updated
        # Who has read that it was postponed has not read that it is cancelled.
        yield _Entry(link + event.mark, link, event.title, day, day, event.description)
    main = plan.content.main_language
    for page in plan.pages.news(lang):
        link = plan.base_url + urls.site_page(page.name, lang, main)
        published = page.published or page.updated
        yield _Entry(link, link, page.title, published, page.updated, page.description)


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text


def _moment(day: date, plan: Plan) -> str:
    return datetime.combine(day, time(), plan.content.project.zone).isoformat()
