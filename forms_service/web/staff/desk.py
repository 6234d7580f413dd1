"""Desk entry: a request on paper, by phone or at the counter, typed into the same form.

What is typed is never lost: a mistake, a closed form and an old page all show it again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound
from wtforms import SelectChoice

from ...definition import Channel, Cleaned, FormDefinition, Role, clean, type_of
from ...i18n import N_, Message
from ...intake.filled import Filled
from ...shapes.html.fields import Complaint, complaints, draw_fields
from ...shapes.html.filling import Filling
from ...store.attachments import Attachment
from ...store.submissions import Proof, Source
from ...workflow import sending
from ...workflow.capacity import Availability, FormClosed
from ...workflow.desk_entry import DeskEntry, enter
from ..core import ErrorPage, WebContext
from . import scans, session
from .fixed_forms import EntryForm
from .layout import show, staff_translator

_CLOSED: Mapping[Availability, str] = {
    Availability.NOT_OPEN: N_("On that day the form was not open yet."),
    Availability.CLOSED: N_("On that day the form was closed already."),
    Availability.CANCELLED: N_("The event has been cancelled: nothing can be entered."),
    Availability.POSTPONED: N_(
        "The event has been postponed and has no new date: nothing can be entered."
    ),
    Availability.FULL: N_("There is no place left, and this form has no waiting list."),
}
# Says that staff have read the warning about a person nobody can reach.
UNREACHABLE = "entry-unreachable"
_NO_CONTACT = Message(
    N_(
        "There is neither an email address nor a phone number: without a postal "
        "address nobody can tell the person the outcome. Ask for one of them; if "
        "there is none, store the request all the same."
    )
)
_NOT_DECLARED = N_(
    "Tick “{label}” only if the person has signed or said it. Without it the request "
    "cannot be stored."
)


def desk(web: WebContext, wrong: Message | None = None) -> Response:
    """Let staff choose the form of a request that came in on another way.

    The address may name scans whose form is not known, and say why it is not.
    """
    found = scans.waiting(web, request.args.getlist("foglio"))
    code = request.args.get("codice", "")
    return show(
        web,
        "staff/desk.html",
        422 if wrong else 200,
        forms=web.context.forms,
        wrong={"file": wrong} if wrong else {},
        scans=found,
        waiting_picture=scans.waiting_address,
        code=code,
        older=web.context.form_today(code),
        version=request.args.get("versione", ""),
    )


def desk_again(web: WebContext, error: Exception) -> Response:
    """Say what is wrong with the scan, and ask for another."""
    return desk(web, scans.message_of(error))


def desk_form(web: WebContext, form_id: str) -> ResponseReturnValue:
    """Show the form with the fields that only paper has, beside its scan if any.

    The address may say how and when it came in: a pile of paper has both in common.
    What a filled-in PDF says is typed already.
    """
    form = _form(web, form_id)
    found = scans.waiting(web, request.args.getlist("foglio"))
    filled = scans.prefilled(web, form, found)
    entry = _entry_form(
        web,
        form,
        source=request.args.get("come", Source.PAPER.value),
        received=_day(request.args.get("giorno", ""), web.context.today),
        lang=request.args.get("lingua", form.lang),
    )
    filling = Filling(filled.raw) if filled else Filling()
    entry.key.data = sending.new_form_key(web.context, form)
    return _ask(web, form, entry, filling, found=found, filled=filled)


def enter_request(web: WebContext, form_id: str) -> ResponseReturnValue:
    """Store what was typed, or show all of it again with what to correct."""
    ids = scans.ids_of_form(web)
    form, today = _form(web, form_id), web.context.today
    entry = _entry_form(web, form)
    filling = typed_answers(form, today)
    if not entry.validate() or not filling.cleaned.ok:
        return _ask(web, form, entry, filling, found=scans.waiting(web, ids))
    # The edition in the person's language: its mails are in it, its notice was read.
    edition = web.context.content.form(form_id, entry.lang.data)
    stored = enter(
        web.context,
        edition,
        typed_answers(edition, today).cleaned.answers,
        DeskEntry(
            Source(entry.source.data),
            entry.received.data,
            Proof(entry.proof.data),
            entry.helped.data,
        ),
        session.actor(),
        sending.read_form_key(web.context, entry.key.data),
        ids,
    )
    flash(N_("The request is stored."))
    return redirect(url_for("staff.submission", submission_id=stored.id), 303)


def enter_again(web: WebContext, error: Exception, form_id: str) -> Response:
    """Show everything typed, when the form was closed, the page old, a file bad."""
    found = scans.waiting(web, scans.ids_of_form(web, again=True))
    form = _form(web, form_id)
    entry, file = _entry_form(web, form), None
    filling = typed_answers(form, web.context.today)
    entry.key.data = sending.new_form_key(web.context, form)
    if isinstance(error, FormClosed):
        entry.validate()
        entry.received.errors = [_CLOSED[error.availability]]
    elif isinstance(error, scans.REFUSALS):
        entry.validate()
        file = scans.message_of(error)
    else:
        filling = Filling(filling.raw)
        file = scans.message_of(scans.NoScanChosen()) if scans.chosen() else None
        said = session.describe_error(web, error)
        return _ask(web, form, entry, filling, file, said, found)
    return _ask(web, form, entry, filling, file, found=found)


def _ask(
    web: WebContext,
    form: FormDefinition,
    entry: EntryForm,
    filling: Filling,
    file: Message | None = None,
    error_page: ErrorPage | None = None,
    found: Sequence[Attachment] = (),
    filled: Filled | None = None,
) -> Response:
    translator = staff_translator(web)
    mistakes = {**entry.wrong, **({"file": file} if file else {})}
    wrong = [
        Complaint(control, translator.translate(message))
        for control, message in mistakes.items()
    ]
    event = web.context.event_of(form)
    stopped = event and not event.takes_place and Availability(event.status.value)
    wrong += complaints(form, Channel.DESK, filling.cleaned, translator)
    return show(
        web,
        "staff/desk_form.html",
        422 if wrong else 200,
        form=form,
        fields=draw_fields(form, translator, Channel.DESK, filling),
        entry=entry,
        mistakes=mistakes,
        needed=[
            (type_of(field).controls(field)[0], field.label)
            for field in form.at(Channel.DESK)
            if field.required_at(Channel.DESK)
        ],
        wrong=wrong,
        stopped=_CLOSED[stopped] if stopped else "",
        error_page=error_page,
        unreachable=UNREACHABLE if doubted(filling) else "",
        scans=found,
        waiting_picture=scans.waiting_address,
        filled=filled,
        today=web.context.today.isoformat(),
    )


def _entry_form(web: WebContext, form: FormDefinition, **first: Any) -> EntryForm:
    languages = [
        SelectChoice(lang, web.translator(lang).own_name, {"lang": lang})
        for lang in web.context.content.forms[form.id]
    ]
    return EntryForm(web.context.today, languages, **{"lang": form.lang, **first})


def _day(text: str, other: date) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return other


def _form(web: WebContext, form_id: str) -> FormDefinition:
    form = web.context.form_today(form_id)
    if form is None:
        raise NotFound
    return form


def typed_answers(form: FormDefinition, today: date) -> Filling:
    """Return what was posted, and what is to be said about it to staff."""
    raw = request.form.to_dict(flat=False)
    cleaned = clean(form, raw, Channel.DESK, today)
    errors = {**cleaned.errors, **_not_declared(form, cleaned)}
    warnings = {**_unreachable(form, cleaned), **cleaned.warnings}
    return Filling(raw, replace(cleaned, errors=errors, warnings=warnings))


def doubted(filling: Filling) -> bool:
    """Say whether staff have been warned that nobody can reach the person."""
    warned = _NO_CONTACT in filling.cleaned.warnings.values()
    return warned or UNREACHABLE in filling.raw


def _not_declared(form: FormDefinition, cleaned: Cleaned) -> Mapping[str, Message]:
    """Ask for what the person declared: nobody ticks it in their place."""
    return {
        field.id: Message(_NOT_DECLARED, {"label": field.label})
        for field in form.at(Channel.DESK)
        if field.id in cleaned.errors and type_of(field).has_text
    }


def _unreachable(form: FormDefinition, cleaned: Cleaned) -> Mapping[str, Message]:
    """Warn once, at the first contact, that the form asks for but nobody gave."""
    contacts = [
        field.id
        for field in form.at(Channel.DESK)
        if field.role in (Role.EMAIL, Role.PHONE)
    ]
    given = cleaned.answers.keys() | cleaned.errors.keys()
    if UNREACHABLE in request.form or not given.isdisjoint(contacts):
        return {}
    return dict.fromkeys(contacts[:1], _NO_CONTACT)
