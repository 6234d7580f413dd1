"""Every kind of mail, each declared in one place: name, words, rules, paragraphs.

The paragraphs get a `MailMessage`, which holds no answer; those of one theme may stand
in a module of its own. The texts of accepted and declined are the form's own. How a
mail looks is not here.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from functools import partial
from types import MappingProxyType

from ..i18n import N_
from ..store.submissions import Seat, Status, Submission
from . import about_renewal, corrections, proofs, to_staff, typed
from .message import Body, MailKind, MailMessage, Paragraph, Recipient, Still
from .paragraphs import (
    appointment,
    cannot_come,
    erasure,
    own,
    personal,
    place,
    promise,
    reference,
    refusal,
    standing,
)

_NEWS = N_("There is news about your request")
_kinds: dict[str, MailKind] = {}
KINDS: Mapping[str, MailKind] = MappingProxyType(_kinds)


def _unproven(submission: Submission, now: datetime) -> bool:
    return not submission.proven and submission.status is not Status.WITHDRAWN


def _code_works(submission: Submission, now: datetime) -> bool:
    return submission.code_expires_at is not None and now <= submission.code_expires_at


def _while(status: Status) -> Still:
    """Let a decision that was taken back before its mail left go untold."""
    return lambda submission, now: submission.status is status


def mail_kind(
    subject: str,
    label: str,
    *,
    to: Recipient = Recipient.PROVEN,
    limited: bool = False,
    about_event: bool = False,
    still: Still = lambda submission, now: True,
) -> Callable[[Body], MailKind]:
    """Make a kind of mail of the function that yields its paragraphs, by its name."""

    def declare(body: Body) -> MailKind:
        rules = (to, limited, about_event, still)
        kind = MailKind(body.__name__, subject, label, body, *rules)
        _kinds[kind.name] = kind
        return kind

    return declare


verify = mail_kind(
    N_("Confirm your email address"),
    N_("Confirm your address"),
    to=Recipient.UNPROVEN,
    limited=True,
    still=_unproven,
)(proofs.verify)
address_check = mail_kind(
    N_("Confirm your email address"),
    N_("Confirm your address (typed by staff)"),
    to=Recipient.UNPROVEN,
    limited=True,
    still=_unproven,
)(proofs.address_check)
verify_many = mail_kind(
    N_("Confirm your email address"),
    N_("Confirm your address"),
    to=Recipient.UNPROVEN,
    limited=True,
)(proofs.verify_many)
address_left = mail_kind(
    N_("A change of email address"),
    N_("Told the old address of the change"),
    to=Recipient.FORMER,
)(corrections.address_left)
lost_link = mail_kind(N_("Your personal link"), N_("New personal link"), limited=True)(
    proofs.lost_link
)
code = mail_kind(N_("Your code"), N_("Code for the personal page"), still=_code_works)(
    proofs.code
)


@mail_kind(N_("We have received your request"), N_("Receipt"))
def receipt(message: MailMessage) -> Iterator[Paragraph]:
    gettext = message.translator.gettext
    if message.form and not message.delicate:
        yield Paragraph(
            gettext("We have received your form “{title}”.", title=message.form.title)
        )
    else:
        yield Paragraph(gettext("We have received your request."))
    yield reference(message)
    yield from place(message)
    if message.form and message.status is Status.NEW:
        yield from own(message.form.texts.receipt.paragraphs)
        yield from promise(message)
    yield from personal(message)
    yield from appointment(message)
    yield from erasure(message)


corrected = mail_kind(
    N_("We have received your correction"), N_("Receipt of a correction")
)(corrections.corrected)
repaired = mail_kind(
    N_("Your request has been corrected"), N_("Told of our correction")
)(corrections.repaired)


@mail_kind(_NEWS, N_("Request accepted"), still=_while(Status.ACCEPTED))
def accepted(message: MailMessage) -> Iterator[Paragraph]:
    if message.form:
        yield from own(message.form.texts.accepted.paragraphs)
    yield from standing(message)


@mail_kind(_NEWS, N_("Request declined"), still=_while(Status.DECLINED))
def declined(message: MailMessage) -> Iterator[Paragraph]:
    yield from refusal(message)
    yield from standing(message)


@mail_kind(
    _NEWS, N_("Please correct your request"), still=_while(Status.CORRECTION_ASKED)
)
def correction_asked(message: MailMessage) -> Iterator[Paragraph]:
    gettext = message.translator.gettext
    yield Paragraph(
        gettext("We have read your request. Something in it has to be corrected.")
    )
    yield Paragraph(gettext("Your personal page says what to do."))
    yield from standing(message)


@mail_kind(
    N_("Your request has been withdrawn"),
    N_("Request withdrawn"),
    still=_while(Status.WITHDRAWN),
)
def withdrawn(message: MailMessage) -> Iterator[Paragraph]:
    gettext = message.translator.gettext
    yield Paragraph(
        gettext("Your request has been withdrawn: we do not go on with it.")
    )
    yield reference(message)
    yield Paragraph(gettext("Was it not you? Tell us, and say the reference number."))
    yield from erasure(message)


@mail_kind(
    _NEWS,
    N_("You have a place"),
    still=lambda submission, now: submission.place is Seat.HELD,
)
def promoted(message: MailMessage) -> Iterator[Paragraph]:
    yield Paragraph(
        message.translator.gettext("A place has become free, and it is yours.")
    )
    yield reference(message)
    yield from personal(message)
    yield from appointment(message)
    yield from erasure(message)


@mail_kind(
    N_("A reminder of your appointment"), N_("Reminder of the event"), about_event=True
)
def reminder(message: MailMessage) -> Iterator[Paragraph]:
    if message.delicate:
        yield Paragraph(
            message.translator.gettext("We remind you of your appointment.")
        )
    yield from appointment(message)
    yield from cannot_come(message)


@mail_kind(
    N_("News about your appointment"), N_("The event has changed"), about_event=True
)
def event_changed(message: MailMessage) -> Iterator[Paragraph]:
    gettext, about = message.translator.gettext, message.appointment
    takes_place = about is None or about.event.takes_place
    if about and about.back:
        yield Paragraph(gettext("The event takes place. This is how things stand now."))
    elif takes_place:
        yield Paragraph(gettext("Something has changed. This is how things stand now."))
    yield from appointment(message)
    if message.place is Seat.WAITING:
        yield Paragraph(gettext("You are still on the waiting list."))
    yield from (cannot_come if takes_place else standing)(message)


_to_staff = partial(mail_kind, to=Recipient.STAFF)
digest = _to_staff(N_("There are requests to examine"), N_("New requests"))(
    to_staff.digest
)
alarms = _to_staff(N_("Something needs attention"), N_("Alarms"))(to_staff.alarms)
new_browser = _to_staff(N_("A sign-in to your account"), N_("A new browser"))(
    to_staff.new_browser
)
invitation = _to_staff(N_("Your account to examine requests"), N_("Invitation"))(
    to_staff.invitation
)
new_password = _to_staff(N_("A new password"), N_("Forgotten password"))(
    to_staff.new_password
)
factor_reset = _to_staff(N_("A second factor was reset"), N_("Second factor reset"))(
    to_staff.factor_reset
)
message = mail_kind(_NEWS, N_("Message to many"))(typed.message)
message_test = _to_staff(_NEWS, N_("Trial of a message"))(typed.message_test)

_ask = about_renewal.SUBJECT, about_renewal.LABEL
renewal, renewal_reminder = (
    mail_kind(*_ask, still=about_renewal.unanswered)(body)
    for body in (about_renewal.renewal, about_renewal.renewal_reminder)
)

UNPROVEN = frozenset(k.name for k in _kinds.values() if k.to is Recipient.UNPROVEN)
