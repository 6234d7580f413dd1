"""The WSGI application: both halves behind one gate, errors as pages, a quiet log.

Everything it needs is an argument; it opens no file and reads no environment.
"""

import logging
import traceback
from collections import Counter
from collections.abc import Callable
from time import perf_counter
from typing import Any

from flask import Flask, Response, g, request
from jinja2 import StrictUndefined
from werkzeug.exceptions import HTTPException, NotFound

from ..config import Config
from ..definition.pages import Pages
from ..moving_window import in_memory
from ..workflow.work import Work
from .page import ERRORS, Page, trouble_of
from .page.files import StaticFiles
from .page.gate import TYPED_LIMIT, keep
from .page.repeat_guard import RepeatGuard
from .page.trouble import trouble_page
from .public.astray import meant_elsewhere
from .public.half import public_half
from .public.site import not_found_page
from .staff.half import staff_half
from .staff.session import StaffCookie

log = logging.getLogger("forms_service.web")


class App(Flask):
    """Flask, without the traceback that would show what people typed."""

    session_interface = StaffCookie()

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function: none of ours is a coroutine, so nothing is asked."""
        return func

    def log_exception(self, exc_info: Any) -> None:
        """Say where a fault inside an error page arose."""
        if isinstance(exc_info, tuple) and isinstance(exc_info[1], Exception):
            _alarm(exc_info[1])


def create_app(work: Work, config: Config, pages: Pages) -> Flask:
    """Return the application for opened data, read settings and read pages."""
    app = App(__name__, static_folder=None)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.config.update(
        SECRET_KEY=config.secret_keys[-1],
        SECRET_KEY_FALLBACKS=list(config.secret_keys[:-1]),
        MAX_CONTENT_LENGTH=TYPED_LIMIT,
    )
    page = Page(
        work=work,
        config=config,
        pages=pages,
        # Of its own each: a flood of one kind makes the other kinds forget nothing.
        limiter=in_memory(work.clock),
        failures=in_memory(work.clock),
        repeats=RepeatGuard(in_memory(work.clock)),
        files=StaticFiles.gather(work.content.project.colours),
    )
    halves = (public_half(page), staff_half(page))
    for half in halves:
        app.register_blueprint(half.blueprint)
    keep(app, halves)
    _tell_errors(app, page)
    _write_log(app)
    return app


def _tell_errors(app: Flask, page: Page) -> None:
    def told(error: Exception) -> Response:
        if isinstance(error, HTTPException) and error.response is not None:
            return error.get_response()  # type: ignore[return-value]
        if trouble_of(error).status == 500:
            _alarm(error)
        if isinstance(error, NotFound):
            own = meant_elsewhere(page) or not_found_page(page)
            if own:
                return own
        return trouble_page(page, error)

    for kind in (*ERRORS, Exception):
        app.register_error_handler(kind, told)


def _alarm(error: Exception) -> None:
    """Log where it broke; the message of an exception may hold what people typed."""
    frames = traceback.extract_tb(error.__traceback__)
    where = " < ".join(f"{frame.name}:{frame.lineno}" for frame in reversed(frames))
    log.error("%s at %s: %s", type(error).__name__, _route(), where)


def _route() -> str:
    return request.url_rule.rule if request.url_rule else "(no route)"


def _write_log(app: Flask) -> None:
    """Count and log every answer by the pattern of its address, never the address."""
    answered: Counter[tuple[str, int]] = Counter()
    app.extensions["answered"] = answered

    @app.before_request
    def begin() -> None:
        g.begun = perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        answered[_route(), response.status_code] += 1
        taken = (perf_counter() - g.begun) * 1000 if "begun" in g else 0.0
        log.info(
            "%s %s %d %.0f ms", request.method, _route(), response.status_code, taken
        )
        return response
