"""What looks like Markdown and is not read as such here: told instead of printed raw.

The extensions that are read are those of `mkdocs.yml`.
"""

import re
from collections.abc import Iterator

from .pages import BLOCK, NAMED_BLOCKS, OUTSIDE, PLAIN_BLOCKS

_FENCE = re.compile(r"^(```+|~~~+)([^\n]*)\n(.*?)(?:^\1[ \t]*$|\Z)", re.M | re.S)
_CODE = re.compile(r"(?<!`)(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_DEFINED = re.compile(r"^ {0,3}\[([^\]\n]+)\]:[ \t]*(\S*)", re.MULTILINE)
_REFERENCE = re.compile(r"(?<!\])\[([^\]\n\[]+)\]\[([^\]\n]*)\]")
_PARAGRAPH = re.compile(r"^(?!#).*\S.*(?:\n(?!#).*\S.*)*", re.MULTILINE)
_ITEM = re.compile(r"(?:[-*+]|1\.)[ \t]+\S")
_DEPTH = re.compile(r"( *)(?:[-*+]|\d+\.)[ \t]+\S.{0,30}")
_NO_ITEM = re.compile(r"(?:[•·▪◦–—]|\w\)|[-*+]\u00a0)[ \t]*\S")
_RULE = re.compile(r"\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)+\|?[ \t]*")
_BAR = re.compile(r"(?<!\\)\|")
# What begins so is no paragraph: a list, a heading, a quotation, HTML, a note.
_NO_WORDS = re.compile(r"\s|[-*+][ \t]|\d+\.[ \t]|#|>|<|!!!|:[ \t]|\[[^\]]*\]:")
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
            r"(?<![\w:/.]):[a-z0-9+][a-z0-9_+-]*:(?![\w:/])",
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
        (r"\w\^[^\s^]{1,9}\^", "write <sup>2</sup> for what stands higher"),
        (r"\w~[^\s~]{1,9}~(?!~)", "write <sub>2</sub> for what stands lower"),
        (r"\[/?[a-z]+(?: [a-z_]+=\"[^\"\n]*\")+\]", "write the text here"),
        (r"(?<!\])\[[^\]\n]+\]\{", "write the words alone"),
        (
            r"\([^()\n]+\)\[(?:https?:|form:|[\w-]+\.md)",
            "write [words](where it leads)",
        ),
        (r"\ufffd", "a letter was lost here: write it again"),
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
            r"^#(?=[^#\n])|^(?=[^\s|<>-])[^\n]+(?=\n=+[ \t]*$)",
            "the title of the page is its heading of the first rank: begin with ##",
        ),
        (
            r"\][ \t]+\((?:https?:|form:|pdf:|event:|assets/|[\w-]+\.md)[^)\s]*\)",
            "no space between ] and (",
        ),
        (
            r"^!!![ \t]+[\w-]+(?=[^\n]*\n(?! {4}|\t)[^\n]*\S)",
            "indent the text of the note by four spaces",
        ),
        (
            r"\]\([^)\s]+[ \t]+[^)\s\"'][^)\n]*\)",
            "a space in an address is %20, what follows it stands in quotes",
        ),
        (r"^#{1,6}[ \t#]*$", "the heading has no words: write them, or take it away"),
        (
            r"\]\((?:mailto:|tel:|https?://)?\s*\)",
            "the link leads nowhere: write where to",
        ),
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

_BLOCK_NAME = re.compile(rf"\[\[(?:{'|'.join((*NAMED_BLOCKS, *PLAIN_BLOCKS))})\b.*")

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
    for found in re.finditer(r"!?\[\[[^\]\n]+\]\](?!\()", BLOCK.sub(_blank, text)):
        advice = (
            "give it a line of its own"
            if _BLOCK_NAME.fullmatch(found[0])
            else "write [words](page.md), or ![words](assets/name)"
        )
        yield found.start(), f"{found[0]} is printed as it is: {advice}"
    yield from _references(text)
    for block in _PARAGRAPH.finditer(text):
        yield from _run_together(block)


def _run_together(block: re.Match[str]) -> Iterator[Fault]:
    """Yield lists and tables that begin inside a paragraph, and cells that are lost."""
    places, place = [], block.start()
    lines = block[0].split("\n")
    for line in lines:
        places.append(place)
        place += len(line) + 1
    yield from _flattened(lines, places)
    if len(lines) > 1 and _RULE.fullmatch(lines[1]):
        yield from _lost_cells(lines, places)
    elif len(alike := [n for n, line in enumerate(lines) if _NO_ITEM.match(line)]) > 1:
        said = lines[alike[0]].strip()[:30]
        yield places[alike[0]], f"“{said}” makes no list: begin each line with - or 1."
    elif not _NO_WORDS.match(lines[0]):
        for number, line in enumerate(lines[1:], 1):
            begins = number - 1 if _RULE.fullmatch(line) else number
            if begins < number or _ITEM.match(line):
                said = lines[begins].strip()[:30]
                yield places[begins], f"“{said}”: write an empty line above it"
                return


def _flattened(lines: list[str], places: list[int]) -> Iterator[Fault]:
    """Yield the first item that is indented too little to stand below another."""
    items = [_DEPTH.match(line) for line in lines]
    for item, place in zip(items, places, strict=True):
        if items[0] and item and len(items[0][1]) < len(item[1]) < 4:
            said, advice = (
                item[0].strip(),
                "four spaces in front put it below the other",
            )
            yield place + len(item[1]), f"“{said}”: {advice}"
            return


def _lost_cells(rows: list[str], places: list[int]) -> Iterator[Fault]:
    """Yield the rows that have more cells than the head of their table."""
    cells = [len(_BAR.findall(row.strip().strip("|"))) + 1 for row in rows]
    for number, there in enumerate(cells):
        if there > cells[0] or (number == 1 and there < cells[0]):
            advice = f"the row has {there} cells and the head {cells[0]}: write as many"
            yield places[number], advice


def _references(text: str) -> Iterator[Fault]:
    """Yield links and notes that are written in two places, where they do not meet."""
    notes = [found[1].lower() for found in _DEFINED.finditer(text)]
    defined, used = set(notes), {f[1].lower() for f in _FOOTNOTE.finditer(text)}
    for found in _DEFINED.finditer(text):
        if not found[1].startswith(("^", "*")) and not found[2].startswith(OUTSIDE):
            yield (
                found.start(),
                f"“{found[0].strip()}”: only links to other sites are written apart: "
                f"write [words]({found[2]}) in the text",
            )
        if notes.count(found[1].lower()) > 1:
            yield found.start(), f"“[{found[1]}]:” is there twice: one of them is lost"
        if found[1].startswith("^") and found[1].lower() not in used:
            advice = f"write [{found[1]}] where the note belongs"
            yield found.start(), f"“[{found[1]}]:” belongs to nothing: {advice}"
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
