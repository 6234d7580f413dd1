"""Finding a request: the words of a search stay with the session that typed them.

They say whom staff look for, so that no address, and no log of addresses, holds them.
"""

from ..store import queue, searches
from ..tokens import ALPHABET, read_code
from .context import WorkflowContext
from .new_rows import REFERENCE_LENGTH
from .sessions import digest

# Letters and digits that are taken for each other, and so in no reference.
_AMBIGUOUS = frozenset("0O1ILU")


def remember(context: WorkflowContext, secret: str, text: str) -> int:
    """Keep the words of a search with a session; return their number in it.

    Return 0 when it has just ended.
    """
    return context.store.write(lambda db: searches.add(db, digest(secret), text))


def words_of_search(context: WorkflowContext, secret: str, number: int) -> str:
    """Return the words that a session keeps under a number; nothing for none."""
    if not (secret and number):
        return ""
    return context.store.read(lambda db: searches.get(db, digest(secret), number))


def by_reference(context: WorkflowContext, typed: str) -> str:
    """Return the id of the request whose reference was typed; nothing for no such."""
    reference = read_code(typed, REFERENCE_LENGTH)
    return context.store.read(lambda db: queue.id_of(db, reference))


def unknown_reference(typed: str) -> str:
    """Return the reference that seems to be meant; nothing for other words.

    One that a request has is opened at once.
    """
    reference = read_code(typed, REFERENCE_LENGTH)
    plain = reference.isdigit() or reference.isalpha()
    whole = len(reference) == REFERENCE_LENGTH and set(reference) <= set(ALPHABET)
    return reference if whole and not plain else ""


def is_misread(typed: str) -> bool:
    """Say whether a reference seems to be meant, with a sign that none of them has.

    Digits alone are a phone, letters alone a word.
    """
    signs = set(reference := read_code(typed, REFERENCE_LENGTH))
    return (
        len(reference) == REFERENCE_LENGTH
        and not (reference.isdigit() or reference.isalpha())
        and bool(signs & _AMBIGUOUS)
        and signs <= _AMBIGUOUS.union(ALPHABET)
    )
