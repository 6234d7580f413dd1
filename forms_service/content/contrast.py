"""Whether the project's colours can be read: contrast as in WCAG 2.2 (1.4.3)."""

from collections.abc import Iterator, Mapping

LEAST = 4.5
WHITE = "#FFFFFF"
# The colours of texts that the style sheet has itself, by their names there.
TEXTS = {"ink": "#17324D", "soft": "#435A70"}


def unreadable(colours: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield each colour of the project that the style sheet's texts need otherwise.

    `primary` and `dark` carry white words and are words on white; `primary` is words
    on `light`, too, and so are the ordinary texts.
    """
    light = colours["light"]
    # What is read on a `light` that can be one is read on white, too.
    ground = light if ratio(TEXTS["ink"], light) >= LEAST else WHITE
    for name in ("primary", "dark"):
        if (found := ratio(colours[name], WHITE)) < LEAST:
            better = _changed(colours[name], 0, ground)
            yield name, _advice(colours[name], "white", found, better)
    for words in (*TEXTS.values(), colours["primary"]):
        found = ratio(words, light)
        if found < LEAST <= ratio(words, WHITE):
            better = _changed(light, 255, words)
            yield "light", _advice(words, f"“{light}”", found, better)
            return


def _advice(colour: str, ground: str, found: float, better: str) -> str:
    return (
        f"“{colour}” on {ground} has a contrast of {found:.1f}:1, at least {LEAST}:1 "
        f'is needed to read it (WCAG 2.2, 1.4.3): write for example "{better}"'
    )


def ratio(first: str, other: str) -> float:
    """Return the contrast of two colours, from 1 to 21."""
    darker, lighter = sorted((_luminance(first), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    parts = (part / 255 for part in _channels(colour))
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def _channels(colour: str) -> tuple[int, ...]:
    return tuple(int(colour[at : at + 2], 16) for at in (1, 3, 5))


def _changed(colour: str, towards: int, beside: str) -> str:
    """Return the same colour, so much darker (0) or lighter (255) that it is read."""
    shades = (
        (round(part + (towards - part) * step / 100) for part in _channels(colour))
        for step in range(101)
    )
    written = ("#" + "".join(f"{part:02X}" for part in shade) for shade in shades)
    return next(shade for shade in written if ratio(shade, beside) >= LEAST)
