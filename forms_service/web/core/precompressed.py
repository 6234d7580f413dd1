"""Octets that are the same for everybody, kept also packed for who takes them so.

A page with somebody's answers is never packed: its length would tell of them (the
BREACH attack on TLS, CVE-2013-3587).
"""

import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from flask import Response, request

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
