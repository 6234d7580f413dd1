"""A service that starts where nothing can be written: it reads, and says why."""

import json
import os
import subprocess
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import urlopen

import pytest

from citizen import VOLUNTEER
from forms_service import wsgi
from forms_service.store.connection import StorageUnavailable
from sample_content import SAMPLE
from service import VisitedPage
from test_cli import Commands
from test_cli_faults import fill, filled, without_privilege
from test_cli_serve import Process

FORM = "/moduli/it/volontari"
pytestmark = pytest.mark.engine("sqlite")


def answers_come_back(
    get: Callable[[str], VisitedPage], post: Callable[[str, Any], VisitedPage]
) -> None:
    """Read a form, send it, be told to wait with all answers; see health say why."""
    assert get(FORM).status == 200
    summary = post(f"{FORM}/riepilogo", VOLUNTEER)
    assert summary.status == 200
    refused = post(f"{FORM}/conferma", summary.controls())
    assert refused.status == 503
    assert [VOLUNTEER["nome_completo"]] in refused.controls().values()
    health = get("/healthz")
    assert health.status == 503
    assert json.loads(health.body)["database"].startswith("SQLITE_")


def without_writing(run: Commands, then: Callable[[], None]) -> None:
    """Do something while nobody may write the data."""
    folder = run.config.data_dir
    for file in folder.iterdir():
        file.chmod(0o400)
    folder.chmod(0o500)
    try:
        without_privilege(then)
    finally:
        folder.chmod(0o700)


def test_a_service_starts_without_a_write_and_refuses_with_the_answers(tmp_path):
    run = filled(tmp_path)

    def look() -> None:
        # In production a start publishes versions, and keeps the time.
        config = replace(run.config, summary_seconds=0, production=True)
        app, context = wsgi.build(config)
        client = app.test_client()
        answers_come_back(
            lambda path: VisitedPage(client.get(path)),
            lambda path, data: VisitedPage(client.post(path, data=data)),
        )
        context.store.close()

    without_writing(run, look)


def test_it_does_not_start_where_it_would_show_what_was_erased(tmp_path):
    run = filled(tmp_path)
    ((id_,),) = run.sql("SELECT id FROM submissions")
    (run.config.data_dir / "erased").mkdir()
    (run.config.data_dir / "erased" / "2026-01-01").write_text(f"{id_}\n", "ascii")

    def look() -> None:
        with pytest.raises(StorageUnavailable):
            wsgi.build(run.config)

    for file in run.config.data_dir.glob("forms.sqlite*"):
        file.chmod(0o400)
    without_privilege(look)


@pytest.mark.slow
@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts a small disk")
def test_serve_starts_on_a_disk_without_any_room(tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=16m", "none", disk], check=True)
    service = None
    try:
        run = filled(disk)
        with pytest.raises(OSError, match="No space"):
            fill(disk)
        # The pace would refuse earlier: so small a disk has no budget at all.
        pace = {"FORMS_SUMMARY_SECONDS": "0", "FORMS_HOURLY_LIMIT": "100000"}
        settings = run.environment | pace
        for name in ("FORMS_BASE_URL", "FORMS_CONTENT_DIR", "FORMS_SITE_DIR"):
            del settings[name]
        service = Process(tmp_path, SAMPLE, "serve", **settings)
        service.wait_for("Staff:", 120)
        base = service.base
        answers_come_back(
            lambda path: visited(f"{base}{path}"),
            lambda path, data: visited(f"{base}{path}", data),
        )
        health = json.loads(visited(f"{base}/healthz").body)
        assert (health["ok"], health["alarms"]) == (False, ["database", "disk"])
        assert "restart when there is room" in service.said
        (disk / "fill").unlink()
        summary = visited(f"{base}{FORM}/riepilogo", VOLUNTEER)
        assert "inviata" in sent_to(f"{base}{FORM}/conferma", summary.controls())
    finally:
        if service:
            service.running.terminate()
            service.running.wait(60)
        subprocess.run(["umount", disk], check=True)


class Answer:
    """What `VisitedPage` reads, of an answer that came over the wire."""

    def __init__(self, raw: Any) -> None:
        self.status_code, self.headers = raw.status, raw.headers
        self.mimetype, self._body = raw.headers.get_content_type(), raw.read()

    def get_data(self, as_text: bool = False) -> Any:
        return self._body.decode() if as_text else self._body

    def close(self) -> None:
        pass


def visited(address: str, data: Any = None) -> VisitedPage:
    """Open or post to a page of a process."""
    body = urlencode(data, doseq=True).encode() if data else None
    try:
        with urlopen(address, body, 60) as raw:  # noqa: S310 - our own service
            return VisitedPage(Answer(raw))
    except HTTPError as refused:
        return VisitedPage(Answer(refused))


def sent_to(address: str, data: Any) -> str:
    """Post, and return where that led."""
    body = urlencode(data, doseq=True).encode()
    with urlopen(address, body, 60) as raw:  # noqa: S310 - our own service
        return str(raw.url)
