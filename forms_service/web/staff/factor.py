"""The second factor on pages: asked for after the password, set up in one's account."""

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from ...i18n import N_
from ...tokens import TokenInvalid
from ...workflow import second_factor, signing_in
from ...workflow.passwords import verified
from ..core import ErrorPage, WebContext
from ..core.access import asking_network
from . import session
from .account_forms import FactorForm, StepForm
from .browser_name import browser_name
from .layout import show, show_outside
from .sign_in import FROM_BEFORE, take_try

_WRONG = N_("This code is not right, or it was used already. Wait for the next one.")


def step(web: WebContext) -> ResponseReturnValue:
    """Ask for the code, or open the session."""
    form = StepForm(next=request.args.get("next", ""))
    if form.validate_on_submit():
        take_try(web)
        try:
            opened = second_factor.sign_in(
                web.context,
                web.failures,
                session.pending(),
                form.code.data,
                asking_network(web),
                session.known_browser(web),
                browser_name(request.user_agent.string),
            )
        except second_factor.CodeRefused:
            form.code.errors = [_WRONG]
        else:
            return session.begin(web, opened, form.next.data, FROM_BEFORE)
    elif not session.pending():
        return redirect(url_for("staff.sign_in", next=form.next.data or None), 303)
    return _step(web, form)


def step_again(web: WebContext, error: Exception) -> Response:
    """Ask again for the code, and say why it was not looked at."""
    return _step(web, StepForm(), session.describe_error(web, error))


def _step(
    web: WebContext, form: StepForm, error_page: ErrorPage | None = None
) -> Response:
    return show_outside(
        web,
        "staff/code.html",
        form.http_status,
        form=form,
        error_page=error_page,
    )


def set_up(web: WebContext) -> ResponseReturnValue:
    """Show a new secret to be read by a telephone, or store it with its first code.

    The password is asked for: who finds a desk open may not lock its owner out.
    """
    member, form = session.member(), FactorForm()
    if not form.validate_on_submit():
        return _set_up(web, form)
    take_try(web)
    if not verified(member, form.password.data):
        signing_in.note_failure(web.context, member)
        form.password.errors = [N_("This is not your present password.")]
        return _set_up(web, form)
    try:
        codes = second_factor.set_up(
            web.context,
            member,
            web.context.tokens.unseal(_purpose(), form.sealed.data),
            form.code.data,
            session.secret(),
        )
    except TokenInvalid:
        form.sealed.data = ""
        form.code.errors = [N_("This page was open for too long: read the new code.")]
        return _set_up(web, form)
    except second_factor.CodeRefused:
        form.code.errors = [_WRONG]
        return _set_up(web, form)
    answer = show(web, "staff/recovery_codes.html", codes=codes)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _purpose() -> str:
    """Return what a secret is sealed for while it waits in a page of this member."""
    return f"new second factor {session.member().id}"


def _set_up(web: WebContext, form: FactorForm) -> Response:
    try:
        secret = web.context.tokens.unseal(_purpose(), form.sealed.data)
    except TokenInvalid:
        secret = second_factor.new_secret()
        form.sealed.data = web.context.tokens.seal(_purpose(), secret)
    uri = second_factor.uri_of(web.context, session.member(), secret)
    return show(
        web,
        "staff/factor.html",
        form.http_status,
        form=form,
        there=session.has_factor(),
        picture=_drawn(uri),
        uri=uri,
        secret=" ".join(secret[i : i + 4] for i in range(0, len(secret), 4)),
    )


def _drawn(uri: str) -> str:
    # Few set one up: the rest need not wait for it to be loaded.
    import segno

    return segno.make(uri, error="m").svg_data_uri(scale=5, border=4)


def demand(web: WebContext) -> ResponseReturnValue:
    """Lead to where it is set up whoever may not go on without one.

    What was typed meanwhile waits in the page that was open.
    """
    if request.method == "POST":
        return session.caught(web, 403)
    flash(N_("What you are about to open needs a second factor: set it up first."))
    return redirect(url_for("staff.factor"), 303)
