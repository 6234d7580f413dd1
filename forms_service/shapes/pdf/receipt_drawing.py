"""The press of the receipts: a process that has loaded all that draws, and forks.

    python -m forms_service.shapes.pdf.receipt_drawing  <a socket

Each message on its socket brings a line, on which a child of its own reads one job,
writes the PDF and ends: nothing of one person is left for the next. When the other
end hangs up, all of it ends.
"""

import gc
import json
import os
import resource
import signal
import socket
from collections.abc import Mapping
from contextlib import suppress
from io import BytesIO
from typing import Any

import segno
from jinja2 import Template
from pikepdf import Pdf, String
from weasyprint.text.fonts import FontConfiguration

from .attendance import TEMPLATE as ATTENDANCE
from .finish import hide_margins_from_readers
from .font_coverage import in_our_letters
from .paper import environment
from .receipt import UNDRAWN
from .render import print_html

RECEIPT = "receipt.html"
# All that can be asked for.
TEMPLATES = (RECEIPT, ATTENDANCE)
# Seconds after which nobody waits any more for a receipt.
SECONDS = 10
# Of a child: bytes of memory, seconds of computing; no file, no core dump.
LIMITS = {
    resource.RLIMIT_AS: 1 << 30,
    resource.RLIMIT_CPU: SECONDS,
    resource.RLIMIT_FSIZE: 0,
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_NOFILE: 64,
}
# Who fills in a form goes first.
NICE = 5
_TEXT = ["a", ""]
# A receipt of nobody, in both scripts: what a library makes at first use is made.
SAMPLE: Mapping[str, Any] = {
    "lang": "it",
    "dir": "ltr",
    "colours": {"primary": "#000000", "dark": "#000000", "light": "#ffffff"},
    "title": _TEXT,
    "heading": "a",
    "colon": ":",
    "reference": _TEXT,
    "facts": [_TEXT],
    "sections": [[_TEXT, [["a", [_TEXT, ["ع", "ar"]], ""]]]],
    "next": ["a", [_TEXT]],
    "contact": ["a", [_TEXT]],
    "erasure": ["a", ["a"]],
    "owner": _TEXT,
    "project": ["ع", "ar"],
    "funding": _TEXT,
    "demonstration": _TEXT,
    "unreviewed": "a",
    "page": "a",
    "created": "2030-01-01",
    "check": ["a", "a", "https://example.org/"],
    "undrawn": "a",
    "proof": {"/Sample": "a"},
}


def draw(
    job: Mapping[str, Any],
    templates: Mapping[str, Template],
    fonts: FontConfiguration | None = None,
) -> bytes:
    """Return the PDF of a job: a receipt, or what it says that it is.

    Only a receipt can be checked, and has a code for that.
    """
    about: dict[str, Any] = {}
    if "check" in job:
        about["code"] = segno.make(job["check"][2], error="m").svg_data_uri(border=4)
    html = templates[job.get("template", RECEIPT)].render(
        job=in_our_letters(job, UNDRAWN), lang=job["lang"], sign=UNDRAWN, **about
    )
    with Pdf.open(BytesIO(print_html(html, fonts))) as pdf:
        hide_margins_from_readers(pdf)
        for key, value in job.get("proof", {}).items():
            pdf.docinfo[key] = String(value)
        target = BytesIO()
        pdf.save(target, deterministic_id=True)
    return target.getvalue()


def serve(control: socket.socket) -> None:
    """Fork a child for each line that comes, until the other end hangs up."""
    templates = {name: environment().get_template(name) for name in TEMPLATES}
    fonts = FontConfiguration()
    draw(SAMPLE, templates, fonts)
    # Children share what is loaded as long as nobody writes on it.
    gc.collect()
    gc.freeze()
    while lines := socket.recv_fds(control, 1, 1)[1]:
        if os.fork() == 0:
            try:
                # Through it come the lines of other people.
                control.close()
                _draw_one(lines[0], templates, fonts)
            finally:
                # Nothing of the parent's is cleared away, its fonts least of all.
                os._exit(0)
        os.close(lines[0])


def _draw_one(
    line: int, templates: Mapping[str, Template], fonts: FontConfiguration
) -> None:
    confine()
    gc.disable()
    with socket.socket(fileno=line) as asking:
        job = json.load(asking.makefile("rb"))
        asking.sendall(draw(job, templates, fonts))


def confine() -> None:
    """Give up for good what no receipt needs; a narrower limit of the machine stays."""
    signal.alarm(SECONDS)
    for kind, most in LIMITS.items():
        hard = resource.getrlimit(kind)[1]
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (allowed, allowed))


def _take_leave(*_: object) -> None:
    """Let ended children go; what they used is then told of this process in /proc."""
    with suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            continue


def main() -> None:
    """Draw for whoever holds the other end of standard input."""
    os.nice(NICE)
    signal.signal(signal.SIGCHLD, _take_leave)
    serve(socket.socket(fileno=0))
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    main()
