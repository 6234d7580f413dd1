"""Members of staff for tests: they sign in through the pages, with real tokens."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest
from flask.testing import FlaskClient

from forms_service import urls
from forms_service.definition import Channel, clean
from forms_service.mail import kinds
from forms_service.store import notes as note_rows
from forms_service.store import outbox, submissions
from forms_service.store.staff import StaffMember
from forms_service.store.staff_rights import EVERYTHING, Grant
from forms_service.store.submissions import Submission
from forms_service.workflow import accounts, mail_delivery, sending, verification
from forms_service.workflow.context import WorkflowContext
from sample_content import SAMPLE
from service import Service, VisitedPage

CARLA = "carla@example.org"
PASSWORD = "quattro parole lunghe mie"


VOLUNTEER = {
    "nome_completo": "Nguyễn Thị Ánh",
    "comune": "monte",
    "email": "anh@example.org",
    "aree": ["sociale", "culturale"],
    "maggiorenne": "true",
    "idoneita": "true",
    "presa_visione_privacy": "true",
}
EVERY = {
    "nome": "Nguyễn Thị Ánh",
    "email": "anh@example.org",
    "profilo": "persona",
    "persone": "1",
    "interessi": ["orto"],
    "maggiorenne": "true",
    "informativa": "true",
}
OBSTACLE = {
    "pagina": "La prima",
    "che_cosa_chiedi": "togliere",
    "problema": "Non si legge",
    "email": "anh@example.org",
    "presa_visione_privacy": "true",
}
TYPED = {"volontari": VOLUNTEER, "every-type": EVERY, "barriere": OBSTACLE}


def raw(values: Mapping[str, Any]) -> dict[str, list[str]]:
    """Return values as a browser posts them."""
    return {
        name: value if isinstance(value, list) else [value]
        for name, value in values.items()
        if value
    }


def send(
    service: Service, form_id: str = "volontari", lang: str = "it", **typed: Any
) -> Submission:
    """Send a form as a citizen does; the address is not proven yet."""
    work = service.context
    form = work.content.form(form_id, lang)
    today = work.clock().date()
    cleaned = clean(form, raw({**TYPED.get(form_id, {}), **typed}), Channel.WEB, today)
    assert cleaned.ok, cleaned
    key = sending.read_form_key(work, sending.new_form_key(work, form))
    return sending.send(work, form, cleaned.answers, key).submission


def prove(service: Service, submission: Submission) -> Submission:
    """Press the button behind the link of the mail."""
    link = mail_delivery.link_for(service.context, submission, kinds.verify)
    return verification.confirm_link(service.context, link.rpartition("/")[2])


def row(service: Service, submission: Submission) -> Submission:
    """Return a submission as it is stored now."""
    return service.context.store.read(lambda db: submissions.get(db, submission.id))


def log(service: Service) -> list[tuple[str, str, str]]:
    """Return actor, verb and detail of every event."""
    rows = service.context.store.read(
        lambda db: db.execute("SELECT actor, verb, detail FROM events").fetchall()
    )
    return [tuple(found) for found in rows]


def mails(service: Service, submission: Submission) -> list[str]:
    """Return the kinds of all mails about a request, oldest first."""
    found = service.context.store.read(
        lambda db: outbox.of_submission(db, submission.id)
    )
    return [mail.kind for mail in found]


def notes(service: Service, submission: Submission) -> list[str]:
    """Return what stands in the notes of a request."""
    found = service.context.store.read(
        lambda db: note_rows.of_submission(db, submission.id)
    )
    return [note.text for note in found]


class Clerk:
    """A browser of somebody on the staff; it sends back what the page's form holds."""

    def __init__(self, service: Service, email: str = CARLA) -> None:
        self.service = service
        self.email = email
        self.client: FlaskClient = service.app.test_client()

    def get(self, path: str, **options: Any) -> VisitedPage:
        """Open a page."""
        return VisitedPage(self.client.get(path, **options))

    def post(self, path: str, data: Any = None, **options: Any) -> VisitedPage:
        """Send values as they are, without any token."""
        return VisitedPage(self.client.post(path, data=data or {}, **options))

    def send(self, page: VisitedPage, ending: str, **typed: Any) -> VisitedPage:
        """Fill in the form that goes to an address and press its button."""
        forms = page.find("//form")
        (form,) = [
            f for f in forms if f.get("action").partition("?")[0].endswith(ending)
        ]
        assert form.get("method") == "post"
        return self.post(form.get("action"), {**page.sent_by(form), **typed})

    def find(self, words: str, query: str = "") -> VisitedPage:
        """Type words into the box of every page, and narrow what it finds."""
        done = self.send(self.get("/staff/"), "/cerca", testo=words)
        if not done.location:
            return done
        return self.get(f"{done.location}&{query}" if query else done.location)

    def sign_in(self, password: str = PASSWORD, **typed: Any) -> VisitedPage:
        """Sign in through the page."""
        page = self.get("/staff/accedi")
        return self.send(page, "/accedi", email=self.email, password=password, **typed)

    def submission(self, submission_id: str, tail: str = "") -> str:
        """Return the address of a page of a request."""
        return urls.staff(f"richiesta/{submission_id}{tail}")


def join(
    context: WorkflowContext, email: str = CARLA, grant: Grant | None = EVERYTHING
) -> StaffMember:
    """Give a member a password, by the link of their invitation."""
    token = accounts.invite(context, email, grant=grant)
    return accounts.set_up(context, token, PASSWORD)


def signed_in(
    service: Service, email: str = CARLA, grant: Grant | None = EVERYTHING
) -> Clerk:
    """Let a new member sign in; an administrator unless granted less."""
    join(service.context, email, grant)
    clerk = Clerk(service, email)
    assert clerk.sign_in().status == 303
    return clerk


def buttons(page: VisitedPage) -> list[str]:
    """Return the decisions that the page of a request offers."""
    return [a.text_content() for a in page.find("//main//div[@class='buttons']/a")]


def decision(new_clerk: Clerk, submission: Submission, verb: str) -> VisitedPage:
    """Open the page that comes before a decision."""
    return new_clerk.get(new_clerk.submission(submission.id, f"/esito/{verb}"))


@pytest.fixture
def with_places(start_service: Callable[..., Service]) -> tuple[Service, Clerk]:
    """A service whose form has ten places, and Carla signed in."""
    service = start_service(SAMPLE)
    service.clock.now = service.clock.now.replace(year=2030, month=3)
    return service, signed_in(service)


@pytest.fixture
def new_clerk(service: Service) -> Callable[..., Clerk]:
    """Make members with a password, not signed in: administrators unless granted."""

    def make(email: str = CARLA, grant: Grant = EVERYTHING) -> Clerk:
        join(service.context, email, grant)
        return Clerk(service, email)

    return make


@pytest.fixture
def clerk(service: Service) -> Clerk:
    """Carla examines requests; she is signed in."""
    return signed_in(service)
