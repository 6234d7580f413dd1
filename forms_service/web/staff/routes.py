"""Every address of the staff area, in one table, with the right that it needs."""

from collections.abc import Mapping, Sequence
from functools import partial

from flask import Blueprint, g, request
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from ... import urls
from ...store.connection import StorageUnavailable
from ...tokens import TokenInvalid
from ...workflow.capacity import FormClosed
from ...workflow.rights import Right
from ...workflow.transitions import NotAllowed, RevisionConflict
from ..core import FILES_LIMIT, Area, Route, WebContext
from ..core.access import ANSWERS, post, register
from . import (
    assign,
    bulk,
    bulk_message,
    decision,
    desk,
    exports,
    factor,
    health,
    queue,
    reply_list,
    scans,
    session,
    submission,
    unproven,
)
from .account_routes import account_routes, own_routes, people_routes
from .course_routes import course_routes
from .figure_routes import figure_routes
from .guard import (
    grant,
    guarded,
    lacks_factor,
    refusals_noted,
    require_right,
    require_visible,
    within,
    words_kept,
)
from .layout import frame
from .member_routes import member_routes
from .repair_routes import repair_routes

ONE = urls.staff("richiesta/<submission_id>")
SCANS = f"{ONE}/scansione"
SCAN = f"{SCANS}/<scan_id>"
DESK = urls.staff("inserisci")
TABLES = urls.staff("tabelle")
MANY = urls.staff("insieme")
UNPROVEN = urls.staff("non-confermate")
BOTH = ("GET", "POST")
WITH_FILES = ("staff.scan", "staff.enter", "staff.attach")
# A page shown again keeps every typed word: when the request has changed, and when
# its session was over and another one has begun.
AGAIN = (RevisionConflict, NotAllowed, CSRFError)


def routes() -> Sequence[Route]:
    """Return the table."""
    return (
        *account_routes(),
        *own_routes(),
        *request_routes(),
        *bulk_routes(),
        *paper_routes(),
        *course_routes(),
        *figure_routes(),
        *office_routes(),
        *people_routes(),
    )


def request_routes() -> Sequence[Route]:
    """Return the list, a request and what is done with it."""
    return (
        Route(urls.staff(), "queue", queue.queue_page, right=Right.READ),
        post(
            urls.staff("cerca"),
            "find",
            queue.find,
            queue.find_again,
            AGAIN,
            ("testo",),
            right=Right.READ,
        ),
        Route(ONE, "submission", submission.submission_page, right=Right.READ),
        post(
            f"{ONE}/nota",
            "note",
            submission.write_note,
            words_kept(submission.note_again),
            AGAIN,
            ("text",),
            right=Right.DECIDE,
        ),
        Route(
            f"{ONE}/esito/<verb>",
            "decision",
            decision.decision_page,
            BOTH,
            words_kept(decision.decide_again),
            AGAIN,
            ("motivo",),
            right=Right.DECIDE,
        ),
        post(
            f"{ONE}/annulla",
            "undo",
            submission.undo,
            words_kept(submission.shown_again),
            AGAIN,
            right=Right.DECIDE,
        ),
        post(
            f"{ONE}/assegna",
            "assign",
            assign.assign,
            words_kept(assign.assign_again),
            AGAIN,
            right=Right.DECIDE,
        ),
        *repair_routes(),
        *member_routes(),
    )


def office_routes() -> Sequence[Route]:
    """Return the pages that are about no single request."""
    return (
        Route(
            urls.staff("pareri"), "feedback", exports.feedback_page, right=Right.READ
        ),
        Route(
            urls.staff("posta"), "replies", reply_list.replies_page, right=Right.READ
        ),
        Route(urls.staff("registro"), "record", exports.record, right=Right.READ),
        Route(
            urls.staff("salute"), "health", health.health_page, right=Right.ADMINISTER
        ),
        Route(UNPROVEN, "unproven", unproven.unproven_page, right=Right.DISCARD),
        post(UNPROVEN, "discard", unproven.discard, right=Right.DISCARD),
        Route(TABLES, "tables", exports.tables, right=Right.EXPORT),
        Route(
            f"{TABLES}/<form_id>",
            "table",
            exports.table_page,
            BOTH,
            words_kept(exports.table_again),
            AGAIN,
            right=Right.EXPORT,
        ),
    )


def bulk_routes() -> Sequence[Route]:
    """Return where the same is done with many requests."""
    return (
        post(
            MANY,
            "bulk",
            bulk.choose,
            words_kept(bulk.choose_again),
            AGAIN,
            right=Right.DECIDE,
        ),
        post(
            f"{MANY}/fai/<verb>",
            "bulk_act",
            bulk.act,
            words_kept(bulk.act_again),
            (*AGAIN, StorageUnavailable),
            ("motivo",),
            right=Right.DECIDE,
        ),
        post(
            f"{MANY}/scrivi",
            "bulk_message",
            bulk_message.send,
            words_kept(bulk_message.send_again),
            (*AGAIN, StorageUnavailable),
            ANSWERS,
            right=Right.DECIDE,
        ),
        Route(f"{MANY}/<act_id>", "bulk_result", bulk.result, right=Right.READ),
        post(
            f"{MANY}/<act_id>/annulla",
            "bulk_undo",
            bulk.undo,
            words_kept(bulk.undo_again),
            AGAIN,
            right=Right.DECIDE,
        ),
    )


def paper_routes() -> Sequence[Route]:
    """Return where requests on paper are entered, and their scans kept."""
    return (
        post(
            SCANS,
            "attach",
            scans.attach,
            words_kept(scans.attach_again),
            (CSRFError, *scans.REFUSALS),
            right=Right.DECIDE,
        ),
        Route(SCAN, "attachment", scans.download_scan, right=Right.READ),
        Route(
            f"{SCAN}/<int:number>",
            "attached_picture",
            scans.attached_picture,
            right=Right.READ,
        ),
        post(
            f"{SCAN}/togli",
            "detach",
            scans.detach,
            words_kept(scans.detach_again),
            AGAIN,
            right=Right.DECIDE,
        ),
        Route(DESK, "desk", desk.desk, right=Right.DECIDE),
        post(
            DESK,
            "scan",
            scans.take_scan,
            desk.desk_again,
            scans.REFUSALS,
            right=Right.DECIDE,
        ),
        Route(
            f"{DESK}/scansione/<scan_id>/<int:number>",
            "waiting_picture",
            scans.waiting_picture,
            right=Right.DECIDE,
        ),
        Route(f"{DESK}/<form_id>", "desk_form", desk.desk_form, right=Right.DECIDE),
        post(
            f"{DESK}/<form_id>",
            "enter",
            desk.enter_request,
            words_kept(desk.enter_again),
            (FormClosed, TokenInvalid, CSRFError, *scans.REFUSALS),
            ANSWERS,
            right=Right.DECIDE,
        ),
    )


def staff_area(web: WebContext) -> Area:
    """Return the area that only members of staff may see."""
    blueprint = Blueprint("staff", __name__)
    blueprint.record_once(lambda state: session.prepare(state.app, web.config))
    blueprint.before_request(session.csrf.protect)
    table = register(blueprint, web, [guarded(route) for route in routes()])
    open_endpoints = frozenset(
        name for name, route in table.items() if route.right is Right.OPEN
    )
    return Area(blueprint, open_endpoints, partial(check, web, table), table)


def check(web: WebContext, table: Mapping[str, Route]) -> ResponseReturnValue | None:
    """Let members through whose role and factor go so far; raise `NotPermitted`.

    A body that may hold files has its own limit before that.
    """
    if request.endpoint in WITH_FILES:
        request.max_content_length = FILES_LIMIT
    if (answer := session.check(web)) is not None:
        return answer
    # A page about an error has the same menu as all others.
    g.frame = partial(frame, within(web, grant().forms))
    if route := table.get(request.endpoint or ""):
        with refusals_noted(web, route):
            if route.right is not Right.ADMINISTER:
                require_visible(web)
            require_right(route)
        if lacks_factor(web, route):
            return factor.demand(web)
    return None
