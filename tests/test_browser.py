"""The fixtures that drive Chromium see what they are there to see."""

import threading
from collections.abc import Iterator
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIServer, make_server

import pytest

from conftest import policy_breaches, strangers

GOOD = "<p>Ciao</p><label>Nome <input></label>"
BAD = "<p style='color:#ccc'>Ciao</p><input>"
SHELL = "<!doctype html><html lang=it><title>Prova</title><main><h1>Prova</h1>{}</main>"
HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Content-Security-Policy", "default-src 'self'; style-src 'unsafe-inline'"),
]


class Server(ThreadingMixIn, WSGIServer):
    """A thread per connection: Chromium opens some it does not use at once."""

    daemon_threads = True


def one_page(environ, start_response):
    start_response("200 OK", list(HEADERS))
    return [SHELL.format(GOOD if environ["PATH_INFO"] == "/good" else BAD).encode()]


@pytest.fixture
def address() -> Iterator[str]:
    with make_server("127.0.0.1", 0, one_page, Server) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_axe_finds_nothing_in_a_good_page_under_a_strict_policy(page, axe, address):
    page.goto(f"{address}/good")
    assert axe(page) == []


def test_axe_finds_an_input_without_a_label_and_faint_text(page, axe, address):
    page.goto(f"{address}/bad")
    rules = {fault.partition(":")[0] for fault in axe(page)}
    assert {"label", "color-contrast"} <= rules


def test_a_request_to_another_machine_is_a_complaint():
    assert strangers("https://fonts.example.org/a.css") != []
    assert strangers("http://127.0.0.1:8000/a.css") == []
    assert strangers("data:image/gif;base64,R0") == []


def test_a_breach_of_the_content_security_policy_is_a_complaint(browser, address):
    heard = []
    with browser.new_page() as page:
        page.on("console", lambda message: heard.extend(policy_breaches(message.text)))
        page.goto(f"{address}/good")
        page.evaluate(
            "() => { const script = document.createElement('script');"
            " script.text = '1'; document.body.append(script) }"
        )
    assert heard != []
