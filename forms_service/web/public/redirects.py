"""Addresses that were typed or copied almost right, and where they lead.

A slash at the end, capital letters, half an address from a sheet of paper, the full
stop of the sentence around it: who asks is led on, whoever posts is not. Tokens lose
only what can never be in one.
"""

from flask import Response, redirect, request, url_for

from ... import urls
from ...tokens import clean_token
from ..core import WebContext
from ..core.responses import see_other
from .site import is_there

# What stands behind an address in a sentence, and is taken along with it.
_COPIED = " \t\r\n\u00a0.,;:!?)]}>*\"'’”»"


def copied_token() -> Response | None:
    """Return a redirect to the token that was meant, when more was copied than it.

    Whoever reads the answer of an address must find the token in it as it was made.
    """
    parts = request.view_args or {}
    token = str(parts.get("token", ""))
    if request.method not in ("GET", "HEAD") or clean_token(token) == token:
        return None
    meant = {**request.args, **parts, "token": clean_token(token)}
    return see_other(url_for(str(request.endpoint), **meant))


def meant_elsewhere(web: WebContext) -> Response | None:
    """Return a redirect to what was probably meant by an unknown address."""
    if request.method not in ("GET", "HEAD"):
        return None
    url = _meant(web, request.path)
    if not url or url == request.path:
        return None
    response = redirect(url, 302)
    response.headers["Cache-Control"] = "public, max-age=60"
    assert isinstance(response, Response)  # noqa: S101 - Flask's own class
    return response


def _meant(web: WebContext, path: str) -> str:
    parts = [part.rstrip(_COPIED) for part in path.split("/")]
    parts = [part for part in parts if part]
    lower = [part.lower() for part in parts]
    match lower:
        case ["favicon.ico"]:
            return f"/{web.context.content.project.logo}"
        case [first, *rest] if f"/{first}" == urls.SERVICE:
            return _service(web, rest, parts[-1])
        case [first] if f"/{first}" == urls.MAIL_LINK:
            return urls.lost_link(web.main_language)
        case [first, _, *_] if f"/{first}" == urls.MAIL_LINK:
            return urls.mail_link(parts[1])
        case [*_] if lower and is_there(web, "/".join(lower)):
            return f"/{'/'.join(lower)}/"
    return ""


def _service(web: WebContext, rest: list[str], last: str) -> str:
    """Return an address of the service; `last` is its last part as it was typed."""
    match rest:
        case []:
            return _all_forms(web, web.main_language)
        case [lang]:
            known = lang in web.context.content.project.languages
            return _all_forms(web, lang) if known else ""
    url, (lang, form_id, *_) = "/".join([urls.SERVICE, *rest]), rest
    if url in (urls.lost_link(lang), urls.check_receipt(lang)):
        return url
    known = lang in web.context.content.forms.get(form_id, {})
    return _of_form(form_id, lang, url, last) if known else ""


def _of_form(form_id: str, lang: str, url: str, last: str) -> str:
    form_url = urls.online_form(form_id, lang)
    only_posted = (urls.summary, urls.confirm, urls.draft)
    if url in {of(form_id, lang) for of in only_posted}:
        return form_url
    sent_url = urls.sent(form_id, lang, last)
    same = (form_url, urls.upload(form_id, lang), sent_url)
    return next((candidate for candidate in same if candidate.lower() == url), "")


def _all_forms(web: WebContext, lang: str) -> str:
    there = lang if lang in web.pages.by_language else web.main_language
    return urls.site_page(urls.FORM_SEGMENT, there, web.main_language)
