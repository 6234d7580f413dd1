"""What a build says to whoever started it, on standard error."""

import sys

_CLEAR = "\r\x1b[K"


def print_message(message: str) -> None:
    """Say a sentence."""
    _write(f"{message}\n")


def show_progress(message: str) -> None:
    """Show on one line what is done now; only a terminal has such a line."""
    if sys.stderr.isatty():
        _write(message)


def _write(text: str) -> None:
    sys.stderr.write(f"{_CLEAR if sys.stderr.isatty() else ''}{text}")
    sys.stderr.flush()
