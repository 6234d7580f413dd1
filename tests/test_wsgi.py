"""The service as a WSGI application and as a server."""

import logging
import os
import queue
import socket
import threading
import time
from dataclasses import replace

import pytest
from flask import Flask, Response
from werkzeug.test import Client

from forms_service import wsgi
from forms_service.config import Config
from forms_service.store.connection import StorageUnavailable
from forms_service.store.schema import migrate
from sample_content import SAMPLE


@pytest.fixture
def environment(tmp_path, monkeypatch):
    monkeypatch.setenv("FORMS_DATA_DIR", str(tmp_path))
    monkeypatch.setenv("FORMS_CONTENT_DIR", str(SAMPLE))
    monkeypatch.setenv("FORMS_SITE_DIR", str(tmp_path / "site"))
    migrate(tmp_path / "forms.sqlite")


def listening_anywhere():
    return replace(Config.from_environment(os.environ), listen=("127.0.0.1", 0))


def test_any_server_can_serve_the_app_which_is_built_once(environment, monkeypatch):
    client = Client(wsgi.app)
    assert client.get("/healthz").status_code == 200
    monkeypatch.setenv("FORMS_CONTENT_DIR", "/nowhere")
    assert client.get("/moduli/it/volontari").status_code == 200


def test_a_start_that_fails_leaves_nothing_open(environment, tmp_path):
    before = threading.enumerate()
    ledger = tmp_path / "erased"
    ledger.write_text("a file in the place of the folder", "ascii")
    with pytest.raises(StorageUnavailable, match="erased"):
        wsgi.build(Config.from_environment(os.environ))
    assert [t for t in threading.enumerate() if t not in before] == []
    ledger.unlink()
    _, context = wsgi.build(Config.from_environment(os.environ))
    context.store.close()


def test_the_server_never_logs_the_address_that_was_asked_for():
    record = logging.LogRecord(
        "waitress", logging.INFO, "", 0,
        "Client disconnected while serving /r/a-token", None, None,
    )  # fmt: skip
    assert wsgi._without_address(record)
    assert record.getMessage() == "Client disconnected while"


def test_slow_senders_keep_nobody_waiting(service):
    host, port = service.address.removeprefix("http://").split(":")
    slow = []
    try:
        # Twice as many half-sent bodies as there are threads.
        for _ in range(2 * wsgi.THREADS):
            connection = socket.create_connection((host, int(port)), 5)
            connection.sendall(
                b"POST /moduli/it/volontari/riepilogo HTTP/1.1\r\nHost: x\r\n"
                b"Content-Type: application/x-www-form-urlencoded\r\n"
                b"Content-Length: 1000\r\n\r\nnome"
            )
            slow.append(connection)
        with socket.create_connection((host, int(port)), 5) as quick:
            quick.settimeout(5)
            quick.sendall(b"GET /moduli/stato.json HTTP/1.0\r\nHost: x\r\n\r\n")
            assert quick.recv(100).startswith(b"HTTP/1.0 200")
    finally:
        for connection in slow:
            connection.close()


def test_the_server_does_not_say_what_it_is(service):
    host, port = service.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 5) as asking:
        asking.sendall(b"GET /moduli/stato.json HTTP/1.0\r\nHost: x\r\n\r\n")
        answer = asking.makefile("rb").read()
    assert b"waitress" not in answer.lower()
    assert b"werkzeug" not in answer.lower()


def test_all_who_knock_at_once_are_let_in_before_anybody_is_answered(environment):
    server = wsgi.server(Flask("nobody asks it"), wsgi.doors(listening_anywhere())[0])
    port = server.effective_port
    knocking = [socket.create_connection(("127.0.0.1", port), 30) for _ in range(20)]
    try:
        server.handle_accept()
        assert len(server.active_channels) == len(knocking)
        # With nobody at the door it goes on at once.
        server.handle_accept()
        assert len(server.active_channels) == len(knocking)
    finally:
        for connection in knocking:
            connection.close()
        for channel in list(server.active_channels.values()):
            channel.handle_close()
        server.task_dispatcher.shutdown()
        server.close()


@pytest.mark.parametrize("processes", [1, 3])
def test_each_process_has_a_door_and_no_other_service_opens_one_there(
    environment, processes
):
    doors = wsgi.doors(listening_anywhere(), processes)
    try:
        assert len(doors) == processes
        (address,) = {opened.getsockname() for door in doors for opened in door}
        taken = replace(listening_anywhere(), listen=address)
        for others in (1, 2):
            with pytest.raises(OSError, match="in use"):
                wsgi.doors(taken, others)
    finally:
        for door in doors:
            for opened in door:
                opened.close()


@pytest.fixture
def streaming(environment):
    """A server whose one answer is made of parts that a test hands over."""
    parts, app = queue.SimpleQueue(), Flask("one answer")
    app.add_url_rule("/", "all", lambda: Response(iter(parts.get, b"")))
    server = wsgi.server(app, wsgi.doors(listening_anywhere())[0])
    loop = threading.Thread(target=server.run)
    loop.start()
    yield server, parts
    # A thread that waits inside the answer would never end.
    parts.put(b"")
    server._map.clear()
    server.pull_trigger()
    loop.join()
    server.task_dispatcher.shutdown()
    server.close()


def until(fact):
    while not fact():
        time.sleep(0.01)


def test_the_loop_leaves_an_answer_to_the_thread_that_sends_it(streaming):
    server, parts = streaming
    some, more = bytes(900_000), bytes(2_000_000)
    with socket.create_connection(("127.0.0.1", server.effective_port), 60) as asking:
        asking.sendall(b"GET / HTTP/1.0\r\n\r\n")
        until(lambda: server.active_channels)
        [channel] = server.active_channels.values()
        channel.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 8192)
        # Nobody reads: what does not fit between the two waits for the next part.
        parts.put(some)
        until(lambda: channel.total_outbufs_len)
        assert not channel.writable()
        # So much is left that the thread waits for the loop.
        parts.put(more)
        until(channel.writable)
        assert channel.requests
        parts.put(b"")
        answer = asking.makefile("rb").read()
    assert answer.endswith(some + more)


def head(line, *fields):
    return "\r\n".join([f"{line} HTTP/1.1", "Host: x", *fields, "", ""]).encode()


def first_line(service, *sent):
    """Send a beginning, and return how the answer begins: it comes before the rest."""
    host, port = service.address.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 60) as asking:
        for part in sent:
            asking.sendall(part)
        return asking.makefile("rb").readline().decode().strip()


HUGE = ("Content-Length: 20000000", "Expect: 100-continue")


UNWANTED = (
    "POST /healthz",
    "POST /nowhere",
    "POST /moduli/it/volontari/niente/affatto",
    "GET /moduli/it/volontari/carica",
    "PUT /moduli/it/volontari/carica",
    "POST /%ff%c3%28",
)


def test_a_body_for_an_address_that_takes_none_is_refused_at_its_head(service):
    refused = "HTTP/1.1 413 Request Entity Too Large"
    for line in UNWANTED:
        assert first_line(service, head(line, *HUGE)) == refused, line
    # One whose length nobody has said, when it is too large.
    chunks = head("POST /nowhere", "Transfer-Encoding: chunked")
    piece = b"10001\r\n" + bytes(0x10001) + b"\r\n"
    assert first_line(service, chunks, piece) == refused
    # Where it is taken it is awaited; a small one gets the page about the error.
    taking = head("POST /moduli/it/volontari/carica", *HUGE)
    assert first_line(service, taking) == "HTTP/1.1 100 Continue"
    small = head("POST /nowhere", "Content-Length: 3", "Connection: close")
    assert first_line(service, small, b"a=b") == "HTTP/1.1 405 METHOD NOT ALLOWED"
