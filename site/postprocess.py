"""What is done to the pages that MkDocs made: one tree for all languages, a search
index, a site map and packed copies; then it lies where readers look.
"""

import gzip
import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from tempfile import TemporaryDirectory, mkdtemp
from xml.sax.saxutils import escape, quoteattr

import brotli

from forms_service.content.pages import SEARCH
from forms_service.shapes.chrome import CONTENT_ID
from forms_service.urls import MAIL_LINK, STAFF
from nginx_maps import write_maps, write_policies
from pages import ENGINE_FOLDER
from plan import ERROR_PAGES, Plan, SitePage
from process import Child

# What says the same on every page, or is not text to find.
_SKIPPED = (
    "nav", ".buttons", ".updated", ".state", ".live", ".event__date", ".player",
    ".print-only",
)  # fmt: skip
# The ready-made surfaces of Pagefind; ours is scripts/search.js.
_UNUSED = ("pagefind-ui*", "pagefind-modular*", "pagefind-component*", "*highlight*")
# Pictures that are not drawings, fonts and PDFs are packed already.
KINDS = frozenset({".html", ".css", ".js", ".svg", ".xml", ".txt", ".json", ".ics"})


class BrokenSite(Exception):
    """The built site cannot be shown; each argument is one sentence."""


class NoIndex(Exception):
    """Pagefind did not make an index; the message is what it said."""


def postprocess(plan: Plan, pages: Sequence[SitePage], built: Path) -> None:
    """Make `built` (with a folder per language) the site; raise `BrokenSite`."""
    for page in pages:
        file = built / page.lang / page.made_file
        if not file.is_file():
            raise BrokenSite(f"MkDocs made no page {page.lang}/{page.name}")
        if page.name in ERROR_PAGES:
            file.rename(built / page.lang / f"{page.name}.html")
    _merge(plan, built)
    with TemporaryDirectory(dir=built.parent) as copies:
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


# The index that the search page reads in the browser, one per language (Pagefind).
#
# It is made from a copy of the pages: there the apostrophe of the typewriter stands for
# the curly one, or nobody who types "ospedale" would find "l’ospedale".


def index_pages(built: Path, files: Iterable[Path], copies: Path) -> None:
    """Write the index of some pages of `built` into it; `copies` is an empty folder."""
    for file in files:
        copy = copies / file.relative_to(built)
        copy.parent.mkdir(parents=True, exist_ok=True)
        text = file.read_text(encoding="utf-8").replace("’", "'")
        main = f'<main id="{CONTENT_ID}"'
        copy.write_text(text.replace(main, f"{main} data-pagefind-body"), "utf-8")
    command = [sys.executable, "-m", "pagefind", "--quiet"]
    command += ["--site", str(copies), "--output-path", str(built / ENGINE_FOLDER)]
    for selector in _SKIPPED:
        command += ["--exclude-selectors", selector]
    code, output = Child(command).wait()
    if code:
        raise NoIndex(f"Pagefind: {output}")
    for pattern in _UNUSED:
        for file in (built / ENGINE_FOLDER).glob(pattern):
            file.unlink()


# Put a finished site where readers look, by one rename: they never see half of it.


def precompress(built: Path) -> None:
    """Write beside each file a .gz and a .br copy, where they are smaller."""
    files = [
        file
        for file in sorted(built.rglob("*"))
        if file.suffix in KINDS
        and not any(part.startswith(".") for part in file.relative_to(built).parts)
        and file.is_file()
    ]
    # Neither program holds up the other threads while it works.
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as packers:
        for _ in packers.map(_pack, files):
            continue


def _pack(file: Path) -> None:
    plain = file.read_bytes()
    # Without a time in it, the same page gives the same bytes.
    copies = {
        ".gz": gzip.compress(plain, 9, mtime=0),
        ".br": brotli.compress(plain, brotli.MODE_TEXT),
    }
    for suffix, copy in copies.items():
        if len(copy) < len(plain):
            file.with_name(file.name + suffix).write_bytes(copy)


def publish(built: Path, public: Path) -> None:
    """Move the folder `built` away and make `public` a link to it, at once.

    The site before stays until the next build: a reader may be in the middle of it.
    """
    store = public.with_name(f".{public.name}.builds")
    store.mkdir(parents=True, exist_ok=True)
    before = public.resolve() if public.is_symlink() else None
    home = Path(mkdtemp(dir=store))
    home.chmod(0o755)
    built.rename(home / "site")
    if public.exists() and not public.is_symlink():
        # Made by hand or by another version: no link can replace a folder at once.
        public.rename(home / "before")
    link = home / "link"
    link.symlink_to(Path(store.name) / home.name / "site")
    link.replace(public)
    for old in store.iterdir():
        if old != home and (before is None or old != before.parent):
            shutil.rmtree(old, ignore_errors=True)
