"""What a mail is about, before a word of it is written.

A draft holds no answer and nothing that anybody typed, so no text of a mail can
repeat any: an unproven address may belong to somebody who never asked for it.
"""

from dataclasses import dataclass
from datetime import datetime

from email_validator import validate_email

from ..definition import Event, FormDefinition, Project
from ..store.submissions import Seat, Status, Submission
from ..words import Words

DIGEST = "digest"


@dataclass(frozen=True, slots=True)
class Appointment:
    """The event of a form as it stands now, in the language of the mail.

    `calendar` is its calendar file, empty where none goes with the mail; `reminded`
    says that a reminder is still to come, `told` that changes are.
    """

    event: Event
    calendar: bytes
    reminded: bool
    told: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """All that the text of one mail may use; `form` is None in mails to staff.

    `kind` is a value of `workflow.mail_queue.Kind`. An empty `link` is shown as the
    place of a link, for staff who read a mail before it goes.
    """

    kind: str
    key: str
    address: str
    project: Project
    words: Words
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
    waiting: int = 0
    appointment: Appointment | None = None

    @property
    def delicate(self) -> bool:
        """True when reading it over a shoulder must tell nothing."""
        return self.form is not None and self.form.delicate


def about(
    kind: str,
    one: Submission,
    form: FormDefinition,
    project: Project,
    *,
    address: str = "",
    link: str = "",
    code: str = "",
    key: str = "",
    position: int | None = None,
    appointment: Appointment | None = None,
) -> Draft:
    """Draft a mail about a submission, in the language of `form`.

    `address` is where it goes, if not where the person reads now; `link` is a whole
    address, or empty in a preview; `project` is the project in that language;
    `position` is the place in the waiting line; `appointment` is the event that the
    person takes part in.
    """
    return Draft(
        kind=kind,
        key=key,
        address=address or one.email or "",
        project=project,
        words=Words(form.lang, project.zone),
        link=link,
        form=form,
        code=code,
        reference=one.reference,
        status=one.status,
        place=one.place,
        position=position,
        link_until=one.link_expires_at,
        code_until=one.code_expires_at,
        erased_on=one.purge_after,
        appointment=appointment,
    )


def digest(address: str, waiting: int, project: Project, link: str, key: str) -> Draft:
    """Draft the mail that tells staff how many submissions wait, and no more."""
    words = Words(project.lang, project.zone)
    return Draft(DIGEST, key, address, project, words, link, waiting=waiting)


def wire_address(address: str) -> str:
    """Return an address as mail servers write it: the domain in ASCII.

    The part before the @ stays; in another alphabet it needs a server with SMTPUTF8.
    """
    found = validate_email(address, check_deliverability=False, test_environment=True)
    return f"{found.local_part}@{found.ascii_domain}"
