"""The structure tree of a printed page: what a screen reader reads, and what not."""

from collections.abc import Iterator
from typing import Any

import pikepdf
from pikepdf import Array, Dictionary, Name, Operator, Pdf


def hide_margins_from_readers(pdf: Pdf) -> None:
    """Mark headers and footers as artifacts: WeasyPrint leaves them in no tree."""
    root = pdf.Root.StructTreeRoot
    reachable = set(_marked(root.K))
    numbers: Any = root.ParentTree.Nums
    for page in pdf.pages:
        entries = _of_page(numbers, int(page.obj.StructParents))
        key = page.obj.objgen
        orphans = {n for n in range(len(entries)) if (key, n) not in reachable}
        for mcid in orphans:
            entries[mcid] = None
        _make_artifacts(pdf, page, orphans)


def _marked(kids: Any, page: Any = None) -> Iterator[tuple[Any, int]]:
    """Yield page and id of all marked content that hangs in the structure tree."""
    for kid in kids if isinstance(kids, Array) else [kids]:
        if isinstance(kid, int):
            yield page.objgen, kid
        elif isinstance(kid, Dictionary) and kid.get("/Type") == "/StructElem":
            yield from _marked(kid.get("/K", Array()), kid.get("/Pg", page))


def _of_page(numbers: Any, key: int) -> Any:
    pairs = list(numbers)
    return next(pairs[i + 1] for i in range(0, len(pairs), 2) if pairs[i] == key)


def _make_artifacts(pdf: Pdf, page: pikepdf.Page, orphans: set[int]) -> None:
    instructions: list[tuple[list[Any], Operator]] = []
    begin = Operator("BDC")
    for instruction in pikepdf.parse_content_stream(page):
        operands, operator = list(instruction.operands), instruction.operator
        if operator == begin and isinstance(operands[1], Dictionary):
            if operands[1].get("/MCID") in orphans:
                operands = [Name.Artifact, Dictionary(Type=Name.Pagination)]
        instructions.append((operands, operator))
    page.obj.Contents = pdf.make_stream(pikepdf.unparse_content_stream(instructions))
