"""Whoever was called from the register: what they said, and whether they stay."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from ...definition.contact import show_phone
from ...i18n import N_, Translator
from ...shapes.notice import retention_sentence
from ...store import contacts, staff
from ...store.connection import Connection
from ...store.contacts import ContactNote, ContactOutcome, Means
from ...store.submissions import Status, Submission
from ...workflow import membership, renewing
from ...workflow.context import WorkflowContext
from ...workflow.transitions import NotAllowed
from ..core import ErrorPage, WebContext
from . import session
from .contact_form import MEANS, OUTCOMES, ContactForm
from .layout import show, staff_translator, title_of
from .register_member import asked


@dataclass(frozen=True, slots=True)
class ContactLine:
    """One contact, in words."""

    when: str
    who: str
    what: str
    purpose: str


@dataclass(frozen=True, slots=True)
class Membership:
    """What a member of a register has beside a request.

    With `mark` they are to be asked whether they stay; it names the version whose
    `rule` they are told. `paused` is the last day on which they have no time.
    """

    name: str
    question: str
    mark: str
    rule: str
    stays_until: date
    paused: date | None
    contacts: list[ContactLine]


def membership_of(
    context: WorkflowContext,
    db: Connection,
    submission: Submission,
    translator: Translator,
) -> Membership | None:
    """Return it; None for whoever is in no register."""
    form = context.form_today(submission.form_id)
    if form is None or form.register is None:
        return None
    if submission.status is not Status.ACCEPTED:
        return None
    about, now = form.register, context.clock()
    sent, decided = submission.created_at, submission.decided_at
    until = context.retention_end(form, submission.status, sent, decided, now)
    members = {member.id: member.email for member in staff.everyone(db)}
    asks = submission.asks or renewing.is_due(context, about, submission)
    paused = submission.paused_until
    return Membership(
        name=str(about.name),
        question=str(about.question),
        mark=form.fingerprint if asks else "",
        rule=retention_sentence(form.privacy.retention.accepted, translator),
        stays_until=until.astimezone(context.zone).date(),
        paused=date.fromisoformat(paused)
        if paused >= context.today.isoformat()
        else None,
        contacts=[
            _line(note, members, translator)
            for note in contacts.of_submission(db, submission.id)
        ],
    )


def _line(
    note: ContactNote, members: dict[int, str], translator: Translator
) -> ContactLine:
    gettext = translator.gettext
    what = f"{gettext(MEANS[note.means])}: {gettext(OUTCOMES[note.outcome])}"
    who = members.get(note.staff or 0, "")
    return ContactLine(translator.format_datetime(note.at), who, what, note.purpose)


def contact_page(web: WebContext, submission_id: str) -> ResponseReturnValue:
    """Ask what became of a call, or keep it and lead back to the register."""
    submission = web.context.store.read(
        lambda db: membership.member(web.context, db, submission_id)
    )
    form = _form(web, submission)
    if not form.validate_on_submit():
        return _page(web, submission, form)
    note = ContactNote(
        web.context.clock(),
        None,
        Means(form.come.data),
        ContactOutcome(form.esito.data),
        form.motivo.data,
    )
    until = form.fino.data if form.fino else None
    staff_id = session.member().id
    membership.contacted(web.context, submission.id, staff_id, note, until)
    flash(N_("The contact is noted."))
    return redirect(url_for("staff.register", **_query(web, submission)), 303)


def contact_again(web: WebContext, error: Exception, submission_id: str) -> Response:
    """Show the page with every word that was typed, and why nothing is kept yet.

    About whoever is no member any more, a page gives the words back.
    """
    if request.method != "POST" or isinstance(error, NotAllowed):
        raise error
    submission = web.context.store.read(
        lambda db: membership.member(web.context, db, submission_id)
    )
    said = session.describe_error(web, error)
    return _page(web, submission, _form(web, submission), said)


def _form(web: WebContext, submission: Submission) -> ContactForm:
    register = web.context.register_of(submission.form_id)
    paused = submission.paused_until
    today = web.context.today
    running = paused if paused >= today.isoformat() else ""
    return ContactForm(
        today,
        pause=bool(register and register.pause),
        fino=date.fromisoformat(running) if running else None,
    )


def _query(web: WebContext, submission: Submission) -> dict[str, Any]:
    return asked(web, submission.form_id).query


def _page(
    web: WebContext,
    submission: Submission,
    form: ContactForm,
    error_page: ErrorPage | None = None,
) -> Response:
    translator = staff_translator(web)
    about = web.context.store.read(
        lambda db: membership_of(web.context, db, submission, translator)
    )
    return show(
        web,
        "staff/contact.html",
        form.http_status,
        error_page=error_page,
        submission=submission,
        form=form,
        member=about,
        query=_query(web, submission),
        title=title_of(web.context, submission.form_id),
        phone=show_phone(submission.phone, translator) if submission.phone else "",
        language=web.translator(submission.lang).own_name,
    )


def confirm_stay(web: WebContext, submission_id: str) -> ResponseReturnValue:
    """Let somebody stay who has said so on the phone, by the rule they were told."""
    accepted = request.form.get("versione", "")
    renewing.renew(web.context, submission_id, session.actor(), accepted)
    flash(N_("The person stays, and has been told for how long."))
    return redirect(url_for("staff.submission", submission_id=submission_id), 303)
