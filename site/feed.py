"""The news of one language as an Atom feed (RFC 4287)."""

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import NamedTuple
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from event_view import event_news
from forms_service.content.pages import NEWS
from forms_service.urls import site_page
from plan import Plan

NAME = f"{NEWS}/feed.xml"


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
    home = plan.base_url + site_page("index", lang, main)
    root = Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": lang})
    _add(root, "id", home + NAME)
    _add(root, "title", str(project.name))
    _add(root, "updated", _moment(max(entry.updated for entry in entries), plan))
    SubElement(root, "link", rel="self", href=home + NAME)
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
    for page in plan.pages.news(lang):
        link = plan.base_url + site_page(page.name, lang, plan.content.main_language)
        published = page.published or page.updated
        yield _Entry(link, link, page.title, published, page.updated, page.description)


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text


def _moment(day: date, plan: Plan) -> str:
    return datetime.combine(day, time(), plan.content.project.zone).isoformat()
