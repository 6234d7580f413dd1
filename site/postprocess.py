"""What is done to the pages that MkDocs made: one tree for all languages, a search
index and a site map.
"""

import shutil
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.sax.saxutils import escape, quoteattr

from forms_service.content.pages import SEARCH
from forms_service.urls import MAIL_LINK, STAFF
from nginx_maps import write_maps, write_policies
from plan import ERROR_PAGES, Plan, SitePage
from publish import precompress
from search_index import index_pages


class BrokenSite(Exception):
    """The built site cannot be shown; each argument is one sentence."""


def postprocess(plan: Plan, pages: Sequence[SitePage], built: Path) -> None:
    """Make `built` (with a folder per language) the site; raise `BrokenSite`."""
    for page in pages:
        file = built / page.lang / page.made_file
        if not file.is_file():
            raise BrokenSite(f"MkDocs made no page {page.lang}/{page.name}")
        if page.name in ERROR_PAGES:
            file.rename(built / page.lang / f"{page.name}.html")
    _merge(plan, built)
    with TemporaryDirectory() as copies:
        known = [page for page in pages if page.listed and page.name != SEARCH]
        index_pages(built, [built / page.file for page in known], Path(copies))
    (built / "sitemap.xml").write_text(site_map(plan, pages), encoding="utf-8")
    (built / "robots.txt").write_text(robots(plan), encoding="utf-8")
    write_policies(built)
    write_maps(built, plan.content.project)
    precompress(built)


def _merge(plan: Plan, built: Path) -> None:
    """Lay the languages into one tree and drop what only the theme needed."""
    main = plan.content.main_language
    shared = built / main / "assets"
    for lang in plan.content.projects:
        folder = built / lang
        for leftover in ("sitemap.xml", "sitemap.xml.gz"):
            (folder / leftover).unlink(missing_ok=True)
        for status in ERROR_PAGES:
            shutil.rmtree(folder / status, ignore_errors=True)
        if lang != main:
            shutil.rmtree(folder / "assets", ignore_errors=True)
    for theme in ("javascripts", "stylesheets", "images"):
        shutil.rmtree(shared / theme, ignore_errors=True)
    for item in sorted((built / main).iterdir()):
        item.rename(built / item.name)
    (built / main).rmdir()


def site_map(plan: Plan, pages: Sequence[SitePage]) -> str:
    """Write the site map: every page with its translations (hreflang)."""
    entries = [_entry(page, plan) for page in pages if page.listed]
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        ' xmlns:xhtml="http://www.w3.org/1999/xhtml">\n'
        f"{''.join(entries)}</urlset>\n"
    )


def _entry(page: SitePage, plan: Plan) -> str:
    others = dict(page.alternatives)
    if plan.content.main_language in others:
        others["x-default"] = others[plan.content.main_language]
    lines = [f"<loc>{escape(plan.base_url + page.url)}</loc>"]
    if page.updated:
        lines.append(f"<lastmod>{page.updated.isoformat()}</lastmod>")
    for lang, url in others.items():
        href = quoteattr(plan.base_url + url)
        lines.append(f'<xhtml:link rel="alternate" hreflang="{lang}" href={href}/>')
    return "<url>\n" + "\n".join(lines) + "\n</url>\n"


def robots(plan: Plan) -> str:
    """Write robots.txt; pages that must not be found say so themselves (noindex)."""
    closed = "".join(f"Disallow: {prefix}/\n" for prefix in (STAFF, MAIL_LINK))
    return f"User-agent: *\n{closed}\nSitemap: {plan.base_url}/sitemap.xml\n"
