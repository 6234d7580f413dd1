"""The built site as the service sends it: policies, packed copies, what may be kept."""

import gzip

import brotli
import pytest
from lxml import html

from nginx_maps import policy

PAGES = ("/", "/progetto/", "/partecipa/volontari/", "/assemblea/", "/en/")


@pytest.fixture
def served(start_service, built):
    """A service whose public site is the built one."""
    return start_service(site_dir=built.public)


def test_every_page_is_sent_with_the_policy_made_for_it(served, built):
    for path, page in built.pages().items():
        sent = served.get(f"/{path}").headers["Content-Security-Policy"]
        assert sent == policy(page), path
        assert sent.startswith("default-src 'none'; ")
        assert "unsafe-inline" not in sent


@pytest.mark.parametrize("record", ["", "[]", "{"])
def test_a_page_without_a_record_may_run_no_script(start_service, tmp_path, record):
    (tmp_path / "index.html").write_text("<html lang=it><h1>x</h1></html>")
    if record:
        (tmp_path / ".policies.json").write_text(record)
    sent = start_service(site_dir=tmp_path).get("/").headers
    assert "script-src 'none'" in sent["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("body", "directive"),
    [
        ("", "script-src 'none'"),
        (
            "<script>a()</script>",
            "'sha256-qVpDBgj7bpq5hMAcGp3AOc79J3Y1Z4HvySTwKrWDoy4='",
        ),
        ("<style>a{}</style>", "style-src 'sha256-"),
        ("<script type='application/ld+json'>{}</script>", "script-src 'none'"),
        ("<script src=/a.js></script>", "script-src 'self'; "),
        ("<p data-player=x></p>", "frame-src https://www.youtube-nocookie.com"),
        ("<p data-search=x></p>", "'wasm-unsafe-eval'"),
    ],
)
def test_a_policy_allows_what_is_on_the_page(body, directive):
    made = policy(html.document_fromstring(f"<html><body>{body}</body></html>"))
    assert directive in made
    assert ("frame-src" in made) == ("data-player" in body)
    assert ("wasm" in made) == ("data-search" in body)


@pytest.mark.parametrize(
    ("coding", "unpack"), [("gzip", gzip.decompress), ("br", brotli.decompress)]
)
def test_a_packed_copy_is_sent_to_who_takes_it(served, built, coding, unpack):
    plain = (built.public / "index.html").read_bytes()
    answer = served.client.get("/", headers={"Accept-Encoding": coding})
    assert answer.headers["Content-Encoding"] == coding
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert unpack(answer.get_data()) == plain
    assert len(answer.get_data()) < len(plain) / 2
    assert served.client.get("/").get_data() == plain


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html; charset=utf-8"),
        ("/documenti/it/assemblea.ics", "text/calendar; charset=utf-8"),
        ("/documenti/it/volontari.pdf", "application/pdf"),
        ("/assets/logo.svg", "image/svg+xml; charset=utf-8"),
    ],
)
def test_a_file_says_its_kind_and_charset_once(served, path, kind):
    assert served.client.get(path).headers["Content-Type"] == kind


def test_what_carries_its_hash_is_kept_for_ever_and_a_page_for_a_minute(served, built):
    (sheet,) = built.page("/").xpath("//link[@rel='stylesheet']/@href")
    lives = {path: served.client.get(path).headers for path in ("/", sheet)}
    assert lives["/"]["Cache-Control"] == "public, max-age=60"
    assert lives[sheet]["Cache-Control"].endswith("immutable")
    known = {"If-None-Match": lives["/"]["ETag"]}
    assert served.client.get("/", headers=known).status_code == 304
    assert "immutable" not in served.client.get("/assets/logo.svg").headers.get(
        "Cache-Control"
    )


def test_the_lost_are_told_so_in_the_language_of_the_address(served):
    for path, lang in (("/nulla/", "it"), ("/en/nothing/", "en"), ("/xx/", "it")):
        answer = served.get(path)
        assert answer.status == 404
        assert answer.find("/html/@lang") == [lang]


def test_no_page_breaks_its_policy_in_a_browser(served, new_page):
    page = new_page()
    for address in PAGES:
        assert page.goto(served.address + address).ok


def test_a_visit_is_light_over_the_wire(served, new_page):
    page, finished = new_page(viewport={"width": 360, "height": 740}), []

    def keep(request):
        # Asked here for its size, it would be counted with the next page.
        finished.append(request)

    def weight(address):
        finished.clear()
        page.goto(served.address + address, wait_until="networkidle")
        # A drawing inside the page is told as a request, and is none.
        sent = [request for request in finished if request.url.startswith("http")]
        return sum(sum(request.sizes().values()) for request in sent)

    page.on("requestfinished", keep)
    assert 20 * 1024 < weight("") <= 60 * 1024
    for address in (*PAGES[1:], "/moduli/it/volontari", "/moduli/en/corso"):
        assert weight(address) <= 15 * 1024, address
