"""A link as an editor writes it in a content file: whole, plain, without tricks."""

import re
from urllib.parse import SplitResult, urlsplit

# White space, controls, and what browsers read as a slash or as the end of an address.
_ODD = re.compile(r"[\s\\<>\"\x00-\x1f]")


def whole_link(text: str) -> SplitResult | None:
    """Return the parts of an http or https link with a host; None for anything else.

    A user name before the host is refused: it makes one site look like another.
    """
    try:
        parts = urlsplit(text)
        usable = parts.hostname and parts.username is None and parts.port != 0
    except ValueError:
        return None
    if not usable or parts.scheme not in ("http", "https") or _ODD.search(text):
        return None
    return parts
