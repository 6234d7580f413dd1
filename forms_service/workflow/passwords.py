"""What a password of staff must be: long, and not the first thing to be guessed.

No rule asks for signs or capitals: length is what helps (NIST SP 800-63B, 5.1.1.2).
Hashes are argon2id of the text in NFC, because one keyboard composes accents and
another does not (RFC 8265). One of weaker parameters, or of another form of the text,
is replaced at the next sign-in.
"""

import unicodedata

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ..i18n import N_, Message

LEAST = 12
MOST = 256
DISTINCT = 5
# A mailbox called "info" may not be part of it; one called "a" would forbid words.
SHORTEST_NAME = 4
_ROWS = ("0123456789", "abcdefghijklmnopqrstuvwxyz", "qwertyuiopasdfghjklzxcvbnm")
_WORDS = ("password", "qwerty", "iloveyou", "letmein", "welcome", "admin")

# OWASP's smallest argon2id parameters: 40 ms and 19 MiB a try on a small server.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1)
# The hash of a forgotten random text with the same parameters: the work for an
# account that does not exist, so that its absence cannot be timed.
NOBODY = (
    "$argon2id$v=19$m=19456,t=2,p=1$1Wajbim7GkMYSkf8oAWaaA"
    "$fbIelq9SiAqCGOYs/Nx6OgiNQ/JSCnnxK7Ry63PGHvA"
)


class PasswordRefused(ValueError):
    """The password would be guessed; `message` says what to do."""

    def __init__(self, message: Message) -> None:
        super().__init__(message.msgid)
        self.message = message


def check_password(password: str, email: str) -> None:
    """Raise `PasswordRefused` for a password that is short, long or easy."""
    password = _composed(password)
    if len(password) < LEAST:
        raise PasswordRefused(
            Message(N_("Use at least {least} characters."), {"least": LEAST})
        )
    if len(password) > MOST:
        text = N_("Write at most {most} characters: now there are {now}.")
        raise PasswordRefused(Message(text, {"most": MOST, "now": len(password)}))
    plain = password.casefold()
    own = email.partition("@")[0].casefold()
    if len(own) >= SHORTEST_NAME and own in plain:
        raise PasswordRefused(Message(N_("Leave your email address out of it.")))
    if len(set(plain)) < DISTINCT or _is_row(plain) or _is_word(plain):
        raise PasswordRefused(
            Message(N_("Too easy to guess: four words of your own are better."))
        )


def _is_row(plain: str) -> bool:
    return any(
        plain in row * (len(plain) // len(row) + 2)
        for straight in _ROWS
        for row in (straight, straight[::-1])
    )


def _is_word(plain: str) -> bool:
    """Say whether nothing is left after well-known words, digits and signs."""
    for word in _WORDS:
        plain = plain.replace(word, "")
    return not any(character.isalpha() for character in plain)


def _composed(password: str) -> str:
    return unicodedata.normalize("NFC", password)


def hash_password(password: str) -> str:
    """Return what is stored of a password."""
    return _HASHER.hash(_composed(password))


def is_password_of(stored: str | None, password: str) -> bool:
    """Say whether a password fits a stored hash; None costs the same work.

    Hashes of before were made of the text as one keyboard sent it.
    """
    forms = [_composed(password), unicodedata.normalize("NFD", password), password]
    found = any(_fits(stored or NOBODY, form) for form in dict.fromkeys(forms))
    return found and stored is not None


def _fits(stored: str, password: str) -> bool:
    try:
        return _HASHER.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def is_weak_hash(stored: str, password: str = "") -> bool:
    """Say whether the hash of a right password is to be made anew."""
    plain = password.isascii()
    composed = plain or _fits(stored, _composed(password))
    return _HASHER.check_needs_rehash(stored) or not composed
