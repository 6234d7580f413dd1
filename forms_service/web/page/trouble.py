"""The page about trouble: in which language it speaks, and when to come back."""

from flask import Response, request, url_for

from ... import addresses
from .errors import PASSING, told
from .rate_limits import TooOften
from .rendering import Page


def trouble_page(page: Page, error: Exception) -> Response:
    """Return the page about an exception, in the language of the address."""
    words = page.words(_language(page))
    trouble = told(error, words)
    again = request.path if request.method == "GET" and trouble.status >= 429 else ""
    response = page.render(
        "trouble.html",
        words,
        trouble.status,
        alternatives=_elsewhere(page),
        trouble=trouble,
        again=again,
    )
    response.headers["Vary"] = "Accept-Language"
    return with_retry(response, error)


def _language(page: Page) -> str:
    """Return the language of the address, or of the browser behind a mailed link.

    A damaged link names no language; nobody keeps its page, so it may differ.
    """
    languages = page.work.content.project.languages
    parts = {**request.args, **(request.view_args or {})}
    if parts.get("lang") in languages:
        return str(parts["lang"])
    if request.path.startswith(f"{addresses.MAIL_LINK}/"):
        return request.accept_languages.best_match(languages) or page.main_language
    return page.main_language


def _elsewhere(page: Page) -> dict[str, str]:
    """Return the address of what was asked for in every language, where it has one."""
    languages = page.work.content.project.languages
    parts = request.view_args or {}
    if request.method != "GET" or request.endpoint is None:
        return {}
    if request.path.startswith(f"{addresses.MAIL_LINK}/"):
        return {lang: f"{request.path}?lang={lang}" for lang in languages}
    if "lang" not in parts:
        return {}
    return {
        lang: url_for(request.endpoint, **{**parts, "lang": lang}) for lang in languages
    }


def with_retry(response: Response, error: Exception) -> Response:
    """Say when to come back, where waiting helps."""
    if isinstance(error, TooOften):
        response.headers["Retry-After"] = str(int(error.wait.total_seconds()) + 1)
    elif isinstance(error, PASSING):
        response.headers["Retry-After"] = "30"
    return response
