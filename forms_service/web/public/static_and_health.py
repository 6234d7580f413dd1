"""Answers that are no pages: static files, calendars, states, health, figures."""

import shutil
from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flask import Response, abort, current_app, jsonify, request

from ...content import TODO
from ...siblings import SiblingSilent
from ...store import counts, outbox, sealing
from ...store.alarms import AlarmKind
from ...urls import SECURITY
from ...workflow import appointments, capacity
from ..core import WebContext

FOR_EVER = "public, max-age=31536000, immutable"
STATE_SECONDS = 30
# What a process asks its siblings for.
FIGURES, REFUSAL = "figures", "refusal"
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

    A clock in doubt is told and stops nothing. A database that refuses to write is
    asked nothing else. Whoever is asked answers for all processes of the service.
    """
    refused = own_refusal(web) or _refused_elsewhere(web)
    keeper = web.context.timekeeper
    present = [AlarmKind.DATABASE] if refused else []
    present += [full.kind] if (full := web.alarms.full()) else []
    answer = jsonify(
        ok=not present,
        database=refused or "ok",
        free_megabytes=shutil.disk_usage(web.config.data_dir).free // (1024 * 1024),
        clock=str(keeper.line) if keeper else "ok",
        **({"alarms": present} if refused else _told_by_rows(web)),
    )
    answer.status_code = 503 if present else 200
    answer.headers["Cache-Control"] = "no-store"
    return answer


def own_refusal(web: WebContext) -> str:
    """Return why nothing can be written by this process; nothing if it can."""
    refused = web.alarms.refused()
    return refused.detail["reason"] if refused else ""


def _refused_elsewhere(web: WebContext) -> str:
    try:
        return next(filter(None, web.siblings.ask(REFUSAL)), "")
    except SiblingSilent:
        return "a process of the service is silent"


def _told_by_rows(web: WebContext) -> dict[str, Any]:
    unsealed, since = web.context.store.read(sealing.waiting)
    return {
        "alarms": sorted({alarm.kind for alarm in web.alarms.all()}),
        "leader": web.context.store.leader(),
        "unfolded": web.context.store.read(counts.unfolded),
        "log": {"unsealed": unsealed, "since": since and since.isoformat()},
    }


def own_figures(
    web: WebContext, answered: Mapping[tuple[str, int], int]
) -> tuple[int, list[tuple[tuple[str, int], int]]]:
    """Return what only this process knows: writes that wait; how many answers."""
    return web.context.store.waiting(), list(answered.items())


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
    raised = Counter(alarm.kind for alarm in web.alarms.all())
    lines += [f'forms_alarm{{id="{kind}"}} {raised[kind]}' for kind in AlarmKind]
    unsealed, _ = web.context.store.read(sealing.waiting)
    lines.append(f"forms_log_waiting {unsealed}")
    own = own_figures(web, current_app.extensions["answered"])
    try:
        figures = [own, *web.siblings.ask(FIGURES)]
    except SiblingSilent:
        # A part of them would look like a new beginning.
        return Response(status=503)
    lines.append(f"forms_writes_waiting {sum(writes for writes, _ in figures)}")
    answered: Counter[tuple[str, int]] = Counter()
    for _, of_process in figures:
        for (route, status), number in of_process:
            answered[route, status] += number
    lines += [
        f'forms_answers{{route="{route}",status="{status}"}} {number}'
        for (route, status), number in sorted(answered.items())
    ]
    response = Response("\n".join([*lines, ""]), content_type="text/plain")
    response.headers["Cache-Control"] = "no-store"
    return response
