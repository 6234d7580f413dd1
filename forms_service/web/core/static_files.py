"""Static files of the service in memory, and octets that are kept also packed.

A page with somebody's answers is never packed: its length would tell of them (the
BREACH attack on TLS, CVE-2013-3587).
"""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from flask import Response, request

from ... import urls
from ...shapes import chrome

BEST = 9


@dataclass(frozen=True, slots=True)
class Precompressed:
    """A body and its smaller copy, which is empty where it would not be smaller."""

    plain: bytes
    small: bytes
    tag: str

    @classmethod
    def of(cls, plain: bytes) -> "Precompressed":
        """Pack a body."""
        # Without a time in it, the same body gives the same bytes.
        small = gzip.compress(plain, BEST, mtime=0)
        tag = sha256(plain).hexdigest()[:24]
        return cls(plain, small if len(small) < len(plain) else b"", tag)

    def answer(self, kind: str, headers: Mapping[str, str]) -> Response:
        """Answer this request with it, or with nothing to who has it already."""
        takes = bool(self.small and request.accept_encodings["gzip"])
        all_headers = {**headers, "Vary": "Accept-Encoding", "ETag": f'"{self.tag}"'}
        if takes:
            all_headers |= {"Content-Encoding": "gzip", "ETag": f'"{self.tag}-gz"'}
        body = self.small if takes else self.plain
        response = Response(body, headers=all_headers, content_type=kind)
        if request.if_none_match:
            response.make_conditional(request)
        return response


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
