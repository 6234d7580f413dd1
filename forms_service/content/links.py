"""A link as an editor writes it in a content file: whole, plain, without tricks."""

import re
from urllib.parse import SplitResult, parse_qs, urlsplit

# White space, controls, and what browsers read as a slash or as the end of an address.
_ODD = re.compile(r"[\s\\<>\"\x00-\x1f]")
_FILM = re.compile(r"[A-Za-z0-9_-]{11}")


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


def names_film(parts: SplitResult) -> bool:
    """Say whether a link leads to one film, and not to a host or a cut-off example.

    YouTube's addresses carry a name of eleven characters; of other hosts only a path
    can be asked.
    """
    host = (parts.hostname or "").removeprefix("www.").removeprefix("m.")
    if "…" in parts.geturl() or "..." in parts.geturl():
        return False
    match host, parts.path.strip("/").split("/"):
        case "youtube.com", ["watch"]:
            (name, *_) = parse_qs(parts.query).get("v", [""])
        case ("youtube.com", ["live" | "embed", name]) | ("youtu.be", [name]):
            pass
        case (("youtube.com" | "youtu.be"), _):
            return False
        case _:
            return bool(parts.path.strip("/"))
    return _FILM.fullmatch(name) is not None
