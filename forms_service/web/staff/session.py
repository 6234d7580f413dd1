"""The staff session in the browser: cookie, CSRF, and the check before every page.

The cookie is signed by Flask and carries only a random secret; what it opens, and for
how long, is in the row that its digest finds.
"""

from dataclasses import replace

from flask import (
    Flask,
    Request,
    Response,
    current_app,
    flash,
    g,
    redirect,
    request,
    url_for,
)
from flask import session as cookie
from flask.sansio.app import App
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError, CSRFProtect
from werkzeug.wrappers import Response as BaseResponse

from ... import urls
from ...config import Config
from ...i18n import N_
from ...staff_session import browser_cookie, staff_cookie
from ...store.staff import StaffMember
from ...tokens import TokenInvalid
from ...workflow import sessions, signing_in
from ...workflow.deciding import staff_actor
from ...workflow.transitions import RevisionConflict
from ..core import ErrorPage, Route, WebContext, describe
from ..core.access import ANSWERS

SECRET = "session"  # noqa: S105 - the name under which the cookie keeps it
PENDING = "pending"
NO_COOKIE = ErrorPage(
    400,
    N_("Your browser keeps no cookies"),
    N_(
        "Without a cookie of this address nobody can sign in. Allow cookies for it in "
        "the settings of the browser, then sign in here."
    ),
)
SIGNED_IN_AGAIN = ErrorPage(
    400,
    N_("Check it and send it once more"),
    N_(
        "This page is from before you signed in or turned on the second factor. "
        "Everything you typed is here."
    ),
)
OLD_PAGE = ErrorPage(
    400,
    N_("This page was open for too long"),
    N_("Nothing was done. Check what you typed and send it once more."),
)
CHANGED = N_("Nothing was done. Read what has changed, then go on from there.")
KEPT = N_("What you typed is still here.")
csrf = CSRFProtect()


class StaffCookie(SecureCookieSessionInterface):
    """The cookie of the staff area; every other page has an empty, closed session."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Read the cookie, but not for pages that need none."""
        if not request.path.startswith(urls.STAFF):
            return None
        return super().open_session(app, request)


def prepare(app: App, config: Config) -> None:
    """Give the app its session cookie and the tokens of forms.

    Lax, not Strict: a link in the hourly mail must open the page and not the sign-in.
    """
    secure = config.base_url.startswith("https://")
    app.config.update(
        SESSION_COOKIE_NAME=staff_cookie(config.base_url),
        SESSION_COOKIE_PATH="/" if secure else urls.STAFF,
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        # Only the staff area asks for tokens: citizens' pages have no session.
        WTF_CSRF_CHECK_DEFAULT=False,
        # A token lives as long as the session it belongs to.
        WTF_CSRF_TIME_LIMIT=None,
    )
    csrf.init_app(app)


def check(web: WebContext) -> ResponseReturnValue | None:
    """Let a signed-in member through; lead anybody else to the sign-in page.

    What was typed on a page whose session is over stays in the answer, where the route
    takes it again after signing in: nothing of it is stored.
    """
    found = sessions.session_of(web.context, cookie.get(SECRET, ""))
    if found is not None:
        g.member, g.grant, g.factor = found.staff, found.grant, found.factor
        return None
    if request.method in ("GET", "HEAD"):
        requested = request.full_path.rstrip("?")
        return redirect(url_for("staff.sign_in", next=requested), 303)
    return caught(web, 401)


def caught(web: WebContext, status: int) -> Response:
    """Return the page that keeps what was posted until it may go on.

    With 401 the session is over; with 403 it has no second factor and needs one.
    """
    route: Route | None = current_app.extensions["routes"].get(request.endpoint)
    keeps = route is not None and CSRFError in route.errors
    typed = request.form.items(multi=True) if keeps else ()
    return web.render(
        "staff/caught.html",
        web.translator(web.main_language),
        status,
        nav=(),
        me=None,
        lacks_factor=status == 403,
        again=request.full_path.rstrip("?"),
        kept=[(name, value) for name, value in typed if name != "csrf_token"],
        files=keeps and any(file.filename for file in request.files.values()),
    )


def describe_error(web: WebContext, error: Exception) -> ErrorPage:
    """Return what a page says that was posted and is shown again, with all its words.

    A token that does not fit has three causes: the browser keeps no cookie, the member
    has signed in again meanwhile, or the page is older than the keys.
    """
    translator = web.translator(web.main_language)
    if not isinstance(error, CSRFError | TokenInvalid):
        described = describe(error, translator, staff=True)
        if not isinstance(error, RevisionConflict):
            return described
        said = [translator.gettext(CHANGED), translator.gettext(KEPT) * _typed()]
        return replace(described, text=" ".join(said).strip())
    entry = OLD_PAGE
    if current_app.config["SESSION_COOKIE_NAME"] not in request.cookies:
        entry = NO_COOKIE
    elif isinstance(error, CSRFError) and "member" in g:
        entry = SIGNED_IN_AGAIN
    title, text = translator.gettext(entry.title), translator.gettext(entry.text)
    return replace(entry, title=title, text=text)


def _typed() -> bool:
    """Say whether words were posted that no error may lose."""
    route = current_app.extensions["routes"][request.endpoint]
    if route.words == ANSWERS:
        return True
    return any(request.form.get(name, "").strip() for name in route.words)


def member() -> StaffMember:
    """Return who asks; only behind the check."""
    found: StaffMember = g.member
    return found


def actor() -> str:
    """Return who asks, as the log calls them."""
    return staff_actor(member().id)


def keep(secret: str) -> None:
    """Put a new session into the browser, and nothing that was there before."""
    cookie.clear()
    cookie[SECRET] = secret


def keep_pending(token: str) -> None:
    """Remember whose password was right, until the code is; it opens nothing."""
    cookie.clear()
    cookie[PENDING] = token


def pending() -> str:
    """Return what was remembered between password and code."""
    return str(cookie.get(PENDING, ""))


def has_factor() -> bool:
    """Say whether the member who asks has a second factor; only behind the check."""
    return bool(g.factor)


def begin(
    web: WebContext, opened: signing_in.SignedIn, onward: str, news: str
) -> BaseResponse:
    """Put an opened session into the browser and lead on, with `news` if it is due."""
    keep(opened.secret)
    if opened.untold:
        flash(news)
    answer = redirect(local(onward), 303)
    keep_known_browser(web, answer, opened.browser)
    return answer


def known_browser(web: WebContext) -> str:
    """Return what this browser shows of who has signed in with it before."""
    return request.cookies.get(browser_cookie(web.config.base_url), "")


def keep_known_browser(web: WebContext, answer: BaseResponse, browser: str) -> None:
    """Let the browser be known for half a year; it opens nothing."""
    secure = web.config.base_url.startswith("https://")
    answer.set_cookie(
        browser_cookie(web.config.base_url),
        browser,
        max_age=signing_in.KNOWN_FOR,
        path="/" if secure else urls.STAFF,
        secure=secure,
        httponly=True,
        samesite="Lax",
    )


def secret() -> str:
    """Return the secret of this browser's session."""
    return str(cookie.get(SECRET, ""))


def forget() -> None:
    """Empty the browser's cookie."""
    cookie.clear()


def local(url: str) -> str:
    """Return an address of the staff area as it is, anything else as the queue."""
    inside = url.startswith(f"{urls.STAFF}/")
    # Browsers read \\ as /, and leave out what cannot be printed.
    return url if inside and url.isprintable() and "\\" not in url else urls.staff()
