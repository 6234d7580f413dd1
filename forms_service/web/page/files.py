"""Static files of the service in memory, under one digest that names them all."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ...shapes import chrome

FOLDER = Path(__file__).parent.parent / "static"


@dataclass(frozen=True, slots=True)
class StaticFiles:
    """Files by name; the digest changes with any of them."""

    digest: str
    by_name: Mapping[str, bytes]

    @classmethod
    def gather(cls, colours: Mapping[str, str]) -> "StaticFiles":
        """Read style sheet, fonts and scripts, in the project's colours."""
        scripts = {file.name: file.read_bytes() for file in sorted(FOLDER.iterdir())}
        by_name = {**chrome.files(colours), **scripts}
        total = sha256()
        for name, content in by_name.items():
            total.update(name.encode() + b"\0" + content)
        return cls(total.hexdigest()[:12], by_name)
