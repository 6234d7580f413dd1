"""Smaller copies of the files of the site, beside them, for browsers that take them."""

import gzip
from pathlib import Path

import brotli

# Pictures that are not drawings, fonts and PDFs are packed already.
KINDS = frozenset({".html", ".css", ".js", ".svg", ".xml", ".txt", ".json", ".ics"})


def pack(built: Path) -> None:
    """Write a .gz and a .br of every file that they make smaller."""
    for file in sorted(built.rglob("*")):
        hidden = any(part.startswith(".") for part in file.relative_to(built).parts)
        if file.suffix not in KINDS or hidden or not file.is_file():
            continue
        plain = file.read_bytes()
        # Without a time in it, the same page gives the same bytes.
        copies = {
            ".gz": gzip.compress(plain, 9, mtime=0),
            ".br": brotli.compress(plain, brotli.MODE_TEXT),
        }
        for suffix, copy in copies.items():
            if len(copy) < len(plain):
                file.with_name(file.name + suffix).write_bytes(copy)
