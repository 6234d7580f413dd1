"""Whatever is sent to whatever address, the answer is never a fault of ours (500)."""

import re
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st
from werkzeug.routing import Rule

from citizen import VOLUNTEER
from clerk import Clerk
from service import Service

# What it draws and reads is measured elsewhere; traced, it takes twice as long.
pytestmark = pytest.mark.no_cover

# What has slipped through somewhere, here or elsewhere.
HOSTILE = (
    "",
    "\0",
    "a\r\nSet-Cookie: a=b",
    "a" * 256,
    "..",
    "%ff%fe",
    "http://[",
    "//[::1",
    "/staff/\r\nX: y",
    "=?utf-8?q?a=40b.it?=@example.org",
    "²",
    "٣",
    "-1",
    "9" * 25,
    "9" * 5000,
    "1e999",
    "\u202eabc\ufeff",
    "\ud83d",
    "((((",
    '"',
    "*",
    "é" * 300,
    "volontari",
    "it",
    "2020-06-20",
    "0000-00-00",
)
texts = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=40))
HEADERS = (
    "Accept-Encoding",
    "Accept-Language",
    "Cookie",
    "If-Modified-Since",
    "If-None-Match",
    "Origin",
    "Range",
    "Referer",
    "Sec-Fetch-Site",
    "User-Agent",
    "X-Forwarded-For",
)
# What no page of ours asks with, and what no browser sends in a body.
ODD_METHODS = (
    "DELETE",
    "OPTIONS",
    "PATCH",
    "PROPFIND",
    "PUT",
    "TRACE",
    "get",
    "\u00e9",
)
BODIES = (
    ("application/x-www-form-urlencoded", b"%ff%00=%c3%28&&&=;a[]=1&a[]=%"),
    ("application/x-www-form-urlencoded; charset=utf-7", b"a=+ADw-"),
    ("multipart/form-data", b"--\r\n"),
    ("multipart/form-data; boundary=b", b"--b\r\nContent-Disposition: form-data\r\n"),
    (
        "multipart/form-data; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="file"; filename="..\\\0/\xff"'
        b"\r\nContent-Type: application/pdf\r\n\r\n%PDF-1.7\0\r\n--b--\r\n",
    ),
    (
        "multipart/form-data; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="\xff"\r\n'
        b"Content-Transfer-Encoding: base64\r\n\r\n\xff\r\n--b--\r\n",
    ),
    ("application/json", b'{"a": [[[['),
    ("text/plain; charset=nonsense", b"\xff\xfe\0"),
    ("", bytes(range(256))),
    ("x" * 300, b""),
)
# Names that views read; any other name is looked at by nobody.
NAMES = (
    *VOLUNTEER,
    *("form-key", "form-version", "form-origin", "code", "lang", "next", "email"),
    *("text", "stars", "mark", "reference", "testo", "motivo", "password", "cerca"),
    *("stato", "modulo", "prima", "dopo", "campo", "risposta", "ordine", "da", "a"),
)


def path_of(rule: Rule, parts: dict[str, str]) -> str:
    """Return an address with these parts as they are, however they may be written."""
    path = ""
    for is_dynamic, data in rule._trace:
        text = parts[data] if is_dynamic else data.removeprefix("|")
        path += quote(text.encode("utf-8", "surrogatepass"))
    return path


def printable(text: str) -> str:
    """Return what a header can hold: a server refuses the others before us."""
    return "".join(c for c in text if c.isprintable() and ord(c) < 256)


@st.composite
def requests(
    draw: Callable[..., Any], rules: list[Rule], odd: bool = False
) -> dict[str, Any]:
    """Return a request to one of the addresses, hostile in every part."""
    rule = draw(st.sampled_from(rules))
    usual = {"lang": "it", "form_id": "volontari"}
    parts = {
        name: draw(st.one_of(st.just(usual.get(name, "1")), texts))
        for name in rule.arguments
    }
    usual_methods = st.sampled_from(sorted(rule.methods - {"OPTIONS"}))
    methods = usual_methods | (st.sampled_from(ODD_METHODS) if odd else st.nothing())
    fields = st.dictionaries(st.sampled_from(NAMES), texts, max_size=4)
    headers = draw(st.dictionaries(st.sampled_from(HEADERS), texts, max_size=2))
    kind, body = (
        "application/x-www-form-urlencoded",
        urlencode(draw(fields), errors="surrogatepass").encode(),
    )
    if odd:
        kind, body = draw(st.sampled_from([*BODIES, (kind, body)]))
        body += draw(st.binary(max_size=20))
    return {
        "path": path_of(rule, parts),
        "method": draw(methods),
        "query_string": urlencode(draw(fields), errors="surrogatepass"),
        "data": body,
        "content_type": kind,
        "headers": {name: printable(value) for name, value in headers.items()},
    }


def try_all(
    service: Service,
    client: FlaskClient,
    examples: int,
    endpoint: str = "",
    odd: bool = False,
) -> None:
    """Send hostile requests to all addresses, or one; raise for the first 500."""
    rules = service.app.url_map.iter_rules(endpoint or None)

    @settings(max_examples=examples, database=None, derandomize=True)
    @given(requests(list(rules), odd))
    def is_answered(request: dict[str, Any]) -> None:
        with client.open(**request) as answer:
            assert answer.status_code != 500, request

    is_answered()


def test_no_request_of_a_stranger_is_a_fault_of_ours(service: Service) -> None:
    try_all(service, service.client, 100)


@pytest.mark.slow
def test_no_request_of_somebody_signed_in_is_a_fault_of_ours(
    service: Service, clerk: Clerk
) -> None:
    try_all(service, clerk.client, 100)


@pytest.mark.slow
def test_no_request_at_all_is_a_fault_of_ours(service: Service, clerk: Clerk) -> None:
    try_all(service, service.client, 1500)
    try_all(service, clerk.client, 1500)


@pytest.mark.slow
def test_no_address_answers_odd_methods_and_bytes_with_a_fault(
    service: Service, clerk: Clerk
) -> None:
    endpoints = {rule.endpoint for rule in service.app.url_map.iter_rules()}
    assert len(endpoints) > 50
    for endpoint in sorted(endpoints):
        for client in (service.client, clerk.client):
            try_all(service, client, 15, endpoint, odd=True)


@pytest.mark.slow
def test_no_bytes_on_the_wire_are_a_fault(service: Service) -> None:
    host, _, port = service.address.removeprefix("http://").partition(":")
    usual = (
        b"POST /moduli/it/volontari HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\na=b"
    )

    @settings(max_examples=300, database=None, derandomize=True)
    @given(st.integers(0, len(usual)), st.binary(max_size=30), st.integers(0, 20))
    def is_answered(at: int, noise: bytes, cut: int) -> None:
        with socket.create_connection((host, int(port)), 60) as line:
            line.sendall(usual[:at] + noise + usual[at + cut :])
            line.shutdown(socket.SHUT_WR)
            answer = line.recv(64)
        assert b" 500 " not in answer.partition(b"\r\n")[0], (at, noise, cut)

    is_answered()


def test_the_length_of_a_request_is_said_in_one_way(service: Service) -> None:
    """With chunks no length counts; TRACE tells nobody what was sent."""
    host, _, port = service.address.removeprefix("http://").partition(":")
    post = b"POST /moduli/it/volontari HTTP/1.1\r\nHost: a\r\n"
    after = b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"
    for raw, answers in {
        post + b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nabcdef": [b"400"],
        post + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n": [b"501"],
        post + b"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n" + after: [
            b"200",
            b"200",
        ],
        b"TRACE / HTTP/1.1\r\nHost: a\r\nCookie: a=b\r\n\r\n": [b"405"],
    }.items():
        with socket.create_connection((host, int(port)), 60) as line:
            line.sendall(raw)
            line.shutdown(socket.SHUT_WR)
            said = b"".join(iter(lambda: line.recv(65536), b""))
        assert re.findall(rb"HTTP/1\.1 (\d{3})", said) == answers


def test_a_fault_is_found(service: Service) -> None:
    def in_ascii(lang: str) -> bytes:
        return lang.encode("ascii")

    service.app.view_functions["public.check_receipt"] = in_ascii
    with pytest.raises(AssertionError, match="verifica-ricevuta"):
        try_all(service, service.client, 100, "public.check_receipt")


@pytest.mark.parametrize(
    "path",
    [
        "/moduli/it/volontari%0D%0AX:y/inviata/1",
        f"/{'a' * 256}",
        f"/{'a' * 256}/",
        f"/moduli/it/{'a' * 5000}",
        "/moduli/it/%FF%FE",
        "/r/%0D%0AX:y",
    ],
)
def test_an_address_that_nothing_can_have_is_not_found(
    service: Service, path: str
) -> None:
    assert service.client.get(path).status_code in (302, 303, 404)


@pytest.mark.parametrize(
    "origin", ["http://[", "null", "\u00ff", "https://evil.example"]
)
def test_an_origin_that_is_no_address_is_another_site(
    service: Service, origin: str
) -> None:
    answer = service.client.post("/moduli/it/volontari", headers={"Origin": origin})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    "next_page",
    [
        "/staff/\r\nSet-Cookie: a=b",
        "/staff/\t",
        "//[::1",
        "http://[",
        "//evil.example/staff/",
        "/staff/\\evil.example",
        "javascript:alert(1)",
    ],
)
def test_signing_in_leads_to_the_staff_area_only(
    service: Service, clerk: Clerk, next_page: str
) -> None:
    page = clerk.get("/staff/accedi", query_string={"next": next_page})
    assert (page.status, page.location) == (303, "/staff/")


def test_a_name_may_have_one_letter(service: Service) -> None:
    for name in ("O", "王"):
        typed = {**VOLUNTEER, "nome_completo": name}
        assert service.post("/moduli/it/volontari/riepilogo", typed).status == 200


@pytest.mark.parametrize(
    "email",
    [
        "=?utf-8?q?a=40b.it?=@example.org",
        "=?utf-8?b?YUBiLml0?=",
        "a@b.it\0",
        "a@\0b.it",
    ],
)
def test_an_encoded_word_is_no_address(service: Service, email: str) -> None:
    typed = {**VOLUNTEER, "email": email}
    assert service.post("/moduli/it/volontari/riepilogo", typed).status == 422


def test_a_domain_in_two_scripts_is_doubted(service: Service) -> None:
    typed = {**VOLUNTEER, "email": "a@p\u0430ypal.example"}
    page = service.post("/moduli/it/volontari/riepilogo", typed)
    assert "lettere di due alfabeti" in page.text
