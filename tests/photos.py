"""Photos of paper for tests: sound ones with a code, and others made to harm."""

import zlib
from collections.abc import Callable
from io import BytesIO

import segno
from PIL import Image, ImageFilter

from forms_service.definition import FormDefinition
from forms_service.shapes.pdf.identity import Identity

BASE_URL = "https://forms.example.org"


def code_of(form: FormDefinition, page: int = 1) -> str:
    """Return what the QR of a page of this form says."""
    return Identity.of(form).url(BASE_URL, page)


def sheet(code: str = "", angle: float = 3.0) -> Image.Image:
    """Return a sheet of A4 at 150 dpi, laid down askew, with a code if any."""
    page = Image.new("L", (1240, 1754), 255)
    if code:
        target = BytesIO()
        segno.make(code, error="m", micro=False).save(target, kind="png", scale=4)
        page.paste(Image.open(target).convert("L"), (900, 1400))
    laid = page.rotate(angle, expand=True, fillcolor=225)
    return laid.filter(ImageFilter.GaussianBlur(0.7))


def saved(picture: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    """Return a picture as a file."""
    target = BytesIO()
    picture.save(target, kind, **options)
    return target.getvalue()


def photo(code: str = "") -> bytes:
    """Return a photo of a sheet as a JPEG."""
    return saved(sheet(code))


def chunk(name: bytes, data: bytes) -> bytes:
    """Return a part of a PNG with its check sum."""
    check = zlib.crc32(name + data).to_bytes(4, "big")
    return len(data).to_bytes(4, "big") + name + data + check


def png_of(width: int, height: int, data: bytes = b"") -> bytes:
    """Return a grey PNG that claims a size; its rows are what is given, packed."""
    head = width.to_bytes(4, "big") + height.to_bytes(4, "big") + b"\x08\0\0\0\0"
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(data, 9))
        + chunk(b"IEND", b"")
    )


def huge_png() -> bytes:
    """A few bytes that claim ten thousand million points."""
    return png_of(100_000, 100_000)


def large_png() -> bytes:
    """As many points as are read, in 40 kB."""
    return png_of(6_000, 6_000, bytes(6_001 * 6_000))


def hollow_png() -> bytes:
    """A size without the points for it."""
    return png_of(600, 800)


def text_bomb() -> bytes:
    """A PNG whose note unpacks to 200 MB."""
    note = b"x\0\0" + zlib.compress(bytes(200 << 20), 9)
    sound = saved(Image.new("L", (60, 80)), "PNG")
    return sound[:33] + chunk(b"zTXt", note) + sound[33:]


def huge_jpeg() -> bytes:
    """A JPEG that claims 65,500 by 65,500 points."""
    sound = saved(Image.new("L", (64, 64)))
    place = sound.index(b"\xff\xc0")
    size = (65_500).to_bytes(2, "big") * 2
    return sound[: place + 5] + size + sound[place + 9 :]


def cut_jpeg() -> bytes:
    """A JPEG that ends in the middle."""
    return photo()[:4_000]


def gif_as_png() -> bytes:
    """A GIF, whatever its name says."""
    return saved(Image.new("P", (60, 80)), "GIF")


def page_and_picture() -> bytes:
    """A JPEG with a page and a script behind it."""
    return saved(Image.new("L", (60, 80))) + b"<html><script>alert(1)</script>"


def svg() -> bytes:
    """A picture that runs a script."""
    return b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>"


Hostile = Callable[[], bytes]
SMALL: tuple[Hostile, ...] = (
    huge_png,
    hollow_png,
    huge_jpeg,
    cut_jpeg,
    gif_as_png,
    page_and_picture,
    svg,
)
LARGE: tuple[Hostile, ...] = (large_png, text_bomb)
