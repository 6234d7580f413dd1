"""Addresses that were typed or copied almost right, and where they lead.

A slash at the end, capital letters, half an address from a sheet of paper: who asks
is led on, whoever posts is not. Tokens are left as they are.
"""

from flask import Response, redirect, request

from ... import addresses
from ..page import Page
from .site import is_there

_PAGES = ("link-perso", "verifica-ricevuta")
_ONLY_POSTED = ("riepilogo", "conferma", "bozza.pdf")


def meant_elsewhere(page: Page) -> Response | None:
    """Return a redirect to what was probably meant by an unknown address."""
    if request.method not in ("GET", "HEAD"):
        return None
    address = _meant(page, request.path)
    if not address or address == request.path:
        return None
    response = redirect(address, 302)
    response.headers["Cache-Control"] = "public, max-age=60"
    assert isinstance(response, Response)  # noqa: S101 - Flask's own class
    return response


def _meant(page: Page, path: str) -> str:
    parts = [part for part in path.split("/") if part]
    match [part.lower() for part in parts]:
        case ["favicon.ico"]:
            return f"/{page.work.content.project.logo}"
        case ["moduli", *rest]:
            return _service(page, rest, parts[-1])
        case ["r"]:
            return addresses.lost_link(page.main_language)
        case ["r", _]:
            return addresses.mail_link(parts[1])
        case lower if lower and is_there(page, "/".join(lower)):
            return f"/{'/'.join(lower)}/"
    return ""


def _service(page: Page, rest: list[str], last: str) -> str:
    """Return an address of the service; `last` is its last part as it was typed."""
    forms = page.work.content.forms
    match rest:
        case []:
            return _all_forms(page, page.main_language)
        case [lang] if lang in page.work.content.project.languages:
            return _all_forms(page, lang)
        case [lang, name] if name in _PAGES:
            return f"{addresses.SERVICE}/{lang}/{name}"
        case [lang, form_id, *step] if lang in forms.get(form_id, {}):
            here = addresses.online_form(form_id, lang)
            match step:
                case [] | ["carica"]:
                    return "/".join([here, *step])
                case [name] if name in _ONLY_POSTED:
                    return here
                case ["inviata", _]:
                    return addresses.sent(form_id, lang, last)
    return ""


def _all_forms(page: Page, lang: str) -> str:
    there = lang if lang in page.pages.by_language else page.main_language
    return addresses.site_page(addresses.FORM_SEGMENT, there, page.main_language)
