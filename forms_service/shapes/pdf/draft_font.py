"""The two fonts that a draft is written with, as glyphs and as parts of a PDF.

Latin and Cyrillic are the fields' own font, already whole in the blank form; Arabic
is added only to a draft that needs it. Letters of other scripts are drawn as the
font's empty box: the value of the field has them all the same.
"""

import zlib
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from fontTools.ttLib import TTFont
from pikepdf import Array, Dictionary, Name, Pdf, Stream, String

from ...caches import remembered
from .font_coverage import FONTS

ARABIC = FONTS / "NotoSansArabic-Regular.ttf"
ARABIC_NAME = "/PaperArabic"
MISSING = 0


@dataclass(frozen=True, slots=True)
class Glyphs:
    """Which glyph draws a letter, and how wide each is (in 1/1000 of the size)."""

    of: dict[str, int]
    widths: tuple[float, ...]

    def width(self, text: str) -> float:
        """Return the width of a text in 1/1000 of the font's size."""
        return sum(self.widths[self.of.get(letter, MISSING)] for letter in text)

    def hexadecimal(self, text: str) -> str:
        """Return a text as the two-byte codes of Identity-H."""
        return "".join(f"{self.of.get(letter, MISSING):04x}" for letter in text)


@remembered("glyphs")
def glyphs(font: bytes) -> Glyphs:
    """Read a TrueType font."""
    with TTFont(BytesIO(font), lazy=True) as read:
        unit = 1000 / read["head"].unitsPerEm
        widths = read["hmtx"].metrics
        return Glyphs(
            {chr(p): read.getGlyphID(n) for p, n in read.getBestCmap().items()},
            tuple(widths[name][0] * unit for name in read.getGlyphOrder()),
        )


@remembered("arabic font")
def arabic() -> tuple[Glyphs, bytes]:
    """Return the Arabic font: glyphs, and the file compressed for a PDF."""
    file = ARABIC.read_bytes()
    return glyphs(file), zlib.compress(file)


def embed_arabic(pdf: Pdf) -> Any:
    """Add the Arabic font to a document and return its font dictionary."""
    letters, file = arabic()
    with TTFont(ARABIC, lazy=True) as read:
        head, across = read["head"], read["hhea"]
        box = [head.xMin, head.yMin, head.xMax, head.yMax]
        edges = (across.ascent, across.descent)
    descriptor = Dictionary(
        Type=Name.FontDescriptor,
        FontName=Name(ARABIC_NAME),
        Flags=4,
        FontBBox=Array(box),
        ItalicAngle=0,
        Ascent=edges[0],
        Descent=edges[1],
        CapHeight=edges[0],
        StemV=80,
        FontFile2=Stream(pdf, file, Filter=Name.FlateDecode),
    )
    drawn = Dictionary(
        Type=Name.Font,
        Subtype=Name.CIDFontType2,
        BaseFont=Name(ARABIC_NAME),
        CIDSystemInfo=Dictionary(
            Registry=String("Adobe"), Ordering=String("Identity"), Supplement=0
        ),
        CIDToGIDMap=Name.Identity,
        FontDescriptor=pdf.make_indirect(descriptor),
        W=Array([0, Array([round(width) for width in letters.widths])]),
    )
    return pdf.make_indirect(
        Dictionary(
            Type=Name.Font,
            Subtype=Name.Type0,
            BaseFont=Name(ARABIC_NAME),
            Encoding=Name("/Identity-H"),
            DescendantFonts=Array([pdf.make_indirect(drawn)]),
            ToUnicode=Stream(pdf, _meanings(letters)),
        )
    )


def _meanings(letters: Glyphs) -> bytes:
    """Return the map from glyphs to letters, for whoever copies the text."""
    codes = {glyph: letter for letter, glyph in letters.of.items()}
    pairs = [
        f"<{glyph:04x}> <{letter.encode('utf-16-be').hex()}>"
        for glyph, letter in sorted(codes.items())
    ]
    blocks = [pairs[start : start + 100] for start in range(0, len(pairs), 100)]
    lines = [
        "/CIDInit /ProcSet findresource begin 12 dict begin begincmap",
        "/CIDSystemInfo <</Registry (Adobe) /Ordering (UCS) /Supplement 0>> def",
        "/CMapName /Adobe-Identity-UCS def /CMapType 2 def",
        "1 begincodespacerange <0000> <ffff> endcodespacerange",
    ]
    for block in blocks:
        lines += [f"{len(block)} beginbfchar", *block, "endbfchar"]
    lines.append("endcmap CMapName currentdict /CMap defineresource pop end end")
    return "\n".join(lines).encode()
