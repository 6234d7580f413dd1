"""Errors of the staff half: the service's table and its own facts, one kind of page.

A route that can show a form again with what was typed does so; any other error leads
back into the queue.
"""

from collections.abc import Mapping, Sequence

from flask import Blueprint, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import RequestEntityTooLarge

from ...definition.contact import EmailRefused
from ...store.submissions import NotFound
from ...words import N_
from ...workflow.accounts import SetupOver
from ...workflow.attaching import ScanGone, TooManyScans
from ...workflow.passwords import PasswordRefused
from ...workflow.sessions import SignInRefused, TooManyFailures
from ...workflow.transitions import NotFirst
from ..page import ERRORS, Page, Route, Step, Trouble, trouble_of
from ..page.trouble import with_retry
from .layout import show_outside
from .scans import NoScanChosen
from .sign_in import NotTwice

OWN: Mapping[type[Exception], Trouble] = {
    SignInRefused: Trouble(
        422,
        N_("Address or password is wrong."),
        N_("Check both and try again."),
        Step.BACK,
    ),
    NotTwice: Trouble(
        422, N_("Write the same password twice."), N_("Try again."), Step.BACK
    ),
    PasswordRefused: Trouble(
        422, N_("Choose another password"), N_("Try again."), Step.BACK
    ),
    EmailRefused: Trouble(
        422,
        N_("Check the email address"),
        N_("It must look like name@example.org."),
        Step.BACK,
    ),
    TooManyFailures: Trouble(
        429,
        N_("Too many attempts"),
        N_("Wait a quarter of an hour, then try again."),
        Step.BACK,
    ),
    SetupOver: Trouble(
        410,
        N_("This link is no longer valid"),
        N_(
            "It works once, for 30 minutes. Ask the person who looks after the "
            "service for a new one."
        ),
        Step.BACK,
    ),
    # An erased request leaves nothing by which it differs from a mistyped address.
    NotFound: Trouble(
        404,
        N_("Request not found"),
        N_(
            "There is no request at this address: perhaps it was erased, or the "
            "address is wrong."
        ),
        Step.BACK,
    ),
    NotFirst: Trouble(
        409,
        N_("Somebody else waits longer"),
        N_("Places are given in the order of the waiting list."),
        Step.BACK,
    ),
    ScanGone: Trouble(
        404,
        N_("Scan not found"),
        N_("It was deleted, or it waited for more than an hour: choose it once more."),
        Step.BACK,
    ),
    RequestEntityTooLarge: Trouble(
        413,
        N_("Too much was sent at once"),
        N_("Choose files of at most 10 MB each and 25 MB together, then try again."),
        Step.BACK,
    ),
    CSRFError: Trouble(
        400,
        N_("This page was open for too long"),
        N_("Go back, load the page again and repeat the last step."),
        Step.BACK,
    ),
}


def tell_troubles(blueprint: Blueprint, page: Page, routes: Sequence[Route]) -> None:
    """Let a blueprint answer errors with pages of the staff half."""
    # Answered by the pages that ask for files.
    files = (NoScanChosen, TooManyScans)
    by_endpoint = {f"{blueprint.name}.{route.endpoint}": route for route in routes}

    def told(error: Exception) -> ResponseReturnValue:
        route = by_endpoint.get(request.endpoint or "")
        if route and route.back and isinstance(error, route.handles):
            return route.back(page, error, **(request.view_args or {}))
        trouble = OWN.get(type(error)) or trouble_of(error)
        submission_id = (request.view_args or {}).get("submission_id", "")
        response = show_outside(
            page,
            "staff/trouble.html",
            trouble.status,
            trouble=trouble,
            submission_id=submission_id,
        )
        return with_retry(response, error)

    for kind in (*ERRORS, *OWN, *files):
        blueprint.register_error_handler(kind, told)
