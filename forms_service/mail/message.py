"""What a mail is about, before a word of it is written.

A message holds no answer and nothing that anybody typed, so no text of a mail can
repeat any: an unproven address may belong to somebody who never asked for it. Staff
may add to a refusal, and write to many under a `subject` of the form: only proven
addresses get that.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum, auto

from email_validator import validate_email

from ..content import Event, Project
from ..definition import FormDefinition, Text
from ..i18n import Translator
from ..store.alarms import RaisedAlarm
from ..store.submissions import Seat, Status, Submission

Body = Callable[["MailMessage"], Iterator["Paragraph"]]
Still = Callable[[Submission, datetime], bool]


class Recipient(Enum):
    """Who reads a mail: it decides to which address it goes, and with which link."""

    PROVEN = auto()  # has confirmed the address: the link of the personal page
    UNPROVEN = auto()  # is asked to confirm it: the link and code that prove it
    FORMER = auto()  # owns an address we no longer write to: no link
    STAFF = auto()


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A sentence, and under it what stands on a line of its own, if anything."""

    text: str
    link: str = ""
    code: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class MailKind:
    """One kind of mail: its name in the outbox, its words, and when it may leave.

    Subjects show on locked screens and name neither form nor outcome; `label` is what
    staff read. Only mails that anybody can cause are `limited`. One `about_event` goes
    to who takes part, until the event is over; `still` says, at the moment of leaving,
    whether what a mail tells is still so.
    """

    name: str
    subject: str
    label: str
    body: Body
    to: Recipient
    limited: bool
    about_event: bool
    still: Still


@dataclass(frozen=True, slots=True)
class Appointment:
    """The event of a form as it stands now, in the language of the mail.

    `calendar` is its calendar file, empty where none goes with the mail; `reminded`
    says that a reminder is still to come, `announces_changes` that changes are told,
    `back` that it takes place although people heard the contrary.
    """

    event: Event
    calendar: bytes
    reminded: bool
    announces_changes: bool
    back: bool


@dataclass(frozen=True, slots=True)
class MailMessage:
    """All that the text of one mail may use; `form` is None in mails to staff.

    An empty `link` is shown as the place of a link, for staff who read a mail before
    it goes.
    """

    kind: MailKind
    key: str
    email: str
    project: Project
    translator: Translator
    link: str
    form: FormDefinition | None = None
    code: str = ""
    reference: str = ""
    status: Status = Status.NEW
    place: Seat = Seat.NONE
    position: int | None = None
    link_until: datetime | None = None
    code_until: datetime | None = None
    erased_on: datetime | None = None
    due_on: date | None = None
    reasons: Sequence[Text] = ()
    addition: Text | None = None
    subject: str = ""
    typed: Text | None = None
    waiting: int = 0
    yours: int = 0
    alarms: Sequence[RaisedAlarm] = ()
    log_head: str = ""
    appointment: Appointment | None = None
    fields: Sequence[str] = ()

    @property
    def delicate(self) -> bool:
        """True when reading it over a shoulder must tell nothing."""
        return self.form is not None and self.form.delicate


def about(
    kind: MailKind,
    submission: Submission,
    form: FormDefinition,
    project: Project,
    *,
    email: str = "",
    link: str = "",
    code: str = "",
    key: str = "",
    position: int | None = None,
    appointment: Appointment | None = None,
    reasons: Sequence[Text] = (),
    addition: Text | None = None,
    fields: Sequence[str] = (),
) -> MailMessage:
    """Return the message about a submission, in the language of `form`.

    `address` is where it goes, if not where the person reads now; `link` is a whole
    address, or empty in a preview; `project` is the project in that language;
    `position` is the place in the waiting line; `appointment` is the event that the
    person takes part in; `fields` are the labels of answers that were corrected.
    """
    return MailMessage(
        kind=kind,
        key=key,
        email=email or submission.email or "",
        project=project,
        translator=Translator(form.lang, project.zone),
        link=link,
        form=form,
        code=code,
        reference=submission.reference,
        status=submission.status,
        place=submission.place,
        position=position,
        link_until=submission.link_expires_at,
        code_until=submission.code_expires_at,
        erased_on=submission.purge_after,
        due_on=submission.due_on,
        reasons=reasons,
        addition=addition,
        appointment=appointment,
        fields=fields,
    )


def to_staff(
    kind: MailKind,
    email: str,
    waiting: int,
    project: Project,
    link: str,
    key: str,
    alarms: Sequence[RaisedAlarm] = (),
    log_head: str = "",
    yours: int = 0,
) -> MailMessage:
    """Return the message that tells staff how many submissions wait, or what is wrong.

    `yours` are those that the reader sees to. Nothing of a submission is in it.
    """
    translator = Translator(project.lang, project.zone)
    return MailMessage(
        kind, key, email, project, translator, link,
        waiting=waiting, yours=yours, alarms=alarms, log_head=log_head,
    )  # fmt: skip


def to_mailbox(
    kind: MailKind,
    email: str,
    project: Project,
    link: str,
    code: str,
    until: datetime,
    key: str,
) -> MailMessage:
    """Return the message about several requests that wait for one address."""
    translator = Translator(project.lang, project.zone)
    return MailMessage(
        kind, key, email, project, translator, link, code=code, link_until=until
    )


def wire_email(email: str) -> str:
    """Return an address as mail servers write it: the domain in ASCII.

    The part before the @ stays; in another alphabet it needs a server with SMTPUTF8.
    """
    found = validate_email(email, check_deliverability=False, test_environment=True)
    return f"{found.local_part}@{found.ascii_domain}"
