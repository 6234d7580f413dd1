"""Scans of paper in the staff area: uploaded, recognised, shown as redrawn pictures.

The bytes of a stranger's file leave only as a download; what is seen on a page was
drawn in intake's child.
"""

from collections.abc import Sequence

from flask import Response, flash, g, make_response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from ...definition import FormDefinition
from ...i18n import N_, Message
from ...intake.filled import Filled, read_filled
from ...intake.refusals import Refusal
from ...intake.scan import Scan, named, picture, read_scan
from ...shapes.pdf.identity import Identity
from ...store.attachments import Attachment
from ...workflow import attaching
from ...workflow.attaching import MOST, ScanGone, TooManyScans
from ..core import WebContext
from ..core.fixed_forms import read_revision
from ..core.responses import HEADERS, download
from . import session
from .submission import submission_page

MEDIA_TYPES = {"pdf": "application/pdf", "jpeg": "image/jpeg", "png": "image/png"}
# Also when somebody opens the file by itself, nothing in it runs.
ALONE = {**HEADERS, "Content-Security-Policy": "sandbox; default-src 'none'"}


class NoScanChosen(Exception):
    """No file was chosen, or only empty ones."""


REFUSALS = (Refusal, NoScanChosen, ScanGone, TooManyScans)


def chosen() -> bool:
    """Say whether this request brings a file."""
    return any(file.filename for file in request.files.getlist("file"))


def message_of(error: Exception) -> Message:
    """Return what to say about a refusal at the box for files."""
    if isinstance(error, Refusal):
        return error.message
    if isinstance(error, TooManyScans):
        return Message(N_("A request keeps {n} files at most."), {"n": MOST})
    if isinstance(error, ScanGone):
        return Message(N_("The scan is no longer here: choose the file once more."))
    return Message(N_("Choose the file with the scan or the photo."))


def posted() -> list[Scan]:
    """Read the files of this request; raise a `Refusal` or `TooManyScans`.

    A large one lay on disk and is gone after this.
    """
    files = []
    for file in request.files.getlist("file"):
        files.append(file.read())
        file.close()
    chosen = [data for data in files if data]
    if len(chosen) > MOST:
        raise TooManyScans
    return [read_scan(data) for data in chosen]


def needed() -> list[Scan]:
    """Read the files of this request; raise `NoScanChosen` when there are none."""
    if scans := posted():
        return scans
    raise NoScanChosen


def ids_of_form(web: WebContext, again: bool = False) -> list[str]:
    """Return the scans of a posted desk form; new files are kept, once a request.

    `again`: the form is being given back, so that no file is read a second time.
    """
    if "scan_ids" not in g:
        g.scan_ids = request.form.getlist("scan")[:MOST]
        if not again:
            kept = attaching.keep(web.context, posted(), session.member().id)
            g.scan_ids += kept
    ids: list[str] = g.scan_ids
    return ids


def waiting(web: WebContext, ids: Sequence[str]) -> list[Attachment]:
    """Return the scans that are still there for this member of staff."""
    return attaching.waiting(web.context, ids[:MOST], session.member().id)


def prefilled(
    web: WebContext, form: FormDefinition, scans: Sequence[Attachment]
) -> Filled | None:
    """Return what a filled-in PDF of this form among the scans says.

    As on the web only fields of the web are read: the rest is typed from the picture.
    """
    for scan in scans:
        if scan.kind != "pdf":
            continue
        data = attaching.read_waiting(web.context, scan.id, session.member().id)
        try:
            filled = read_filled(data, web.context.content)
        except Refusal:
            continue
        if filled.form.id == form.id and filled.raw:
            return filled
    return None


def take_scan(web: WebContext) -> ResponseReturnValue:
    """Keep uploaded scans and lead to the form that their code names.

    Without a code, or with one of another version, staff choose the form.
    """
    scans = needed()
    ids = attaching.keep(web.context, scans, session.member().id)
    codes = [code for scan in scans for code in scan.codes]
    return redirect(_desk_of(web, named(codes), ids), 303)


def _desk_of(web: WebContext, identity: Identity | None, ids: list[str]) -> str:
    if identity is None:
        return url_for("staff.desk", foglio=ids, codice="nessuno")
    form = web.context.form_today(identity.form_id)
    if form is None:
        return url_for("staff.desk", foglio=ids, codice="estraneo")
    if Identity.of(form).digits != identity.digits:
        return url_for(
            "staff.desk", foglio=ids, codice=form.id, versione=identity.version
        )
    return url_for("staff.desk_form", form_id=form.id, foglio=ids, lingua=identity.lang)


def waiting_address(scan: Attachment, number: int) -> str:
    """Return where a page of a scan that waits is shown."""
    return url_for("staff.waiting_picture", scan_id=scan.id, number=number)


def waiting_picture(web: WebContext, scan_id: str, number: int) -> Response:
    """Return a page of a scan that waits, for whoever uploaded it."""
    member = session.member().id
    found = attaching.waiting(web.context, [scan_id], member)
    if not found or number >= found[0].pages:
        raise ScanGone(scan_id)
    data = attaching.read_waiting(web.context, scan_id, member)
    return _drawn(data, found[0].kind, number)


def attached_picture(
    web: WebContext, submission_id: str, scan_id: str, number: int
) -> Response:
    """Return a page of a scan of a request; that it was read is logged."""
    attachment, data = attaching.read(
        web.context, submission_id, scan_id, session.actor()
    )
    if number >= attachment.pages:
        raise ScanGone(scan_id)
    return _drawn(data, attachment.kind, number)


def _drawn(data: bytes, kind: str, number: int) -> Response:
    response = make_response(picture(data, kind, number))
    response.headers.update(ALONE)
    response.mimetype = "image/png"
    return response


def download_scan(web: WebContext, submission_id: str, scan_id: str) -> Response:
    """Return the file as it came, to be saved and not shown; logged as read."""
    attachment, data = attaching.read(
        web.context, submission_id, scan_id, session.actor()
    )
    name = f"{scan_id[:8]}.{attachment.kind}"
    response = download(data, MEDIA_TYPES[attachment.kind], name)
    response.headers.update(ALONE)
    return response


def attach(web: WebContext, submission_id: str) -> ResponseReturnValue:
    """Add uploaded scans to a request."""
    attaching.attach(
        web.context, submission_id, needed(), session.member().id, session.actor()
    )
    flash(N_("The scan is stored with the request."))
    return redirect(_request(submission_id), 303)


def attach_again(web: WebContext, error: Exception, submission_id: str) -> Response:
    """Show the request with what is wrong with the file."""
    old = isinstance(error, CSRFError)
    said = session.describe_error(web, error) if old else None
    return submission_page(web, submission_id, message_of(error), error_page=said)


def detach(web: WebContext, submission_id: str, scan_id: str) -> ResponseReturnValue:
    """Delete a scan that does not belong to its request."""
    shown = read_revision(request.form.get("revision", ""))
    attaching.remove(web.context, submission_id, scan_id, session.actor(), shown)
    flash(N_("The scan is deleted."))
    return redirect(_request(submission_id), 303)


def detach_again(
    web: WebContext, error: Exception, submission_id: str, scan_id: str
) -> Response:
    """Show the request with what has changed on it; the scan is still there."""
    shown = read_revision(request.form.get("revision", ""))
    return submission_page(
        web,
        submission_id,
        error_page=session.describe_error(web, error),
        shown=shown,
    )


def _request(submission_id: str) -> str:
    return url_for("staff.submission", submission_id=submission_id, _anchor="scans")
