"""The life of a submission in one table: which verb, in which state, with what effect.

A row holds all that a decision of staff needs: its mail, its button, what it frees. Who
decides names the revision of the page that was read, which counts the changes of a
submission: when it is no longer the one that is stored, nothing is done.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ..i18n import N_
from ..mail import kinds
from ..mail.message import MailKind
from ..store import events, submissions
from ..store.connection import Connection
from ..store.events import WITHOUT_CHANGE, AuditEvent, EventVerb
from ..store.submissions import Proof, Seat, Status, Submission

# Who acts, in the log: whoever sent the form.
CITIZEN = "citizen"


class NotAllowed(Exception):
    """The verb does not fit the state the submission is in."""

    def __init__(self, verb: EventVerb, submission: Submission) -> None:
        super().__init__(f"{verb} not allowed for {submission.status}")
        self.verb = verb
        self.status = submission.status


class StillWaiting(NotAllowed):
    """A submission on the waiting list cannot be accepted: it has no place yet."""


class Settled(NotAllowed):
    """The decision cannot be taken back any more: its mail may have left."""


class NotFirst(NotAllowed):
    """Somebody else waits longer for a place: nobody overtakes."""


class NoEvent(NotAllowed):
    """The event is cancelled or postponed: there is no place to give."""


@dataclass(frozen=True, slots=True)
class Button:
    """What staff press: its name, the question before, and what is said afterwards.

    `why` asks for a reason, which is kept as a note; `needed` says that it must be
    given. The `main` one stands out.
    """

    name: str
    question: str
    done: str
    why: str = ""
    needed: bool = False
    main: bool = False


@dataclass(frozen=True, slots=True)
class Transition:
    """A verb: the states it starts from and the one it leads to (None: stays).

    `mail` tells the person. `ends` sets the day of the decision, `frees` gives the
    place to others. What `settles` can be taken back for some minutes. With a `button`
    staff do it, in the order of the table.
    """

    verb: EventVerb
    sources: frozenset[Status]
    target: Status | None
    mail: MailKind | None = None
    ends: bool = False
    frees: bool = False
    settles: bool = False
    button: Button | None = None


_S = Status
_OPEN = frozenset({_S.NEW, _S.CORRECTION_ASKED})
_TABLE = (
    Transition(EventVerb.CONFIRM, frozenset({_S.UNVERIFIED}), _S.NEW),
    Transition(EventVerb.CORRECT, _OPEN | {_S.ACCEPTED}, _S.NEW),
    Transition(EventVerb.REPAIR, _OPEN | {_S.ACCEPTED}, None),
    Transition(EventVerb.PROVE, _OPEN | {_S.UNVERIFIED, _S.ACCEPTED}, None),
    Transition(EventVerb.MEND_ADDRESS, frozenset(Status) - {_S.WITHDRAWN}, None),
    Transition(EventVerb.RENEW, frozenset({_S.ACCEPTED}), None),
    Transition(EventVerb.ERASE, frozenset(Status), None),
    Transition(
        EventVerb.ACCEPT,
        frozenset({_S.NEW}),
        _S.ACCEPTED,
        mail=kinds.accepted,
        ends=True,
        settles=True,
        button=Button(
            N_("Accept"),
            N_("Accept this request?"),
            N_("The request is accepted."),
            main=True,
        ),
    ),
    Transition(
        EventVerb.PROMOTE,
        _OPEN | {_S.UNVERIFIED},
        None,
        mail=kinds.promoted,
        button=Button(
            N_("Give a place"),
            N_("Give this request a place?"),
            N_("The request has a place now."),
            main=True,
        ),
    ),
    Transition(
        EventVerb.ASK_CORRECTION,
        frozenset({_S.NEW}),
        _S.CORRECTION_ASKED,
        mail=kinds.correction_asked,
        button=Button(
            N_("Ask for a correction"),
            N_("Ask the person for a correction?"),
            N_("The correction is asked for: the request waits for the person."),
            N_("What is wrong"),
        ),
    ),
    Transition(
        EventVerb.STOP_WAITING,
        frozenset({_S.CORRECTION_ASKED}),
        _S.NEW,
        button=Button(
            N_("Do not wait for the correction"),
            N_("Stop waiting for the correction?"),
            N_("The request is to be examined again: no correction is waited for."),
            N_("Why it is no longer needed"),
            main=True,
        ),
    ),
    Transition(
        EventVerb.DECLINE,
        _OPEN,
        _S.DECLINED,
        mail=kinds.declined,
        ends=True,
        frees=True,
        settles=True,
        button=Button(
            N_("Decline"),
            N_("Decline this request?"),
            N_("The request is declined."),
            N_("Why it is not accepted"),
            needed=True,
        ),
    ),
    Transition(
        EventVerb.WITHDRAW,
        frozenset(Status) - {_S.DECLINED, _S.WITHDRAWN},
        _S.WITHDRAWN,
        mail=kinds.withdrawn,
        ends=True,
        frees=True,
        button=Button(
            N_("Withdraw (the person asks)"),
            N_("Withdraw this request, as the person asked?"),
            N_("The request is withdrawn."),
            N_("How the person asked for it"),
        ),
    ),
    Transition(
        EventVerb.REOPEN,
        frozenset({_S.ACCEPTED, _S.DECLINED, _S.WITHDRAWN}),
        _S.NEW,
        button=Button(
            N_("Open again"),
            N_("Open this request again?"),
            N_(
                "The request is to be examined again. No email has gone: tell the "
                "person yourself, if they know of the first decision."
            ),
            N_("Why you open it again"),
            needed=True,
        ),
    ),
)
TRANSITIONS: Mapping[EventVerb, Transition] = {row.verb: row for row in _TABLE}


def check(verb: EventVerb, submission: Submission, register: bool = False) -> Status:
    """Return the state a verb leads to; raise `NotAllowed` or `StillWaiting`.

    In a `register` who is accepted stays, and may correct what they answered.
    """
    transition = TRANSITIONS[verb]
    if submission.status not in transition.sources:
        raise NotAllowed(verb, submission)
    if verb is EventVerb.RENEW and not register:
        raise NotAllowed(verb, submission)
    if verb is EventVerb.CORRECT and register and submission.status is Status.ACCEPTED:
        return Status.ACCEPTED
    if verb is EventVerb.ACCEPT and submission.place is Seat.WAITING:
        raise StillWaiting(verb, submission)
    if verb is EventVerb.PROMOTE and submission.place is not Seat.WAITING:
        raise NotAllowed(verb, submission)
    if verb is EventVerb.PROVE and submission.proof is not Proof.NONE:
        raise NotAllowed(verb, submission)
    if verb is EventVerb.PROVE and submission.status is Status.UNVERIFIED:
        return Status.NEW
    return transition.target or submission.status


def allowed(submission: Submission, register: bool = False) -> list[EventVerb]:
    """Return the verbs that fit a submission now, as `check`."""
    fitting = []
    for verb in TRANSITIONS:
        try:
            check(verb, submission, register)
        except NotAllowed:
            continue
        fitting.append(verb)
    return fitting


class RevisionConflict(Exception):
    """The submission has changed since the page was made that decides about it."""


def as_read(db: Connection, submission_id: str, revision: int | None) -> Submission:
    """Return a submission inside the transaction that changes it.

    Raise `NotFound`, or `RevisionConflict` when it is not as the actor has read it.
    None is for what rests on no answer: the person withdraws, a command decides.
    """
    submission = submissions.get(db, submission_id)
    if revision not in (None, submission.revision):
        raise RevisionConflict(submission_id)
    return submission


def changes_since(
    db: Connection, submission_id: str, revision: int
) -> list[AuditEvent]:
    """Return what has changed a submission since a revision, oldest first."""
    happened = events.of_submission(db, submission_id)
    return [event for event in happened if event.verb not in WITHOUT_CHANGE][revision:]
