"""What public and staff pages stand on: access, rate limits, urls, error pages."""

import logging
import re
from datetime import UTC, datetime, timedelta
from ipaddress import ip_network

import pytest
from flask import Blueprint, Flask, request
from flask_wtf.csrf import CSRFError

from citizen import VOLUNTEER, Citizen
from conftest import ROOT
from forms_service import urls
from forms_service.i18n import Translator
from forms_service.intake.refusals import NotAPdf
from forms_service.pace import NoTurn
from forms_service.store.connection import StorageUnavailable
from forms_service.store.submissions import NotFound
from forms_service.web.core import Area, CrossSite, client_address
from forms_service.web.core.access import (
    MAILING,
    TooEarly,
    TooOften,
    network_of,
    require_access,
)
from forms_service.web.core.error_pages import ERRORS
from forms_service.web.core.error_sentences import entry_of
from forms_service.workflow import deciding
from forms_service.workflow.capacity import Availability, FormClosed
from forms_service.workflow.verification import CodeWrong

PROXIES = (ip_network("10.0.0.0/8"),)


def asked(peer: str, forwarded: str = "", **headers: str):
    if forwarded:
        headers["X-Forwarded-For"] = forwarded
    app = Flask("tests")
    return app.test_request_context(
        "/", headers=headers, environ_base={"REMOTE_ADDR": peer}
    )


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),
        ("10.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "6.6.6.6, 198.51.100.1", "198.51.100.1"),
        ("10.0.0.1", "198.51.100.1, 10.0.0.2", "198.51.100.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", "nonsense", "nonsense"),
    ],
)
def test_only_a_trusted_proxy_is_believed_about_who_asks(peer, forwarded, address):
    with asked(peer, forwarded):
        assert client_address(request, PROXIES) == address


@pytest.mark.parametrize(
    ("first", "other", "shared"),
    [
        ("203.0.113.1", "203.0.113.254", True),
        ("203.0.113.1", "203.0.114.1", False),
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("nonsense", "nonsense", True),
    ],
)
def test_a_customer_of_a_provider_shares_one_limit(first, other, shared):
    assert (network_of(first) == network_of(other)) is shared


def test_a_limit_holds_for_a_network_and_says_when_it_ends(service, clock):
    def statuses(peer: str, times: int) -> list[tuple[int, str]]:
        posts = [
            service.client.post(
                urls.lost_link("it"),
                data={"email": "nobody@example.org"},
                environ_base={"REMOTE_ADDR": peer},
            )
            for _ in range(times)
        ]
        return [(post.status_code, post.headers.get("Retry-After")) for post in posts]

    service.use_up(MAILING, left=8, peer="203.0.113.1")
    clock.advance(minutes=4)
    assert statuses("203.0.113.2", 9) == [(200, None)] * 8 + [(429, "361")]
    assert statuses("203.0.114.1", 1) == [(200, None)]
    clock.advance(minutes=6)
    service.use_up(MAILING, left=1, peer="203.0.114.1")
    assert statuses("203.0.113.3", 1) == [(200, None)]


@pytest.mark.parametrize(
    ("headers", "refused"),
    [
        ({}, False),
        ({"Sec-Fetch-Site": "same-origin"}, False),
        ({"Sec-Fetch-Site": "none"}, False),
        ({"Sec-Fetch-Site": "cross-site"}, True),
        ({"Sec-Fetch-Site": "same-site"}, True),
        ({"Origin": "http://localhost"}, False),
        ({"Origin": "https://evil.example"}, True),
        ({"Origin": "null"}, True),
        ({"Origin": "https://evil.example", "Sec-Fetch-Site": "same-origin"}, False),
    ],
)
def test_a_form_posted_by_another_site_is_refused(service, headers, refused):
    answer = service.post("/moduli/it/volontari", headers=headers)
    assert answer.status == (403 if refused else 200)


def guarded(check=None) -> Flask:
    """Return an app with one open and one closed address."""
    blueprint = Blueprint("area", __name__)
    blueprint.add_url_rule("/open", "open", lambda: "open")
    blueprint.add_url_rule("/closed", "closed", lambda: "closed")
    app = Flask("tests")
    app.register_blueprint(blueprint)
    require_access(app, [Area(blueprint, frozenset({"area.open"}), check)])
    return app


def test_an_address_that_nobody_listed_as_open_is_closed():
    client = guarded().test_client()
    assert client.get("/open").text == "open"
    assert client.get("/closed").status_code == 403


def test_a_check_decides_who_passes_a_closed_address():
    assert guarded(lambda: None).test_client().get("/closed").text == "closed"
    assert guarded(lambda: ("no", 401)).test_client().get("/closed").status_code == 401


def test_every_address_of_the_app_is_open_or_checked(service):
    client = service.app.test_client()
    reached = 0
    for rule in service.app.url_map.iter_rules():
        if rule.rule.startswith("/staff") and "GET" in rule.methods:
            parts = dict.fromkeys(rule.arguments, "1")
            with service.app.test_request_context():
                path = rule.rule
            for name, value in parts.items():
                path = path.replace(f"<{name}>", value)
                path = path.replace(f"<int:{name}>", value)
            answer = client.get(path)
            anonymous = rule.endpoint in (
                "staff.sign_in",
                "staff.sign_in_page",
                "staff.set_up",
                "staff.setup",
                "staff.forgotten",
            )
            reached += not anonymous
            assert anonymous or answer.status_code in (302, 303, 401, 403), rule
    assert reached > 3


def example(kind: type[Exception]) -> Exception:
    """Return an exception of a kind as it is raised."""
    match kind.__name__:
        case "FormClosed":
            return FormClosed(Availability.CLOSED)
        case "Refusal":
            return NotAPdf()
        case "CodeWrong":
            return CodeWrong(2)
        case "CSRFError":
            return CSRFError()
        case "TooOften":
            return TooOften(timedelta(seconds=90))
        case "TooEarly":
            return TooEarly("key", 3)
        case "NoTurn":
            return NoTurn(False, datetime(2020, 6, 20, 8, 10, tzinfo=UTC))
        case _:
            return kind.__new__(kind)


@pytest.mark.parametrize("kind", ERRORS, ids=lambda kind: kind.__name__)
def test_every_error_is_a_page_with_a_next_step(service, kind):
    def fail() -> None:
        raise example(kind)

    service.app.view_functions["public.state"] = fail
    answer = service.get("/moduli/stato.json")
    assert answer.status == ERRORS[kind].status
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.find("//main//a[contains(@class, 'button')]")
    if kind in (NoTurn, TooEarly, TooOften, StorageUnavailable):
        assert int(answer.headers["Retry-After"]) > 0


def test_a_fault_of_ours_is_told_without_saying_what_was_typed(service, caplog):
    def fail() -> None:
        raise ValueError("mario.rossi@example.org")

    service.app.view_functions["public.state"] = fail
    with caplog.at_level(logging.INFO):
        answer = service.get("/moduli/stato.json")
    assert answer.status == 500
    assert "ValueError at /moduli/stato.json" in caplog.text
    assert "fail:" in caplog.text
    assert "mario" not in caplog.text + answer.text


def test_staff_read_every_error_in_their_own_frame(service, clerk):
    raised: list[Exception] = []
    italian = Translator("it", service.context.zone)

    def fail(**parts: str) -> None:
        raise raised[0]

    service.app.view_functions["staff.submission"] = fail
    for kind, row in ERRORS.items():
        raised[:] = [example(kind)]
        entry = row.staff or row
        answer = clerk.get("/staff/richiesta/x")
        assert answer.status == entry.status
        assert answer.find("//main//a[@href='/staff/']")
        assert not answer.find("//main//a[contains(@href, '/moduli/')]")
        if kind is not FormClosed:
            assert answer.title.startswith(italian.gettext(entry.title))
    assert ERRORS[NotFound].staff is not None


def test_what_staff_ask_for_and_is_not_there_is_said_in_their_frame(clerk):
    answer = clerk.get("/staff/tabelle/no-such-form")
    assert answer.status == 404
    assert answer.find("//main//a[@href='/staff/']")


def test_a_fault_inside_an_error_page_is_told_as_quietly(service, caplog):
    # A file of the site that the system does not let anybody read.
    (service.config.site_dir / "404.html").symlink_to("/proc/self/mem")
    with caplog.at_level(logging.INFO):
        answer = service.get("/mario")
    assert answer.status == 500
    assert "OSError at /<path:path>: " in caplog.text
    assert "mario" not in caplog.text


def test_an_error_that_arises_while_a_page_is_given_back_has_its_own_page(service):
    sent = Citizen(service, "volontari", VOLUNTEER)
    letter = sent.take_mail()

    def erase_and_fail(**parts: str) -> None:
        deciding.erase(service.context, sent.id, "staff:1")
        raise CodeWrong(2)

    service.app.view_functions["public.confirm_code"] = erase_and_fail
    assert letter.code
    answer = sent.press("codice", code="AAAAAA")
    assert answer.status == 410
    assert "non c’è più" in answer.text


def test_a_subclass_is_told_like_its_parent():
    class Rarer(CrossSite):
        pass

    assert entry_of(Rarer()) is ERRORS[CrossSite]


def test_pages_carry_the_headers_that_protect_them(service):
    answer = service.get("/moduli/it/link-perso")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "base-uri 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["Referrer-Policy"] == "same-origin"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert answer.headers["Permissions-Policy"].startswith("camera=()")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert "Set-Cookie" not in answer.headers


def test_the_log_names_the_pattern_of_an_address_and_never_the_address(service, caplog):
    with caplog.at_level(logging.INFO):
        service.get("/r/a-token-that-must-not-be-logged")
        service.get("/un-segreto?q=altro")
    assert "GET /r/<token> 404" in caplog.text
    assert "must-not" not in caplog.text
    assert "segreto" not in caplog.text


def test_no_script_keeps_what_is_named_by_others_in_a_plain_object():
    """A key like __proto__ would reach all objects: maps are Map (ASVS 15.3.6)."""
    risky = re.compile(
        r"[=(,]\s*\{\}|\w\[[^\]\"'0-9]+\]\s*=[^=]|__proto__|for \(.* in "
    )
    assert risky.search("const given = {};")
    assert risky.search("answers[field.name] = given;")
    for folder in ("forms_service", "site"):
        for script in (ROOT / folder).rglob("*.js"):
            assert risky.findall(script.read_text(encoding="utf-8")) == [], script
