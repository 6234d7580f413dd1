"""Providers that most people have their mailbox at, and slips in typing their names.

A guess, to be shown and never to be acted on: the address may be right as it is.
"""

from os.path import commonprefix

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
        if len(known) > 6 and _one_slip_apart(typed, known):
            return f"{name}@{known}"
    return ""


def _one_slip_apart(typed: str, known: str) -> bool:
    """Say whether one letter is too few, too many or wrong, or two are swapped."""
    begin = len(commonprefix([typed, known]))
    rest, meant = typed[begin:], known[begin:]
    if rest[:2] == meant[1::-1] and rest[2:] == meant[2:]:
        return True
    return rest[1:] == meant[1:] or rest[1:] == meant or rest == meant[1:]
