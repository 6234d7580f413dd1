"""No typed word is lost, whatever fails: every address that takes words, every failure.

Each failure is a real one: a database that cannot be written, a row erased, a form
taken out of the content, a limit used up, another site, a session that is over.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from html import unescape
from typing import Any

import pytest

from citizen import VOLUNTEER, Citizen
from clerk import CARLA, PASSWORD, Clerk, decision, prove, send, signed_in
from engines import fill_disk
from forms_service import urls
from forms_service.store import factors
from forms_service.store.events import EventVerb
from forms_service.web.core.access import MAILING, TRYING
from forms_service.web.public.feedback import TELLING
from forms_service.web.public.form_pages import SAVING
from forms_service.web.public.routes import ROUTES
from forms_service.web.staff.routes import routes as staff_routes
from forms_service.workflow import (
    correcting,
    deciding,
    feedback,
    verification,
)
from service import Service, VisitedPage
from test_public_personal_actions import Owner
from test_second_factor import enrolled
from test_staff_desk import ABOUT, desk

FORM = "/moduli/it/volontari"
COURSE = "/staff/incontri/corso"
WORDS = "Canarino «giallo», <b>e poi</b> niente"
MAILBOX = "canarino.giallo@example.org"
ANSWERS = {**VOLUNTEER, "competenze": WORDS}
# Nothing is typed where these buttons are; a code or a password is no word to keep.
BUTTONS = {
    "sent_before", "send_again", "confirm_code", "sent_receipt", "link_before",
    "confirm_address", "renew_link", "code", "answers", "receipt", "data", "withdraw",
    "withdraw_now", "erase", "erase_now", "correct", "bring_back", "checked_receipt",
    "sign_out", "want_mail", "password", "sign_out_all", "attach", "detach", "scan",
    "table", "undo", "discard", "assign", "want_keys", "stay", "bulk",
    "bulk_undo", "reach", "erase_request", "attendance", "remove_meeting",
    "take_back_attendance", "confirm_stay", "register_table", "copy",
    "fix_report",
}  # fmt: skip
CORRECTION = {"correct_form", "correct_summary", "correct_code", "correct_now"}
FORMS = {"filled_form", "summary", "confirm"}
COURSES = {"add_meeting"}
MENDING = {"repair", "mend_address"}
STAFF = {*MENDING, *COURSES, "note", "decision", "enter", "sign_in", "find"}
MANY = {"bulk_act", "bulk_message"}
STAFF |= {*MANY, "contact"}
# Accounts: an address is typed in two places.
ACCOUNTS = {"invite", "forgotten"}
STAFF |= ACCOUNTS
BUTTONS |= {"end_session", "person", "remind", "end_sessions", "remove"}
BUTTONS |= {"step", "factor", "reset_factor"}
CITIZENS = {*FORMS, *CORRECTION, "feedback", "send_lost", "change_address"}


@dataclass
class Post:
    """What is about to be sent: by whom, where to, with which words in it."""

    by: Service | Clerk
    path: str
    data: Mapping[str, Any]
    words: str = WORDS

    def send(self, **changed: Any) -> VisitedPage:
        headers = changed.pop("headers", {})
        return self.by.post(self.path, {**self.data, **changed}, headers=headers)


class Desk:
    """Somebody before every page on which words are typed, all of them filled in."""

    def __init__(self, service: Service, clerk: Clerk) -> None:
        self.service, self.clerk = service, clerk
        self.owner = Owner(service, "volontari", VOLUNTEER)
        self.sender = Citizen(
            service, "volontari", {**VOLUNTEER, "email": "di.prima@example.org"}
        )
        self.asked = prove(service, send(service, email="altra@example.org"))
        self.mended = prove(service, send(service, email="terza@example.org"))
        self.moved = prove(service, send(service, email="quarta@example.org"))
        self.member = prove(service, send(service, email="quinta@example.org"))
        deciding.decide(service.context, self.member.id, EventVerb.ACCEPT, "staff:1")
        self.posts = {**self.of_citizens(), **self.of_staff()}

    def of_citizens(self) -> dict[str, Post]:
        service, link = self.service, self.owner.link
        summary = service.post(f"{FORM}/riepilogo", ANSWERS).controls()
        begun = self.owner.do("correggi").controls() | {"competenze": [WORDS]}
        mark = feedback.new_mark(service.context, "volontari")
        stars = service.post(f"{FORM}/parere", {"mark": mark, "stars": "3"})
        return {
            "filled_form": Post(service, FORM, ANSWERS),
            "summary": Post(service, f"{FORM}/riepilogo", ANSWERS),
            "draft": Post(service, f"{FORM}/bozza.pdf", ANSWERS),
            "confirm": Post(service, f"{FORM}/conferma", summary),
            "feedback": Post(
                service, f"{FORM}/parere", {**stars.controls(), "text": WORDS}
            ),
            "send_lost": Post(
                service, "/moduli/it/link-perso", {"email": MAILBOX}, MAILBOX
            ),
            "change_address": Post(
                service, f"{self.sender.here}/indirizzo", {"email": MAILBOX}, MAILBOX
            ),
            "correct_form": Post(service, f"{link}/correggi/modulo", begun),
            "correct_summary": Post(service, f"{link}/correggi/riepilogo", begun),
            "correct_now": Post(service, f"{link}/correggi/conferma", begun),
            "correct_code": Post(service, f"{link}/correggi/codice", begun),
        }

    def of_staff(self) -> dict[str, Post]:
        clerk, here = self.clerk, self.clerk.submission(self.asked.id)
        note, why = clerk.get(here), decision(clerk, self.asked, "decline")
        entered = of_action(desk(clerk), "/volontari") | {**ANSWERS, **ABOUT}
        outside = Clerk(self.service)
        signing = outside.get("/staff/accedi").controls()
        signing |= {"email": CARLA, "password": PASSWORD}
        setup = urls.staff_setup("x")
        without, forgotten = Clerk(self.service), urls.staff("password-dimenticata")
        return {
            "decision": Post(
                clerk,
                f"{here}/esito/decline",
                of_action(why, "/decline") | {"motivo": WORDS},
            ),
            "bulk_message": self.of_message(),
            "bulk_act": Post(
                clerk,
                "/staff/insieme/fai/decline",
                self.of_many() | {"motivo": WORDS},
            ),
            "find": Post(
                clerk, "/staff/cerca", {**of_action(why, "/cerca"), "testo": WORDS}
            ),
            "note": Post(
                clerk, f"{here}/nota", of_action(note, "/nota") | {"text": WORDS}
            ),
            "repair": self.repair(),
            "mend_address": self.mend_address(),
            "contact": self.contact(),
            "add_meeting": Post(
                clerk,
                f"{COURSE}/nuovo",
                of_action(clerk.get(COURSE), "/nuovo")
                | {"giorno": "2020-07-01", "titolo": WORDS},
            ),
            "enter": Post(clerk, "/staff/inserisci/volontari", entered),
            "sign_in": Post(outside, "/staff/accedi", signing, CARLA),
            "invite": Post(
                clerk,
                "/staff/persone",
                of_action(clerk.get("/staff/persone"), "/persone")
                | {"email": MAILBOX, "role": "reader", "every": "1"},
                MAILBOX,
            ),
            "forgotten": Post(
                without,
                forgotten,
                without.get(forgotten).controls() | {"email": MAILBOX},
                MAILBOX,
            ),
            # An address is asked of the first member only: here the link is over.
            "setup": Post(outside, setup, {"email": MAILBOX}, MAILBOX),
        }

    def repair(self) -> Post:
        here = self.clerk.submission(self.mended.id, "/correggi")
        shown = of_action(self.clerk.get(here), "/correggi")
        shown |= {"competenze": WORDS, "entry-why": "phone"}
        return Post(self.clerk, here, shown)

    def contact(self) -> Post:
        here = self.clerk.submission(self.member.id, "/contatto")
        shown = of_action(self.clerk.get(here), "/contatto")
        return Post(self.clerk, here, shown | {"esito": "yes", "motivo": WORDS})

    def of_message(self) -> Post:
        """Return the page on which a message to many is written."""
        reader = prove(self.service, send(self.service, email="legge@example.org"))
        chosen = of_action(self.clerk.get("/staff/"), "/insieme")
        chosen |= {"fare": "message", "bulk-scelta": f"{reader.id}:2:0"}
        shown = of_action(self.clerk.post("/staff/insieme", chosen), "/scrivi")
        shown |= {"scopo": "attivita", "testo_it": WORDS}
        return Post(self.clerk, "/staff/insieme/scrivi", shown)

    def of_many(self) -> dict[str, Any]:
        """Return what the page before declining many holds."""
        chosen = of_action(self.clerk.get("/staff/"), "/insieme")
        chosen |= {"fare": "decline", "bulk-scelta": f"{self.asked.id}:2:0"}
        return of_action(self.clerk.post("/staff/insieme", chosen), "/decline")

    def mend_address(self) -> Post:
        here = self.clerk.submission(self.moved.id, "/indirizzo")
        shown = of_action(self.clerk.get(here), "/indirizzo")
        return Post(self.clerk, here, shown | {"email": MAILBOX}, MAILBOX)


def of_action(page: VisitedPage, ending: str) -> dict[str, Any]:
    """Return what the form of a page holds that posts to an address."""
    forms = page.find("//form")
    (form,) = [f for f in forms if f.get("action").partition("?")[0].endswith(ending)]
    return page.sent_by(form)


@pytest.fixture
def before(service: Service, clerk: Clerk) -> Desk:
    return Desk(service, clerk)


def nothing(before: Desk) -> None:
    """Leave all as it is: what fails without a failure would prove nothing."""


def read_only(before: Desk) -> None:
    """Let the database refuse every write, as on a disk that is full."""
    before.service.context.store.write(fill_disk)


def broken(before: Desk) -> None:
    """Take away a table: what nobody expects."""
    before.service.context.store.write(
        lambda db: db.execute("ALTER TABLE events RENAME TO away")
    )


def form_gone(before: Desk) -> None:
    del before.service.context.content.forms["volontari"]  # type: ignore[attr-defined]


def erased(before: Desk) -> None:
    for submission_id in (
        before.sender.id,
        before.owner.id,
        before.asked.id,
        before.mended.id,
        before.moved.id,
    ):
        deciding.erase(before.service.context, submission_id, "citizen")


def declined(before: Desk) -> None:
    work = before.service.context
    for submission_id in (
        before.owner.id,
        before.asked.id,
        before.mended.id,
        before.moved.id,
    ):
        deciding.decide(work, submission_id, EventVerb.DECLINE, "staff:1")


def corrected(before: Desk) -> None:
    work = before.service.context
    form = work.content.form("volontari")
    for row in (before.owner.row, before.asked, before.mended, before.moved):
        answers = {**row.answers, "comune": "altrove"}
        correcting.correct(work, form, row.id, answers)


def link_over(before: Desk) -> None:
    verification.lost_link(before.service.context, VOLUNTEER["email"])


def session_over(before: Desk) -> None:
    before.service.clock.advance(minutes=31)


def too_often(before: Desk) -> None:
    """Use up every limit of this network."""
    for limit in (SAVING, TELLING, MAILING, TRYING):
        before.service.use_up(limit)


@dataclass
class Failure:
    """What is done before everything is sent, and which addresses then answer how.

    All others take what was sent.
    """

    cause: Callable[[Desk], None]
    fails: Mapping[int, set[str]]
    typed: Mapping[str, Any] = field(default_factory=dict)


FAILURES = {
    "none": Failure(nothing, {}),
    "what was typed is wrong": Failure(
        nothing,
        {
            422: {
                "sign_in",
                "summary",
                "confirm",
                "feedback",
                "send_lost",
                "change_address",
            }
            | {*MENDING, "note", "decision", "enter", "correct_summary"}
            | {"correct_code", "correct_now", "find", *MANY, "contact", *COURSES}
            | ACCOUNTS
        },
        {
            "testo": WORDS * 99,
            "email": f"{MAILBOX}@{CARLA}",
            "text": WORDS * 99,
            "motivo": WORDS * 99,
            "testo_it": WORDS * 99,
            "titolo": WORDS * 99,
        },
    ),
    "storage": Failure(
        read_only,
        {
            503: {
                "sign_in",
                "confirm",
                "feedback",
                "send_lost",
                "change_address",
                "note",
            }
            | {*MENDING, "decision", "enter", "correct_code", "correct_now"}
            | {"find", *MANY, "contact", *COURSES}
            | ACCOUNTS
        },
    ),
    "unexpected": Failure(
        broken,
        {
            500: {*CORRECTION, "confirm", "send_lost", "change_address"}
            | {
                *MENDING,
                *COURSES,
                "sign_in",
                "note",
                "decision",
                "enter",
                "bulk_act",
                "bulk_message",
            }
            | {"contact", *ACCOUNTS}
        },
    ),
    "form gone": Failure(
        form_gone,
        {
            404: {*FORMS, "enter", "feedback", "change_address"},
            409: {*CORRECTION, "contact"},
            422: {"bulk_message"},
        },
    ),
    "erased": Failure(
        erased,
        {
            404: {"note", "decision", "repair", "mend_address"},
            410: {*CORRECTION, "change_address"},
        },
    ),
    "declined": Failure(
        declined, {409: {"correct_now", "decision", "repair", "mend_address"}}
    ),
    "corrected": Failure(
        corrected, {409: {"correct_now", "decision", "repair", "mend_address"}}
    ),
    "link over": Failure(link_over, {410: CORRECTION}),
    "session over": Failure(
        session_over,
        {401: STAFF - {"sign_in", "forgotten"}, 422: {"correct_now"}},
    ),
    "too often": Failure(
        too_often,
        {
            429: {"feedback", "send_lost", "change_address"}
            | {"correct_code", "correct_now"}
        },
    ),
    "old token": Failure(nothing, {400: STAFF}, {"csrf_token": "old"}),
    "another site": Failure(
        nothing,
        {403: {*CITIZENS, *STAFF}},
        {"headers": {"Sec-Fetch-Site": "cross-site"}},
    ),
}


@pytest.mark.parametrize("name", FAILURES)
def test_whatever_fails_every_typed_word_is_in_the_answer(
    before: Desk, name: str
) -> None:
    failure = FAILURES[name]
    failure.cause(before)
    expected = {
        place: code for code, places in failure.fails.items() for place in places
    }
    found, lost = {}, []
    for place, post in before.posts.items():
        answer = post.send(**failure.typed)
        if answer.status >= 400:
            found[place] = answer.status
            if post.words not in unescape(answer.body.decode()):
                lost.append(place)
    assert lost == []
    # Nobody is set up by an invented link, and no PDF is built to hold a draft.
    assert {found.pop("setup"), found.pop("draft")} <= {400, 403, 404, 429, 503}
    assert found == expected


@pytest.mark.slow
def test_the_demand_of_a_second_factor_loses_no_typed_word(
    start_service: Callable[..., Service],
) -> None:
    service = start_service(production=True)
    clerk = signed_in(service)
    enrolled(clerk)
    posts = Desk(service, clerk).of_staff()
    service.context.store.write(lambda db: factors.drop(db, 1))
    open_pages = {"sign_in", "forgotten", "setup"}
    caught = {place: posts[place].send() for place in posts.keys() - open_pages}
    assert {answer.status for answer in caught.values()} == {403}
    assert [
        place
        for place, answer in caught.items()
        if posts[place].words not in unescape(answer.body.decode())
    ] == []


def test_every_address_that_is_posted_to_takes_words_or_has_only_buttons(
    before: Desk,
) -> None:
    table = [*ROUTES, *staff_routes()]
    posted = [route for route in table if "POST" in route.methods]
    assert {route.endpoint for route in posted if route.words} == set(before.posts)
    assert {route.endpoint for route in posted if not route.words} == BUTTONS


def test_what_is_too_much_is_not_read_and_the_way_leads_back_to_it(
    before: Desk,
) -> None:
    for place, post in before.posts.items():
        # With scans a desk form may have 25 MB.
        answer = post.send(more="x" * ((25 if place == "enter" else 1) << 20))
        assert answer.status == 413
        assert post.words not in unescape(answer.body.decode())
        back = "Torna indietro" if isinstance(post.by, Service) else "poi riprova"
        assert back in answer.text


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        (f"{FORM}/riepilogo", {"Sec-Fetch-Site": "cross-site"}, 403),
        (urls.HEALTH, {}, 405),
        ("/nessuna/pagina", {}, 405),
    ],
)
def test_what_is_refused_before_it_was_read_may_be_too_much(
    service: Service, path: str, headers: Mapping[str, str], status: int
) -> None:
    body = {"nome": "x" * (2 << 20)}
    assert service.post(path, body, headers=headers).status == status
