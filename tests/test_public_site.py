"""The built site on the service's origin, and the answers that are no pages."""

import gzip
import shutil
import sqlite3
from contextlib import closing

import pytest

from clerk import send
from forms_service.web.core import alarms_now
from sample_content import copied

HOME = "<!DOCTYPE html><html lang=it><title>Prima</title><h1>Prima pagina</h1>"
NOWHERE = "<!DOCTYPE html><html lang=it><title>404</title><h1>Non c’è</h1>"


@pytest.fixture
def site(service):
    folder = service.config.site_dir
    files = {
        "index.html": HOME,
        "progetto/index.html": HOME.replace("Prima", "Progetto"),
        "404.html": NOWHERE,
        "stile.0a1b2c3d4e.css": "body{}",
        "documenti/it/assemblea.ics": "BEGIN:VCALENDAR",
        ".build.json": "{}",
    }
    for name, text in files.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    (folder.parent / "secret.txt").write_text("secret", encoding="utf-8")
    return service


@pytest.mark.parametrize(
    ("path", "kind", "life"),
    [
        ("/", "text/html; charset=utf-8", "max-age=60"),
        ("/progetto/", "text/html; charset=utf-8", "max-age=60"),
        ("/stile.0a1b2c3d4e.css", "text/css; charset=utf-8", "immutable"),
        ("/documenti/it/assemblea.ics", "text/calendar; charset=utf-8", "60"),
        ("/assets/logo.svg", "image/svg+xml", "3600"),
    ],
)
def test_a_file_of_the_site_has_its_type_and_its_life(site, path, kind, life):
    answer = site.client.get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith(kind)
    assert life in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    again = site.client.get(path, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_folder_without_slash_leads_to_the_folder(site):
    answer = site.client.get("/progetto")
    assert (answer.status_code, answer.headers["Location"]) == (301, "/progetto/")


def test_what_is_not_there_gets_the_page_of_the_site(site):
    for path in ("/niente", "/niente/", "/moduli/it/niente"):
        answer = site.get(path)
        assert (answer.status, answer.find("//h1")[0].text) == (404, "Non c’è")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/progetto/../../secret.txt",
        "/..%2fsecret.txt",
        "/..%5csecret.txt",
        "//etc/passwd",
        "/.build.json",
        "/progetto/%00",
        "/link/secret.txt",
    ],
)
def test_nothing_outside_the_site_is_served(site, path):
    (site.config.site_dir / "link").symlink_to(site.config.site_dir.parent)
    answer = site.client.get(path, follow_redirects=True)
    assert answer.status_code in (301, 308, 404)
    assert b"secret" not in answer.data


def test_the_site_itself_may_be_a_link_to_the_newest_build(site):
    folder = site.config.site_dir
    moved = folder.with_name("built")
    shutil.move(folder, moved)
    folder.symlink_to(moved)
    assert site.client.get("/").status_code == 200


def test_a_packed_file_is_sent_to_browsers_that_take_it(site):
    packed = gzip.compress(HOME.encode())
    (site.config.site_dir / "index.html.gz").write_bytes(packed)
    answer = site.client.get("/", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert gzip.decompress(answer.data).decode() == HOME
    plain_one = site.client.get("/", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in plain_one.headers
    assert plain_one.text == HOME


def test_every_static_file_a_page_names_is_there_for_ever(service):
    page = service.get("/moduli/it/volontari")
    named = page.find("//link[@rel='stylesheet']/@href | //script/@src")
    assert len(named) == 3
    for path in named:
        answer = service.client.get(path)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["Cache-Control"]


def test_a_page_from_before_an_update_still_gets_its_style(service):
    answer = service.client.get("/moduli/static/older/chrome.css")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "max-age=60"
    assert service.client.get("/moduli/static/older/nothing.css").status_code == 404


def test_the_state_of_every_form_is_public(service):
    answer = service.client.get("/moduli/stato.json")
    assert answer.get_json() == {
        "ascolto": {"door": "open", "left": None, "waiting": 0},
        "volontari": {"door": "open", "left": None, "waiting": 0},
        "corso": {"door": "not_open", "left": 30, "waiting": 0},
        "assemblea": {"door": "open", "left": None, "waiting": 0},
        "barriere": {"door": "open", "left": None, "waiting": 0},
        "every-type": {"door": "not_open", "left": 10, "waiting": 0},
    }
    assert answer.headers["Cache-Control"] == "public, max-age=30"


@pytest.mark.engine("postgresql")
@pytest.mark.slow
def test_places_left_are_the_same_in_two_services_after_a_second(
    start_service, new_database, clock
):
    clock.now = clock.now.replace(year=2030, month=3)
    url = new_database()
    services = [start_service(database_url=url) for _ in range(2)]

    def left():
        states = [each.client.get("/moduli/stato.json") for each in services]
        return [state.get_json()["every-type"]["left"] for state in states]

    assert left() == [10, 10]
    send(services[0], "every-type")
    clock.advance(seconds=1)
    assert left() == [9, 9]


@pytest.mark.parametrize(
    ("named", "contact"),
    [
        ("a+b@orto.example", "mailto:a+b@orto.example"),
        ("https://orto.example/cvd", "https://orto.example/cvd"),
        ("TODO", None),
        ('""', None),
    ],
)
def test_whom_to_tell_of_a_weakness_is_told_for_less_than_a_year(
    start_service, tmp_path, named, contact
):
    written = ("project.yml", "nav: [", f"security_contact: {named}\nnav: [")
    service = start_service(copied(tmp_path, written))
    answer = service.client.get("/.well-known/security.txt")
    if contact is None:
        assert answer.status_code == 404
        return
    assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert answer.text.splitlines() == [
        f"Contact: {contact}",
        "Expires: 2020-12-17T00:00:00Z",
        "Preferred-Languages: it, en",
        f"Canonical: {service.config.base_url}/.well-known/security.txt",
    ]


@pytest.mark.engine("sqlite")  # one lock for all that write
def test_health_commits_a_real_write_once_a_second(service, clock):
    assert service.client.get("/healthz").get_json()["ok"] is True
    with closing(sqlite3.connect(service.config.database)) as other:
        other.execute("BEGIN IMMEDIATE")
        service.context.store.read(lambda db: db.execute("SELECT 1"))
        assert service.client.get("/healthz").status_code == 200
        clock.advance(seconds=1)
        assert service.client.get("/healthz").status_code == 503
    assert service.client.get("/healthz").get_json()["ok"] is True


def test_health_looks_at_the_room_on_the_disk(service, monkeypatch):
    monkeypatch.setattr(alarms_now, "LEAST_FREE", 2**63)
    assert service.client.get("/healthz").status_code == 503


def test_figures_are_for_this_machine_only(service):
    service.client.get("/moduli/it/volontari")
    answer = service.client.get("/metrics")
    assert 'route="/moduli/<lang>/<form_id>",status="200"} 1' in answer.text
    forwarded = {"X-Forwarded-For": "127.0.0.1"}
    assert service.client.get("/metrics", headers=forwarded).status_code == 404
    stranger = {"REMOTE_ADDR": "203.0.113.9"}
    assert service.client.get("/metrics", environ_base=stranger).status_code == 404
