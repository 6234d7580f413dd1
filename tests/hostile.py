"""Files that a stranger might upload: each one is built here, none is kept.

All of them claim to be a form of ours, so that whoever trusts the identity would read
on. Sizes are arguments: a small copy is the control of what the limits stop.
"""

import zlib
from collections.abc import Callable, Mapping
from io import BytesIO

import pikepdf

MIB = 1 << 20
LAUGHS = b"""<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha">
<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">
<!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;"><!ENTITY e "&d;&d;&d;&d;&d;&d;&d;&d;">
]><x>&e;&e;&e;&e;</x>"""


def written(objects: Mapping[int, bytes], lie: int = 0, size: int = 0) -> bytes:
    """Return a PDF of numbered objects; `lie` moves what its index says of them."""
    body, places = bytearray(b"%PDF-1.7\n"), {}
    for number, content in objects.items():
        places[number] = len(body)
        body += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    index = len(body)
    last = max(objects)
    body += b"xref\n0 %d\n0000000000 65535 f \n" % (size or last + 1)
    for number in range(1, last + 1):
        body += b"%010d 00000 n \n" % (places.get(number, 0) + lie)
    body += b"trailer\n<</Size %d /Root 1 0 R>>\n" % (last + 1)
    return bytes(body + b"startxref\n%d\n%%%%EOF\n" % index)


def form(
    identity: str, fields: bytes, others: Mapping[int, bytes] | None = None
) -> bytes:
    """Return a PDF whose form has an identity and these fields."""
    return written(objects(identity, fields) | dict(others or {}))


def objects(identity: str, fields: bytes, extra: bytes = b"") -> dict[int, bytes]:
    """Return catalogue, one page, the hidden field and an AcroForm."""
    return {
        1: b"<</Type/Catalog /Pages 2 0 R /AcroForm 4 0 R>>",
        2: b"<</Type/Pages /Count 1 /Kids [3 0 R]>>",
        3: b"<</Type/Page /Parent 2 0 R /MediaBox [0 0 99 99]>>",
        4: b"<</Fields [5 0 R %b] %b>>" % (fields, extra),
        5: b"<</FT/Tx /T(_identity) /V(%b)>>" % identity.encode(),
    }


def stream(data: bytes, entries: bytes = b"") -> bytes:
    """Return a stream object around bytes as they are."""
    head = b"<</Length %d %b>>" % (len(data), entries)
    return head + b"\nstream\n%b\nendstream" % data


def packed(before: bytes, size: int, after: bytes) -> bytes:
    """Return a zlib stream of a text, so many MiB of blanks and a text, in no time."""
    chunk, check = b" " * MIB, zlib.adler32(before)
    for _ in range(size):
        check = zlib.adler32(chunk, check)
    parts = [b"\x78\xda"]
    for text, times in ((before, 1), (chunk, size), (after, 1)):
        packer = zlib.compressobj(9, zlib.DEFLATED, -15)
        parts.append((packer.compress(text) + packer.flush(zlib.Z_FULL_FLUSH)) * times)
    parts.append(zlib.compressobj(9, zlib.DEFLATED, -15).flush())
    return b"".join(parts) + zlib.adler32(after, check).to_bytes(4, "big")


def object_stream_bomb(identity: str, size: int = 1024) -> bytes:
    """The whole form lies in a stream that unpacks to so many MiB."""
    inside = objects(identity, b"<</FT/Tx /T(nome) /V(Anna)>>")
    # The objects come after the blanks, so a reader must unpack them all.
    body, heads = b"", b""
    for number in (4, 5):
        heads += b"%d %d " % (number, size * MIB + len(body))
        body += inside.pop(number) + b" "
    first = len(heads)
    entries = b"/Type/ObjStm /N 2 /First %d /Filter/FlateDecode" % first
    data, places = bytearray(b"%PDF-1.7\n"), {}
    inside[6] = stream(packed(heads, size, body), entries)
    for number, content in inside.items():
        places[number] = len(data)
        data += b"%d 0 obj\n%b\nendobj\n" % (number, content)
    places[7] = len(data)
    rows = [(0, 0, 65535)]
    for number in range(1, 8):
        inner = number in (4, 5)
        rows.append((2, 6, number - 4) if inner else (1, places[number], 0))
    table = b"".join(
        kind.to_bytes(1, "big") + place.to_bytes(4, "big") + last.to_bytes(2, "big")
        for kind, place, last in rows
    )
    entries = b"/Type/XRef /W [1 4 2] /Size 8 /Root 1 0 R"
    data += b"7 0 obj\n%b\nendobj\n" % stream(table, entries)
    return bytes(data + b"startxref\n%d\n%%%%EOF\n" % places[7])


def value_is_a_bomb(identity: str, size: int = 1024) -> bytes:
    """The value of a field is a stream that unpacks to so many MiB."""
    bomb = stream(packed(b"", size, b""), b"/Filter/FlateDecode")
    return form(identity, b"6 0 R", {6: b"<</FT/Tx /T(nome) /V 7 0 R>>", 7: bomb})


def many_fields(identity: str, count: int = 200_000) -> bytes:
    """More fields than a form has."""
    names = b" ".join(b"%d 0 R" % n for n in range(6, 6 + count))
    fields = {6 + n: b"<</FT/Tx /T(f%d) /V(x)>>" % n for n in range(count)}
    return form(identity, names, fields)


def long_value(identity: str, size: int = 20 * MIB) -> bytes:
    """A text of so many bytes in one field."""
    return form(identity, b"6 0 R", {6: b"<</FT/Tx /T(nome) /V(%b)>>" % (b"x" * size)})


def deep_kids(identity: str, depth: int = 20_000) -> bytes:
    """Fields in fields in fields."""
    kids = {n: b"<</T(a) /Kids [%d 0 R]>>" % (n + 1) for n in range(6, 6 + depth)}
    return form(identity, b"6 0 R", kids | {6 + depth: b"<</FT/Tx /T(a) /V(x)>>"})


def kids_in_a_circle(identity: str) -> bytes:
    """Two fields, each the kid of the other; beside them an answer."""
    kids = {
        6: b"<</T(a) /FT/Tx /V(x) /Kids [7 0 R]>>",
        7: b"<</T(b) /Parent 7 0 R /Kids [6 0 R 7 0 R]>>",
        8: b"<</FT/Tx /T(nome) /V(Anna)>>",
    }
    return form(identity, b"6 0 R 7 0 R 8 0 R", kids)


def many_filters(identity: str, count: int = 20_000) -> bytes:
    """A stream packed so many times, by its own words."""
    packed = stream(b"x", b"/Filter [%b]" % (b"/FlateDecode " * count))
    return form(identity, b"6 0 R", {6: b"<</FT/Tx /T(nome) /V 7 0 R>>", 7: packed})


def nested_arrays(identity: str, depth: int = 200_000) -> bytes:
    """Arrays in arrays where a value belongs."""
    value = b"[" * depth + b"]" * depth
    return form(identity, b"6 0 R", {6: b"<</FT/Tx /T(nome) /V %b>>" % value})


def index_of_millions(identity: str) -> bytes:
    """An index that claims a hundred million objects."""
    return written(objects(identity, b""), size=100_000_000)


def index_that_lies(identity: str) -> bytes:
    """An index in which nothing is where it says."""
    return written(objects(identity, b"") | {6: b"null"}, lie=7)


def xfa(identity: str) -> bytes:
    """A form of another kind, with an XML that grows without end."""
    extra = objects(identity, b"", b"/XFA 6 0 R")
    return written(extra | {6: stream(LAUGHS)})


def html_first(identity: str) -> bytes:
    """A page with a script that is a PDF further down."""
    return b"<html><script>alert(1)</script>\n" + form(identity, b"")


def newlines_first(identity: str) -> bytes:
    """A PDF after 5 kB of nothing."""
    return b"\n" * 5_000 + form(identity, b"")


def truncated(identity: str) -> bytes:
    """Only the beginning of a file."""
    return form(identity, b"6 0 R", {6: b"<</FT/Tx /T(nome) /V(x)>>"})[:120]


def only_a_head(identity: str) -> bytes:
    """Nothing behind the first line."""
    return b"%PDF-1.7\n"


def empty(identity: str) -> bytes:
    """No byte at all."""
    return b""


def wrong_types(identity: str) -> bytes:
    """Numbers, names and arrays where dictionaries and texts belong."""
    fields = b"7 /x [1 2] (text) null 6 0 R 8 0 R 9 0 R 10 0 R 11 0 R"
    return form(
        identity,
        fields,
        {
            6: b"<</FT 3 /T [(nome)] /V 7 /Kids 9>>",
            8: b"<</FT/Btn /T(profilo) /AS 3 /V [/ente] /Kids [4 (x)]>>",
            9: b"<</FT/Tx /T(ente) /V 12>>",
            10: b"<</FT/Tx /T(strumento) /V <FEFFD800> /TU 5>>",
            11: b"<</FT/Ch /T(paese) /V [(mare) (monte)]>>",
        },
    )


def no_catalogue(identity: str) -> bytes:
    """A file whose root is a number."""
    return written(objects(identity, b"") | {1: b"42"})


def many_pages(identity: str) -> bytes:
    """More pages than any form has."""
    pages = b"<</Type/Pages /Count 21 /Kids [%b]>>" % (b"3 0 R " * 21)
    return written(objects(identity, b"") | {2: pages})


def wide_page_tree(identity: str, count: int = 20_000) -> bytes:
    """One page by its own words, and the same one again and again."""
    pages = b"<</Type/Pages /Count 1 /Kids [%b]>>" % (b"3 0 R " * count)
    return written(objects(identity, b"") | {2: pages})


def deep_page_tree(identity: str, depth: int = 20_000) -> bytes:
    """Pages in pages in pages."""
    tree = {
        n: b"<</Type/Pages /Count 1 /Kids [%d 0 R]>>" % (n + 1)
        for n in range(6, 6 + depth)
    }
    pages = {2: tree[6], 6 + depth: b"<</Type/Page>>"}
    return written(objects(identity, b"") | tree | pages)


def trick_values(identity: str) -> bytes:
    """Values that harm whoever opens them in a spreadsheet, or hide what they say."""
    formula = '=HYPERLINK("https://evil.example")\0\u202egro.elpmaxe'
    code = (b"\xfe\xff" + formula.encode("utf-16-be")).hex().encode()
    return form(identity, b"6 0 R", {6: b"<</FT/Tx /T(nome) /V<%b>>>" % code})


def locked(file: bytes) -> bytes:
    """Return a file that opens with a password only."""
    return _saved(file, pikepdf.Encryption(user="secret", owner="other"))


def owned(file: bytes) -> bytes:
    """Return a file that opens without a password and may not be changed."""
    return _saved(file, pikepdf.Encryption(user="", owner="other"))


def _saved(file: bytes, encryption: pikepdf.Encryption) -> bytes:
    with pikepdf.Pdf.open(BytesIO(file)) as document:
        target = BytesIO()
        document.save(target, encryption=encryption)
    return target.getvalue()


Hostile = Callable[[str], bytes]
SMALL: tuple[Hostile, ...] = (
    kids_in_a_circle,
    deep_kids,
    many_filters,
    nested_arrays,
    index_of_millions,
    index_that_lies,
    xfa,
    html_first,
    newlines_first,
    truncated,
    only_a_head,
    empty,
    wrong_types,
    no_catalogue,
    many_pages,
    wide_page_tree,
    deep_page_tree,
    trick_values,
)
LARGE: tuple[Hostile, ...] = (
    object_stream_bomb,
    value_is_a_bomb,
    many_fields,
    long_value,
)
