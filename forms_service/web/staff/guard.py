"""What each address of the staff area needs, and what it works with.

No view is told which forms its member may see: it gets content and store that hold
these alone, as every page about its errors does. So none can forget it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import TypeVar

from flask import Response, g, request
from werkzeug.exceptions import NotFound

from ...store import submissions
from ...store.staff_rights import Grant
from ...store.visibility import VisibleForms
from ...tokens import TokenInvalid
from ...workflow import refusing, second_factor
from ...workflow.accounts import SetupOver
from ...workflow.context import WorkflowContext
from ...workflow.rights import RIGHTS, NotPermitted, Right, check
from ..core import Route, WebContext
from ..core.access import OnError

# The name under which the list's address, and what is posted with it, names a form.
FORM = "modulo"
ANYBODY = (Right.OPEN, Right.ACCOUNT)
Answer = TypeVar("Answer")


def grant() -> Grant:
    """Return what the member who asks may do; nobody, nothing."""
    given: Grant = g.get("grant") or Grant()
    return given


def may(right: str) -> bool:
    """Say whether the member who asks has a right, for what leads to it."""
    return Right(right) in RIGHTS[grant().role]


def require_right(route: Route) -> None:
    """Raise `NotPermitted` unless the role of who asks goes as far as an address."""
    if route.right is not Right.OPEN:
        check(grant().role, right_of(route))


def lacks_factor(web: WebContext, route: Route) -> bool:
    """Say whether the password of who asks is too little for an address.

    In production for administrators, for who sees a delicate form, and for exports.
    """
    if not by_password_alone(web) or route.right in ANYBODY:
        return False
    return route.right is Right.EXPORT or second_factor.is_duty(web.context, grant())


def by_password_alone(web: WebContext) -> bool:
    """Say whether who asks may take nothing out, in production: there is no factor."""
    return web.config.production and not g.factor


def right_of(route: Route) -> Right:
    """Return what an address needs; raise `ValueError` for one that does not say."""
    if route.right is None:
        raise ValueError(f"the staff route {route.endpoint} declares no right")
    return route.right


def guarded(route: Route) -> Route:
    """Return a route that answers with what its member may see, and no more."""
    if right_of(route) is Right.ADMINISTER:
        return route
    return replace(
        route,
        view=partial(_within, route.view),
        on_error=partial(_within, route.on_error) if route.on_error else None,
    )


def _within(
    answer: Callable[..., Answer], web: WebContext, *error: Exception, **parts: str
) -> Answer:
    """Answer with the forms that may be seen, and with no more about an error."""
    if error:  # It may have come before the guard.
        require_visible(web)
    return answer(within(web, grant().forms), *error, **parts)


def require_visible(web: WebContext) -> None:
    """Raise `NotFound` where an address names what its member may not see.

    A form that is not there cannot be told from one that may not be seen: this is
    asked before the role, whose refusal would tell that it is there.
    """
    forms = grant().forms
    if forms.all:
        return
    if _named() - forms.ids:
        raise NotFound
    if about := (request.view_args or {}).get("submission_id"):
        store = within(web, forms).context.store
        store.read(lambda db: submissions.get(db, about))


@contextmanager
def refusals_noted(web: WebContext, route: Route) -> Iterator[None]:
    """Note in the log what is refused; what is not there at all is no refusal."""
    try:
        yield
    except (NotPermitted, NotFound, submissions.NotFound) as error:
        if isinstance(error, NotPermitted) or _is_there(web):
            note, failures = refusing.note_refusal, web.failures
            note(web.context, failures, g.member.id, route.endpoint)
        raise


def _is_there(web: WebContext) -> bool:
    """Say whether what an address names is there, for others to see."""
    about = (request.view_args or {}).get("submission_id", "")
    try:
        web.context.store.read(lambda db: submissions.get(db, about))
    except submissions.NotFound:
        return any(
            form in web.context.content.forms for form in _named() - grant().forms.ids
        )
    return True


def _named() -> set[str]:
    """Return the forms that an address and what is posted name."""
    return {
        (request.view_args or {}).get("form_id", ""),
        *request.values.getlist(FORM),
    } - {""}


def within(web: WebContext, forms: VisibleForms) -> WebContext:
    """Return what views work with, as if there were no other forms than these."""
    return web if forms.all else replace(web, context=seen_by(web.context, forms))


def seen_by(context: WorkflowContext, forms: VisibleForms) -> WorkflowContext:
    """Return what verbs work with, as if there were no other forms than these."""
    there = context.content.forms
    content = replace(
        context.content, forms={name: there[name] for name in there if name in forms}
    )
    return replace(context, content=content, store=context.store.of(forms))


def words_kept(again: OnError) -> OnError:
    """Return what shows a page again; when that page is gone, the error is told."""

    def answer(web: WebContext, error: Exception, **parts: str) -> Response:
        try:
            return again(web, error, **parts)
        except (NotFound, submissions.NotFound, SetupOver, TokenInvalid):
            raise error from None

    return answer
