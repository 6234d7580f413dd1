"""Signed texts for links and form keys: a purpose, a small payload, no secret inside.

What is secret is sealed: nobody without a key reads it.

A token carries no expiry and no state: whether it still counts is in the row that
its payload names. Keys are arguments, the newest last; older ones still verify.
"""

import hmac
import json
import re
import unicodedata
from base64 import b32encode, urlsafe_b64encode
from collections.abc import Sequence
from hashlib import sha256
from hmac import compare_digest
from typing import TYPE_CHECKING, Any

from itsdangerous import BadData, Signer, URLSafeSerializer
from itsdangerous.encoding import base64_encode, want_bytes
from itsdangerous.signer import SigningAlgorithm

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

# Letters and digits that nobody confuses when typing them from another screen.
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH = 6


# Letters of other keyboards that look like those of a code.
_LOOK_ALIKE = str.maketrans("АВСЕНКМРТХΑΒΕΗΚΜΝΡΤΧΖ", "ABCEHKMPTXABEHKMNPTXZ")


def read_code(typed: str, length: int = CODE_LENGTH) -> str:
    """Return a code without what people copy along: its name, spaces, dashes, quotes.

    Letters and digits may be of another width, script or keyboard.
    """
    letters = unicodedata.normalize("NFKC", typed).upper().translate(_LOOK_ALIKE)
    western = "".join(str(int(c)) if c.isdecimal() else c for c in letters)
    # What is said about a code in brackets is longer than one.
    aside = rf"\((?:[^\w()]*[^\W_]){{{length + 1},}}[^()]*\)?"
    parts = re.findall(r"[^\W_]+", re.sub(aside, " ", western))
    while len("".join(parts)) > length:
        del parts[0]
    return "".join(parts)


# A payload, packed or not, and a signature of 20 bytes, in base64 for addresses.
_ALONE = re.compile(r"\.?[\w-]+\.(?![\w-]{27}[_-]+$)[\w-]+", re.ASCII)
_WITHIN = re.compile(r"\.?[\w-]+\.[\w-]{27}", re.ASCII)


def clean_token(text: str) -> str:
    """Return a token without what was copied along and can never be in one.

    A full stop, a bracket, a quote, the space of a broken line, the _ of words
    in italics. What may be a token, true or damaged, stays as it is.
    """
    if _ALONE.fullmatch(text):
        return text
    found = _WITHIN.search(re.sub(r"[^\w.-]", "", text, flags=re.ASCII))
    return found.group() if found else text


class TokenInvalid(Exception):
    """The token was not made by us for this purpose, or was damaged on the way."""


class Hmac(SigningAlgorithm):
    """The library's HMAC in one call, without an object for each signature."""

    def get_signature(self, key: bytes, value: bytes) -> bytes:
        """Return the signature of a value."""
        return hmac.digest(key, value, "sha1")


class PurposeSigner(Signer):
    """Signs for one purpose, whose keys are derived once and not for each token."""

    def __init__(self, keys: Sequence[str], salt: str) -> None:
        super().__init__(keys, salt, algorithm=Hmac())
        self._derived = {key: Signer.derive_key(self, key) for key in self.secret_keys}

    def derive_key(self, secret_key: str | bytes | None = None) -> bytes:
        """Return what was derived from a key, the newest if none is named."""
        return self._derived[want_bytes(secret_key or self.secret_key)]


# A token is what `URLSafeSerializer` makes, but never packed: to try that on a hundred
# bytes takes longer than to sign them. What was packed is read.
_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_PAYLOADS = URLSafeSerializer("signs nothing")


class Tokens:
    """Make and read tokens with a list of keys."""

    def __init__(self, keys: Sequence[str]) -> None:
        if not keys or not all(keys):
            raise ValueError("at least one non-empty secret key is needed")
        self._keys = list(keys)
        self._signers: dict[str, PurposeSigner] = {}

    def make(self, purpose: str, payload: Any) -> str:
        """Sign a JSON payload; another purpose cannot read it (the salt differs)."""
        octets = base64_encode(_JSON.encode(payload))
        return self._signer(purpose).sign(octets).decode()

    def read(self, purpose: str, token: str) -> Any:
        """Return the payload; raise `TokenInvalid` for any other purpose or key.

        The text of a token is malleable (base64 padding), so anything that must
        happen once is keyed on the payload, never on the token.
        """
        try:
            return _PAYLOADS.load_payload(self._signer(purpose).unsign(token))
        except BadData as error:
            raise TokenInvalid(purpose) from error

    def code(self, purpose: str, payload: str) -> str:
        """Return the six characters that belong to a payload, by the newest key.

        Nothing secret has to be stored for a code that is mailed and typed back.
        """
        return self._codes(purpose, payload)[-1]

    def matches(self, purpose: str, payload: str, typed: str) -> bool:
        """Say whether a typed code belongs to a payload, by any key."""
        plain = read_code(typed).encode()
        matching = [
            compare_digest(code.encode(), plain)
            for code in self._codes(purpose, payload)
        ]
        return any(matching)

    def tag(self, purpose: str, payload: str) -> str:
        """Return sixteen small letters and digits that belong to a payload.

        For a place where capitals are lost.
        """
        return self._tags(purpose, payload)[-1]

    def is_tag(self, purpose: str, payload: str, tag: str) -> bool:
        """Say whether a tag belongs to a payload, by any key."""
        tags = self._tags(purpose, payload)
        return sum(compare_digest(made, tag) for made in tags) > 0

    def seal(self, purpose: str, text: str) -> str:
        """Return a text that only who has the keys can read, for this purpose."""
        return self._box(purpose).encrypt(text.encode()).decode()

    def unseal(self, purpose: str, sealed: str) -> str:
        """Return a sealed text; raise `TokenInvalid` for another purpose or key."""
        from cryptography.fernet import InvalidToken

        try:
            return self._box(purpose).decrypt(sealed).decode()
        except InvalidToken as error:
            raise TokenInvalid(purpose) from error

    def sealed_by_newest(self, purpose: str, sealed: str) -> str:
        """Return it as it is, or sealed again where an older key has sealed it.

        Raise `TokenInvalid` for another purpose or key.
        """
        newest = Tokens(self._keys[-1:])
        try:
            newest.unseal(purpose, sealed)
        except TokenInvalid:
            return self.seal(purpose, self.unseal(purpose, sealed))
        return sealed

    def _box(self, purpose: str) -> "MultiFernet":
        # Few ask for it: the rest need not wait for it to be loaded.
        from cryptography.fernet import Fernet, MultiFernet

        keys = map(urlsafe_b64encode, self._digests(f"seal/{purpose}", "key"))
        return MultiFernet([*map(Fernet, keys)][::-1])

    def _tags(self, purpose: str, payload: str) -> list[str]:
        digests = self._digests(purpose, payload)
        return [b32encode(digest[:10]).decode().lower() for digest in digests]

    def _codes(self, purpose: str, payload: str) -> list[str]:
        codes = []
        for digest in self._digests(purpose, payload):
            number = int.from_bytes(digest)
            digits = [number // len(ALPHABET) ** i for i in range(CODE_LENGTH)]
            codes.append("".join(ALPHABET[digit % len(ALPHABET)] for digit in digits))
        return codes

    def _digests(self, purpose: str, payload: str) -> list[bytes]:
        """Return the bare HMAC by each key: its base64 would favour some characters."""
        salt = f"forms-service/{purpose}"
        signers = [Signer(key, salt=salt, digest_method=sha256) for key in self._keys]
        return [
            signer.algorithm.get_signature(signer.derive_key(), payload.encode())
            for signer in signers
        ]

    def _signer(self, purpose: str) -> PurposeSigner:
        if purpose not in self._signers:
            salt = f"forms-service/{purpose}"
            self._signers[purpose] = PurposeSigner(self._keys, salt)
        return self._signers[purpose]
