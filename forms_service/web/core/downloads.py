"""A file that leaves as a download: nobody keeps it, and its name survives the trip."""

from collections.abc import Iterator
from unicodedata import normalize
from urllib.parse import quote

from flask import Response

from .context import HEADERS


def download(content: bytes | str | Iterator[bytes], kind: str, name: str) -> Response:
    """Return a file to be saved under a name in any script.

    A header takes only ASCII: other letters go as `filename*=UTF-8''…` (RFC 6266),
    beside what is left of the name for programs that do not know it.
    """
    plain = normalize("NFKD", name).encode("ascii", "ignore").decode()
    names = {"filename": plain}
    if plain != name:
        names["filename*"] = f"UTF-8''{quote(name, safe='')}"
    response = Response(content, headers=HEADERS)
    response.headers["Content-Type"] = kind
    response.headers.set("Content-Disposition", "attachment", **names)
    return response
