"""The WSGI application: both areas behind one check, errors as pages, a quiet log.

Everything it needs is an argument; it opens no file and reads no environment.
"""

from collections.abc import Callable
from typing import Any

from flask import Flask, Request
from jinja2 import StrictUndefined
from limits.strategies import MovingWindowRateLimiter
from werkzeug.routing import MapAdapter, Rule
from werkzeug.wrappers import Response as BaseResponse

from ..config import Config
from ..content.pages import Pages
from ..i18n import own_name
from ..moving_window import RepeatGuard, counting
from ..pace import Pace, allowed_by_disk
from ..shapes.chrome import marked, verbatim
from ..shapes.notice import short_notice
from ..siblings import ALONE, Siblings
from ..store.alarms import Alarm, AlarmKind
from ..workflow.context import WorkflowContext
from .core import WebContext
from .core.access import TYPED_LIMIT, require_access
from .core.alarms_now import AlarmsNow
from .core.error_handler import alarm, handle_errors
from .core.microcache import AccessLog, Microcache
from .core.responses import protect
from .core.static_files import StaticFiles
from .public.redirects import copied_token, meant_elsewhere
from .public.routes import public_area
from .public.site import not_found_page
from .public.static_and_health import FIGURES, REFUSAL, own_figures, own_refusal
from .staff.routes import staff_area
from .staff.session import StaffCookie

# So much of what an hour may bring is an alarm.
MANY = 80


def flood_of(pace: Pace) -> list[Alarm]:
    """Return the alarm of a flood, while there is one."""
    percent = pace.percent()
    return [Alarm(AlarmKind.FLOOD, {"percent": percent})] if percent > MANY else []


class LazyRule(Rule):
    """A route whose function that builds its URL is compiled at its first use.

    werkzeug compiles two for each route: a tenth of what a start takes.
    """

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., Any]:
        def build(rule: LazyRule, **values: Any) -> Any:
            made = super()._compile_builder(append_unknown)
            name = "_build_unknown" if append_unknown else "_build"
            setattr(rule, name, made.__get__(rule))
            return made(rule, **values)

        return build


class App(Flask):
    """Flask, without the traceback that would show what people typed."""

    session_interface = StaffCookie()
    url_rule_class = LazyRule

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """Return the function: none of ours is a coroutine, so nothing is asked."""
        return func

    def create_url_adapter(self, request: Request | None) -> MapAdapter | None:
        """Return what finds the address that is asked for: no host has others.

        The base class looks through the head of the request for each part once more.
        """
        if request is None:
            return super().create_url_adapter(None)
        return MapAdapter(
            self.url_map,
            request.host,
            request.root_path,
            "",
            request.scheme,
            request.path,
            request.method,
            request.query_string.decode(errors="replace"),
        )

    def redirect(self, location: str, code: int = 302) -> BaseResponse:
        """Lead on without what no header can hold: an address asked for may have it."""
        return super().redirect("".join(filter(str.isprintable, location)), code)

    def log_exception(self, exc_info: Any) -> None:
        """Say where a fault inside an error page arose."""
        if isinstance(exc_info, tuple) and isinstance(exc_info[1], Exception):
            alarm(exc_info[1])


def _web_context(
    context: WorkflowContext,
    config: Config,
    pages: Pages,
    compiled: bool,
    siblings: Siblings,
) -> WebContext:
    def counted(name: str) -> MovingWindowRateLimiter:
        return counting(config.limits_url, context.clock, siblings, name)

    return WebContext(
        context=context,
        config=config,
        pages=pages,
        # Of its own each: a flood of one kind makes the other kinds forget nothing.
        limiter=counted("requests"),
        failures=counted("failures"),
        repeats=RepeatGuard(counted("repeats"), config.secret_keys[-1]),
        pace=Pace(
            counted("turns").storage,
            context.clock,
            lambda: config.hourly_limit or allowed_by_disk(config.data_dir),
            config.summary_seconds,
        ),
        alarms=AlarmsNow(context),
        siblings=siblings,
        files=StaticFiles.gather(context.content.project.colours),
        compiled=compiled,
    )


def create_app(
    context: WorkflowContext,
    config: Config,
    pages: Pages,
    compiled: bool = True,
    siblings: Siblings = ALONE,
) -> Flask:
    """Return the application for opened data, read settings and read pages.

    Without `compiled` each page is drawn from its template: for who changes one.
    """

    app = App(__name__, static_folder=None)
    app.jinja_env.undefined = StrictUndefined
    app.jinja_env.filters["verbatim"] = verbatim
    app.jinja_env.globals.update(
        marked=marked, own_name=own_name, short_notice=short_notice
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.config.update(
        SECRET_KEY=config.secret_keys[-1],
        SECRET_KEY_FALLBACKS=list(config.secret_keys[:-1]),
        MAX_CONTENT_LENGTH=TYPED_LIMIT,
    )
    web = _web_context(context, config, pages, compiled, siblings)
    areas = (public_area(web), staff_area(web))
    for area in areas:
        app.register_blueprint(area.blueprint)
    app.before_request(copied_token)
    require_access(app, areas)
    routes = {**areas[0].routes, **areas[1].routes}
    handle_errors(
        app, web, routes, lambda page: meant_elsewhere(page) or not_found_page(page)
    )
    app.extensions["receipts"] = web.receipts
    app.extensions["limiter"] = web.limiter
    app.extensions["alarms"] = lambda: flood_of(web.pace)
    log = AccessLog()
    app.extensions["answered"] = log.answered
    siblings.answer(FIGURES, lambda: own_figures(web, log.answered))
    siblings.answer(REFUSAL, lambda: own_refusal(web))
    memory = Microcache(app.wsgi_app, context.clock, log)
    app.wsgi_app = memory  # type: ignore[method-assign]
    app.after_request(memory.finish)
    app.after_request(protect)
    return app
