"""Whether a receipt is genuine: what the file says, against the keys of the service.

Nothing is looked up: the answer is the same while a request is kept and when it is
long gone.
"""

from flask import Response, request
from limits import RateLimitItemPerMinute

from ... import urls
from ...intake.receipt import NoReceipt, read_receipt
from ...shapes.pdf.receipt_proof import check
from ..core import FILES_LIMIT, WebContext
from ..core.rate_limits import hit
from .plain_pages import FixedPage, require_language

ASKING = FixedPage("public/receipt_check.html", urls.check_receipt, "file")
READING = RateLimitItemPerMinute(40, 10, "check receipt")


def ask(web: WebContext, lang: str) -> Response:
    """Answer with the page that asks for a receipt."""
    return ASKING.show(web, lang, checked=None)


def answer(web: WebContext, lang: str) -> Response:
    """Answer what an uploaded receipt is worth; raise a `Refusal` or `TooOften`."""
    require_language(web, lang)
    hit(web, READING)
    # `read_receipt` says in words long before that a file is too large.
    request.max_content_length = FILES_LIMIT
    file = request.files.get("file")
    if file is None:
        raise NoReceipt
    content = file.read()
    file.close()
    data, signature = read_receipt(content)
    checked = check(data, signature, web.context.tokens)
    return ASKING.show(web, lang, checked=checked)


def on_error(web: WebContext, error: Exception, lang: str) -> Response:
    """Answer an error with the same page, saying it at the file."""
    return ASKING.show(web, lang, error, checked=None)
