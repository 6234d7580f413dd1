"""A citizen and two clerks act in any order on pages that they opened earlier.

Whatever the order: nobody's words are lost, no decision rests on what its page did not
show, no correction is overwritten unseen. What a page showed is known from the rows at
the moment it was answered, not from the revision that it carries.
"""

from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from clerk import prove, row, send
from forms_service.mail import kinds
from forms_service.store import notes as note_rows
from forms_service.store import revisions, staff, submissions
from forms_service.web.staff.session import SECRET
from forms_service.workflow import mail_delivery, sessions, verification

VERBS = ["accept", "ask_correction", "decline", "withdraw", "reopen"]
numbers = count()
# Which of the pages that somebody holds: the newest as often as an old one.
WHICH = st.integers(0, 9)


@dataclass
class Held:
    """A page in somebody's browser, and all that they could read on it."""

    who: Any
    page: Any
    ending: str
    shown: Any


def end_sessions(clerk):
    """End the sessions of a clerk, as an idle half hour does."""
    store = clerk.service.context.store
    store.write(lambda db: staff.close_sessions_of(db, clerk.number))


def begin_session(clerk):
    """Sign a clerk in without the password, which takes its time by intention."""
    context, secret = clerk.service.context, f"secret{next(numbers)}"
    key, now = sessions.digest(secret), context.clock()
    context.store.write(lambda db: staff.open_session(db, key, clerk.number, now))
    with clerk.client.session_transaction("/staff/") as cookie:
        cookie.clear()
        cookie[SECRET] = secret


class StalePages(RuleBasedStateMachine):
    """One request; everybody holds the pages that they have opened."""

    service: Any
    clerks: Any
    # The planted fault: a guard that takes the revision of the row for the page's.
    forging = False

    def __init__(self):
        super().__init__()
        number = next(numbers)
        self.held = []
        self.corrected = []
        self.network = {"REMOTE_ADDR": f"10.{number // 250}.{number % 250}.1"}
        sent = send(self.service, email=f"n{number}@example.org")
        self.submission = prove(self.service, sent)
        context = self.service.context
        link = mail_delivery.link_for(context, self.row, kinds.receipt)
        self.link = link[link.index("/r/") :]
        verification.request_code(context, self.submission.id)
        about = f"{self.submission.id}:{self.row.code_generation}"
        self.code = context.tokens.code("open", about)

    @property
    def row(self):
        return row(self.service, self.submission)

    def stored(self):
        """Return what a decider should have read: answers, state, notes."""

        def job(db):
            now = submissions.get(db, self.submission.id)
            notes = [note.text for note in note_rows.of_submission(db, now.id)]
            return now.answers["nome_completo"], now.status.value, notes

        return self.service.context.store.read(job)

    def names(self):
        """Return every name that the answers have ever held."""

        def job(db):
            kept = revisions.of_submission(db, self.submission.id)
            return [old.answers["nome_completo"] for old in kept]

        return [*self.service.context.store.read(job), self.stored()[0]]

    def keep(self, who, page, ending):
        self.held.append(Held(who, page, ending, self.stored()))

    def post(self, action, **typed):
        address = f"{self.link}/{action}"
        return self.service.post(address, typed, environ_overrides=self.network)

    def some(self, which, *endings):
        found = [held for held in self.held if held.ending in endings]
        return found[-1 - which % len(found)]

    def holds(self, *endings):
        return any(held.ending in endings for held in self.held)

    # What staff do.

    @rule(who=st.integers(0, 1), verb=st.sampled_from(VERBS))
    def open_decision(self, who, verb):
        clerk = self.clerks[who]
        page = clerk.get(clerk.submission(self.submission.id, f"/esito/{verb}"))
        assert page.status in (200, 409)
        if page.status == 200:
            self.keep(clerk, page, f"/esito/{verb}")

    @rule(who=st.integers(0, 1))
    def open_request(self, who):
        clerk = self.clerks[who]
        page = clerk.get(clerk.submission(self.submission.id))
        self.keep(clerk, page, "/nota")

    @precondition(lambda self: self.holds(*(f"/esito/{verb}" for verb in VERBS)))
    @rule(which=WHICH, out=st.booleans())
    def decide(self, which, out):
        held = self.some(which, *(f"/esito/{verb}" for verb in VERBS))
        typed = {"campo": ["comune"]} if held.ending.endswith("correction") else {}
        self.press(held, "motivo", out, **typed)

    @precondition(lambda self: self.holds("/nota"))
    @rule(which=WHICH, out=st.booleans())
    def write_note(self, which, out):
        self.press(self.some(which, "/nota"), "text", out)

    def press(self, held, box, out, **typed):
        """Press the button of a staff page with words of one's own in its box."""
        words = f"parole{next(numbers)}"
        if held.page.find(f"//textarea[@name='{box}']"):
            typed[box] = words
        if self.forging and box == "motivo":
            typed["revision"] = str(self.row.revision)
        before, clerk = self.stored(), held.who
        if out:
            end_sessions(clerk)
        answer = clerk.send(held.page, held.ending, **typed)
        if out:
            assert (answer.status, self.stored()) == (401, before)
            assert box not in typed or words in answer.body.decode()
            begin_session(clerk)
            address, values = answer.button("Avanti, ho fatto l’accesso")
            answer = clerk.post(address, values)
            assert answer.status in (400, 409)
        done = answer.status == 303
        if box in typed:
            kept = self.stored()[2] if done else answer.body.decode()
            assert words in kept, "words of staff are lost"
        if box == "motivo":
            self.judge(held, before, answer.status)
        if not done:
            self.look(clerk, answer, held, before)

    def judge(self, held, before, status):
        """Compare what a page showed with what stood in the row when it was pressed."""
        if status in (200, 303):
            assert held.shown == before, "a decision rests on what was not read"
            return
        assert self.stored() == before
        # 400: the page was of an earlier session of this clerk.
        assert held.shown != before or status == 400, "refused without a reason"

    def look(self, clerk, answer, held, now):
        """Read what came back; it says what has changed, and can be pressed again."""
        if held.shown[0] != now[0]:
            assert now[0] in answer.text, "a correction is not shown"
        for note in set(now[2]) - set(held.shown[2]):
            assert note in answer.text, "a note is not shown"
        for ending in (held.ending, "/nota"):
            actions = answer.find(f"//form[contains(@action, '{ending}')]")
            if actions:
                self.keep(clerk, answer, ending)
                return
        raise AssertionError("the page leads nowhere")

    # What the citizen does.

    @rule()
    def begin_correction(self):
        page = self.post("correggi", code=self.code)
        assert page.status in (200, 409)
        if page.status == 200:
            self.keep(self, page, "modulo")

    @precondition(lambda self: self.holds("modulo"))
    @rule(which=WHICH)
    def to_summary(self, which):
        held = self.some(which, "modulo")
        words = f"Nome{next(numbers)}"
        values = {**held.page.controls(), "nome_completo": words}
        page = self.post("correggi/riepilogo", **values)
        assert (page.status, words in page.text) == (200, True)
        self.held.append(Held(self, page, "riepilogo", held.shown))

    @precondition(lambda self: self.holds("riepilogo"))
    @rule(which=WHICH)
    def replace_answers(self, which):
        held, before = self.some(which, "riepilogo"), self.stored()
        values = held.page.controls()
        (words,) = values["nome_completo"]
        if words == before[0]:
            return
        answer = self.post("correggi/conferma", **values)
        done = answer.status == 200
        self.judge(held, before, answer.status)
        if done:
            self.corrected.append(words)
        else:
            assert answer.status == 409
            assert words in answer.body.decode(), "words of the citizen are lost"
            if answer.find("//form[contains(@action, 'riepilogo')]"):
                assert held.shown[0] == before[0] or before[0] in answer.text
                self.keep(self, answer, "modulo")

    @rule()
    def withdraw(self):
        self.post("ritira/conferma", code=self.code)

    @invariant()
    def no_correction_is_lost(self):
        names = self.names()
        assert [word for word in self.corrected if word not in names] == []
        assert len(names) == len(self.corrected) + 1


@pytest.fixture
def machine(service, clerk, new_clerk):
    """The machine for this service, which all examples share, each with its request."""
    clerks = clerk, new_clerk("dario@example.org")
    for one in clerks:
        found = service.context.store.read(partial(staff.by_email, email=one.email))
        one.number = found.id
        begin_session(one)
    return type("Machine", (StalePages,), {"service": service, "clerks": clerks})


def run(machine, examples):
    bounded = settings(
        max_examples=examples,
        stateful_step_count=20,
        report_multiple_bugs=False,
    )
    run_state_machine_as_test(machine, settings=bounded)


def test_nothing_is_lost_or_decided_unread_in_any_order(machine):
    run(machine, 10)


@pytest.mark.slow
def test_nothing_is_lost_or_decided_unread_in_very_many_orders(machine):
    run(machine, 150)


@pytest.mark.parametrize("forging", [False, True])
def test_the_machine_finds_a_guard_that_looks_at_the_row_and_not_at_the_page(
    machine, forging
):
    """Walk the way that leads to the planted fault: chance must not have to find it."""
    machine.forging = forging
    one = machine()
    one.open_decision(0, "accept")
    one.begin_correction()
    one.to_summary(0)
    one.replace_answers(0)
    assert len(one.corrected) == 1
    if forging:
        with pytest.raises(AssertionError, match="was not read"):
            one.decide(0, out=False)
    else:
        one.decide(0, out=False)
        assert one.row.status == "new"
