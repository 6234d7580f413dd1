"""Providers that most people have their mailbox at, and slips in typing their names.

A guess, to be shown and never to be acted on: the address may be right as it is.
"""

from collections.abc import Iterator

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


def meant(address: str) -> str:
    """Return the address that was probably meant, one slip away; empty if none was."""
    name, _, domain = address.rpartition("@")
    typed = domain.lower()
    if not name or typed in PROVIDERS:
        return ""
    for known in sorted(PROVIDERS):
        # Of short names too many others are one slip away.
        if len(known) > 6 and typed in set(_slips(known)):
            return f"{name}@{known}"
    return ""


def _slips(word: str) -> Iterator[str]:
    """Yield a word with a letter too few, two swapped, one wrong or one too many."""
    letters = "abcdefghijklmnopqrstuvwxyz0123456789.-"
    for place in range(len(word) + 1):
        before, after = word[:place], word[place:]
        yield before + after[1:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        for letter in letters:
            yield before + letter + after[1:]
            yield before + letter + after
