"""Signed texts for links and form keys: a purpose, a small payload, no secret inside.

A token carries no expiry and no state: whether it still counts is in the row that
its payload names. Keys are arguments, the newest last; older ones still verify.
"""

from collections.abc import Sequence
from typing import Any

from itsdangerous import BadData, URLSafeSerializer


class TokenInvalid(Exception):
    """The token was not made by us for this purpose, or was damaged on the way."""


class Tokens:
    """Make and read tokens with a list of keys."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys or not all(keys):
            raise ValueError("at least one non-empty secret key is needed")
        self._keys = list(keys)

    def make(self, purpose: str, payload: Any) -> str:
        """Sign a JSON payload; another purpose cannot read it (the salt differs)."""
        return self._serializer(purpose).dumps(payload)

    def read(self, purpose: str, token: str) -> Any:
        """Return the payload; raise `TokenInvalid` for any other purpose or key.

        The text of a token is malleable (base64 padding), so anything that must
        happen once is keyed on the payload, never on the token.
        """
        try:
            return self._serializer(purpose).loads(token)
        except BadData as error:
            raise TokenInvalid(purpose) from error

    def _serializer(self, purpose: str) -> URLSafeSerializer:
        return URLSafeSerializer(self._keys, salt=f"forms-service/{purpose}")
