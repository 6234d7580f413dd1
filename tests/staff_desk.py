"""Members of staff for tests: they sign in through the pages, with real tokens."""

from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from forms_service import addresses
from forms_service.workflow import accounts
from service import Seen, Service

CARLA = "carla@example.org"
PASSWORD = "quattro parole lunghe mie"


class Member:
    """A browser of somebody on the staff; it sends back what the page's form holds."""

    def __init__(self, service: Service, email: str = CARLA) -> None:
        self.service = service
        self.email = email
        self.client: FlaskClient = service.app.test_client()

    def get(self, path: str, **options: Any) -> Seen:
        """Open a page."""
        return Seen(self.client.get(path, **options))

    def post(self, path: str, data: Any = None, **options: Any) -> Seen:
        """Send values as they are, without any token."""
        return Seen(self.client.post(path, data=data or {}, **options))

    def send(self, page: Seen, index: int = 0, **typed: Any) -> Seen:
        """Fill in the n-th form of a page and press its button."""
        form = page.find("//main//form")[index]
        assert form.get("method") == "post"
        return self.post(form.get("action"), {**page.controls(index), **typed})

    def sign_in(self, password: str = PASSWORD, **typed: Any) -> Seen:
        """Sign in through the page."""
        page = self.get("/staff/accedi")
        return self.send(page, email=self.email, password=password, **typed)

    def submission(self, submission_id: str, tail: str = "") -> str:
        """Return the address of a page of a request."""
        return addresses.staff(f"richiesta/{submission_id}{tail}")


@pytest.fixture
def member(service: Service) -> Callable[[str], Member]:
    """Make members with a password, not signed in."""

    def make(email: str = CARLA) -> Member:
        token = accounts.invite(service.work, email)
        accounts.set_up(service.work, token, PASSWORD)
        return Member(service, email)

    return make


@pytest.fixture
def carla(member: Callable[[str], Member]) -> Member:
    """Carla examines requests; she is signed in."""
    made = member(CARLA)
    assert made.sign_in().status == 303
    return made
