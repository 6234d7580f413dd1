"""Handing mails over: what any way of it can answer, and the one into a folder."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from email.message import EmailMessage
from pathlib import Path
from traceback import extract_tb
from typing import Protocol

_LINK = re.compile(r"^https?://\S+$", re.MULTILINE)


class RecipientRefused(Exception):
    """The mail was not taken; `permanent` means that trying again is no use."""

    def __init__(self, reason: str, permanent: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent


class Unreachable(RecipientRefused):
    """The way to the mail server is broken: it would refuse every other mail too."""


class RefusesEverybody(Unreachable):
    """The server lets us in, and refuses each mail for reasons of policy."""


class MailSession(Protocol):
    """Mails handed over one after another, by one sender."""

    def send(
        self,
        message: EmailMessage,
        recipient: str,
        patient: bool = False,
        return_path: str = "",
    ) -> None:
        """Hand a mail to one recipient; raise `RecipientRefused` or `Unreachable`."""


class Transport(Protocol):
    """A way to hand mails over; each sender has a session of its own."""

    def session(self) -> AbstractContextManager[MailSession]:
        """Begin a session; nothing is opened before its first mail."""


def whereabouts(error: BaseException) -> str:
    """Name a fault and its line; its message may hold an answer or an address."""
    frames = extract_tb(error.__traceback__)
    place = (
        f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    )
    return type(error).__name__ + place


class FileTransport:
    """Write mails into a folder and show their link, for running without a server."""

    def __init__(self, folder: Path, show: Callable[[str], None]) -> None:
        self._folder = folder
        self._show = show

    @contextmanager
    def session(self) -> Iterator["FileTransport"]:
        """Begin a session; a folder keeps nothing open."""
        yield self

    def send(
        self,
        message: EmailMessage,
        recipient: str,
        patient: bool = False,
        return_path: str = "",
    ) -> None:
        """Write the mail to a file that a mail program opens; again writes nothing."""
        key = str(message["Message-ID"]).strip("<>").partition("@")[0]
        moment = message["Date"].datetime
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if any(self._folder.glob(f"*-{key}.eml")):
                return
            file = self._folder / f"{moment:%Y%m%dT%H%M%S}-{key}.eml"
            _write_whole(file, message.as_bytes())
        except OSError as error:
            raise Unreachable(f"mail folder: {type(error).__name__}") from error
        self._show(_announcement(message, file))


def _write_whole(file: Path, content: bytes) -> None:
    part = file.with_suffix(".part")
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as target:
        target.write(content)
    part.replace(file)


def _announcement(message: EmailMessage, file: Path) -> str:
    text = message.get_body(("plain",))
    link = _LINK.search(text.get_content().replace("\r", "")) if text else None
    return f"Mail written to {file}" + (f"\n  {link[0]}" if link else "")
