"""The decisions that staff may make, as buttons: one table for words, mail and look."""

from dataclasses import dataclass

from ...store.submissions import Submission
from ...words import N_
from ...workflow.mail_queue import Kind
from ...workflow.transitions import Verb, allowed
from ...workflow.work import Work
from .asking import correctable


@dataclass(frozen=True, slots=True)
class Button:
    """A decision that staff may make: its words, its mail, how it looks.

    `why` asks for a reason, which is kept as a note; `needed` says that it must be
    given. Opening again sends no mail.
    """

    verb: Verb
    name: str
    question: str
    done: str
    kind: Kind | None
    look: str
    why: str = ""
    needed: bool = False


BUTTONS = (
    Button(
        Verb.ACCEPT,
        N_("Accept"),
        N_("Accept this request?"),
        N_("The request is accepted."),
        Kind.ACCEPTED,
        "",
    ),
    Button(
        Verb.PROMOTE,
        N_("Give a place"),
        N_("Give this request a place?"),
        N_("The request has a place now."),
        Kind.PROMOTED,
        "",
    ),
    Button(
        Verb.ASK_CORRECTION,
        N_("Ask for a correction"),
        N_("Ask the person for a correction?"),
        N_("The correction is asked for: the request waits for the person."),
        Kind.CORRECTION_ASKED,
        "button--outline",
        N_("What is wrong"),
    ),
    Button(
        Verb.DECLINE,
        N_("Decline"),
        N_("Decline this request?"),
        N_("The request is declined."),
        Kind.DECLINED,
        "button--outline",
        N_("Why it is not accepted"),
        needed=True,
    ),
    Button(
        Verb.WITHDRAW,
        N_("Withdraw"),
        N_("Withdraw this request, as the person asked?"),
        N_("The request is withdrawn."),
        Kind.WITHDRAWN,
        "button--outline",
        N_("How the person asked for it"),
    ),
    Button(
        Verb.REOPEN,
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
        verbs.discard(Verb.ASK_CORRECTION)
    return [button for button in BUTTONS if button.verb in verbs]
