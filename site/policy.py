"""What a browser may load on each page (Content-Security-Policy), by what is on it.

A page without a script allows none. The record lies beside the pages, where service
and web server read it; nothing on a page needs `unsafe-inline`.
"""

import json
from base64 import b64encode
from hashlib import sha256
from pathlib import Path

from lxml import html

from forms_service.shapes.chrome import POLICIES
from plan import PLAYERS


def policy(page: html.HtmlElement) -> str:
    """Return the policy that lets a page do what it does and nothing else."""
    allowed = {
        "default-src": "'none'",
        "img-src": "'self' data:",
        "style-src": _sources(page, "//style", "//link[@rel='stylesheet']"),
        "font-src": "'self'",
        "script-src": _sources(page, _INLINE, "//script[@src]"),
        "form-action": "'self'",
        "frame-ancestors": "'none'",
        "base-uri": "'none'",
    }
    if page.xpath("//script[@src]"):
        allowed["connect-src"] = "'self'"
    if page.xpath("//*[@data-player]"):
        allowed["frame-src"] = PLAYERS
    if page.xpath("//*[@data-search]"):
        # The index of the search is read by WebAssembly.
        allowed["script-src"] += " 'wasm-unsafe-eval'"
    return "; ".join(f"{name} {value}" for name, value in allowed.items())


# Blocks of data are no scripts: the browser never runs them.
_INLINE = "//script[not(@src)][not(contains(@type, 'json'))]"


def _sources(page: html.HtmlElement, inline: str, linked: str) -> str:
    """Return our own origin if something is linked, and the hash of what is inline."""
    sources = ["'self'"] if page.xpath(linked) else []
    for element in page.xpath(inline):
        digest = sha256((element.text or "").encode()).digest()
        sources.append(f"'sha256-{b64encode(digest).decode()}'")
    return " ".join(dict.fromkeys(sources)) or "'none'"


def write_policies(built: Path) -> None:
    """Write the policy of every page, by its path in the site."""
    parser = html.HTMLParser(encoding="utf-8")
    policies = {
        file.relative_to(built).as_posix(): policy(
            html.parse(str(file), parser).getroot()
        )
        for file in sorted(built.rglob("*.html"))
    }
    record = json.dumps(policies, indent=1, sort_keys=True)
    (built / POLICIES).write_text(record + "\n", encoding="utf-8")
