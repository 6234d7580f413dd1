"""A scan or photo of paper: what kind of file it is, which form its codes name.

The file is opened in a child process alone (`scanner`); here only its first bytes
are looked at, never its name.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..shapes.pdf.identity import Identity
from .refusals import (
    Damaged,
    NoScan,
    PasswordProtected,
    Refusal,
    ScanTooLarge,
    TooManyPages,
    TooManyPixels,
)
from .sandbox import answer_of, run_in_child

SCANNER = Path(__file__).with_name("scanner.py")
LARGEST = 10 << 20
# The child says no more; whoever took it over may not say more either.
MOST_PAGES = 20
# Seconds on the clock, the child's turn of the processor included.
TIMEOUT = 10.0
# A page in 16 greys, every point of it noise, has not as many bytes.
LARGEST_PICTURE = 4 << 20
PNG = b"\x89PNG\r\n\x1a\n"
_BEGINNINGS: Mapping[str, bytes] = {
    "pdf": b"%PDF-",
    "jpeg": b"\xff\xd8\xff",
    "png": PNG,
}
_REFUSALS: Mapping[str, type[Refusal]] = {
    "locked": PasswordProtected,
    "pages": TooManyPages,
    "pixels": TooManyPixels,
}


@dataclass(frozen=True, slots=True)
class Scan:
    """A file that can be shown, its kind (pdf, jpeg, png), pages and QR codes."""

    data: bytes
    kind: str
    pages: int
    codes: tuple[str, ...]


def read_scan(data: bytes) -> Scan:
    """Look at a file in the child; raise a `Refusal` when it is no scan."""
    kind = kind_of(data)
    found = answer_of(_run(data, kind, None))
    if refusal := found.get("refusal"):
        raise _REFUSALS.get(refusal, Damaged)
    pages, codes = found.get("pages"), found.get("codes")
    if not isinstance(pages, int) or not isinstance(codes, list):
        raise Damaged
    if not 0 < pages <= MOST_PAGES:
        raise Damaged
    return Scan(data, kind, pages, tuple(map(str, codes)))


def kind_of(data: bytes) -> str:
    """Return the kind that the first bytes say; raise `ScanTooLarge` or `NoScan`."""
    if len(data) > LARGEST:
        raise ScanTooLarge
    for kind, beginning in _BEGINNINGS.items():
        if data.startswith(beginning):
            return kind
    raise NoScan


def picture(data: bytes, kind: str, page: int) -> bytes:
    """Return a page, counted from 0, drawn anew as a PNG; raise `Damaged`."""
    drawn = _run(data, kind, page)
    if not drawn.startswith(PNG):
        raise Damaged
    return drawn


def _run(data: bytes, kind: str, page: int | None) -> bytes:
    order: dict[str, Any] = {"kind": kind, "picture": page}
    most = LARGEST_PICTURE
    return run_in_child(json.dumps(order), data, SCANNER, TIMEOUT, most)


def named(codes: Sequence[str]) -> Identity | None:
    """Return the form that the codes of a scan name, None for none or several.

    Pages of one version in several languages are one form: its questions are the same.
    """
    found: dict[tuple[str, str], Identity] = {}
    for code in codes:
        try:
            identity, _ = Identity.from_url(code)
        except ValueError:
            continue
        found.setdefault((identity.form_id, identity.digits), identity)
    return next(iter(found.values())) if len(found) == 1 else None
