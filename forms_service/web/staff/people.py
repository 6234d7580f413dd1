"""Who is on the staff: invited, given rights, signed out and removed."""

from collections.abc import Callable

from flask import Response, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from ...i18n import N_
from ...store import counts
from ...workflow import members, second_factor, sessions
from ...workflow.accounts import LastAdministrator, NoSuchMember
from ...workflow.members import AlreadyMember, Person
from ..core import ErrorPage, WebContext
from . import session
from .account_forms import ROLES, GrantForm, InviteForm
from .layout import show, title_of

# What shows the page of a person again, with what was chosen.
REFUSALS = (LastAdministrator,)


def people_page(web: WebContext) -> ResponseReturnValue:
    """List who is on the staff, and offer to invite somebody."""
    return _list(web, InviteForm(titles(web)))


def invite(web: WebContext) -> ResponseReturnValue:
    """Mail an invitation."""
    form = InviteForm(titles(web))
    if not form.validate_on_submit():
        return _list(web, form)
    try:
        members.invite(web.context, form.email.data, form.granted(), session.actor())
    except AlreadyMember:
        form.email.errors = [N_("Somebody with this address is there already.")]
        return _list(web, form)
    flash(N_("The invitation leaves now. Its link lasts 24 hours."))
    return redirect(url_for("staff.people"), 303)


def invite_again(web: WebContext, error: Exception) -> Response:
    """Show the page with what was typed, and why nobody was invited."""
    return _list(web, InviteForm(titles(web)), session.describe_error(web, error))


def _list(
    web: WebContext, form: InviteForm, error_page: ErrorPage | None = None
) -> Response:
    known = titles(web)
    return show(
        web,
        "staff/people.html",
        form.http_status,
        people=members.everyone(web.context),
        form=form,
        names_of=lambda forms: [known.get(name, name) for name in sorted(forms.ids)],
        roles=ROLES,
        error_page=error_page,
    )


def titles(web: WebContext) -> dict[str, str]:
    """Return the title of each form that is there or that has requests."""
    stored = {form_id for form_id, _ in web.context.store.read(counts.of_status)}
    known = sorted(stored | set(web.context.content.forms))
    return {form_id: title_of(web.context, form_id) for form_id in known}


def person_page(web: WebContext, staff_id: int) -> ResponseReturnValue:
    """Show a person with what they may do, or replace it."""
    person = _person(web, staff_id)
    form = GrantForm(titles(web), person.grant)
    if not form.validate_on_submit():
        return _show(web, person, form)
    members.change_grant(web.context, staff_id, form.granted(), session.actor())
    flash(N_("It counts from the next page on that they open."))
    return redirect(url_for("staff.people"), 303)


def person_again(web: WebContext, error: Exception, staff_id: int) -> Response:
    """Show the person as they are now, and why nothing was changed."""
    person = _person(web, staff_id)
    form = GrantForm(titles(web), person.grant)
    return _show(web, person, form, session.describe_error(web, error))


def _show(
    web: WebContext,
    person: Person,
    form: GrantForm,
    error_page: ErrorPage | None = None,
) -> Response:
    return show(
        web,
        "staff/member.html",
        form.http_status,
        person=person,
        form=form,
        error_page=error_page,
    )


def _person(web: WebContext, staff_id: int) -> Person:
    try:
        return members.one(web.context, staff_id)
    except NoSuchMember:
        raise NotFound from None


def _done(
    act: Callable[[WebContext, int], None], said: str
) -> Callable[..., ResponseReturnValue]:
    """Return a view that does something to a person and leads back to the list."""

    def view(web: WebContext, staff_id: int) -> ResponseReturnValue:
        _person(web, staff_id)
        try:
            act(web, staff_id)
        except NoSuchMember:
            # Somebody else was quicker.
            raise NotFound from None
        flash(said)
        return redirect(url_for("staff.people"), 303)

    return view


def _invite_again(web: WebContext, staff_id: int) -> None:
    person = _person(web, staff_id)
    if person.member.password:
        raise NotFound
    members.invite(web.context, person.member.email, person.grant, session.actor())


end_sessions = _done(
    lambda web, staff_id: sessions.close_all_sessions(
        web.context, staff_id, session.actor()
    ),
    N_("Every session of this account is ended."),
)
reset_factor = _done(
    lambda web, staff_id: second_factor.reset(web.context, staff_id, session.actor()),
    N_("The second factor is reset. All administrators get an email about it."),
)
remove = _done(
    lambda web, staff_id: members.remove(web.context, staff_id, session.actor()),
    N_("The account is removed: it no longer signs in and gets no email."),
)
remind = _done(_invite_again, N_("The invitation leaves now. Its link lasts 24 hours."))
