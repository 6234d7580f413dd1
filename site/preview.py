"""Serve the site to whoever edits it: every change of the content is built at once.

A mistake in the content is told on top of the last good page. The online forms are
not here: they belong to the service.
"""

import contextlib
import html
import http.server
import os
import signal
import subprocess
import sys
import threading
import time
from functools import partial
from pathlib import Path
from typing import Any

from forms_service.config import Config, ConfigError
from forms_service.content.pages import UnknownLink
from forms_service.definition import ContentError
from incremental import IncrementalBuild

BUILD = Path(__file__).with_name("build.py")
PULSE = "/.preview"
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


class Builder:
    """Make changed pages at once, and the whole site behind them; keep what went wrong.

    `build_if_changed` is called again and again by one thread.
    """

    def __init__(self, config: Config, environment: dict[str, str]) -> None:
        self.config = config
        self.environment = environment
        self.trouble = ""
        self.pulse = 0
        self._incremental = IncrementalBuild(config)
        self._seen: dict[Path, int] = {}
        self._whole: subprocess.Popen[str] | None = None

    def build_if_changed(self) -> bool:
        """Build when a file of the content is not as it was; say whether it was so."""
        now = {
            file: file.stat().st_mtime_ns
            for file in self.config.content_dir.rglob("*")
            if file.is_file()
        }
        if now == self._seen:
            if self._whole and self._whole.poll() is not None:
                self.finish()
            return False
        self._seen = now
        self.close()
        try:
            self._incremental.refresh()
            self.trouble = ""
        except (ContentError, ConfigError, UnknownLink) as error:
            self.trouble = str(error)
        self.pulse += 1
        # In a group of its own, so that its children end with it.
        self._whole = subprocess.Popen(
            [sys.executable, str(BUILD)],
            env=self.environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        return True

    def finish(self) -> None:
        """Wait until the whole site is built, if that is under way."""
        if self._whole:
            said = self._whole.communicate()[1].strip()
            self.trouble = said if self._whole.returncode else ""
            self._whole = None
            self.pulse += 1

    def close(self) -> None:
        """Stop the build of the whole site: there is something newer."""
        if self._whole:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._whole.pid, signal.SIGKILL)
            self._whole.communicate()
            self._whole = None

    def watch(self, seconds: float) -> None:
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
        file = Path(self.translate_path(self.path))
        if file.is_dir():
            file /= "index.html"
        if file.suffix != ".html" or not file.is_file():
            return super().do_GET()
        return self._answer(self._edited(file).encode(), "text/html; charset=utf-8")

    def _edited(self, file: Path) -> str:
        page = file.read_text(encoding="utf-8").replace("</body>", f"{SCRIPT}</body>")
        if not self.builder.trouble:
            return page
        head, body, rest = page.partition("<body")
        tag, end, rest = rest.partition(">")
        banner = BANNER.format(html.escape(self.builder.trouble))
        return head + body + tag + end + banner + rest

    def _answer(self, octets: bytes, kind: str) -> None:
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(octets)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(octets)

    def log_message(self, *arguments: Any) -> None:
        """Say nothing: the editor reads the page, not the terminal."""


def serve(config: Config, environment: dict[str, str] | None = None) -> int:
    """Serve until Ctrl-C; the first build may fail, the banner then says why."""
    builder = Builder(config, dict(environment or os.environ))
    with contextlib.suppress(KeyboardInterrupt):
        _serve(config, builder)
    builder.close()
    sys.stderr.write("Stopped.\n")
    return 0


def _serve(config: Config, builder: Builder) -> None:
    sys.stderr.write("Building the whole site once.\n")
    builder.build_if_changed()
    builder.finish()
    if builder.trouble:
        sys.stderr.write(f"{builder.trouble}\n")
    threading.Thread(target=builder.watch, args=(0.1,), daemon=True).start()
    handler = partial(Handler, builder=builder, directory=str(config.site_dir))
    with http.server.ThreadingHTTPServer(config.listen, handler) as server:
        sys.stderr.write(f"http://{config.listen[0]}:{server.server_port}/\n")
        server.serve_forever()
