"""Types that hold a code with check digits: a tax code, a bank account."""

from ..words import N_, Words
from .codice_fiscale import LENGTH, doubts
from .field_type import Answer, Doubt, Here, Identity, LineType, Refused
from .form import Field
from .iban import FORM, compact, has_right_digits, in_groups

CAPITALS = {"autocapitalize": "characters", "spellcheck": "false"}


class CodiceFiscaleType(LineType):
    """The Italian tax code (DM 23 December 1976, with omocodia) or 11 digits.

    Whatever can be a code raises only a doubt, never a refusal: real documents carry
    codes that no checker knows, and the person has the document.
    """

    name = "codice_fiscale"
    missing = N_("Write the tax code.")
    longest = LENGTH
    example = "RSSMRA85T10A562S"
    attributes = CAPITALS
    width = "medium"
    short = True
    on_document = True
    identifies = Identity(N_("same tax code"), N_("different tax code"))

    def parse(self, field: Field, text: str, here: Here) -> Answer:
        code = "".join(text.split()).upper()
        if len(code) > LENGTH:
            raise Refused(N_("A tax code has 16 characters, or 11 digits."))
        if doubts(code):
            raise Doubt(
                code,
                N_(
                    "Check the tax code. If it is the one on your document, "
                    "you can go on."
                ),
            )
        return code


class IbanType(LineType):
    """A bank account by ISO 13616, kept without spaces.

    A mistake is refused: money that goes astray cannot be asked back. Several people
    may share an account, so it identifies nobody.
    """

    name = "iban"
    missing = N_("Write the IBAN.")
    # In groups of four, as the longest of 34 characters is typed.
    longest = 42
    example = "IT60 X054 2811 1010 0000 0123 456"
    attributes = CAPITALS
    width = "medium"
    ltr = True

    def parse(self, field: Field, text: str, here: Here) -> Answer:
        code = compact(text)
        if not FORM.fullmatch(code):
            raise Refused(
                N_(
                    "Write the IBAN as the bank writes it: two letters, two digits, "
                    "then the account, for example {example}."
                ),
                example=self.example,
            )
        if not has_right_digits(code):
            raise Refused(
                N_(
                    "There is a mistake in this IBAN: compare each character with "
                    "what the bank gave you."
                )
            )
        return code

    def raw(self, field: Field, answer: Answer) -> dict[str, list[str]]:
        return {field.id: [in_groups(str(answer))]}

    def show(self, field: Field, answer: Answer, words: Words) -> list[str]:
        return [in_groups(str(answer))]
