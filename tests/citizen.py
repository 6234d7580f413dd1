"""A citizen for tests: fills in a form through its pages and reads the mails."""

from collections.abc import Mapping
from typing import Any

import pytest

from forms_service import urls
from forms_service.mail.kinds import MailKind
from forms_service.mail.message import MailMessage
from forms_service.store import submissions
from forms_service.workflow import mail_delivery
from service import Service, VisitedPage

# The fields of the register of volunteers that must be filled in, and one more.
VOLUNTEER = {
    "nome_completo": "Nguyễn Thị Ánh",
    "comune": "monte",
    "email": "anh@example.org",
    "aree": ["sociale", "culturale"],
    "competenze": "Cucinare.\r\nE fare la spesa.",
    "maggiorenne": "true",
    "idoneita": "true",
    "presa_visione_privacy": "true",
}
# The same of the delicate form, for who leaves a phone number and no address.
LISTENING = {
    "chi_compila": "per_me",
    "nome_completo": "Amina",
    "comune": "monte",
    "telefono": "0564 484111",
    "maggiorenne": "true",
    "presa_visione_privacy": "true",
}


class Mailbox:
    """Where the service's mails arrive, one at a time, oldest first."""

    def __init__(self, service: Service) -> None:
        self.service = service

    def take(self, kind: MailKind | None = None) -> MailMessage:
        """Take the next mail, or the next of a kind; those before it are gone."""
        work = self.service.context
        while mail := mail_delivery.claim(work):
            mail_delivery.report_sent(work, mail)
            if kind is None or mail.kind == kind.name:
                return mail_delivery.message_of(work, mail, "")
        raise AssertionError(f"no {kind.name if kind else ''} mail came")


class Citizen:
    """Somebody who has sent a form: the page after it and the mails that came."""

    def __init__(
        self, service: Service, form_id: str, typed: Mapping[str, Any]
    ) -> None:
        self.service = service
        self.mailbox = Mailbox(service)
        path = urls.online_form(form_id, "it")
        summary = service.post(f"{path}/riepilogo", typed)
        assert summary.status == 200, summary.text
        self.here = service.post(f"{path}/conferma", summary.controls()).location
        self.id = str(service.context.tokens.read("sent", self.here.rpartition("/")[2]))

    @property
    def row(self) -> submissions.Submission:
        """What is stored now."""
        return self.service.context.store.read(lambda db: submissions.get(db, self.id))

    def page(self) -> VisitedPage:
        """The page after sending."""
        return self.service.get(self.here)

    def press(self, action: str, **typed: str) -> VisitedPage:
        """Press a button of that page."""
        return self.service.post(f"{self.here}/{action}", typed)

    def take_mail(self) -> MailMessage:
        """Take the next mail."""
        return self.mailbox.take()

    def proven(self) -> MailMessage:
        """Press the button in the first mail; return the receipt mail."""
        link = self.take_mail().link
        assert self.service.post(f"{link}/conferma").status == 200
        return self.take_mail()

    def code(self, link: str) -> str:
        """Ask on the personal page for a code and return it."""
        answer = self.service.post(f"{link}/codice")
        assert answer.status == 303
        page = self.service.get(answer.location)
        assert "Ti abbiamo mandato un codice" in page.text
        return self.take_mail().code


@pytest.fixture
def mailbox(service: Service) -> Mailbox:
    """The mails of the service, as they arrive."""
    return Mailbox(service)


@pytest.fixture
def citizen(service: Service) -> Citizen:
    """Ánh, who has just sent the register's form and not yet proven the address."""
    return Citizen(service, "volontari", VOLUNTEER)


@pytest.fixture
def caller(service: Service) -> Citizen:
    """Amina, who left a phone number and no address, on the delicate form."""
    return Citizen(service, "ascolto", LISTENING)
