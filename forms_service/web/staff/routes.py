"""Every address of the staff half, in one table; what is not named open is closed."""

from collections.abc import Sequence
from functools import partial

from flask import Blueprint, request
from flask_wtf.csrf import CSRFError

from ... import urls
from ...tokens import TokenInvalid
from ...workflow.capacity import FormClosed
from ...workflow.revision import RevisionConflict
from ...workflow.transitions import NotAllowed
from ..core import FILES_LIMIT, Area, Route, WebContext
from ..core.routing import post, register
from . import (
    decision,
    desk,
    exports,
    queue,
    reports,
    scans,
    session,
    sign_in,
    submission,
)

ONE = urls.staff("richiesta/<submission_id>")
SCANS = f"{ONE}/scansione"
SCAN = f"{SCANS}/<scan_id>"
DESK = urls.staff("inserisci")
TABLES = urls.staff("tabelle")
PROFILE = urls.staff("profilo")
BOTH = ("GET", "POST")
OPEN = ("sign_in", "setup")
WITH_FILES = ("staff.scan", "staff.enter", "staff.attach")


def routes() -> Sequence[Route]:
    """Return the table."""
    return (
        *account_routes(),
        Route(urls.staff(), "queue", queue.queue_page),
        Route(ONE, "submission", submission.submission_page),
        post(f"{ONE}/nota", "note", submission.write_note),
        Route(
            f"{ONE}/esito/<verb>",
            "decision",
            decision.decision_page,
            BOTH,
            decision.decide_again,
            (RevisionConflict, NotAllowed),
        ),
        *paper_routes(),
        Route(urls.staff("pareri"), "feedback", reports.feedback_page),
        Route(urls.staff("registro"), "record", reports.record),
        Route(TABLES, "tables", exports.tables),
        Route(f"{TABLES}/<form_id>", "table", exports.table_page, BOTH),
    )


def account_routes() -> Sequence[Route]:
    """Return where staff sign in and out, and look after their account."""
    return (
        Route(urls.staff("accedi"), "sign_in", sign_in.sign_in, BOTH),
        Route(urls.STAFF_SETUP_PATTERN, "setup", sign_in.setup, BOTH),
        post(urls.staff("esci"), "sign_out", sign_in.sign_out),
        Route(PROFILE, "profile", sign_in.profile),
        post(f"{PROFILE}/posta", "want_mail", sign_in.want_mail),
        post(f"{PROFILE}/password", "password", sign_in.change_password),
        post(f"{PROFILE}/esci", "sign_out_all", sign_in.sign_out_everywhere),
    )


def paper_routes() -> Sequence[Route]:
    """Return where requests on paper are entered, and their scans kept."""
    return (
        post(SCANS, "attach", scans.attach, scans.attach_again, scans.REFUSALS),
        Route(SCAN, "attachment", scans.download),
        Route(f"{SCAN}/<int:number>", "attached_picture", scans.attached_picture),
        post(
            f"{SCAN}/togli",
            "detach",
            scans.detach,
            scans.detach_again,
            (RevisionConflict,),
        ),
        Route(DESK, "desk", desk.desk),
        post(DESK, "scan", scans.take_scan, desk.desk_again, scans.REFUSALS),
        Route(
            f"{DESK}/scansione/<scan_id>/<int:number>",
            "waiting_picture",
            scans.waiting_picture,
        ),
        Route(f"{DESK}/<form_id>", "desk_form", desk.desk_form),
        post(
            f"{DESK}/<form_id>",
            "enter",
            desk.enter_request,
            desk.enter_again,
            (FormClosed, TokenInvalid, CSRFError, *scans.REFUSALS),
        ),
    )


def staff_half(web: WebContext) -> Area:
    """Return the half that only members of staff may see."""
    blueprint = Blueprint("staff", __name__)
    blueprint.record_once(lambda state: session.prepare(state.app, web.config))
    blueprint.before_request(let_files_in)
    blueprint.before_request(session.csrf.protect)
    table = register(blueprint, web, routes())
    open_endpoints = frozenset(f"staff.{endpoint}" for endpoint in OPEN)
    return Area(blueprint, open_endpoints, partial(session.check, web), table)


def let_files_in() -> None:
    """Raise the limit of a body that may hold files, before anything reads it."""
    if request.endpoint in WITH_FILES:
        request.max_content_length = FILES_LIMIT
