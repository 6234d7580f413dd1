"""Which form, in which words, a sheet of paper or a PDF is.

The same identity stands in a hidden field, in XMP, in the document properties and in
the QR of every page. It recognises an outdated form; it proves nothing to anybody.
"""

from dataclasses import dataclass
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from ...definition import FormDefinition
from ...urls import SERVICE, online_form

# Sixteen hexadecimal digits: short enough for a QR that survives a fax.
DIGITS = 16
# A field id begins with a letter, so this name is never one.
FIELD = "_identity"
NAMESPACE = "urn:forms-service:paper-form:1"


@dataclass(frozen=True, slots=True)
class Identity:
    """Form, language, version and the beginning of the fingerprint."""

    form_id: str
    lang: str
    version: str
    digits: str

    @classmethod
    def of(cls, form: FormDefinition) -> "Identity":
        """Return the identity of a form in its language."""
        return cls(form.id, form.lang, form.version, form.fingerprint[:DIGITS])

    @classmethod
    def read(cls, text: str) -> "Identity":
        """Read what `text` wrote; raise `ValueError` for anything else."""
        form_id, lang, rest = text.split(":", 2)
        version, digits = rest.rsplit(":", 1)
        return cls(form_id, lang, version, digits)

    @classmethod
    def from_url(cls, url: str) -> tuple["Identity", int]:
        """Read the address in a QR and its page; raise `ValueError` otherwise."""
        parts = urlsplit(url)
        values = parse_qs(parts.query)
        try:
            lang, form_id = parts.path.removeprefix(f"{SERVICE}/").split("/")
            version, digits = values["v"][0].rsplit("-", 1)
            return cls(form_id, lang, version, digits), int(values["p"][0])
        except KeyError as error:
            raise ValueError(f"{url!r} is no address of a form") from error

    @property
    def text(self) -> str:
        """The identity on one line, as the hidden field carries it."""
        return f"{self.form_id}:{self.lang}:{self.version}:{self.digits}"

    def url(self, base_url: str, page: int) -> str:
        """Return the form's online address as the QR of a page carries it."""
        path = quote(online_form(self.form_id, self.lang))
        query = urlencode({"v": f"{self.version}-{self.digits}", "p": page})
        return f"{base_url.rstrip('/')}{path}?{query}"
