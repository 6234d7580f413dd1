"""Why a file gives no answers: one fact each, with the sentence for who sent it.

The page around the sentence offers the other ways: online, by post, at the desk.
"""

from typing import ClassVar

from ..i18n import N_, Message


class Refusal(Exception):
    """A file that cannot be used; `message` says what to do in one sentence."""

    sentence: ClassVar[str]

    @property
    def message(self) -> Message:
        """The sentence for the person who sent the file."""
        return Message(self.sentence)


class NotAPdf(Refusal):
    """The file does not begin as every PDF does."""

    sentence = N_("This file is not a PDF: choose the PDF form that you filled in.")


class TooLarge(Refusal):
    """The file is larger than any viewer makes our form."""

    sentence = N_(
        "This file is too large: choose the PDF form as you saved it, or fill in the "
        "form online."
    )


class TooManyPages(Refusal):
    """The file has more pages than any form of ours."""

    sentence = N_(
        "This file has too many pages: choose the PDF form alone, without attachments."
    )


class PasswordProtected(Refusal):
    """The file asks for a password."""

    sentence = N_(
        "This PDF is protected by a password: save it without the password and send "
        "it again."
    )


class Flattened(Refusal):
    """The file has no fields: it was flattened, printed to PDF or scanned."""

    sentence = N_(
        "This PDF has no boxes we can read, because it was printed to PDF or scanned: "
        "save the form with “Save”, not with “Print”, or fill it in online."
    )


class NotOurs(Refusal):
    """The file is not a form of this service."""

    sentence = N_(
        "This PDF is not one of our forms: download the form from its page, fill it in "
        "and send that file."
    )


class IsReceipt(Refusal):
    """The file is a receipt: what it tells of has been sent."""

    sentence = N_(
        "This PDF is a receipt, not a form: your request has already been sent. You "
        "can check the receipt on a page of its own."
    )


class SeveralForms(Refusal):
    """Pages of several forms, or of one in several languages, are in one file."""

    sentence = N_(
        "This PDF holds more than one form, or one form in several languages: save "
        "each form as a file of its own and bring back one at a time."
    )


class Damaged(Refusal):
    """The file cannot be read within the limits."""

    sentence = N_(
        "We cannot read this file, it may be damaged: save the form again, or fill it "
        "in online."
    )


class Busy(Refusal):
    """Other files are being read; nothing is wrong with this one."""

    sentence = N_("We are reading other files right now: try again in a minute.")


class NoScan(Refusal):
    """The file begins like none of the kinds that a scan can be."""

    sentence = N_(
        "This file is neither a PDF nor a JPEG or PNG picture: scan the paper again "
        "or take a photo of it."
    )


class ScanTooLarge(Refusal):
    """The scan has more bytes than are kept."""

    sentence = N_(
        "This file is larger than 10 MB: scan the paper again, in grey and at a "
        "lower resolution."
    )


class TooManyPixels(Refusal):
    """The picture has more points than any scan of a sheet."""

    sentence = N_(
        "This picture has too many points: scan the paper again at a lower resolution."
    )
