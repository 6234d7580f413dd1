"""What whoever serves a build needs to know: what a browser may load on each page.

A page without a script allows none; nothing on a page needs `unsafe-inline`. The record
of all policies (Content-Security-Policy) lies beside the pages, where the service reads
it. `deploy/nginx/forms.conf` includes the same as maps, with the language of an address
and the addresses of pages that were removed.
"""

import json
from base64 import b64encode
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from lxml import html

from forms_service.content import Project
from forms_service.shapes.chrome import POLICIES
from forms_service.urls import SERVICE
from plan import PLAYERS

RECORD = ".nginx.conf"
# For a page that the build did not make.
STRICT = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'"


def write_maps(built: Path, project: Project) -> None:
    """Write the maps of a built site beside its pages."""
    policies = json.loads((built / POLICIES).read_text(encoding="utf-8"))
    main, *others = project.languages
    languages = {
        f"~^(?:{SERVICE})?/{lang}(?:/|$)": f"/{lang}"
        for lang in others
        if (built / lang).is_dir()
    }
    maps = [
        _map(
            "site_policy",
            {"volatile": None, "default": "", r"~\.html$": STRICT}
            | {f"/{page}": policy for page, policy in policies.items()},
        ),
        _map("site_language", {"default": "", **languages}),
        _map(
            "site_gone",
            {"default": "0"}
            | {path.rstrip("/"): "1" for path in project.gone}
            | {f"{path.rstrip('/')}/": "1" for path in project.gone},
        ),
    ]
    head = f"# Made by the site build; the language without a prefix is {main}.\n"
    (built / RECORD).write_text(head + "\n".join(maps), encoding="utf-8")


def _map(variable: str, values: Mapping[str, str | None]) -> str:
    lines = [
        f"    {key};" if value is None else f'    "{key}" "{value}";'
        for key, value in values.items()
    ]
    return "\n".join([f"map $uri ${variable} {{", *lines, "}", ""])


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
