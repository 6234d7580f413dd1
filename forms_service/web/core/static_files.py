"""Static files of the service in memory, under one digest that names them all."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from ... import urls
from ...shapes import chrome
from .precompressed import Precompressed

FOLDER = Path(__file__).parent.parent / "static"


@dataclass(frozen=True, slots=True)
class StaticFiles:
    """Files by name; the digest changes with any of them.

    `shared_with_site` are the paths of those that the built site has too, by name.
    """

    digest: str
    by_name: Mapping[str, Precompressed]
    shared_with_site: Mapping[str, str]

    @classmethod
    def gather(cls, colours: Mapping[str, str]) -> "StaticFiles":
        """Read style sheet, fonts and scripts, in the project's colours."""
        scripts = {file.name: file.read_bytes() for file in sorted(FOLDER.iterdir())}
        shared = chrome.files(colours)
        contents = {**shared, **scripts}
        total = sha256()
        for name, content in contents.items():
            total.update(name.encode() + b"\0" + content)
        by_name = {
            name: Precompressed.of(content) for name, content in contents.items()
        }
        folder = urls.shared_files(chrome.digest(colours))
        shared_with_site = {name: f"{folder}/{name}" for name in shared}
        return cls(total.hexdigest()[:12], by_name, shared_with_site)
