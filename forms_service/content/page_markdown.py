"""What looks like Markdown and is not read as such here: told instead of printed raw.

The extensions that are read are those of `mkdocs.yml`.
"""

import re
from collections.abc import Iterator

from .pages import BLOCK, OUTSIDE

_FENCE = re.compile(r"^(```+|~~~+)([^\n]*)\n(.*?)(?:^\1[ \t]*$|\Z)", re.M | re.S)
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_DEFINED = re.compile(r"^ {0,3}\[([^\]\n]+)\]:[ \t]*(\S*)", re.MULTILINE)
_REFERENCE = re.compile(r"(?<!\])\[([^\]\n\[]+)\]\[([^\]\n]*)\]")
_FOOTNOTE = re.compile(r"\[(\^[^\]\n]+)\](?!:)")

# A pattern, and what to write instead.
_RAW = tuple(
    (re.compile(pattern, re.MULTILINE), advice)
    for pattern, advice in (
        (
            r"^ {0,3}\?\?\?\+?(?=\s)",
            "write a heading and its text: nothing folds here",
        ),
        (r"^ {0,3}===[+!]?(?=\s*\")", "write a heading for each tab"),
        (r"^\s*[-*+]\s+\[[ xX]\](?=\s)", "say in words what is done"),
        (
            r"(?<![\w:/.]):[a-z][a-z0-9_+-]*[a-z0-9]:(?![\w:/])",
            "write the word, or the sign itself: there are no icons",
        ),
        (r"^\*\[[^\]\n]+\]:", "write the words out where they first stand"),
        (r"==[^\s=][^=\n]*==", "write **words** for what is important"),
        (r"~~[^\s~][^~\n]*~~", "write <del>words</del>"),
        (r"\^\^[^\s^][^^\n]*\^\^", "write <ins>words</ins>"),
        (r"\+\+[a-z0-9+-]+\+\+(?!\w)", "write <kbd>key</kbd>"),
        (r"\{(?:\+\+|--|~~|==|>>)", "write the text as it is to be"),
        (r"^\s*(?:--8<--|;--8<--)", "write the text here: no file is taken in"),
        (r"\{\{.*?\}\}|\{%.*?%\}", "write the text here: nothing is filled in"),
        (r"^ {0,3}:::+\s*\w*", 'write !!! note "Title" and indent the text'),
        (r"^>\s*\[!\w+\]", 'write !!! note "Title" and indent the text'),
        (r"\$\$", "write the formula in words, or as a picture"),
    )
)
_WRONG = tuple(
    (re.compile(pattern, re.MULTILINE), advice)
    for pattern, advice in (
        (
            r"^!!![ \t]+[\w-]+(?:[ \t]+[\w-]+)*[ \t]*$",
            'needs a title in the language of the page: !!! note "Title"',
        ),
        (
            r"^#(?=[ \t])",
            "the title of the page is its heading of the first rank: begin with ##",
        ),
        (
            r"\][ \t]+\((?:https?:|form:|pdf:|event:|assets/|[\w-]+\.md)[^)\s]*\)",
            "no space between ] and (",
        ),
        (r"\]\(\s*\)", "the link leads nowhere: write where to"),
        (
            r"!\[[^\]\n]*\]\((?:https?:)?//[^)\s]*",
            "the site shows nothing from other machines: copy the picture to assets/",
        ),
        (
            r"\{:?[^}\n]*\b(?:style|on\w+)\s*=",
            "browsers ignore style and scripts of a page: take it away",
        ),
    )
)
_MERMAID = "a diagram is printed as its code: put a picture of it in assets/"

Fault = tuple[int, str]


def without_code(text: str) -> str:
    """Return a text with blanks in place of code, so that places stay."""
    return _CODE.sub(_blank, _FENCE.sub(_blank, text))


def markdown_faults(body: str) -> Iterator[Fault]:
    """Yield each fault with its place in the body."""
    for fence in _FENCE.finditer(body):
        if "mermaid" in fence[2]:
            yield fence.start(), f"{fence[1]}mermaid: {_MERMAID}"
        if not fence[0].rstrip().endswith(fence[1]) or "\n" not in fence[0].strip():
            yield (
                fence.start(),
                f"{fence[1]} is not closed: write it below the code too",
            )
    text = without_code(body)
    for pattern, advice in _RAW:
        for found in pattern.finditer(text):
            said = found[0].strip()
            yield _at(found), f"“{said}” is printed as it is: {advice}"
    for pattern, advice in _WRONG:
        for found in pattern.finditer(text):
            yield _at(found), f"“{found[0].strip()}”: {advice}"
    for found in re.finditer(r"\[\[[a-z][\w:-]*\]\]", BLOCK.sub(_blank, text)):
        yield (
            found.start(),
            f"{found[0]} is printed as it is: give it a line of its own",
        )
    yield from _references(text)


def _references(text: str) -> Iterator[Fault]:
    """Yield links and notes that are written in two places, where they do not meet."""
    defined = {found[1].lower() for found in _DEFINED.finditer(text)}
    for found in _DEFINED.finditer(text):
        if not found[1].startswith(("^", "*")) and not found[2].startswith(OUTSIDE):
            yield (
                found.start(),
                f"“{found[0].strip()}”: only links to other sites are written apart: "
                f"write [words]({found[2]}) in the text",
            )
    for found in _REFERENCE.finditer(text):
        if (found[2] or found[1]).lower() not in defined:
            advice = "is printed as it is: write [words](where it leads)"
            yield found.start(), f"“{found[0]}” {advice}"
    for found in _FOOTNOTE.finditer(text):
        if found[1].lower() not in defined:
            advice = f"has no note: write [{found[1]}]: and its text below"
            yield found.start(), f"“{found[0]}” {advice}"


def _at(found: re.Match[str]) -> int:
    """Return where the words begin that a pattern has found, not the blanks before."""
    return found.end() - len(found[0].lstrip())


def _blank(found: re.Match[str]) -> str:
    return re.sub(r"[^\n]", " ", found[0])
