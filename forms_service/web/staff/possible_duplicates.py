"""Which other requests may be of the same person, and what speaks for it.

Families share a phone or an address: only a name, or a tax code, makes it likely.
Nothing is decided by it.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ...definition import type_of
from ...definition.contact import phone_end
from ...definition.field_type import IdentityLabels
from ...definition.folding import same_name
from ...i18n import N_, Translator
from ...store.connection import Connection
from ...store.possible_duplicates import same_person
from ...store.submissions import Submission
from ...workflow.context import WorkflowContext

LIKELY = N_("Probably the same person")


@dataclass(frozen=True, slots=True)
class PossibleDuplicate:
    """Another request, what it has in common with this one, and how much that says."""

    other: Submission
    evidence: tuple[str, ...]
    likely: bool

    def describe(self, translator: Translator) -> str:
        """Say what both have in common, as precisely as it is known."""
        return translator.format_list(
            translator.gettext(reason) for reason in self.evidence
        )


def find_duplicates(
    context: WorkflowContext, db: Connection, submission: Submission
) -> list[PossibleDuplicate]:
    """Return the other requests to this form with the same address or phone.

    The likely ones come first, and then the newest.
    """
    codes = {
        field.id: identity
        for field in context.form_of(db, submission).fields
        if (identity := type_of(field).identifies)
    }
    found = [
        _compared(submission, other, codes) for other in same_person(db, submission)
    ]
    return sorted(found, key=lambda duplicate: not duplicate.likely)


def _compared(
    submission: Submission, other: Submission, codes: Mapping[str, IdentityLabels]
) -> PossibleDuplicate:
    name = same_name(submission.name or "", other.name or "")
    both = [
        code for code in codes if code in submission.answers and code in other.answers
    ]
    differ = [code for code in both if submission.answers[code] != other.answers[code]]
    same_code = bool(both) and not differ
    email = (
        submission.email
        and other.email
        and submission.email.lower() == other.email.lower()
    )
    phone = phone_end(submission.phone)
    evidence = {
        N_("same name"): name,
        **{codes[code].same: same_code for code in both},
        N_("same email address"): email,
        N_("same phone"): phone and phone == phone_end(other.phone),
        **dict.fromkeys((codes[code].different for code in differ), True),
    }
    return PossibleDuplicate(
        other,
        tuple(msgid for msgid, there in evidence.items() if there),
        same_code or (name and not differ),
    )


def headlines(
    found: Sequence[PossibleDuplicate], translator: Translator
) -> list[tuple[str, int]]:
    """Return what is to be said in short, and of how many requests."""
    counts = Counter(
        translator.gettext(LIKELY)
        if duplicate.likely
        else _begun(duplicate.describe(translator))
        for duplicate in found
    )
    return list(counts.items())


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]
