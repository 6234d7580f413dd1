"""The staff session in the browser: cookie, CSRF, and the check before every page.

The cookie is signed by Flask and carries only a random secret; what it opens, and for
how long, is in the row that its digest finds.
"""

from urllib.parse import urlsplit

from flask import Flask, Request, g, redirect, request, url_for
from flask import session as cookie
from flask.sansio.app import App
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFProtect

from ... import urls
from ...config import Config, staff_cookie
from ...store.staff import StaffMember
from ...workflow import sessions
from ...workflow.deciding import staff_actor
from ..core import WebContext

SECRET = "session"  # noqa: S105 - the name under which the cookie keeps it
csrf = CSRFProtect()


class StaffCookie(SecureCookieSessionInterface):
    """The cookie of the staff half; every other page has an empty, closed session."""

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
        # Only the staff half asks for tokens: citizens' pages have no session.
        WTF_CSRF_CHECK_DEFAULT=False,
        # A token lives as long as the session it belongs to.
        WTF_CSRF_TIME_LIMIT=None,
    )
    csrf.init_app(app)


def check(web: WebContext) -> ResponseReturnValue | None:
    """Let a signed-in member through; lead anybody else to the sign-in page."""
    found = sessions.session_of(web.context, cookie.get(SECRET, ""))
    if found is not None:
        g.member = found.staff
        return None
    if request.method in ("GET", "HEAD"):
        requested = request.full_path.rstrip("?")
        return redirect(url_for("staff.sign_in", next=requested), 303)
    translator = web.translator(web.main_language)
    return web.render("staff/session_over.html", translator, 401, nav=(), me=None)


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


def secret() -> str:
    """Return the secret of this browser's session."""
    return str(cookie.get(SECRET, ""))


def forget() -> None:
    """Empty the browser's cookie."""
    cookie.clear()


def local(address: str) -> str:
    """Return an address of the staff half as it is, anything else as the queue."""
    parts = urlsplit(address)
    ours = not parts.scheme and not parts.netloc and "\\" not in address
    inside = parts.path.startswith(f"{urls.STAFF}/")
    return address if ours and inside else urls.staff()
