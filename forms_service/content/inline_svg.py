"""Pictures so small that a page carries them itself instead of asking for each."""

from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

# A request costs a phone on a slow network more than these octets, once packed.
MOST_OCTETS = 1024
_PLAIN = "/:=,;()"


def read_drawings(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """Return the small SVG files among `names` as addresses that hold the drawing."""
    files = {name: folder / name for name in names if name.endswith(".svg")}
    return {
        name: f"data:image/svg+xml,{quote(file.read_bytes(), _PLAIN)}"
        for name, file in files.items()
        if file.is_file() and file.stat().st_size <= MOST_OCTETS
    }
