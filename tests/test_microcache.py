"""What everybody gets is made once a second; nothing of one person is kept."""

import pytest
from werkzeug.test import EnvironBuilder

from citizen import VOLUNTEER
from forms_service.web.core.microcache import LARGEST

FORM = "/moduli/it/volontari"


@pytest.fixture
def site(service):
    """A service with a page and a large picture of the site."""
    folder = service.config.site_dir
    (folder / "index.html").write_text("<html lang=it><h1>prima</h1>")
    (folder / "large.svg").write_text("<svg/>" + " " * LARGEST)
    return service


def kept(service):
    """Return the paths of the answers that are kept."""
    return {path for (path, _), _ in service.app.wsgi_app.kept.entries()}


def seen(service, path, **headers):
    answer = service.client.get(path, headers=headers)
    # The server gives the date where the application has not.
    header = [(name, value) for name, value in answer.headers if name != "Date"]
    return answer.status_code, sorted(header), answer.data


def script(service):
    (address,) = service.get(FORM).find("//script/@src")
    return address


@pytest.mark.parametrize("coding", ["identity", "gzip", "br, gzip;q=0"])
def test_an_answer_from_memory_is_the_answer_of_the_application(site, clock, coding):
    for path in (FORM, "/", "/moduli/stato.json", script(site)):
        clock.advance(seconds=1)
        made = seen(site, path, **{"Accept-Encoding": coding})
        assert path in kept(site)
        assert seen(site, path, **{"Accept-Encoding": coding}) == made
        assert made[0] == 200


def test_what_a_server_does_to_the_headers_stays_with_one_answer(site):
    def answered():
        """Ask as a server may that changes the list it is given (PEP 3333)."""
        given = []

        def start_response(status, headers, exc_info=None):
            given.append((status, sorted(headers)))
            headers.append(("X-Of-The-Server", "1"))

        environ = EnvironBuilder(FORM).get_environ()
        return given, b"".join(site.app(environ, start_response))

    made = answered()
    assert FORM in kept(site)
    assert [answered(), answered()] == [made, made]


def test_who_has_it_already_gets_nothing_of_it_again(site, clock):
    for path in (FORM, "/", script(site)):
        tag = {"If-None-Match": site.client.get(path).headers["ETag"]}
        from_memory = seen(site, path, **tag)
        clock.advance(seconds=1)
        assert from_memory == seen(site, path, **tag)
        assert (from_memory[0], from_memory[2]) == (304, b"")
        for other in ('"other"', f'"other", {tag["If-None-Match"]}', "*"):
            fresh, again = (
                seen(site, path, **{"If-None-Match": other})
                for _ in ("application", "memory")
            )
            assert fresh == again
            site.client.get(path)
            assert seen(site, path, **{"If-None-Match": other}) == fresh


def test_another_version_than_the_one_asked_for_is_refused(site):
    for path in (FORM, "/", script(site), "/large.svg"):
        whole = site.client.get(path)
        tag = whole.headers["ETag"]
        for asked in ("*", tag, f'"other", {tag}'):
            answer = site.client.get(path, headers={"If-Match": asked})
            assert (answer.status_code, answer.data) == (200, whole.data)
        both = {"If-Match": tag, "If-None-Match": tag}
        assert site.client.get(path, headers=both).status_code == 304
        for asked in ('"other"', f"W/{tag}"):
            for more in ({}, {"Range": "bytes=0-4"}, {"If-None-Match": tag}):
                answer = site.client.get(path, headers={"If-Match": asked, **more})
                assert (answer.status_code, answer.data) == (412, b"")
                assert answer.headers["Cache-Control"] == "no-store"
                assert "Content-Range" not in answer.headers
        assert site.client.get(path).data == whole.data
    missing = site.client.get("/niente", headers={"If-Match": '"other"'})
    assert missing.status_code == 404
    lines = site.client.get("/metrics").text
    assert 'route="/moduli/<lang>/<form_id>",status="412"} 6' in lines


def test_a_new_site_is_seen_within_a_second(site, clock):
    page = site.config.site_dir / "index.html"
    assert b"prima" in site.get("/").body
    page.write_text("<html lang=it><h1>seconda</h1>")
    assert b"prima" in site.get("/").body
    clock.advance(seconds=1)
    assert b"seconda" in site.get("/").body
    page.unlink()
    # A clock that was put back brings no page of that hour again.
    clock.advance(seconds=-1)
    assert site.get("/").status == 404


def test_a_part_of_a_file_is_a_part_of_it(site):
    for _ in range(2):
        part = site.client.get("/", headers={"Range": "bytes=0-4"})
        assert (part.status_code, part.data) == (206, b"<html")
        assert site.client.get("/").status_code == 200


def test_only_what_everybody_may_have_is_kept(site, citizen):
    summary = site.post(f"{FORM}/riepilogo", VOLUNTEER)
    assert summary.status == 200
    assert citizen.page().status == 200
    link = citizen.take_mail().link
    for path in (
        link,
        "/moduli/it/volontari/carica",
        "/moduli/static/me@example.org/chrome.css",
        "/?q=me@example.org",
        "/niente",
        "/large.svg",
        "/healthz",
        "/staff/accedi",
    ):
        site.client.get(path)
        site.client.head(path)
    assert kept(site) <= {FORM}


def test_every_answer_is_counted_wherever_it_comes_from(site):
    tag = {"If-None-Match": site.client.get(FORM).headers["ETag"]}
    site.client.get(FORM)
    site.client.get(FORM, headers=tag)
    lines = site.client.get("/metrics").text
    assert 'route="/moduli/<lang>/<form_id>",status="200"} 2' in lines
    assert 'route="/moduli/<lang>/<form_id>",status="304"} 1' in lines
