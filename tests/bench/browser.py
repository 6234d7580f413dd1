"""A browser of a member of staff: keeps its cookie, sends the hidden controls along."""

import re
from collections.abc import Mapping
from urllib.parse import urlencode, urlsplit

from .fill import forms_service
from .processes import connection

HIDDEN = re.compile(r'<input[^>]*name="(csrf_token)"[^>]*value="([^"]*)"')
ADDRESS, PASSWORD = "clerk@example.org", "quattro parole lunghe mie"


class Browser:
    """Asks one server, a new connection for each page."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._cookies: dict[str, str] = {}
        self.page = ""

    def get(self, path: str) -> int:
        """Open a page; return its status."""
        return self._ask("GET", path)

    def post(self, path: str, typed: Mapping[str, str]) -> int:
        """Send a form of the page that is open; return the status of the answer."""
        return self._ask("POST", path, self.form(typed))

    def form(self, typed: Mapping[str, str]) -> str:
        """Return the body of a form of the page that is open."""
        return urlencode({**dict(HIDDEN.findall(self.page)), **typed})

    def headers(self) -> dict[str, str]:
        """Return what goes along with each request."""
        cookies = "; ".join(f"{name}={it}" for name, it in self._cookies.items())
        headers = {"Sec-Fetch-Site": "same-origin", "Cookie": cookies}
        return headers | {"Content-Type": "application/x-www-form-urlencoded"}

    def _ask(self, method: str, path: str, body: str | None = None) -> int:
        with connection(self._port) as opened:
            opened.request(method, path, body, self.headers())
            answer = opened.getresponse()
            self.page = answer.read().decode("utf-8", "replace")
            for cookie in answer.headers.get_all("Set-Cookie", []):
                name, _, value = cookie.partition(";")[0].partition("=")
                self._cookies[name] = value
            return answer.status


def sign_in(port: int, environment: Mapping[str, str]) -> Browser:
    """Return the browser of a member of staff who was invited and has signed in."""
    said = forms_service(environment, "staff", "add", ADDRESS)
    link = urlsplit(said.split()[-1]).path
    browser = Browser(port)
    browser.get(link)
    browser.post(link, {"password": PASSWORD, "again": PASSWORD})
    browser.get("/staff/accedi")
    status = browser.post("/staff/accedi", {"email": ADDRESS, "password": PASSWORD})
    if status != 303 or browser.get("/staff/") != 200:
        raise RuntimeError(f"nobody could sign in: {status}")
    return browser
