"""A receipt comes back: its data and signature, taken out by a child process.

What they are worth is for `shapes.pdf.receipt_proof` to say, with the keys.
"""

from ..i18n import N_
from .refusals import Refusal
from .sandbox import read_in_child

# A receipt has 60 to 200 kB.
LARGEST = 5 << 20


class NoReceipt(Refusal):
    """The file is no PDF, is too large, locked or damaged."""

    sentence = N_(
        "We cannot read this file: choose the PDF of the receipt as you downloaded it."
    )


def read_receipt(data: bytes) -> tuple[str | None, str | None]:
    """Return data and signature as the file carries them, None for what is missing.

    Raises `NoReceipt`, `Damaged` or `Busy`.
    """
    if len(data) > LARGEST or not data.startswith(b"%PDF-"):
        raise NoReceipt
    found = read_in_child(data, None)
    if found.get("refusal"):
        raise NoReceipt
    return found["data"], found["signature"]
