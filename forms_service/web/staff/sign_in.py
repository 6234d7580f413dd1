"""Set-up link, signing in and out, and what a member may change about the account.

A page with a mistake keeps a typed address, never a password.
"""

from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from limits import RateLimitItemPerHour, RateLimitItemPerMinute

from ...i18n import N_
from ...store import factors
from ...store.connection import Connection
from ...store.staff import StaffMember
from ...workflow import accounts, sessions, signing_in
from ...workflow.passwords import LEAST, words_of
from ..core import ErrorPage, WebContext
from ..core.access import TooOften, asking_network, hit
from . import session
from .account_forms import (
    ChangePasswordForm,
    ForgottenForm,
    HourlyMailForm,
    KeysForm,
    SetUpForm,
    SignInForm,
)
from .browser_name import browser_name
from .layout import show, show_outside

# Each try costs 40 ms of work: one network may not keep the machine busy.
TRIES = RateLimitItemPerMinute(60, 15, "sign-in")
# Mails that anybody can cause to one address.
FORGOTTEN = RateLimitItemPerHour(3, 1, "forgotten password")
FROM_BEFORE = N_(
    "There are roles now: your account is an administrator of all forms. Under "
    "“People” you can change who may see what."
)


def sign_in(web: WebContext) -> ResponseReturnValue:
    """Show the sign-in page, or open a session; raise `TooManyFailures`.

    Somebody signed in already goes on.
    """
    form = SignInForm(next=request.args.get("next", ""))
    if form.validate_on_submit():
        take_try(web)
        try:
            opened = signing_in.sign_in(
                web.context,
                web.failures,
                form.email.data,
                form.password.data,
                asking_network(web),
                session.known_browser(web),
                browser_name(request.user_agent.string),
            )
        except signing_in.SignInRefused:
            form.email.errors = [N_("Address or password is wrong.")]
        except signing_in.CodeNeeded as needed:
            session.keep_pending(needed.pending)
            return redirect(url_for("staff.step", next=form.next.data or None), 303)
        else:
            return session.begin(web, opened, form.next.data, FROM_BEFORE)
    elif sessions.session_of(web.context, session.secret()):
        return redirect(session.local(form.next.data), 303)
    return show_outside(
        web, "staff/sign_in.html", form.http_status, form=form, error_page=None
    )


def take_try(web: WebContext) -> None:
    """Count a try of the network that asks; raise `TooOften`, which the log tells."""
    try:
        hit(web, TRIES)
    except TooOften:
        network = asking_network(web)
        signing_in.note_refusal(web.context, web.failures, network, {})
        raise


def sign_in_again(web: WebContext, error: Exception) -> Response:
    """Ask again who signs in, with the typed address and why it could not be done."""
    said = session.describe_error(web, error)
    return show_outside(web, "staff/sign_in.html", form=SignInForm(), error_page=said)


def sign_out(web: WebContext) -> ResponseReturnValue:
    """End this session."""
    sessions.sign_out(web.context, session.secret())
    session.forget()
    response = redirect(url_for("staff.sign_in", uscita=1), 303)
    # Pages that the browser keeps for "back" are no business of who sits here next.
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


def forgotten(web: WebContext) -> ResponseReturnValue:
    """Mail a link to whoever has forgotten the password; say the same to everybody."""
    form = ForgottenForm()
    done = form.validate_on_submit()
    if done:
        take_try(web)
        account = sessions.digest(form.email.data.strip().casefold())
        if web.failures.hit(FORGOTTEN, account):
            accounts.ask_password(web.context, form.email.data)
    return show_outside(
        web,
        "staff/forgotten.html",
        form.http_status,
        form=form,
        done=done,
        error_page=None,
    )


def forgotten_again(web: WebContext, error: Exception) -> Response:
    """Ask again for the address, with why no email was sent."""
    said = session.describe_error(web, error)
    return show_outside(
        web,
        "staff/forgotten.html",
        form=ForgottenForm(),
        done=False,
        error_page=said,
    )


def setup(web: WebContext, token: str) -> ResponseReturnValue:
    """Ask an invited member for a password and store it; opening changes nothing."""
    invited = accounts.open_setup(web.context, token)
    form = SetUpForm(invited.email if invited else "", words_of(web.context.content))
    if form.validate_on_submit():
        email = "" if invited else form.email.data
        accounts.set_up(web.context, token, form.password.data, email)
        flash(N_("Your account is ready. Sign in with your new password."))
        return redirect(url_for("staff.sign_in"), 303)
    return _setup(web, token, form, invited)


def setup_again(web: WebContext, error: Exception, token: str) -> Response:
    """Ask for the password again, and say why it was not stored."""
    invited = accounts.open_setup(web.context, token)
    form = SetUpForm(invited.email if invited else "", words_of(web.context.content))
    return _setup(web, token, form, invited, session.describe_error(web, error))


def _setup(
    web: WebContext,
    token: str,
    form: SetUpForm,
    invited: StaffMember | None,
    error_page: ErrorPage | None = None,
) -> Response:
    return show_outside(
        web,
        "staff/setup.html",
        form.http_status,
        form=form,
        token=token,
        invited=invited,
        least=LEAST,
        error_page=error_page,
    )


def profile(web: WebContext) -> ResponseReturnValue:
    """Show what a member may change."""
    return _profile(
        web, ChangePasswordForm(session.member().email, words_of(web.context.content))
    )


def _profile(web: WebContext, form: ChangePasswordForm) -> Response:
    return show(
        web,
        "staff/profile.html",
        form.http_status,
        form=form,
        member=session.member(),
        least=LEAST,
        sessions=sessions.open_sessions_of(web.context, session.member().id),
        here=sessions.digest(session.secret()),
        **web.context.store.read(_factor),
    )


def _factor(db: Connection) -> dict[str, Any]:
    member = session.member().id
    return {
        "factor": factors.get(db, member),
        "left": factors.codes_left(db, member),
    }


def end_session(web: WebContext) -> ResponseReturnValue:
    """End one session of this member elsewhere."""
    which = request.form.get("which", "")
    sessions.close_one(web.context, session.member().id, which)
    flash(N_("That session is ended."))
    return redirect(url_for("staff.profile"), 303)


def want_mail(web: WebContext) -> ResponseReturnValue:
    """Turn the hourly mail on or off."""
    wants = HourlyMailForm().wants_mail.data
    accounts.want_mail(web.context, session.member().id, wants)
    flash(
        N_("You will get the hourly email.") if wants else N_("No more hourly email.")
    )
    return redirect(url_for("staff.profile"), 303)


def want_keys(web: WebContext) -> ResponseReturnValue:
    """Turn the keys of the desk on or off."""
    wants = KeysForm().wants_keys.data
    accounts.want_keys(web.context, session.member().id, wants)
    flash(N_("The keys are on.") if wants else N_("The keys are off."))
    return redirect(url_for("staff.profile"), 303)


def change_password(web: WebContext) -> ResponseReturnValue:
    """Replace the password; every other session of this member ends."""
    member = session.member()
    form = ChangePasswordForm(member.email, words_of(web.context.content))
    if not form.validate_on_submit():
        return _profile(web, form)
    old, new = form.old.data, form.password.data
    take_try(web)
    try:
        accounts.change_password(web.context, member, old, new, session.secret())
    except signing_in.SignInRefused:
        form.old.errors = [N_("This is not your present password.")]
        return _profile(web, form)
    flash(N_("The password is changed. Everywhere else you are signed out."))
    return redirect(url_for("staff.profile"), 303)


def sign_out_everywhere(web: WebContext) -> ResponseReturnValue:
    """End every session of this member, this one too."""
    sessions.close_all_sessions(web.context, session.member().id, session.actor())
    session.forget()
    return redirect(url_for("staff.sign_in", uscita=1), 303)
