"""The child process that looks at a scan or photo: its pages, its codes, one picture.

    python -I confined.py scanner.py  <'{"picture": 0}\\n%PDF-…'  >answer

It stands alone and without rights, like `reader`. Only pictures drawn here are ever
shown to anybody.
"""

import json
import sys
import time
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pypdfium2
import zxingcpp
from PIL import Image, ImageOps

MOST_PAGES = 20
# A photo of a good telephone has 50 million points, a sheet at 600 dpi 35; a JPEG can
# be read small at once, other formats fill the memory first.
MOST_PIXELS = {"jpeg": 50_000_000, "png": 36_000_000}
# That limit is ours, and is told by its name.
Image.MAX_IMAGE_PIXELS = None
# The longer side of an A4 sheet at 200 and 300 dpi, where codes are found best.
SEARCHED = (2339, 3508)
# At 150 dpi, in 16 greys: what is written by hand can be read, and it stays small.
SHOWN, GREYS = 1754, 16
# Seconds of computing after which the search for a code ends with the page.
SEARCH_SECONDS = 1.5
FORMATS = {"jpeg": "JPEG", "png": "PNG"}
WRONG_PASSWORD = 4
QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)


class ScanRefused(Exception):
    """The file is beyond a limit, or locked; the argument says which."""


class ScanPages:
    """A file as pages that can be drawn in grey, none larger than it is asked for."""

    def __init__(self, data: bytes, kind: str) -> None:
        self._photo: Image.Image | None = None
        self.number = 1
        if kind != "pdf":
            self._photo = photo(data, kind)
            return
        self._pdf = pypdfium2.PdfDocument(data)
        # What was typed into the fields of a form is drawn only with this.
        self._pdf.init_forms()
        self.number = len(self._pdf)
        if self.number > MOST_PAGES:
            raise ScanRefused("pages")

    def draw(self, number: int, side: int) -> Image.Image:
        """Return a page whose longer side has at most so many points."""
        if self._photo:
            smaller = self._photo.copy()
            smaller.thumbnail((side, side))
            return smaller
        page = self._pdf[number]
        scale = side / max(page.get_size())
        drawn: Image.Image = page.render(scale=scale, grayscale=True).to_pil()
        return drawn.convert("L")


def photo(data: bytes, kind: str) -> Image.Image:
    """Return a picture in grey, the right way up, as large as it is ever needed."""
    largest = (SEARCHED[-1], SEARCHED[-1])
    with Image.open(BytesIO(data), formats=[FORMATS[kind]]) as picture:
        if picture.width * picture.height > MOST_PIXELS[kind]:
            raise ScanRefused("pixels")
        picture.draft("L", largest)
        read = grey(picture)
        read.thumbnail(largest)
        # The note on how it was held stands beside the points.
        read.info = {"exif": picture.info.get("exif", b"")}
        return ImageOps.exif_transpose(read)


def grey(read: Image.Image) -> Image.Image:
    """Return a picture in grey, with white where it lets through what is behind."""
    if read.mode.startswith("I"):
        return read.point(lambda value: value / 256).convert("L")
    if read.mode == "P" and "transparency" in read.info:
        read = read.convert("RGBA")
    flat = read.convert("L")
    if "A" in read.getbands():
        flat.paste(255, mask=ImageOps.invert(read.getchannel("A")))
    return flat


def codes(pages: ScanPages) -> Iterator[str]:
    """Yield the texts of the QR codes, page by page, while there is time."""
    latest = time.process_time() + SEARCH_SECONDS
    for number in range(pages.number):
        for side in SEARCHED:
            if number and time.process_time() > latest:
                return
            found = zxingcpp.read_barcodes(pages.draw(number, side), formats=QR)
            yield from (code.text for code in found)
            if found:
                break


def look(data: bytes, kind: str, picture: int | None) -> bytes:
    """Return number of pages and codes as JSON, or one page as a PNG.

    A file whose first page cannot be drawn raises whatever its library says.
    """
    pages = ScanPages(data, kind)
    if picture is None:
        found: dict[str, Any] = {"pages": pages.number, "codes": list(codes(pages))}
        return json.dumps(found).encode()
    target = BytesIO()
    drawn = pages.draw(picture, SHOWN).quantize(GREYS, dither=Image.Dither.NONE)
    drawn.save(target, "PNG")
    return target.getvalue()


def answer(data: bytes, kind: str, picture: int | None) -> bytes:
    """Look at a file; one word for the refusal when it cannot be drawn."""
    try:
        return look(data, kind, picture)
    except ScanRefused as refused:
        refusal = str(refused)
    except pypdfium2.PdfiumError as error:
        locked = getattr(error, "err_code", None) == WRONG_PASSWORD
        refusal = "locked" if locked else "damaged"
    # Whatever a broken file makes a library say, it is one fact: it cannot be read.
    except Exception:
        refusal = "damaged"
    return json.dumps({"refusal": refusal}).encode()


def main() -> None:
    """Read an order and a file from standard input, write the answer to the output."""
    order = json.loads(sys.stdin.buffer.readline())
    data = sys.stdin.buffer.read()
    sys.stdout.buffer.write(answer(data, order["kind"], order["picture"]))


if __name__ == "__main__":
    main()
