"""Every built page in a real Chromium, as visitors get it from the service."""

from dataclasses import dataclass, field

import pytest
from playwright.sync_api import Page

from validity import html_faults

# What a fault of a page looks like, and what the crawl calls it.
PLANTED = {
    '<img src="https://elsewhere.example/pixel.png" alt="">': "request",
    "<script>document.cookie = 'a=b'</script>": "cookie",
    "<script>localStorage.a = 'b'</script>": "storage",
    "<script>console.error('a')</script>": "console",
    "<script>nothing()</script>": "error",
    '<img src="/nowhere.png" alt="a">': "console",
    '<input type="text">': "axe",
}
INVALID = (
    "<p><div>a</div></p>",
    "<b><i>a</b></i>",
    '<a id="a" id="b">a</a>',
    '<i id="content">a</i>',
    '<img src="/favicon.ico">',
    "<ul><p>a</p></ul>",
    "&nothing;",
)


@dataclass
class Crawl:
    """A browser that notes whatever a page does that it should not."""

    page: Page
    axe: object
    origin: str
    found: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("request", self._asked)
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.found.append(f"error: {error}"))

    def _asked(self, request) -> None:
        ours = request.url.startswith((f"{self.origin}/", "data:"))
        if not ours:
            self.found.append(f"request: {request.url}")

    def _said(self, message) -> None:
        if message.type in ("error", "warning"):
            self.found.append(f"console: {message.text}")

    def visit(self, path: str) -> list[str]:
        """Return the faults of one page, each with its kind before a colon."""
        self.found.clear()
        self.page.goto(self.origin + path, wait_until="networkidle")
        faults = [f"axe: {fault}" for fault in self.axe(self.page)]
        if cookies := self.page.context.cookies():
            faults.append(f"cookie: {cookies}")
        stored = "localStorage.length + sessionStorage.length"
        databases = "indexedDB.databases().then(known => known.length)"
        if self.page.evaluate(stored) or self.page.evaluate(databases):
            faults.append("storage: something is kept")
        return [*self.found, *faults]


def paths(built) -> list[str]:
    """Return the address of every page."""
    found = []
    for file in sorted(built.public.rglob("*.html")):
        path = "/" + file.relative_to(built.public).as_posix()
        found.append(path.removesuffix("index.html"))
    return found


@pytest.mark.slow
def test_no_page_asks_others_keeps_anything_complains_or_has_an_obstacle(
    start_service, built, new_page, axe
):
    service = start_service(site_dir=built.public)
    page = new_page(viewport={"width": 360, "height": 800})
    crawl = Crawl(page, axe, service.address)
    found = {path: crawl.visit(path) for path in paths(built)}
    assert len(found) > 50
    assert {path: faults for path, faults in found.items() if faults} == {}


@pytest.mark.slow
@pytest.mark.parametrize("planted", PLANTED)
def test_the_crawl_finds_a_planted_fault(
    browser, axe, built, tmp_path, start_service, planted
):
    text = (built.public / "index.html").read_text(encoding="utf-8")
    (tmp_path / "site").mkdir()
    spoiled = text.replace("</main>", f"{planted}</main>")
    (tmp_path / "site" / "index.html").write_text(spoiled, encoding="utf-8")
    origin = start_service(site_dir=tmp_path / "site").address
    # Without its policy, which would stop the fault before the crawl sees it.
    context = browser.new_context(bypass_csp=True)
    found = Crawl(context.new_page(), axe, origin).visit("/")
    context.close()
    assert PLANTED[planted] in {fault.partition(":")[0] for fault in found}, found


ONE_OF_EACH = (
    "index.html",
    "404.html",
    "progetto/index.html",
    "partecipa/volontari/index.html",
    "assemblea/index.html",
    "cerca/index.html",
    "notizie/index.html",
)


@pytest.mark.parametrize("name", ONE_OF_EACH)
def test_one_page_of_each_kind_is_valid_html(built, name):
    assert html_faults((built.public / name).read_text(encoding="utf-8")) == []


@pytest.mark.slow
def test_every_page_is_valid_html(built):
    found = {
        str(file.relative_to(built.public)): faults
        for file in sorted(built.public.rglob("*.html"))
        if (faults := html_faults(file.read_text(encoding="utf-8")))
    }
    assert found == {}


@pytest.mark.parametrize("planted", INVALID)
def test_a_planted_mistake_is_no_valid_html(built, planted):
    text = (built.public / "progetto/index.html").read_text(encoding="utf-8")
    assert html_faults(text.replace("</main>", f"{planted}</main>")) != []
