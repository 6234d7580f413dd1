"""The order of names in an Italian list.

As CLDR orders Italian: letters before accents, accents before capitals, and a space or
an apostrophe before every letter, so that D’Angelo stands before Dalla and Dangelo.
"""

from .folding import fold

Key = tuple[str, str, str]

# A surname begins with its particle, as in Italian catalogues: De Luca, Lo Cascio.
_PARTICLES = frozenset(
    "d da dal dalla de degli dei del dell della delle dello di la le li lo".split()
)


def by_name(name: str) -> Key:
    """Return the key that orders names as they are written."""
    return fold(name), "", name


def by_last_word(name: str) -> Key:
    """Return the key that orders names by the last word and its particles."""
    words = name.split()
    last = len(words) - 1
    # What would be left must be a name.
    while last > 1 and fold(words[last - 1]) in _PARTICLES:
        last -= 1
    return fold(" ".join(words[last:])), fold(" ".join(words[:last])), name
