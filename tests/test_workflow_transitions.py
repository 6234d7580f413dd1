"""Every verb in every state: what DESIGN says, written again, against what happens."""

import pytest

from forms_service.mail import kinds
from forms_service.store.events import EventVerb
from forms_service.store.submissions import NotFound, Proof, Seat, Status
from forms_service.workflow import (
    correcting,
    deciding,
    reaching,
    renewing,
    verification,
)
from forms_service.workflow.correcting import Why
from forms_service.workflow.sending import AlreadyConfirmed
from forms_service.workflow.transitions import (
    TRANSITIONS,
    Button,
    NotAllowed,
    StillWaiting,
    Transition,
    allowed,
)
from sample_content import REGISTER

pytest_plugins = ["life"]

# One line a state: the state each verb leads to, or "-" where it is refused.
LIFE = """
                  confirm accept   decline  ask_correction   correct withdraw  reopen
unverified        new     -        -        -                -       withdrawn -
new               -       accepted declined correction_asked new     withdrawn -
correction_asked  -       -        declined -                new     withdrawn -
accepted          -       -        -        -                new     withdrawn new
declined          -       -        -        -                -       -         new
withdrawn         -       -        -        -                -       -         new

                  repair           mend_address     prove            stop_waiting renew
unverified        -                unverified       new              -            -
new               new              new              new              -            -
correction_asked  correction_asked correction_asked correction_asked new          -
accepted          accepted         accepted         accepted         -            -
declined          -                declined         -                -            -
withdrawn         -                -                -                -            -
"""
# What a register does otherwise: a member stays one.
IN_REGISTER = {("accepted", "correct"): "accepted", ("accepted", "renew"): "accepted"}
EXPECTED = {}
for _table in LIFE.strip().split("\n\n"):
    _head, *_rows = [line.split() for line in _table.splitlines()]
    for _row in _rows:
        EXPECTED |= {
            (_row[0], verb): target
            for verb, target in zip(_head, _row[1:], strict=True)
        }
VERBS = list(dict.fromkeys(verb for _, verb in EXPECTED))
WAITING = {"unverified", "new", "correction_asked"}


def in_state(world, status, place):
    """Bring a row into a state as if it had lived there."""
    submission = world.sent()
    verified = None if status == "unverified" else "2030-03-01T09:00:00+00:00"
    world.force(
        "UPDATE submissions SET status = ?, place = ?, verified_at = ?, line = 1 "
        "WHERE id = ?",
        status, place, verified, submission.id,
    )  # fmt: skip
    return world.row(submission)


def do(world, verb, submission):
    match verb:
        case "confirm":
            return verification.confirm_link(world.context, world.link(submission))
        case "correct":
            answers = world.answers()
            form = world.form()
            return correcting.correct(world.context, form, submission.id, answers)
        case "repair":
            mended = world.answers(nome="Ánh Nguyễn")
            return correcting.repair(
                world.context, submission.id, mended, "staff:1", Why.PHONE
            )
        case "mend_address":
            return correcting.mend_address(
                world.context, submission.id, "new@example.org", "staff:1"
            )
        case "renew":
            mark = world.form().fingerprint
            return renewing.renew(world.context, submission.id, "citizen", mark)
        case "prove":
            return reaching.prove(world.context, submission.id, Proof.PHONE, "staff:1")
        case "promote":
            return deciding.promote(world.context, submission.id, "staff:1")
    decision = EventVerb(verb)
    return deciding.decide(
        world.context, submission.id, decision, "staff:1", reason="why"
    )


def test_the_table_knows_all_verbs_and_states():
    assert {*VERBS, "promote", "erase"} == {verb.value for verb in TRANSITIONS}
    states = {status.value for status in Status}
    assert EXPECTED.keys() == {(state, verb) for state in states for verb in VERBS}


@pytest.mark.parametrize("verb", VERBS)
@pytest.mark.parametrize("status", [status.value for status in Status])
def test_a_verb_leads_where_the_design_says_or_is_refused(world, status, verb):
    each_place(world, status, verb, EXPECTED[status, verb])


@pytest.mark.parametrize("verb", ["accept", "correct", "repair", "renew"])
def test_in_a_register_a_member_stays_one(new_world, verb):
    world = new_world(REGISTER)
    for status in Status:
        step = (status.value, verb)
        each_place(world, status.value, verb, IN_REGISTER.get(step, EXPECTED[step]))


def each_place(world, status, verb, target):
    register = world.form().register is not None
    for place in ("none", "held", "waiting"):
        submission = in_state(world, status, place)
        before = world.verbs(submission)
        assert (EventVerb(verb) in allowed(submission, register)) == (
            target != "-" and not (verb == "accept" and place == "waiting")
        )
        if target == "-":
            with pytest.raises((NotAllowed, AlreadyConfirmed)):
                do(world, verb, submission)
        elif verb == "accept" and place == "waiting":
            with pytest.raises(StillWaiting):
                do(world, verb, submission)
        else:
            done = do(world, verb, submission)
            assert done == world.row(submission)
            assert done.status == target
            assert world.verbs(submission) == [*before, verb]
            continue
        assert world.row(submission) == submission
        assert world.verbs(submission) == before


@pytest.mark.parametrize("verb", ["decline", "withdraw"])
def test_ending_without_acceptance_frees_the_place(world, verb):
    for place in ("held", "waiting", "none"):
        assert do(world, verb, in_state(world, "new", place)).place is Seat.NONE


@pytest.mark.parametrize("verb", ["confirm", "accept", "correct", "ask_correction"])
def test_going_on_keeps_the_place(world, verb):
    status = "unverified" if verb == "confirm" else "new"
    assert do(world, verb, in_state(world, status, "held")).place is Seat.HELD


@pytest.mark.parametrize("place", ["none", "held", "waiting"])
@pytest.mark.parametrize("status", [status.value for status in Status])
def test_promoting_is_for_those_who_wait(world, status, place):
    submission = in_state(world, status, place)
    if place == "waiting" and status in WAITING:
        promoted = do(world, "promote", submission)
        assert (promoted.status, promoted.place) == (submission.status, Seat.HELD)
    else:
        with pytest.raises(NotAllowed):
            do(world, "promote", submission)


@pytest.mark.parametrize("status", [status.value for status in Status])
def test_erasing_is_possible_in_every_state_and_leaves_the_trace(world, status):
    submission = in_state(world, status, "held")
    deciding.erase(world.context, submission.id, "staff:1")
    with pytest.raises(NotFound):
        world.row(submission)
    assert world.verbs(submission) == ["send", "erase"]
    with pytest.raises(NotFound):
        deciding.erase(world.context, submission.id, "staff:1")


def test_a_refusal_says_which_verb_and_which_state(world):
    with pytest.raises(NotAllowed) as caught:
        do(world, "accept", in_state(world, "declined", "none"))
    assert (caught.value.verb, caught.value.status) == (
        EventVerb.ACCEPT,
        Status.DECLINED,
    )


def test_an_action_without_a_state_of_its_own_is_one_row_of_the_table(
    world, monkeypatch
):
    action = Transition(
        EventVerb.NOTE,
        frozenset({Status.NEW}),
        None,
        mail=kinds.receipt,
        button=Button("Answer", "Answer?", "Answered.", "What you said"),
    )
    monkeypatch.setitem(TRANSITIONS, EventVerb.NOTE, action)
    submission = world.proven()
    world.post()

    assert EventVerb.NOTE in allowed(submission)
    done = deciding.decide(
        world.context, submission.id, EventVerb.NOTE, "staff:1", reason="Yes."
    )

    assert done == submission
    assert world.verbs(submission)[-1] == "note"
    assert [mail.kind for mail in world.post()] == ["receipt"]
    declined = deciding.decide(
        world.context, submission.id, EventVerb.DECLINE, "staff:1"
    )
    with pytest.raises(NotAllowed):
        deciding.decide(world.context, declined.id, EventVerb.NOTE, "staff:1")
