"""The life of a submission: which verb is allowed in which state, in one table."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..store.events import EventVerb
from ..store.submissions import Seat, Status, Submission


class NotAllowed(Exception):
    """The verb does not fit the state the submission is in."""

    def __init__(self, verb: EventVerb, submission: Submission) -> None:
        super().__init__(f"{verb} not allowed for {submission.status}")
        self.verb = verb
        self.status = submission.status


class StillWaiting(NotAllowed):
    """A submission on the waiting list cannot be accepted: it has no place yet."""


class NotFirst(NotAllowed):
    """Somebody else waits longer for a place: nobody overtakes."""


@dataclass(frozen=True, slots=True)
class Transition:
    """A verb: the states it starts from and the one it leads to (None: stays)."""

    sources: frozenset[Status]
    target: Status | None


_S = Status
_OPEN = frozenset({_S.NEW, _S.CORRECTION_ASKED})
TRANSITIONS: Mapping[EventVerb, Transition] = {
    EventVerb.CONFIRM: Transition(frozenset({_S.UNVERIFIED}), _S.NEW),
    EventVerb.ACCEPT: Transition(frozenset({_S.NEW}), _S.ACCEPTED),
    EventVerb.DECLINE: Transition(_OPEN, _S.DECLINED),
    EventVerb.ASK_CORRECTION: Transition(frozenset({_S.NEW}), _S.CORRECTION_ASKED),
    EventVerb.CORRECT: Transition(_OPEN | {_S.ACCEPTED}, _S.NEW),
    EventVerb.WITHDRAW: Transition(
        frozenset(Status) - {_S.DECLINED, _S.WITHDRAWN}, _S.WITHDRAWN
    ),
    EventVerb.REOPEN: Transition(
        frozenset({_S.ACCEPTED, _S.DECLINED, _S.WITHDRAWN}), _S.NEW
    ),
    EventVerb.PROMOTE: Transition(_OPEN | {_S.UNVERIFIED}, None),
    EventVerb.ERASE: Transition(frozenset(Status), None),
}


def check(verb: EventVerb, submission: Submission) -> Status:
    """Return the state a verb leads to; raise `NotAllowed` or `StillWaiting`."""
    transition = TRANSITIONS[verb]
    if submission.status not in transition.sources:
        raise NotAllowed(verb, submission)
    if verb is EventVerb.ACCEPT and submission.place is Seat.WAITING:
        raise StillWaiting(verb, submission)
    if verb is EventVerb.PROMOTE and submission.place is not Seat.WAITING:
        raise NotAllowed(verb, submission)
    return transition.target or submission.status


def allowed(submission: Submission) -> list[EventVerb]:
    """Return the verbs that fit a submission now."""
    fitting = []
    for verb in TRANSITIONS:
        try:
            check(verb, submission)
        except NotAllowed:
            continue
        fitting.append(verb)
    return fitting
