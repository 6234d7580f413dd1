"""Passwords: what would be guessed is refused, and only a slow hash is stored."""

import re
import unicodedata
from collections.abc import Iterable

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ..content import Content
from ..i18n import N_, Message
from ..store.staff import StaffMember

LEAST = 12
MOST = 256
# Of zxcvbn: more than 10^8 guesses, "safely unguessable" where tries are slowed down.
STRONG = 3
# What it looks at: its work grows with the square of the length.
LOOKED_AT = 72

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


def words_of(content: Content) -> tuple[str, ...]:
    """Return what somebody here would try first: the names of project and owner."""
    names = [
        name
        for project in content.projects.values()
        for name in (
            project.name,
            project.full_name,
            project.owner.name,
            project.owner.full_name,
        )
    ]
    return tuple(dict.fromkeys(_parts(names)))


def _parts(names: Iterable[str]) -> Iterable[str]:
    """Yield each name, its words, and all of it in one word."""
    for name in names:
        words = re.findall(r"\w+", name.casefold())
        yield from (name.casefold(), "".join(words), *words)


def check_password(password: str, email: str, words: Iterable[str] = ()) -> None:
    """Raise `PasswordRefused` for a password that is short, long or guessable."""
    password = _composed(password)
    if len(password) < LEAST:
        raise PasswordRefused(
            Message(N_("Use at least {least} characters."), {"least": LEAST})
        )
    if len(password) > MOST:
        text = N_("Write at most {most} characters: now there are {now}.")
        raise PasswordRefused(Message(text, {"most": MOST, "now": len(password)}))
    # Its lists of words take 13 MiB, and passwords are seldom chosen.
    from zxcvbn import zxcvbn

    known = [*words, *_parts([email, email.partition("@")[0]])]
    if zxcvbn(password[:LOOKED_AT], user_inputs=known)["score"] < STRONG:
        raise PasswordRefused(
            Message(N_("Too easy to guess: four words of your own are better."))
        )


def verified(member: StaffMember | None, password: str) -> bool:
    """Say whether this is a member's password, with equal work when there is none."""
    stored = member.password if member and not member.disabled_at else None
    return is_password_of(stored, password)


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
