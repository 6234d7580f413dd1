"""Typed text as it is drawn from left to right: Arabic letters joined and turned.

The part of Unicode's rules that a typed answer needs, so that drawing a draft needs no
Pango in the serving process: joining by the presentation forms of Unicode's own tables,
and UAX #9 without embeddings, isolates and pairs of brackets.
"""

import re
import unicodedata
from collections.abc import Iterator
from itertools import groupby

from ...caches import remembered

RIGHT = frozenset({"R", "AL"})
NUMBERS = frozenset({"EN", "AN"})
BETWEEN = frozenset({"ES", "CS", "ET"})
# Tatweel and the zero-width joiner join both sides without having forms.
JOINERS = frozenset("\u0640\u200d")
INVISIBLE = dict.fromkeys(map(ord, "\u200c\u200d"))
# By whether a letter meets the one before it and the one after it.
POSITIONS = {
    (False, False): "isolated",
    (True, False): "final",
    (False, True): "initial",
    (True, True): "medial",
}
# The presentation forms of Arabic letters: what they stand for says the standard.
BLOCKS = (range(0xFB50, 0xFE00), range(0xFE70, 0xFF00))
ARABIC = re.compile("[\u0600-\u08ff\u200c\u200d]")
LAM_ALEF = re.compile("\u0644([\u064b-\u065f\u0670]*)([\u0622\u0623\u0625\u0627])")
LIGATURES = {
    "\u0622": "\ufef5",
    "\u0623": "\ufef7",
    "\u0625": "\ufef9",
    "\u0627": "\ufefb",
}
MIRRORED = dict(zip("()[]{}<>«»‹›", ")(][}{><»«›‹", strict=True))


@remembered("letter forms")
def forms() -> dict[tuple[str, str], str]:
    """Return the form of a letter at a position; lam with an alef is one letter."""
    found: dict[tuple[str, str], str] = {}
    pairs: dict[str, str] = {}
    for block in BLOCKS:
        for point in block:
            position, *parts = unicodedata.decomposition(chr(point)).split() or [""]
            letters = "".join(chr(int(part, 16)) for part in parts)
            if LAM_ALEF.fullmatch(letters):
                letters = pairs.setdefault(letters, chr(point))
            if len(letters) == 1:
                found.setdefault((letters, position.strip("<>")), chr(point))
    return found


def joined(text: str) -> str:
    """Return text with every Arabic letter in the form of its place in the word."""
    if not ARABIC.search(text):
        return text
    text = LAM_ALEF.sub(_as_one, text)
    # Marks on letters do not part them.
    solid = [letter for letter in text if not unicodedata.combining(letter)]
    around = ["", *solid, ""]
    drawn = (_drawn(around[n], letter, around[n + 2]) for n, letter in enumerate(solid))
    return "".join(
        mark if unicodedata.combining(mark) else next(drawn) for mark in text
    ).translate(INVISIBLE)


def _drawn(before: str, letter: str, after: str) -> str:
    position = POSITIONS[_meet(before, letter), _meet(letter, after)]
    return forms().get((letter, position), letter)


def _as_one(pair: re.Match[str]) -> str:
    """Return lam and alef as the sign Unicode has for both, marks behind it."""
    return LIGATURES[pair[2]] + pair[1]


def _meet(first: str, second: str) -> bool:
    """Say whether two letters that follow each other are written in one stroke."""
    begins = first in JOINERS or (first, "initial") in forms()
    ends = second in JOINERS or (second, "final") in forms()
    return begins and ends


def is_right_to_left(text: str) -> bool:
    """Say whether the first letter with a direction goes to the left."""
    for letter in text:
        kind = unicodedata.bidirectional(letter)
        if kind == "L" or kind in RIGHT:
            return kind in RIGHT
    return False


def in_sight(line: str, right_to_left: bool) -> str:
    """Return one line in the order in which it is drawn, its letters joined."""
    text = joined(line)
    if not right_to_left and not any(map(_turns, text)):
        return text
    levels = _levels(text, right_to_left)
    order = list(range(len(text)))
    for least in range(max(levels, default=0), 0, -1):
        order = [
            number
            for turns, run in _runs(order, levels, least)
            for number in (reversed(run) if turns else run)
        ]
    return "".join(
        MIRRORED.get(text[n], text[n]) if levels[n] % 2 else text[n] for n in order
    )


def _turns(letter: str) -> bool:
    return unicodedata.bidirectional(letter) in RIGHT


def _runs(
    order: list[int], levels: list[int], least: int
) -> Iterator[tuple[bool, list[int]]]:
    """Yield the runs of letters that are at a level, or deeper, and those between."""
    for turns, run in groupby(order, key=lambda number: levels[number] >= least):
        yield turns, list(run)


def _levels(text: str, right_to_left: bool) -> list[int]:
    """Return the embedding level of each letter (UAX #9, W1 to I2 in short)."""
    base = int(right_to_left)
    kinds = [unicodedata.bidirectional(letter) for letter in text]
    for n, kind in enumerate(kinds):
        near = {kinds[n - 1] if n else "", kinds[n + 1] if n + 1 < len(kinds) else ""}
        if kind == "NSM" and n:
            kinds[n] = kinds[n - 1]
        elif kind in BETWEEN and near <= NUMBERS:
            kinds[n] = "EN"
        elif kind == "ET" and near & NUMBERS:
            kinds[n] = "EN"
    sides: list[int | None] = []
    strong = base
    for kind in kinds:
        if kind == "L" or kind in RIGHT:
            strong = int(kind in RIGHT)
        sides.append(strong if kind == "L" or kind in RIGHT | NUMBERS else None)
    # A sign has the direction of both its neighbours, or that of the line.
    before, after = _latest(sides, base), _latest(sides[::-1], base)[::-1]
    return [
        _level(pair if pair == other else base, base, kind in NUMBERS)
        for pair, other, kind in zip(before, after, kinds, strict=True)
    ]


def _latest(sides: list[int | None], base: int) -> list[int]:
    """Return for each letter the last side known there."""
    known = base
    return [known := known if side is None else side for side in sides]


def _level(side: int, base: int, number: bool) -> int:
    if side:
        return 2 if number else 1
    return 2 if base else 0
