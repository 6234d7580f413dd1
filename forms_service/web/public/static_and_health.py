"""Answers that are no pages: static files, calendars, states, health, figures."""

import shutil
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Response, abort, current_app, jsonify, request

from ...content import TODO
from ...pace import LEAST_FREE
from ...store import alarms, counts, outbox, sealing
from ...store.alarms import AlarmKind
from ...store.connection import StorageUnavailable
from ...urls import SECURITY
from ...workflow import appointments, capacity
from ..core import WebContext

FOR_EVER = "public, max-age=31536000, immutable"
STATE_SECONDS = 30
SECURITY_LASTS = timedelta(days=180)
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}


def static_file(web: WebContext, digest: str, name: str) -> Response:
    """Answer with a file of the service; an old digest gets today's, briefly."""
    content = web.files.by_name.get(name)
    if content is None:
        abort(404)
    # An address that may say anything is not `public`: the microcache keeps none.
    life = FOR_EVER if digest == web.files.digest else "max-age=60"
    headers = {"Cache-Control": life, "X-Content-Type-Options": "nosniff"}
    return content.answer(TYPES[Path(name).suffix], headers)


def state(web: WebContext) -> Response:
    """Answer what the public may know of every form: its door, places left, waiting."""
    forms = {}
    for form in web.context.forms:
        now = capacity.form_state(web.context, form)
        forms[form.id] = {
            "door": now.availability.value,
            "left": now.left,
            "waiting": now.waiting,
        }
    response = jsonify(forms)
    response.headers["Cache-Control"] = f"public, max-age={STATE_SECONDS}"
    return response


def calendar(web: WebContext, lang: str, event_id: str) -> Response:
    """Answer with the calendar file of an event, the same that mails bring.

    Its revision is stored with what people were told, so the site cannot hold it.
    """
    context = web.context
    there = lang in context.content.projects
    if not (there and appointments.knows_event(context, event_id)):
        abort(404)
    file = partial(
        appointments.calendar,
        context,
        event_id=event_id,
        lang=lang,
        base_url=web.config.base_url,
    )
    response = Response(
        context.store.read(file), content_type="text/calendar; charset=utf-8"
    )
    response.headers["Cache-Control"] = "public, max-age=60"
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.add_etag()
    response.make_conditional(request)
    return response


def security(web: WebContext) -> Response:
    """Answer whom to tell of a weakness (RFC 9116); nobody named yet is a 404."""
    project = web.context.content.project
    contact = project.security_contact
    if contact in ("", TODO):
        abort(404)
    if not contact.startswith("https://"):
        contact = f"mailto:{quote(contact, safe='@+')}"
    # What must not be older than a year is made anew by each day that it is asked for.
    expires = web.context.clock().date() + SECURITY_LASTS
    lines = [
        f"Contact: {contact}",
        f"Expires: {expires}T00:00:00Z",
        f"Preferred-Languages: {', '.join(project.languages)}",
        f"Canonical: {web.config.base_url}{SECURITY}",
    ]
    response = Response("\n".join([*lines, ""]), content_type=TYPES[".txt"])
    response.headers["Cache-Control"] = f"public, max-age={STATE_SECONDS}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def health(web: WebContext) -> Response:
    """Commit a real write, and look at the room on the disk: 200 or 503.

    However many ask, it writes once a second: anybody may ask.
    Reading, or a write that is rolled back, succeeds on a full disk. A clock in doubt
    is told and stops nothing. A database that refuses to write is asked nothing else.
    """
    refused = _refused(web)
    free = shutil.disk_usage(web.config.data_dir).free
    # Where the disk is full no row can say so.
    full = [AlarmKind.DISK] if free < LEAST_FREE else []
    keeper = web.context.timekeeper
    ok = not (refused or full)
    answer = jsonify(
        ok=ok,
        database=refused or "ok",
        free_megabytes=free // (1024 * 1024),
        clock=str(keeper.line) if keeper else "ok",
        **({"alarms": full} if refused else _told_by_rows(web, full)),
    )
    answer.status_code = 200 if ok else 503
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _refused(web: WebContext) -> str:
    """Commit a write, once a second; say why it was refused, nothing if it was not."""
    second = int(web.context.clock().timestamp())
    try:
        web.proven_writes.get(second, partial(_is_written, web))
    except StorageUnavailable as error:
        return str(error)
    return ""


def _told_by_rows(web: WebContext, more: Sequence[AlarmKind]) -> dict[str, Any]:
    raised = {alarm.kind for alarm in web.context.store.read(alarms.raised)}
    unsealed, since = web.context.store.read(sealing.waiting)
    return {
        "alarms": sorted(raised.union(more)),
        "leader": web.context.store.leader(),
        "unfolded": web.context.store.read(counts.unfolded),
        "log": {"unsealed": unsealed, "since": since and since.isoformat()},
    }


def _is_written(web: WebContext) -> bool:
    web.context.store.prove_writable()
    return True


def metrics(web: WebContext) -> Response:
    """Answer figures for a monitor on this machine; anybody else gets a 404."""
    forwarded = any(
        name in request.headers
        for name in ("X-Forwarded-For", "Forwarded", "X-Real-IP")
    )
    if request.remote_addr not in ("127.0.0.1", "::1") or forwarded:
        abort(404)
    lines = [
        f'forms_submissions{{form="{form}",status="{status}"}} {number}'
        for (form, status), number in web.context.store.read(counts.of_status).items()
    ]
    lines += [
        f'forms_mails{{state="{name}"}} {number}'
        for name, number in web.context.store.read(outbox.totals).items()
    ]
    raised = Counter(alarm.kind for alarm in web.context.store.read(alarms.raised))
    lines += [f'forms_alarm{{id="{kind}"}} {raised[kind]}' for kind in AlarmKind]
    unsealed, _ = web.context.store.read(sealing.waiting)
    lines.append(f"forms_log_waiting {unsealed}")
    lines.append(f"forms_writes_waiting {web.context.store.waiting()}")
    lines += [
        f'forms_answers{{route="{route}",status="{status}"}} {number}'
        for (route, status), number in sorted(
            current_app.extensions["answered"].items()
        )
    ]
    response = Response("\n".join([*lines, ""]), content_type="text/plain")
    response.headers["Cache-Control"] = "no-store"
    return response
