"""Write the plain tree that MkDocs reads: one folder of pages per language.

Whatever belongs to all languages (PDFs, pictures, style sheet) lies in the main
language's folder; calendar files change with what people were told, so the service
sends them. The tree needs no plug-in, so another generator can read it.
"""

import json
from collections.abc import Iterator
from pathlib import Path

import feed
from form_status import state_words
from forms_service import urls
from forms_service.content.pages import HOME, NEWS
from forms_service.i18n import Translator
from forms_service.shapes import chrome
from pages import site_pages
from plan import SCRIPTS, Plan, SitePage, script


def stage(plan: Plan, folder: Path) -> list[SitePage]:
    """Write a tree per language into an empty folder; return the pages written."""
    pages = []
    for page, text in texts(plan):
        _write(folder / page.lang, f"{page.name}.md", text.encode())
        pages.append(page)
    for lang in plan.content.projects:
        if octets := feed.feed(plan, lang):
            _write(folder / lang, feed.NAME, octets)
    _shared(plan, folder / plan.content.main_language)
    return pages


def texts(plan: Plan) -> Iterator[tuple[SitePage, str]]:
    """Yield every page of every language with its text as MkDocs reads it."""
    for lang in plan.content.projects:
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
        "updated_text": translator.gettext(
            "Page updated on {day}", day=translator.format_date(page.updated)
        )
        if page.updated
        else "",
        "feed": urls.site_root(page.lang, plan.content.main_language) + feed.NAME
        if page.name.startswith((HOME, NEWS)) and feed.feed(plan, page.lang)
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
