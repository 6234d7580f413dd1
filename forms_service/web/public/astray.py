"""Addresses that were typed or copied almost right, and where they lead.

A slash at the end, capital letters, half an address from a sheet of paper: who asks
is led on, whoever posts is not. Tokens are left as they are.
"""

from flask import Response, redirect, request

from ... import addresses
from ..page import Page
from .site import is_there


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
    lower = [part.lower() for part in parts]
    match lower:
        case ["favicon.ico"]:
            return f"/{page.work.content.project.logo}"
        case [first, *rest] if f"/{first}" == addresses.SERVICE:
            return _service(page, rest, parts[-1])
        case [first] if f"/{first}" == addresses.MAIL_LINK:
            return addresses.lost_link(page.main_language)
        case [first, _, *_] if f"/{first}" == addresses.MAIL_LINK:
            return addresses.mail_link(parts[1])
        case [*_] if lower and is_there(page, "/".join(lower)):
            return f"/{'/'.join(lower)}/"
    return ""


def _service(page: Page, rest: list[str], last: str) -> str:
    """Return an address of the service; `last` is its last part as it was typed."""
    match rest:
        case []:
            return _all_forms(page, page.main_language)
        case [lang]:
            known = lang in page.work.content.project.languages
            return _all_forms(page, lang) if known else ""
    address, (lang, form_id, *_) = "/".join([addresses.SERVICE, *rest]), rest
    if address in (addresses.lost_link(lang), addresses.check_receipt(lang)):
        return address
    known = lang in page.work.content.forms.get(form_id, {})
    return _of_form(form_id, lang, address, last) if known else ""


def _of_form(form_id: str, lang: str, address: str, last: str) -> str:
    here = addresses.online_form(form_id, lang)
    only_posted = (addresses.summary, addresses.confirm, addresses.draft)
    if address in {of(form_id, lang) for of in only_posted}:
        return here
    after = addresses.sent(form_id, lang, last)
    same = (here, addresses.upload(form_id, lang), after)
    return next((one for one in same if one.lower() == address), "")


def _all_forms(page: Page, lang: str) -> str:
    there = lang if lang in page.pages.by_language else page.main_language
    return addresses.site_page(addresses.FORM_SEGMENT, there, page.main_language)
