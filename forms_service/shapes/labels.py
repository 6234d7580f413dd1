"""How stored codes are called on screen: states, places, sources, proofs.

Keyed by the value that is stored, because the store is above the shapes; a test
compares the tables with the store's own lists.
"""

from collections.abc import Mapping

from ..i18n import N_, Translator

STATUS: Mapping[str, str] = {
    "unverified": N_("Address not confirmed"),
    "new": N_("To be examined"),
    "correction_asked": N_("Correction asked"),
    "accepted": N_("Accepted"),
    "declined": N_("Declined"),
    "withdrawn": N_("Withdrawn"),
}
PLACE: Mapping[str, str] = {
    "none": N_("No place"),
    "held": N_("Has a place"),
    "waiting": N_("On the waiting list"),
}
SOURCE: Mapping[str, str] = {
    "web": N_("Online"),
    "pdf": N_("PDF uploaded"),
    "paper": N_("On paper"),
    "phone": N_("By phone"),
    "desk": N_("At the desk"),
}
PROOF: Mapping[str, str] = {
    "none": N_("Not proven"),
    "mail": N_("Link in an email"),
    "code": N_("Code in an email"),
    "phone": N_("Phone call"),
    "signature": N_("Signature"),
    "in_person": N_("In person"),
}

# Words of the national model of services (C.SE.1.7), below and from four stars on.
HARDEST: Mapping[str, str] = {
    "unclear": N_("At times the instructions were not clear"),
    "incomplete": N_("At times the instructions were not complete"),
    "unsure": N_("At times I did not understand whether I was doing it right"),
    "technical": N_("I had technical problems"),
    "other": N_("Something else"),
}
BEST: Mapping[str, str] = {
    "clear": N_("The instructions were clear"),
    "complete": N_("The instructions were complete"),
    "sure": N_("I always understood that I was doing it right"),
    "working": N_("I had no technical problems"),
    "other": N_("Something else"),
}


def name_of(table: Mapping[str, str], code: str, translator: Translator) -> str:
    """Return what a stored code is called; one that is unknown reads as it is."""
    return translator.gettext(table.get(code, code))
