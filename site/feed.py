"""The news of one language as an Atom feed (RFC 4287)."""

from collections.abc import Sequence
from datetime import date, datetime, time
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from forms_service.addresses import site_page
from forms_service.content.pages import NEWS, Page
from plan import Plan

NAME = f"{NEWS}/feed.xml"


def feed(plan: Plan, lang: str, news: Sequence[Page]) -> bytes:
    """Return the feed of some news, newest first; there is at least one."""
    project, main = plan.project(lang), plan.content.main_language
    home = plan.base_url + site_page("index", lang, main)
    root = Element("feed", {"xmlns": "http://www.w3.org/2005/Atom", "xml:lang": lang})
    _add(root, "id", home + NAME)
    _add(root, "title", str(project.name))
    _add(root, "updated", _moment(max(page.updated for page in news), plan))
    SubElement(root, "link", rel="self", href=home + NAME)
    SubElement(root, "link", href=home)
    _add(SubElement(root, "author"), "name", str(project.owner.name))
    for page in news:
        address = plan.base_url + site_page(page.name, lang, main)
        entry = SubElement(root, "entry")
        _add(entry, "id", address)
        _add(entry, "title", page.title)
        _add(entry, "published", _moment(page.published or page.updated, plan))
        _add(entry, "updated", _moment(page.updated, plan))
        SubElement(entry, "link", href=address)
        _add(entry, "summary", page.description)
    indent(root)
    return bytes(tostring(root, encoding="utf-8", xml_declaration=True))


def _add(parent: Element, name: str, text: str) -> None:
    SubElement(parent, name).text = text


def _moment(day: date, plan: Plan) -> str:
    return datetime.combine(day, time(), plan.content.project.zone).isoformat()
