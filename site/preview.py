"""Serve the site to whoever edits it: every change of the content is built at once.

A mistake in the content is told on top of the last good page. The online forms are
not here: their addresses answer with a page that says how to start the service.
"""

import contextlib
import html
import http.server
import os
import re
import sys
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any, NoReturn
from zoneinfo import ZoneInfo

from forms_service.config import Config
from forms_service.i18n import Translator, direction
from forms_service.urls import DOCUMENTS, SERVICE_PREFIXES
from incremental import IncrementalBuild
from process import Child, print_message, show_progress

BUILD = Path(__file__).with_name("build.py")
PULSE = "/.preview"
PAUSE = 0.05
# The open page asks whether there is something newer, and loads itself again.
SCRIPT = """<script>
(known => setInterval(async () => {
  const pulse = await (await fetch("/.preview")).text();
  if (known !== undefined && pulse !== known) location.reload();
  known = pulse;
}, 250))();
</script>"""
BANNER = """<div role="alert" style="position:sticky;inset-block-start:0;z-index:99;
padding:1rem 1.5rem;background:#fdf0f2;color:#7a0019;border-bottom:4px solid #cc334d;
font:1rem/1.5 ui-monospace,monospace;white-space:pre-wrap">{}</div>"""

ELSEWHERE = """<!DOCTYPE html>
<html lang="{lang}" dir="{direction}">
<head><meta charset="utf-8"><title>{title}</title>
<meta name="viewport" content="width=device-width"></head>
<body style="font:1.1rem/1.5 sans-serif;max-width:38em;margin:2rem auto;padding:0 1rem">
<h1>{title}</h1>
<p>{text}</p>
<p><code dir="ltr" translate="no">make run</code></p>
<p><a href="/">{home}</a></p>
</body>
</html>
"""
_LANG = re.compile(r'<html\b[^>]*? lang="([\w-]+)"')


def of_service(path: str) -> bool:
    """Say whether an address is the service's: a form, mailed link, calendar, staff."""
    address = path.partition("?")[0]
    calendar = address.startswith(f"{DOCUMENTS}/") and address.endswith(".ics")
    return calendar or any(
        f"{address}/".startswith(f"{prefix}/") for prefix in SERVICE_PREFIXES
    )


def language_of(path: str, site: Path) -> str:
    """Return the language that an address names, or that of the site's first page."""
    named = path.partition("?")[0].split("/")[2:3]
    for page in (site.joinpath(*named, "index.html"), site / "index.html"):
        with contextlib.suppress(OSError, ValueError):
            if found := _LANG.search(page.read_text(encoding="utf-8")):
                return found[1]
    return "en"


def elsewhere(lang: str) -> str:
    """Return the page in place of one of the service's."""
    gettext = Translator(lang, ZoneInfo("UTC")).gettext
    return ELSEWHERE.format(
        lang=lang,
        direction=direction(lang),
        title=html.escape(gettext("This page belongs to the forms service")),
        text=html.escape(
            gettext(
                "The preview shows the site only. Online forms, links in emails, "
                "calendar files and staff pages come from the service. This command "
                "in a terminal starts both:"
            )
        ),
        home=html.escape(gettext("Go to the first page")),
    )


class Builder:
    """Make changed pages at once, and the whole site behind them; keep what went wrong.

    `build_if_changed` is called again and again by one thread.
    """

    def __init__(self, config: Config, environment: dict[str, str]) -> None:
        self.config = config
        self.environment = environment
        self.failure = ""
        self.pulse = 0
        self._incremental = IncrementalBuild(config)
        self._seen: dict[Path, int] = {}
        self._whole: Child | None = None

    @property
    def building(self) -> bool:
        """Whether the whole site is being built."""
        return self._whole is not None and self._whole.running

    def build_if_changed(self) -> bool:
        """Build when a file of the content is not as it was; say whether it was so."""
        now = {
            file: file.stat().st_mtime_ns
            for file in self.config.content_dir.rglob("*")
            if file.is_file()
        }
        if now == self._seen:
            if not self.building:
                self.finish()
            return False
        edited = {file for file, _ in now.items() ^ self._seen.items()}
        self._seen = now
        self.close()
        try:
            self._incremental.refresh(edited)
            self.failure = ""
        except Exception as error:  # The editor goes on, whatever was written.
            self.failure = str(error) or type(error).__name__
        self.pulse += 1
        self._whole = Child([sys.executable, str(BUILD)], self.environment)
        return True

    def finish(self) -> None:
        """Wait until the whole site is built, if that is under way."""
        if self._whole:
            code, output = self._whole.wait()
            self.failure = (output.strip() or "The build was ended.") if code else ""
            self._whole = None
            self.pulse += 1

    def close(self) -> None:
        """Stop the build of the whole site: there is something newer."""
        if self._whole:
            self._whole.kill()
            self._whole = None

    def watch(self, seconds: float) -> NoReturn:
        """Look for changes for ever."""
        while True:
            # A file may vanish between being listed and being looked at.
            with contextlib.suppress(FileNotFoundError):
                self.build_if_changed()
            time.sleep(seconds)


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files of the built site; pages carry the editor's script and banner."""

    def __init__(self, *arguments: Any, builder: Builder, **options: Any) -> None:
        self.builder = builder
        super().__init__(*arguments, **options)

    def do_GET(self) -> None:
        """Answer with a page, a file, or the pulse that changes with every build."""
        if self.path == PULSE:
            return self._answer(str(self.builder.pulse).encode(), "text/plain")
        if of_service(self.path):
            page = elsewhere(language_of(self.path, Path(self.directory)))
            return self._answer(page.encode(), "text/html; charset=utf-8", 404)
        file = Path(self.translate_path(self.path))
        if file.is_dir():
            file /= "index.html"
        if file.suffix != ".html" or not file.is_file():
            return super().do_GET()
        return self._answer(self._edited(file).encode(), "text/html; charset=utf-8")

    def _edited(self, file: Path) -> str:
        page = file.read_text(encoding="utf-8").replace("</body>", f"{SCRIPT}</body>")
        if not self.builder.failure:
            return page
        head, body, rest = page.partition("<body")
        tag, end, rest = rest.partition(">")
        banner = BANNER.format(html.escape(self.builder.failure))
        return head + body + tag + end + banner + rest

    def _answer(self, octets: bytes, kind: str, status: int = 200) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(octets)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(octets)

    def log_message(self, *arguments: Any) -> None:
        """Say nothing: the editor reads the page, not the terminal."""


def serve(config: Config, environment: dict[str, str] | None = None) -> NoReturn:
    """Serve until Ctrl-C; the first build may fail, the banner then says why."""
    builder = Builder(config, dict(environment or os.environ))
    handler = partial(Handler, builder=builder, directory=str(config.site_dir))
    with http.server.ThreadingHTTPServer(config.listen, handler) as server:
        try:
            _build_once(builder)
            threading.Thread(target=server.serve_forever, daemon=True).start()
            print_message(f"http://{config.listen[0]}:{server.server_port}/")
            # Here, not in a thread: what a thread starts ends with the thread.
            builder.watch(PAUSE)
        finally:
            builder.close()


def _build_once(builder: Builder) -> None:
    builder.build_if_changed()
    begun = time.monotonic()
    while builder.building:
        seconds = time.monotonic() - begun
        show_progress(f"Building the whole site once: {seconds:.0f} s")
        time.sleep(PAUSE)
    builder.finish()
    if builder.failure:
        print_message(builder.failure)
