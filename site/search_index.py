"""The index that the search page reads in the browser, one per language (Pagefind).

It is made from a copy of the pages: there the apostrophe of the typewriter stands for
the curly one, or nobody who types "ospedale" would find "l’ospedale".
"""

import sys
from collections.abc import Iterable
from pathlib import Path

from forms_service.shapes.chrome import CONTENT_ID
from process import Child

FOLDER = "pagefind"
ENGINE = f"/{FOLDER}/pagefind.js"
# What says the same on every page, or is not text to find.
_SKIPPED = (
    "nav", ".buttons", ".updated", ".state", ".live", ".event__date", ".player",
    ".print-only",
)  # fmt: skip
# The ready-made surfaces of Pagefind; ours is scripts/search.js.
_UNUSED = ("pagefind-ui*", "pagefind-modular*", "pagefind-component*", "*highlight*")


class NoIndex(Exception):
    """Pagefind did not make an index; the message is what it said."""


def index_pages(built: Path, files: Iterable[Path], copies: Path) -> None:
    """Write the index of some pages of `built` into it; `copies` is an empty folder."""
    for file in files:
        copy = copies / file.relative_to(built)
        copy.parent.mkdir(parents=True, exist_ok=True)
        text = file.read_text(encoding="utf-8").replace("’", "'")
        main = f'<main id="{CONTENT_ID}"'
        copy.write_text(text.replace(main, f"{main} data-pagefind-body"), "utf-8")
    command = [sys.executable, "-m", "pagefind", "--quiet"]
    command += ["--site", str(copies), "--output-path", str(built / FOLDER)]
    for selector in _SKIPPED:
        command += ["--exclude-selectors", selector]
    code, output = Child(command).wait()
    if code:
        raise NoIndex(f"Pagefind: {output}")
    for pattern in _UNUSED:
        for file in (built / FOLDER).glob(pattern):
            file.unlink()
