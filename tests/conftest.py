"""Fixtures every test may use: the repository, a shared folder, a real Chromium, axe.

Fixtures of one part of the product live beside its tests, not here.
"""

import fcntl
import importlib
import os
import pkgutil
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import coverage
import hypothesis
import pytest
from playwright.sync_api import Browser, Page, sync_playwright

import forms_service
import printed_forms

# A running service, for the tests of everything above the store.
pytest_plugins = ["built_site", "engines", "service", "citizen", "clerk", "life"]
pytest_plugins += ["drill_table"]

# On a clean checkout the first draw of text builds Hypothesis' table of letters, which
# takes seconds: that is no fault of a strategy, and time is for the benchmarks.
hypothesis.settings.register_profile(
    "project",
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.too_slow],
)
hypothesis.settings.load_profile("project")

ROOT = Path(__file__).resolve().parent.parent
AXE = Path(__file__).parent / "vendor" / "axe.min.js"
AXE_RULES = "wcag2a wcag2aa wcag21a wcag21aa wcag22a wcag22aa best-practice".split()
LOOPBACK = {"127.0.0.1", "localhost", "::1"}
CHROMIUM = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")


def chromium() -> str:
    """Return the path of the machine's Chromium; the one without windows is quicker."""
    for name in CHROMIUM:
        if path := shutil.which(name):
            return path
    pytest.fail("No Chromium: sh requirements/system.sh test installs it.")


# What waits for the build of a site, or for a browser.
SITES = {"built", "built_in_all", "built_other"}
LONG_WAY_ROUND = {*SITES, "browser"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Measure no coverage where a browser or a built site is looked at; sites first.

    It doubles their time, and the lines they pass have tests of their own. One worker
    builds the site while the others have something else to do.
    """

    def needs(item: pytest.Item, what: set[str]) -> bool:
        return not what.isdisjoint(getattr(item, "fixturenames", ()))

    for item in items:
        if needs(item, LONG_WAY_ROUND):
            item.add_marker("no_cover")
    items.sort(key=lambda item: not needs(item, SITES))


@contextmanager
def unmeasured() -> Iterator[None]:
    """Leave coverage off for what has run measured before: it doubles the time."""
    measuring = coverage.Coverage.current() if sys.gettrace() else None
    if measuring:
        measuring.stop()
    try:
        yield
    finally:
        if measuring:
            measuring.start()


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[None]:
    """Measure what the product does when imported, not how the tests are read."""
    name = f"{forms_service.__name__}."
    for module in pkgutil.walk_packages(forms_service.__path__, name):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    with unmeasured():
        return (yield)


@contextmanager
def alone(lock: Path) -> Iterator[None]:
    """Keep the other workers of this run waiting meanwhile."""
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session", autouse=True)
def run_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that all workers of one run share, for what is costly to make."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    printed_forms.shelf = shared
    return shared


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests of a worker."""
    # Chromium's own sandbox refuses to start for root, as in a container.
    arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium(), args=arguments)
        yield started
        started.close()


@pytest.fixture
def new_page(browser: Browser) -> Iterator[Callable[..., Page]]:
    """Open pages in contexts of their own; options as of `Browser.new_context`.

    At the end the test fails if a page asked another machine for anything, broke a
    content security policy or threw an error.
    """
    contexts, complaints = [], []

    def open_page(**options: Any) -> Page:
        context = browser.new_context(**{"locale": "it-IT", **options})
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: complaints.extend(strangers(request.url)))
        page.on("pageerror", lambda error: complaints.append(f"error: {error}"))
        page.on(
            "console",
            lambda message: complaints.extend(policy_breaches(message.text)),
        )
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []


def strangers(url: str) -> list[str]:
    """Return the address in a list if it is not one of this machine."""
    parts = urlsplit(url)
    ours = parts.scheme not in ("http", "https") or parts.hostname in LOOPBACK
    return [] if ours else [f"request to another machine: {url}"]


def policy_breaches(message: str) -> list[str]:
    """Return the console message in a list if a content security policy wrote it."""
    return [message] if "Content Security Policy" in message else []


@pytest.fixture
def page(new_page: Callable[..., Page]) -> Page:
    """A page of a visitor with an ordinary screen."""
    return new_page()


@pytest.fixture
def axe() -> Callable[[Page], list[str]]:
    """Look for accessibility faults in the page as it stands; none is `[]`."""
    source = AXE.read_text(encoding="utf-8")

    def run(page: Page) -> list[str]:
        page.wait_for_load_state()
        page.evaluate(source)
        # Only what is wrong is described in full: half the time.
        found = page.evaluate(
            """rules => axe.run(document, {
                runOnly: {type: 'tag', values: rules}, resultTypes: ['violations'],
            })""",
            AXE_RULES,
        )
        assert found["passes"], "axe looked at nothing"
        return [
            f"{violation['id']}: {node['html']}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]

    return run
