"""Limits of several processes on a real redis-server; without it each counts alone."""

import shutil
import signal
import socket
import subprocess
from contextlib import closing
from dataclasses import replace

import pytest
from limits import RateLimitItemPerMinute

from forms_service import moving_window
from forms_service.cli.serve import at_risk
from forms_service.config import Config, ConfigError
from forms_service.moving_window import RepeatGuard, counting
from forms_service.pace import Pace
from service import Clock

TWICE = RateLimitItemPerMinute(2, 10, "twice")


def start(folder, port):
    """Start a server of limits that keeps nothing; return it when it answers."""
    program = shutil.which("redis-server")
    assert program, "sh requirements/system.sh test installs redis-server"
    server = subprocess.Popen(
        [program, "--port", str(port), "--bind", "127.0.0.1", "--save", ""],
        cwd=folder,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert any("eady to accept" in line for line in server.stdout)
    return server


@pytest.fixture
def port():
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


@pytest.fixture
def server(tmp_path, port):
    started = start(tmp_path, port)
    yield started
    started.send_signal(signal.SIGCONT)
    started.kill()
    started.wait()
    started.stdout.close()


@pytest.fixture
def url(server, port):
    return f"valkey://127.0.0.1:{port}"


def test_what_one_process_counts_another_knows(url):
    one, two = (counting(url, Clock()) for _ in range(2))
    assert one.hit(TWICE, "a")
    assert two.hit(TWICE, "a")
    assert not one.hit(TWICE, "a")
    assert two.get_window_stats(TWICE, "a").remaining == 0
    assert one.hit(TWICE, "b")
    two.clear(TWICE, "a")
    assert one.hit(TWICE, "a")

    guards = [RepeatGuard(counter, "a key of all") for counter in (one, two)]
    guards[0].remember("the same answers")
    assert guards[1].when("the same answers")
    assert not RepeatGuard(two, "another key").when("the same answers")

    paces = [Pace(each.storage, Clock(), lambda: 7200, 0) for each in (one, two)]
    turns = [paces[n % 2].take("192.0.2.1") for n in range(20)]
    assert turns[-1] > turns[0]
    assert paces[0].percent() == paces[1].percent()


def test_while_the_server_is_gone_each_counts_alone(url, server, caplog, monkeypatch):
    monkeypatch.setattr(moving_window, "ALONE_SECONDS", 0)
    limiter = counting(url, Clock())
    assert limiter.hit(TWICE, "a")
    server.kill()
    server.wait()
    assert [limiter.hit(TWICE, "a") for _ in range(3)] == [True, True, False]
    assert limiter.get_window_stats(TWICE, "a").remaining == 0
    limiter.clear(TWICE, "a")
    assert limiter.hit(TWICE, "a")
    assert limiter.storage.incr("turn", 60) == 1
    assert "limits server gone (ConnectionError): counting alone" in caplog.text


def test_a_frozen_server_is_asked_once_and_then_left_alone(url, server, caplog):
    limiter = counting(url, Clock())
    server.send_signal(signal.SIGSTOP)
    assert [limiter.hit(TWICE, "a") for _ in range(3)] == [True, True, False]
    assert caplog.text.count("counting alone") == 1


def test_one_process_needs_no_server():
    assert counting("", Clock()).hit(TWICE, "a")


def test_the_address_is_one_of_a_server_of_limits(tmp_path):
    with pytest.raises(ConfigError, match="FORMS_LIMITS_URL: write valkey://"):
        Config.from_environment(
            {"FORMS_DATA_DIR": str(tmp_path), "FORMS_LIMITS_URL": "memory://"}
        )


def test_a_service_whose_limits_server_is_gone_serves(start_service, port):
    service = start_service(limits_url=f"redis://127.0.0.1:{port}")
    assert service.get("/moduli/it/volontari").status == 200


def test_production_says_that_several_processes_count_alone(tmp_path):
    given = {"FORMS_SECRET_KEYS": "s" * 32, "FORMS_LOG_KEYS": "l" * 32}
    production = {"FORMS_DATA_DIR": str(tmp_path), "FORMS_ENV": "production", **given}
    read = Config.from_environment(production)
    assert at_risk(read) == []
    many = replace(read, database_url="postgresql://db/forms")
    assert at_risk(many)[0].startswith("FORMS_LIMITS_URL: without it each process")
    assert at_risk(replace(many, limits_url="valkey://limits")) == []


def test_keys_that_another_service_on_the_database_would_not_have_are_told(tmp_path):
    folder = {"FORMS_DATA_DIR": str(tmp_path)}
    assert at_risk(Config.from_environment(folder)) == []
    server = folder | {"FORMS_DATABASE_URL": "postgresql://db/forms"}
    told = at_risk(Config.from_environment(server))
    assert [line.partition(":")[0] for line in told] == [
        "FORMS_SECRET_KEYS",
        "FORMS_LOG_KEYS",
    ]
    server |= {"FORMS_SECRET_KEYS": "s" * 32, "FORMS_LOG_KEYS": "l" * 32}
    assert at_risk(Config.from_environment(server)) == []
