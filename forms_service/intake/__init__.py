"""A filled-in PDF becomes answers again, read in a child process that can do no harm.

It takes the file of a stranger and returns what was typed, ready for the one
validator; what the answers are worth is for `definition.clean` to say.
"""

from .filled import Filled, LeftOut, read_filled
from .refusals import (
    Busy,
    Damaged,
    Flattened,
    IsReceipt,
    NotAPdf,
    NotOurs,
    PasswordProtected,
    Refusal,
    SeveralForms,
    TooLarge,
    TooManyPages,
)

__all__ = [
    "Busy",
    "Damaged",
    "Filled",
    "Flattened",
    "IsReceipt",
    "LeftOut",
    "PasswordProtected",
    "NotAPdf",
    "NotOurs",
    "Refusal",
    "SeveralForms",
    "TooLarge",
    "TooManyPages",
    "read_filled",
]
