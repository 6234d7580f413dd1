"""The child process that opens a receipt from a stranger and takes out two texts.

    python -I confined.py receipt_reader.py  <"{}\\n%PDF-…"  >answer.json

It stands alone and without rights, like `reader`. Streams are never opened.
"""

import json
import sys
from io import BytesIO
from typing import Any

from pikepdf import Dictionary, Pdf, String

# Written by `shapes.pdf.receipt_proof`; a test compares the names.
DATA, SIGNATURE = "/ReceiptData", "/ReceiptSignature"
LONGEST = 400_000


def read(data: bytes) -> dict[str, Any]:
    """Return data and signature of a file, or one word for the refusal."""
    try:
        with Pdf.open(BytesIO(data), suppress_warnings=True) as pdf:
            info = pdf.trailer.get("/Info")
            return {"data": text(info, DATA), "signature": text(info, SIGNATURE)}
    # Whatever a broken file makes a library say, it is one fact: it cannot be read.
    except Exception:
        return {"refusal": "damaged"}


def text(info: Any, key: str) -> str | None:
    """Return a property as text; None for anything else or too long."""
    value = info.get(key) if isinstance(info, Dictionary) else None
    if not isinstance(value, String):
        return None
    read_as = str(value)
    return read_as if len(read_as) <= LONGEST else None


def main() -> None:
    """Read one line and a file from standard input, write JSON to the output."""
    sys.stdin.buffer.readline()
    sys.stdout.write(json.dumps(read(sys.stdin.buffer.read())))


if __name__ == "__main__":
    main()
