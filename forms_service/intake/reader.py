"""The child process that opens a PDF from a stranger and writes down its answers.

    python -I confined.py reader.py  <"{wanted}\\n%PDF-…"  >answers.json

It stands alone: no module of the project, and no rights before its parser is loaded.
The first line of its input says, form by form, which fields appear on the web: values
of all others never leave this process. Of a receipt nothing is wanted but its proof.
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from io import BytesIO
from itertools import islice
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Pdf, String

# Written by `pdf.finish` and `pdf.receipt_proof` in shapes; tests compare the names.
IDENTITY, PROPERTY = "_identity", "/FormIdentity"
RECEIPT, SIGNATURE = "/ReceiptData", "/ReceiptSignature"
MOST_PAGES = 20
MOST_NODES = 2_000
DEEPEST = 8
LONGEST_NAME = 100
LONGEST_VALUE = 20_000
LONGEST_LABEL = 200
LONGEST_PROOF = 400_000
OFF = "/Off"

Wanted = dict[str, dict[str, list[str]]]


class TooMuch(Exception):
    """The tree of fields is larger or deeper than that of any form of ours."""


@dataclass
class Found:
    """The fields of a file: values, labels, and what could not be taken."""

    values: dict[str, list[str]] = field(default_factory=dict)
    labels: dict[str, str] = field(default_factory=dict)
    unread: set[str] = field(default_factory=set)
    nodes: int = 0
    seen: set[tuple[int, int]] = field(default_factory=set)

    def walk(self, node: Any, above: str, kind: Any, value: Any, depth: int) -> None:
        """Collect a field with everything below it; raise `TooMuch` beyond limits."""
        if not isinstance(node, Dictionary) or not self._first_time(node, depth):
            return
        own = text(node.get("/T"), LONGEST_NAME)
        name = f"{above}.{own}" if above and own else own or above
        kind, value = node.get("/FT", kind), node.get("/V", value)
        kids = list(items(node.get("/Kids")))
        named = [kid for kid in kids if isinstance(kid, Dictionary) and "/T" in kid]
        for kid in named:
            self.walk(kid, name, kind, value, depth + 1)
        if not named and name:
            widgets = [kid for kid in kids if isinstance(kid, Dictionary)]
            self.nodes += len(widgets)
            # An option of a group belongs to the group: `offers.time`.
            self._note(name.split(".")[0], node, kind, value, widgets or [node])

    def _first_time(self, node: Dictionary, depth: int) -> bool:
        self.nodes += 1
        if depth > DEEPEST or self.nodes > MOST_NODES:
            raise TooMuch
        if not node.is_indirect:
            return True
        new = node.objgen not in self.seen
        self.seen.add(node.objgen)
        return new

    def _note(
        self, name: str, node: Any, kind: Any, value: Any, widgets: list[Any]
    ) -> None:
        values = self.values.setdefault(name, [])
        if label := text(node.get("/TU"), LONGEST_LABEL):
            self.labels[name] = label
        for written in states(widgets, value) if kind == "/Btn" else [value]:
            if written is None or written == OFF:
                continue
            if (read := text(written, LONGEST_VALUE)) is None:
                self.unread.add(name)
            elif read and read not in values:
                values.append(read)


def states(widgets: list[Any], value: Any) -> list[Any]:
    """Return what a button says: its widgets' states, else their values, else its own.

    Viewers disagree about where they write; what is drawn is what the person saw.
    """
    for key in ("/AS", "/V"):
        if written := [w[key] for w in widgets if key in w and w[key] != OFF]:
            return written
    return [value]


def text(value: Any, longest: int) -> str | None:
    """Return a string or a name as text; None for anything else or too long."""
    if isinstance(value, Name):
        read = str(value)[1:]
    elif isinstance(value, String):
        read = str(value)
    else:
        return None
    return read if len(read) <= longest else None


def items(value: Any) -> Iterator[Any]:
    """Yield the parts of an array, up to what any form of ours has."""
    if isinstance(value, Array):
        if len(value) > MOST_NODES:
            raise TooMuch
        yield from value


def read(data: bytes, wanted: Wanted | None) -> dict[str, Any]:
    """Return identity and answers of a file, or one word for the refusal.

    `wanted` names, form by form, the fields of the web (`web`) and ids of the past
    (`past`), of which only the label is told; without it, data and signature of a
    receipt are returned. Streams and XFA are never opened.
    """
    try:
        with Pdf.open(BytesIO(data), suppress_warnings=True) as pdf:
            return proof(pdf) if wanted is None else read_open_pdf(pdf, wanted)
    except pikepdf.PasswordError:
        return {"refusal": "locked"}
    except TooMuch:
        return {"refusal": "too_much"}
    # Whatever a broken file makes a library say, it is one fact: it cannot be read.
    except Exception:
        return {"refusal": "damaged"}


def proof(pdf: Pdf) -> dict[str, Any]:
    """Return data and signature of a receipt, None for what is missing or too long."""
    about = properties(pdf)
    return {
        "data": text(about.get(RECEIPT), LONGEST_PROOF),
        "signature": text(about.get(SIGNATURE), LONGEST_PROOF),
    }


def properties(pdf: Pdf) -> Dictionary:
    """Return the properties of a document, empty if there are none."""
    info = pdf.trailer.get("/Info")
    return info if isinstance(info, Dictionary) else Dictionary()


def read_open_pdf(pdf: Pdf, wanted: Wanted) -> dict[str, Any]:
    """Read a file that could be opened; raise `TooMuch` beyond the limits."""
    about = properties(pdf)
    if RECEIPT in about:
        return {"refusal": "receipt"}
    if int(pdf.Root.Pages.get("/Count", 0)) > MOST_PAGES:
        return {"refusal": "pages"}
    form = pdf.Root.get("/AcroForm")
    if not isinstance(form, Dictionary):
        form = Dictionary()
    if "/XFA" in form:
        return {"refusal": "xfa"}
    found = Found()
    fields = list(items(form.get("/Fields")))
    for node in fields:
        found.walk(node, "", None, None, 0)
    inside = found.values.pop(IDENTITY, [])
    around = [text(about.get(key), LONGEST_LABEL) for key in (PROPERTY, "/Keywords")]
    identities = {part for part in (*inside, around[0]) if part}
    ours = {name for names in wanted.values() for name in names.get("web", ())}
    if len(identities) > 1 or not ours.isdisjoint(doubled(pdf, fields)):
        return {"refusal": "several"}
    identity = next((part for part in (*inside, *around) if part), "")
    names = wanted.get(identity.partition(":")[0], {})
    web, past = set(names.get("web", ())), set(names.get("past", ()))
    return {
        "identity": identity,
        "fields": len(found.values),
        "values": {name: v for name, v in found.values.items() if name in web},
        "unread": sorted(found.unread & web),
        "past": [
            found.labels.get(name, name)
            for name, values in found.values.items()
            if name in past and values
        ],
    }


def doubled(pdf: Pdf, fields: list[Any]) -> Iterator[str]:
    """Yield names that are there twice: programs put pages of two forms in one file.

    The second field has the same name, or `name+1`, or only a box on a page.
    """
    roots = [node for node in fields if isinstance(node, Dictionary)]
    known = {node.objgen for node in roots}
    for page in islice(leaves(pdf.Root.get("/Pages"), set()), MOST_PAGES):
        for widget in items(page.get("/Annots")):
            root = topmost(widget)
            if root is not None and root.is_indirect and root.objgen not in known:
                known.add(root.objgen)
                roots.append(root)
    seen: set[str] = set()
    for root in roots:
        name = (text(root.get("/T"), LONGEST_NAME) or "").partition("+")[0]
        if name in seen:
            yield name
        seen.add(name)


def leaves(node: Any, seen: set[tuple[int, int]]) -> Iterator[Dictionary]:
    """Yield the pages of a tree, each branch once; raise `TooMuch` for a wide one."""
    if not isinstance(node, Dictionary) or node.is_indirect and node.objgen in seen:
        return
    seen.add(node.objgen)
    if "/Kids" not in node:
        yield node
    for kid in items(node.get("/Kids")):
        yield from leaves(kid, seen)


def topmost(widget: Any) -> Any:
    """Return the field that a box belongs to at last; None for what is no box."""
    node = widget
    for _ in range(DEEPEST):
        if not isinstance(node, Dictionary) or "/Parent" not in node:
            break
        node = node["/Parent"]
    return node if isinstance(node, Dictionary) and "/T" in node else None


def main() -> None:
    """Read wanted fields and a file from standard input, write JSON to the output."""
    wanted = json.loads(sys.stdin.buffer.readline())
    answer = json.dumps(read(sys.stdin.buffer.read(), wanted))
    sys.stdout.write(answer)


if __name__ == "__main__":
    main()
