"""Set-up link, signing in and out, and what a member may change about the account.

A `..._again` view shows the same page with what is wrong and what may be kept: a
typed address, never a password.
"""

from collections.abc import Mapping

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from limits import RateLimitItemPerMinute

from ...definition.contact import EmailRefused
from ...words import N_, Message
from ...workflow import accounts, sessions
from ...workflow.passwords import LEAST, PasswordRefused
from ..page import Page
from ..page.rate_limits import asking_network, hit
from . import session
from .layout import show, show_outside, tell

# Each try costs 40 ms of work: one network may not keep the machine busy.
TRIES = RateLimitItemPerMinute(60, 15, "sign-in")

Wrong = Mapping[str, Message]


class NotTwice(Exception):
    """The two new passwords are not the same."""


# What of the typed passwords and addresses can be wrong, said at its control.
REFUSALS = (NotTwice, PasswordRefused, EmailRefused, sessions.SignInRefused)


def sign_in_page(page: Page) -> ResponseReturnValue:
    """Show the sign-in page; somebody signed in already goes on."""
    onward = request.args.get("next", "")
    if sessions.session_of(page.work, session.secret()):
        return redirect(session.local(onward), 303)
    return show_outside(page, "staff/sign_in.html", wrong={}, onward=onward)


def sign_in(page: Page) -> ResponseReturnValue:
    """Open a session; raise `SignInRefused` or `TooManyFailures`."""
    hit(page, TRIES)
    secret = sessions.sign_in(
        page.work,
        page.failures,
        _typed("email"),
        _typed("password"),
        asking_network(page),
    )
    session.keep(secret)
    return redirect(session.local(_typed("next")), 303)


def sign_in_again(page: Page, error: Exception) -> Response:
    """Ask again, with the address as it was typed."""
    wrong = {"email": Message(N_("Address or password is wrong."))}
    return show_outside(
        page, "staff/sign_in.html", 422, wrong=wrong, onward=_typed("next")
    )


def sign_out(page: Page) -> ResponseReturnValue:
    """End this session."""
    sessions.sign_out(page.work, session.secret())
    session.forget()
    return redirect(url_for("staff.sign_in"), 303)


def setup_page(page: Page, token: str) -> ResponseReturnValue:
    """Show where an invited member chooses a password; opening it changes nothing."""
    return _setup(page, token, {})


def setup(page: Page, token: str) -> ResponseReturnValue:
    """Store the password of an invited member, then ask to sign in with it."""
    _check_twice()
    accounts.set_up(page.work, token, _typed("password"), _typed("email"))
    tell(N_("Your account is ready. Sign in with your new password."))
    return redirect(url_for("staff.sign_in"), 303)


def setup_again(page: Page, error: Exception, token: str) -> Response:
    """Ask for a better password, or for the address of the first account."""
    return _setup(page, token, _wrong(error))


def _setup(page: Page, token: str, wrong: Wrong) -> Response:
    return show_outside(
        page,
        "staff/setup.html",
        422 if wrong else 200,
        wrong=wrong,
        token=token,
        invited=accounts.open_setup(page.work, token),
        least=LEAST,
    )


def profile(page: Page) -> ResponseReturnValue:
    """Show what a member may change."""
    return _profile(page, {})


def _profile(page: Page, wrong: Wrong) -> Response:
    return show(
        page,
        "staff/profile.html",
        422 if wrong else 200,
        wrong=wrong,
        member=session.member(),
        least=LEAST,
    )


def want_mail(page: Page) -> ResponseReturnValue:
    """Turn the hourly mail on or off."""
    wants = bool(_typed("wants_mail"))
    accounts.want_mail(page.work, session.member().id, wants)
    tell(N_("You will get the hourly email.") if wants else N_("No more hourly email."))
    return redirect(url_for("staff.profile"), 303)


def change_password(page: Page) -> ResponseReturnValue:
    """Replace the password; every other session of this member ends."""
    _check_twice()
    old, new = _typed("old"), _typed("password")
    accounts.change_password(page.work, session.member(), old, new, session.secret())
    tell(N_("The password is changed. Everywhere else you are signed out."))
    return redirect(url_for("staff.profile"), 303)


def change_password_again(page: Page, error: Exception) -> Response:
    """Ask again for the old or a better new password."""
    return _profile(page, _wrong(error))


def sign_out_everywhere(page: Page) -> ResponseReturnValue:
    """End every session of this member, this one too."""
    sessions.close_all_sessions(page.work, session.member().id, session.actor())
    session.forget()
    return redirect(url_for("staff.sign_in"), 303)


def _typed(name: str) -> str:
    return request.form.get(name, "")


def _check_twice() -> None:
    if _typed("password") != _typed("again"):
        raise NotTwice


def _wrong(error: Exception) -> Wrong:
    """Return the message of a refusal at the control it is about."""
    if isinstance(error, PasswordRefused):
        return {"password": error.message}
    if isinstance(error, NotTwice):
        return {"again": Message(N_("Write the same password twice."))}
    if isinstance(error, EmailRefused):
        return {"email": Message(N_("It must look like name@example.org."))}
    return {"old": Message(N_("This is not your present password."))}
