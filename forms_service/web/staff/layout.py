"""The frame of a staff page: its menu, and the messages of what was just done."""

from collections.abc import Sequence
from typing import Any

from flask import Response, current_app, request, url_for

from ...content.pages import Link
from ...i18n import N_, Translator
from ...workflow.context import WorkflowContext
from ..core import Route, WebContext
from .guard import grant, may, right_of
from .session import member

MENU = (
    ("queue", N_("Requests")),
    ("desk", N_("Enter")),
    ("tables", N_("Export")),
    ("replies", N_("Replies")),
    ("figures", N_("Numbers")),
)
# What is looked at now and then stands behind one's own address.
RARE = (
    ("record", N_("Record of processing")),
    ("people", N_("People")),
    ("audit", N_("Who did what")),
    ("health", N_("Health")),
)


def staff_translator(web: WebContext) -> Translator:
    """Return the words of the main language, which staff read."""
    return web.translator(web.main_language)


def title_of(context: WorkflowContext, form_id: str) -> str:
    """Return the title of a form; one that is no longer there goes by its id."""
    form = context.form_today(form_id)
    return str(form.title) if form else form_id


def show(web: WebContext, template: str, status: int = 200, **context: Any) -> Response:
    """Return a page of the staff area for somebody who is signed in."""
    return web.render(
        template, staff_translator(web), status, nav=(), **frame(web), **context
    )


def frame(web: WebContext) -> dict[str, Any]:
    """Return what stands around a page for the member who asks: menus, account."""
    menu, rare = (_links(entries, staff_translator(web)) for entries in (MENU, RARE))
    menu = (*menu[:1], *_registers(web), *menu[1:])
    return {"menu": menu, "rare": rare, "me": member(), "may": may}


def _registers(web: WebContext) -> list[Link]:
    """Return the registers that who asks may see."""
    addresses = [
        (form.register.name, url_for("staff.register", form_id=form.id))
        for form in web.context.forms
        if form.register and form.id in grant().forms
    ]
    return [Link(name, url, request.path == url) for name, url in addresses]


def show_outside(
    web: WebContext, template: str, status: int = 200, **context: Any
) -> Response:
    """Return a page for somebody who is not signed in: there is no menu."""
    return web.render(
        template, staff_translator(web), status, nav=(), me=None, **context
    )


def _links(
    entries: Sequence[tuple[str, str]], translator: Translator
) -> tuple[Link, ...]:
    """Return the pages of a menu that the member who asks may open."""
    return tuple(
        Link(translator.gettext(title), url_for(f"staff.{name}"), _is_here(name))
        for name, title in entries
        if may(_right(name))
    )


def _right(name: str) -> str:
    route: Route = current_app.extensions["routes"][f"staff.{name}"]
    return right_of(route)


def _is_here(name: str) -> bool:
    return request.path == url_for(f"staff.{name}")
