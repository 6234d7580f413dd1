"""The one handler of errors: the page that was asked for again, or a page about it."""

import traceback
from collections.abc import Callable, Mapping
from typing import Any

from flask import Flask, Response, current_app, g, request, url_for
from werkzeug.exceptions import HTTPException, NotFound, RequestEntityTooLarge

from ... import urls
from ...definition import Channel, FormDefinition
from ...i18n import Translator
from ...pace import NoTurn
from ...shapes.answer_summary import typed_text
from .access import ANSWERS, Route, TooEarly, TooOften
from .context import WebContext
from .error_pages import PASSING
from .error_sentences import describe
from .microcache import log, url_pattern

STAFF = "staff"
# The program's own controls in a filled-in form; no id of a field has a hyphen.
_PROGRAM = ("form-", "link-", "entry-", "leave-", "bulk-", "csrf_token")

# The site's own answer at an address that nothing has; None if it has none either.
NotFoundPage = Callable[[WebContext], Response | None]


def handle_errors(
    app: Flask, web: WebContext, routes: Mapping[str, Route], not_found: NotFoundPage
) -> None:
    """Answer every error of the app; `routes` are found by the name of an endpoint."""
    app.extensions["routes"] = routes

    def answer(error: Exception) -> Response:
        if isinstance(error, HTTPException) and error.response is not None:
            return error.get_response()  # type: ignore[return-value]
        route = routes.get(request.endpoint or "")
        response = None
        try:
            if route and route.on_error and isinstance(error, route.errors):
                response = route.on_error(web, error, **(request.view_args or {}))
            elif isinstance(error, NotFound) and request.blueprint != STAFF:
                response = None if route and route.words else not_found(web)
        except Exception as another:
            error = another
        return _with_retry(response or error_page(web, error), error)

    app.register_error_handler(Exception, answer)


def error_page(
    web: WebContext,
    error: Exception,
    form: FormDefinition | None = None,
    alternatives: Mapping[str, str] | None = None,
    back: str = "",
) -> Response:
    """Return the page about an error, for staff or in the language of the address.

    All that was typed is in it, to be copied. A view that knows better gives the form,
    in whose language it is, where the page is in others, and where the way back leads.
    """
    staff = request.blueprint == STAFF
    lang = form.lang if form else _language(web)
    translator = web.translator(web.main_language if staff else lang)
    # What is too much is not even read.
    too_much = isinstance(error, RequestEntityTooLarge)
    read = request.method == "POST" and not too_much and _readable()
    form = form or (_posted_form(web, translator.lang) if read else None)
    described = describe(error, translator, staff)
    if described.status == 500:
        alarm(error)
    around: dict[str, Any]
    if staff:
        field = request.view_args or {}
        around = g.frame() if "frame" in g else {"me": None}
        around |= {"nav": (), "submission_id": field.get("submission_id", "")}
    else:
        wait = request.method == "GET" and described.status >= 429
        around = {
            "alternatives": _alternatives(web) if form is None else alternatives,
            "again": request.path if wait else "",
            "back": back,
            **({"form": form} if form else {}),
        }
    response = web.render(
        "staff/error.html" if staff else "error.html",
        translator,
        error_page=described,
        words=_typed(translator, form) if read else "",
        **around,
    )
    response.headers["Vary"] = "Accept-Language"
    return response


def _readable() -> bool:
    """Say whether what was posted can be read; an error may come before it was."""
    try:
        return request.form is not None
    except HTTPException:
        return False


def _typed(translator: Translator, form: FormDefinition | None) -> str:
    """Return what was typed in the boxes whose words no error may lose.

    Answers to a form that is no longer known stand without their questions.
    """
    route: Route | None = current_app.extensions["routes"].get(request.endpoint)
    if route is None:
        return ""
    if route.words != ANSWERS:
        texts = [request.form.get(name, "") for name in route.words]
        return "\n\n".join(text for text in texts if text.strip())
    raw = request.form.to_dict(flat=False)
    raw = {name: raw[name] for name in raw if not name.startswith(_PROGRAM)}
    channel = Channel.DESK if request.blueprint == STAFF else Channel.WEB
    return typed_text(form, raw, translator, channel)


def _posted_form(web: WebContext, lang: str) -> FormDefinition | None:
    """Return the form whose answers are posted, in a language or in the main one."""
    form_id = (request.view_args or {}).get("form_id") or request.form.get("link-form")
    editions = web.context.content.forms.get(form_id or "", {})
    return editions.get(lang) or editions.get(web.main_language)


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
    if isinstance(error, TooOften | TooEarly | NoTurn):
        response.headers["Retry-After"] = str(int(error.wait.total_seconds()) + 1)
    elif isinstance(error, PASSING):
        response.headers["Retry-After"] = "30"
    return response
