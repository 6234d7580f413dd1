"""Desk entry: a request on paper, by phone or at the counter, typed into the same form.

What is typed is never lost: a mistake, a closed form and an old page all show it again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from flask import Response, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import NotFound

from ...definition import FormDefinition, Place
from ...intake import Filled
from ...shapes import naming
from ...shapes.markup import Complaint, Filling, complaints, draw_fields
from ...store.attachments import Attachment
from ...store.submissions import Proof, Source
from ...words import N_, Message
from ...workflow import sending
from ...workflow.capacity import Availability, FormClosed
from ...workflow.desk_entry import Entry, enter
from ..page import Page
from . import scans, session
from .desk_answers import UNREACHABLE, doubted, typed_answers
from .layout import show, tell, words_of

SOURCES = (Source.PAPER, Source.DESK, Source.PHONE)
PROOFS = (Proof.SIGNATURE, Proof.IN_PERSON, Proof.PHONE, Proof.NONE)
_CLOSED: Mapping[Availability, str] = {
    Availability.NOT_OPEN: N_("On that day the form was not open yet."),
    Availability.CLOSED: N_("On that day the form was closed already."),
    Availability.FULL: N_("There is no place left, and this form has no waiting list."),
}


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed about the request itself, beside its answers."""

    source: str
    received: str
    proof: str
    helped: bool
    lang: str
    wrong: dict[str, Message] = field(default_factory=dict)

    @classmethod
    def read(cls, today: date, form: FormDefinition, languages: list[str]) -> "Typed":
        """Read what was posted; raise nothing, what is wrong is in `wrong`."""
        typed = request.form
        found = cls(
            typed.get("entry-source", ""),
            typed.get("entry-received", ""),
            typed.get("entry-proof", ""),
            bool(typed.get("entry-helped")),
            typed.get("entry-lang", form.lang),
        )
        if found.lang not in languages:
            found.wrong["entry-lang"] = Message(N_("Choose a language of the form."))
        if found.source not in SOURCES:
            found.wrong["entry-source"] = Message(N_("Choose how it came in."))
        if found.proof not in PROOFS:
            found.wrong["entry-proof"] = Message(
                N_("Choose how you know that the person is the one who asks.")
            )
        day = found.day
        if day is None or day > today:
            found.wrong["entry-received"] = Message(
                N_("Write the day on which it came in, today or earlier.")
            )
        return found

    @property
    def day(self) -> date | None:
        """The day of receipt, None for what is no day."""
        try:
            return date.fromisoformat(self.received)
        except ValueError:
            return None

    def entry(self, received: date) -> Entry:
        """Return what the workflow wants to know; only when nothing is wrong."""
        return Entry(Source(self.source), received, Proof(self.proof), self.helped)


def desk(page: Page, wrong: Message | None = None) -> Response:
    """Let staff choose the form of a request that came in on another way.

    The address may name scans whose form is not known, and say why it is not.
    """
    found = scans.waiting(page, request.args.getlist("foglio"))
    code = request.args.get("codice", "")
    return show(
        page,
        "staff/desk.html",
        422 if wrong else 200,
        forms=page.work.forms,
        wrong={"file": wrong} if wrong else {},
        scans=found,
        waiting_picture=scans.waiting_address,
        code=code,
        older=page.work.form_today(code),
        version=request.args.get("versione", ""),
    )


def desk_again(page: Page, error: Exception) -> Response:
    """Say what is wrong with the scan, and ask for another."""
    return desk(page, scans.message_of(error))


def desk_form(page: Page, form_id: str) -> ResponseReturnValue:
    """Show the form with the fields that only paper has, beside its scan if any.

    The address may say how and when it came in: a pile of paper has both in common.
    What a filled-in PDF says is typed already.
    """
    form = _form(page, form_id)
    found = scans.waiting(page, request.args.getlist("foglio"))
    filled = scans.prefilled(page, form, found)
    typed = Typed(
        request.args.get("come", Source.PAPER.value),
        request.args.get("giorno", page.work.today.isoformat()),
        "",
        False,
        request.args.get("lingua", form.lang),
    )
    filling = Filling(filled.raw) if filled else Filling()
    key = sending.new_form_key(page.work, form)
    return _ask(page, form, typed, filling, key, found=found, filled=filled)


def enter_request(page: Page, form_id: str) -> ResponseReturnValue:
    """Store what was typed, or show all of it again with what to correct."""
    ids = scans.ids_of_form(page)
    form, today = _form(page, form_id), page.work.today
    typed = Typed.read(today, form, _languages(page, form))
    filling = typed_answers(form, today)
    key, day = request.form.get("key", ""), typed.day
    if typed.wrong or day is None or not filling.cleaned.ok:
        return _ask(page, form, typed, filling, key, found=scans.waiting(page, ids))
    # The edition in the person's language: its mails are in it, its notice was read.
    edition = page.work.content.form(form_id, typed.lang)
    stored = enter(
        page.work,
        edition,
        typed_answers(edition, today).cleaned.answers,
        typed.entry(day),
        session.actor(),
        sending.read_form_key(page.work, key),
        ids,
    )
    tell(N_("The request is stored."))
    return redirect(url_for("staff.submission", submission_id=stored.id), 303)


def enter_again(page: Page, error: Exception, form_id: str) -> Response:
    """Show everything typed, when the form was closed, the page old, a file bad."""
    found = scans.waiting(page, scans.ids_of_form(page, again=True))
    form, today = _form(page, form_id), page.work.today
    typed = Typed.read(today, form, _languages(page, form))
    filling = typed_answers(form, today)
    key = sending.new_form_key(page.work, form)
    if isinstance(error, FormClosed):
        typed.wrong["entry-received"] = Message(_CLOSED[error.availability])
        return _ask(page, form, typed, filling, key, found=found)
    if isinstance(error, scans.REFUSALS):
        typed.wrong["file"] = scans.message_of(error)
        return _ask(page, form, typed, filling, key, found=found)
    typed.wrong.clear()
    if scans.chosen():
        typed.wrong["file"] = scans.message_of(scans.NoScanChosen())
    filling = Filling(filling.raw)
    return _ask(page, form, typed, filling, key, stale=True, found=found)


def _ask(
    page: Page,
    form: FormDefinition,
    typed: Typed,
    filling: Filling,
    key: str,
    stale: bool = False,
    found: Sequence[Attachment] = (),
    filled: Filled | None = None,
) -> Response:
    words = words_of(page)
    wrong = [
        Complaint(control, words.tell(told)) for control, told in typed.wrong.items()
    ]
    wrong += complaints(form, Place.DESK, filling.cleaned, words)
    return show(
        page,
        "staff/desk_form.html",
        400 if stale else 422 if wrong else 200,
        form=form,
        fields=draw_fields(form, words, Place.DESK, filling),
        typed=typed,
        wrong=wrong,
        key=key,
        stale=stale,
        unreachable=UNREACHABLE if doubted(filling) else "",
        scans=found,
        waiting_picture=scans.waiting_address,
        filled=filled,
        sources=[(source.value, naming.SOURCE[source]) for source in SOURCES],
        languages=[
            (lang, page.words(lang).own_name) for lang in _languages(page, form)
        ],
        proofs=[(proof.value, naming.PROOF[proof]) for proof in PROOFS],
        today=page.work.today.isoformat(),
    )


def _languages(page: Page, form: FormDefinition) -> list[str]:
    return list(page.work.content.forms[form.id])


def _form(page: Page, form_id: str) -> FormDefinition:
    form = page.work.form_today(form_id)
    if form is None:
        raise NotFound
    return form
