"""The decisions that staff may make, as buttons: one table for words, mail and look."""

from dataclasses import dataclass

from ...definition import Field, Place, type_of
from ...mail import kinds
from ...mail.message import MailKind
from ...store.connection import Connection
from ...store.events import EventVerb
from ...store.submissions import Status, Submission
from ...words import N_
from ...workflow.deciding import fields_to_correct
from ...workflow.transitions import allowed
from ...workflow.work import Work


@dataclass(frozen=True, slots=True)
class Button:
    """A decision that staff may make: its words, its mail, how it looks.

    `why` asks for a reason, which is kept as a note; `needed` says that it must be
    given. Opening again sends no mail.
    """

    verb: EventVerb
    name: str
    question: str
    done: str
    kind: MailKind | None
    look: str
    why: str = ""
    needed: bool = False


BUTTONS = (
    Button(
        EventVerb.ACCEPT,
        N_("Accept"),
        N_("Accept this request?"),
        N_("The request is accepted."),
        kinds.accepted,
        "",
    ),
    Button(
        EventVerb.PROMOTE,
        N_("Give a place"),
        N_("Give this request a place?"),
        N_("The request has a place now."),
        kinds.promoted,
        "",
    ),
    Button(
        EventVerb.ASK_CORRECTION,
        N_("Ask for a correction"),
        N_("Ask the person for a correction?"),
        N_("The correction is asked for: the request waits for the person."),
        kinds.correction_asked,
        "button--outline",
        N_("What is wrong"),
    ),
    Button(
        EventVerb.DECLINE,
        N_("Decline"),
        N_("Decline this request?"),
        N_("The request is declined."),
        kinds.declined,
        "button--outline",
        N_("Why it is not accepted"),
        needed=True,
    ),
    Button(
        EventVerb.WITHDRAW,
        N_("Withdraw"),
        N_("Withdraw this request, as the person asked?"),
        N_("The request is withdrawn."),
        kinds.withdrawn,
        "button--outline",
        N_("How the person asked for it"),
    ),
    Button(
        EventVerb.REOPEN,
        N_("Open again"),
        N_("Open this request again?"),
        N_(
            "The request is to be examined again. No email has gone: tell the person "
            "yourself, if they know of the first decision."
        ),
        None,
        "button--outline",
        N_("Why you open it again"),
        needed=True,
    ),
)


def offered(work: Work, one: Submission) -> list[Button]:
    """Return the decisions that fit a request and lead somewhere."""
    verbs = set(allowed(one))
    if not correctable(work, one):
        verbs.discard(EventVerb.ASK_CORRECTION)
    return [button for button in BUTTONS if button.verb in verbs]


def correctable(work: Work, one: Submission) -> list[Field]:
    """Return what the person could correct online; nothing where no way leads there.

    A delicate form has no correction online, and without a proven address nobody
    would hear of it.
    """
    form = work.form_today(one.form_id)
    if form is None or form.delicate or not one.proven:
        return []
    return [field for field in form.at(Place.WEB) if not type_of(field).has_text]


def asked_for(work: Work, db: Connection, one: Submission) -> list[Field]:
    """Return the fields that the person has been asked to correct, while it waits."""
    if one.status is not Status.CORRECTION_ASKED:
        return []
    asked = fields_to_correct(db, one)
    return [field for field in correctable(work, one) if field.id in asked]
