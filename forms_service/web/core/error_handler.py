"""The one handler of errors: the page that was asked for again, or a page about it."""

import traceback
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from flask import Flask, Response, request, url_for
from werkzeug.exceptions import HTTPException, NotFound, RequestEntityTooLarge

from ... import urls
from ...definition import FormDefinition
from .access_log import log, url_pattern
from .context import WebContext
from .error_pages import PASSING, describe
from .rate_limits import TooOften
from .routing import Route

STAFF = "staff"

# The site's own answer at an address that nothing has; None if it has none either.
NotFoundPage = Callable[[WebContext], Response | None]


def handle_errors(
    app: Flask, web: WebContext, routes: Mapping[str, Route], not_found: NotFoundPage
) -> None:
    """Answer every error of the app; `routes` are found by the name of an endpoint."""

    def answer(error: Exception) -> Response:
        if isinstance(error, HTTPException) and error.response is not None:
            return error.get_response()  # type: ignore[return-value]
        route = routes.get(request.endpoint or "")
        response = None
        try:
            if route and route.on_error and isinstance(error, route.errors):
                response = route.on_error(web, error, **(request.view_args or {}))
            elif isinstance(error, NotFound) and request.blueprint != STAFF:
                response = not_found(web)
        except Exception as another:
            error = another
        # What is too much was not even read.
        read = not isinstance(error, RequestEntityTooLarge)
        words = _written(route) if route and read else []
        return _with_retry(response or error_page(web, error, words=words), error)

    app.register_error_handler(Exception, answer)


def error_page(
    web: WebContext,
    error: Exception,
    form: FormDefinition | None = None,
    alternatives: Mapping[str, str] | None = None,
    words: Sequence[str] = (),
) -> Response:
    """Return the page about an error, for staff or in the language of the address.

    A view that knows better gives the form, in whose language it is, and where the
    page is in others. `words` are what staff had written, to be copied.
    """
    staff = request.blueprint == STAFF
    lang = form.lang if form else _language(web)
    translator = web.translator(web.main_language if staff else lang)
    described = describe(error, translator, staff)
    if described.status == 500:
        alarm(error)
    if staff:
        field = request.view_args or {}
        draw = partial(
            web.render,
            "staff/error.html",
            nav=(),
            me=None,
            submission_id=field.get("submission_id", ""),
            words=words,
        )
    else:
        about: dict[str, Any] = {"form": form} if form else {}
        wait = request.method == "GET" and described.status >= 429
        draw = partial(
            web.render,
            "error.html",
            alternatives=_alternatives(web) if form is None else alternatives,
            again=request.path if wait else "",
            **about,
        )
    response = draw(translator, described.status, error_page=described)
    response.headers["Vary"] = "Accept-Language"
    return response


def _written(route: Route) -> list[str]:
    """Return what was written in the boxes whose words no error may lose."""
    if request.method != "POST" or not route.words:
        return []
    typed = [request.form.get(name, "") for name in route.words]
    return [text for text in typed if text.strip()]


def alarm(error: Exception) -> None:
    """Log where it broke; the message of an exception may hold what people typed."""
    frames = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    log.error("%s at %s: %s", type(error).__name__, url_pattern(), where)


def _language(web: WebContext) -> str:
    """Return the language of the address, or of the browser behind a mailed link.

    A damaged link names no language; nobody keeps its page, so it may differ.
    """
    languages = web.context.content.project.languages
    parts = {**request.args, **(request.view_args or {})}
    if parts.get("lang") in languages:
        return str(parts["lang"])
    if request.path.startswith(f"{urls.MAIL_LINK}/"):
        return request.accept_languages.best_match(languages) or web.main_language
    return web.main_language


def _alternatives(web: WebContext) -> dict[str, str]:
    """Return the address of what was asked for in every language, where it has one."""
    languages = web.context.content.project.languages
    parts = request.view_args or {}
    if request.method != "GET" or request.endpoint is None:
        return {}
    if request.path.startswith(f"{urls.MAIL_LINK}/"):
        return {lang: f"{request.path}?lang={lang}" for lang in languages}
    if "lang" not in parts:
        return {}
    return {
        lang: url_for(request.endpoint, **{**parts, "lang": lang}) for lang in languages
    }


def _with_retry(response: Response, error: Exception) -> Response:
    """Say when to come back, where waiting helps."""
    if isinstance(error, TooOften):
        response.headers["Retry-After"] = str(int(error.wait.total_seconds()) + 1)
    elif isinstance(error, PASSING):
        response.headers["Retry-After"] = "30"
    return response
