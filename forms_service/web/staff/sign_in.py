"""Set-up link, signing in and out, and what a member may change about the account.

A page with a mistake keeps a typed address, never a password.
"""

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from limits import RateLimitItemPerMinute

from ...words import N_
from ...workflow import accounts, sessions
from ...workflow.passwords import LEAST
from ..page import Page
from ..page.rate_limits import asking_network, hit
from . import session
from .fixed_forms import ChangePasswordForm, HourlyMailForm, SetUpForm, SignInForm
from .layout import show, show_outside, tell

# Each try costs 40 ms of work: one network may not keep the machine busy.
TRIES = RateLimitItemPerMinute(60, 15, "sign-in")


def sign_in(page: Page) -> ResponseReturnValue:
    """Show the sign-in page, or open a session; raise `TooManyFailures`.

    Somebody signed in already goes on.
    """
    form = SignInForm(next=request.args.get("next", ""))
    if form.validate_on_submit():
        hit(page, TRIES)
        network = asking_network(page)
        try:
            secret = sessions.sign_in(
                page.work, page.failures, form.email.data, form.password.data, network
            )
        except sessions.SignInRefused:
            form.email.errors = [N_("Address or password is wrong.")]
        else:
            session.keep(secret)
            return redirect(session.local(form.next.data), 303)
    elif sessions.session_of(page.work, session.secret()):
        return redirect(session.local(form.next.data), 303)
    return show_outside(page, "staff/sign_in.html", form.http_status, form=form)


def sign_out(page: Page) -> ResponseReturnValue:
    """End this session."""
    sessions.sign_out(page.work, session.secret())
    session.forget()
    return redirect(url_for("staff.sign_in"), 303)


def setup(page: Page, token: str) -> ResponseReturnValue:
    """Ask an invited member for a password and store it; opening changes nothing."""
    invited = accounts.open_setup(page.work, token)
    form = SetUpForm(invited.email if invited else "")
    if form.validate_on_submit():
        email = "" if invited else form.email.data
        accounts.set_up(page.work, token, form.password.data, email)
        tell(N_("Your account is ready. Sign in with your new password."))
        return redirect(url_for("staff.sign_in"), 303)
    return show_outside(
        page,
        "staff/setup.html",
        form.http_status,
        form=form,
        token=token,
        invited=invited,
        least=LEAST,
    )


def profile(page: Page) -> ResponseReturnValue:
    """Show what a member may change."""
    return _profile(page, ChangePasswordForm(session.member().email))


def _profile(page: Page, form: ChangePasswordForm) -> Response:
    return show(
        page,
        "staff/profile.html",
        form.http_status,
        form=form,
        member=session.member(),
        least=LEAST,
    )


def want_mail(page: Page) -> ResponseReturnValue:
    """Turn the hourly mail on or off."""
    wants = HourlyMailForm().wants_mail.data
    accounts.want_mail(page.work, session.member().id, wants)
    tell(N_("You will get the hourly email.") if wants else N_("No more hourly email."))
    return redirect(url_for("staff.profile"), 303)


def change_password(page: Page) -> ResponseReturnValue:
    """Replace the password; every other session of this member ends."""
    member = session.member()
    form = ChangePasswordForm(member.email)
    if not form.validate_on_submit():
        return _profile(page, form)
    old, new = form.old.data, form.password.data
    try:
        accounts.change_password(page.work, member, old, new, session.secret())
    except sessions.SignInRefused:
        form.old.errors = [N_("This is not your present password.")]
        return _profile(page, form)
    tell(N_("The password is changed. Everywhere else you are signed out."))
    return redirect(url_for("staff.profile"), 303)


def sign_out_everywhere(page: Page) -> ResponseReturnValue:
    """End every session of this member, this one too."""
    sessions.close_all_sessions(page.work, session.member().id, session.actor())
    session.forget()
    return redirect(url_for("staff.sign_in"), 303)
