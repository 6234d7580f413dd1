"""The event files of a running service: read again when they have changed.

They are in no fingerprint of a form, so nobody has to restart anything to write the
link of the livestream into its file.
"""

from collections.abc import Mapping
from contextlib import suppress
from hashlib import sha256

from .event import Event
from .folder import Content
from .loading import read_events


class EventFiles:
    """The files of one content folder, and what was last read from them."""

    def __init__(self, content: Content) -> None:
        self._content = content
        self._seen = self._read = ""
        self.broken: list[str] = []
        """Names of the files that could not be read the last time."""

    def changed(self) -> Mapping[str, Mapping[str, Event]] | None:
        """Return the sound events when a file has changed since they were read.

        Only once two looks find the same: who saves twice within a minute tells
        people once, and a file half written is not read.
        """
        mark = self._mark()
        settled, self._seen = mark == self._seen, mark
        if not settled or mark == self._read:
            return None
        self._read = mark
        events, self.broken = read_events(self._content)
        return events

    def _mark(self) -> str:
        found = sha256()
        for file in sorted((self._content.folder / "events").glob("*.yml")):
            with suppress(OSError):
                found.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
        return found.hexdigest()
