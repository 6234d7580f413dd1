"""Slips in typing an address: in the name of a provider, in letters few mailboxes have.

A guess, to be shown and never to be acted on: the address may be right as it is.
"""

import unicodedata
from os.path import commonprefix

from ..i18n import N_, Message
from .folding import western

# Each one that exists is here, so that no real name counts as a slip of another.
PROVIDERS = frozenset(
    """
    gmail.com googlemail.com mail.com email.com ymail.com rocketmail.com aol.com
    yahoo.com yahoo.it yahoo.fr yahoo.es yahoo.de yahoo.ro yahoo.co.uk
    hotmail.com hotmail.it hotmail.fr hotmail.es hotmail.de hotmail.co.uk
    outlook.com outlook.it outlook.fr outlook.es outlook.de live.com live.it live.fr
    msn.com icloud.com me.com mac.com proton.me protonmail.com tutanota.com
    gmx.com gmx.de gmx.net gmx.at gmx.ch web.de t-online.de orange.fr free.fr
    libero.it virgilio.it alice.it tiscali.it tim.it tin.it inwind.it iol.it
    email.it fastwebnet.it vodafone.it poste.it aruba.it pec.it legalmail.it
    ukr.net i.ua meta.ua mail.ru yandex.ru bk.ru abv.bg wp.pl o2.pl interia.pl
    """.split()
)


# Of short names too many others are one slip away.
_LONG = sorted(name for name in PROVIDERS if len(name) > 6)
# By the length of what was typed: one slip makes no more than a letter of difference.
_NEAR = {
    length: [name for name in _LONG if abs(len(name) - length) < 2]
    for length in range(6, max(map(len, _LONG)) + 2)
}

# What keyboards and word processors make of an apostrophe.
_APOSTROPHES = dict.fromkeys(map(ord, "\u2018\u2019\u02bc\u00b4`\u2032"), "'")
# Written together in one language.
_TOGETHER = frozenset({"CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA"})


def email_slip(email: str) -> Message | None:
    """Return what to ask about an address; None if it looks right."""
    if likely := probably_meant(email):
        text = N_(
            "Did you mean {address}? If the address you wrote is right, you can go on."
        )
        return Message(text, {"address": likely})
    if letters := doubted_letters(email):
        text = N_(
            "Check the email address: most mailboxes have no letters such as "
            "{letters}. If it is right, you can go on."
        )
        return Message(text, {"letters": letters})
    if mixes_alphabets(email):
        text = N_(
            "Check the email address: after the @ there are letters of two "
            "alphabets. If it is right, you can go on."
        )
        return Message(text)
    return None


def probably_meant(email: str) -> str:
    """Return the address that was probably meant; empty if it looks right.

    In plain letters before the @, and at the provider that is one slip away.
    """
    name, _, domain = email.rpartition("@")
    plain = _plain(name)
    straight = f"{plain if plain.isascii() else name}@{domain}" if name else ""
    found = meant(straight) or straight
    return "" if found == email else found


def _plain(name: str) -> str:
    """Return a name without accents, its apostrophes, dashes and digits as in ASCII."""
    straight = name.translate(_APOSTROPHES)
    if straight.isascii():
        return straight
    parts = unicodedata.normalize("NFKD", western(straight))
    return "".join(c for c in parts if not unicodedata.combining(c))


def doubted_letters(email: str) -> str:
    """Return the letters before the @ that most mail servers refuse."""
    name = email.rpartition("@")[0]
    if name.isascii():
        return ""
    return ", ".join(dict.fromkeys(c for c in name if not c.isascii()))


def mixes_alphabets(email: str) -> bool:
    """Say whether one part of the domain is written in letters of two alphabets."""
    domain = email.rpartition("@")[2]
    return not domain.isascii() and any(
        len(_alphabets(part)) > 1 for part in domain.split(".")
    )


def _alphabets(text: str) -> set[str]:
    names = {unicodedata.name(c, "").split(" ")[0] for c in text if c.isalpha()}
    return names - _TOGETHER | ({"CJK"} if names & _TOGETHER else set())


def meant(email: str) -> str:
    """Return the address that was probably meant, one slip away; empty if none was.

    Beside a slip it may have the www. of the provider's pages.
    """
    name, _, domain = email.rpartition("@")
    typed = domain.lower()
    bare = typed.removeprefix("www.")
    if name and bare != typed and "." in bare:
        return meant(f"{name}@{bare}") or f"{name}@{bare}"
    if not name or typed in PROVIDERS:
        return ""
    for known in _NEAR.get(len(typed), ()):
        # One slip leaves the beginning or the end as it is.
        whole = typed[:3] == known[:3] or typed[-3:] == known[-3:]
        if whole and _one_slip_apart(typed, known):
            return f"{name}@{known}"
    return ""


def _one_slip_apart(typed: str, known: str) -> bool:
    """Say whether one letter is too few, too many or wrong, or two are swapped."""
    begin = len(commonprefix([typed, known]))
    rest, meant = typed[begin:], known[begin:]
    if rest[:2] == meant[1::-1] and rest[2:] == meant[2:]:
        return True
    return rest[1:] == meant[1:] or rest[1:] == meant or rest == meant[1:]
