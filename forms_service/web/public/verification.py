"""Whether a receipt is genuine: what the file says, against the keys of the service.

Nothing is looked up: the answer is the same while a request is kept and when it is
long gone.
"""

from datetime import timedelta

from flask import Response, abort, request

from ... import addresses
from ...intake.receipt import NoReceipt, read_receipt
from ...shapes.receipt_proof import Checked, check
from ..page import FILES_LIMIT, Limit, Page, client_address, told

READING = Limit("check receipt", 40, timedelta(minutes=10))


def ask(page: Page, lang: str) -> Response:
    """Answer with the page that asks for a receipt."""
    return _page(page, lang)


def answer(page: Page, lang: str) -> Response:
    """Answer what an uploaded receipt is worth; raise a `Refusal` or `TooOften`."""
    page.limits.spend(READING, client_address(request, page.config.trusted_proxies))
    # `read_receipt` says in words long before that a file is too large.
    request.max_content_length = FILES_LIMIT
    file = request.files.get("file")
    if file is None:
        raise NoReceipt
    content = file.read()
    file.close()
    data, signature = read_receipt(content)
    return _page(page, lang, check(data, signature, page.work.tokens))


def give_back(page: Page, error: Exception, lang: str) -> Response:
    """Answer trouble with the same page, saying it at the file."""
    return _page(page, lang, error=error)


def _page(
    page: Page,
    lang: str,
    checked: Checked | None = None,
    error: Exception | None = None,
) -> Response:
    languages = page.work.content.project.languages
    if lang not in languages:
        abort(404)
    words = page.words(lang)
    trouble = told(error, words) if error else None
    return page.render(
        "public/verification.html",
        words,
        trouble.status if trouble else 200,
        alternatives={other: addresses.check_receipt(other) for other in languages},
        here=addresses.check_receipt(lang),
        checked=checked,
        trouble=trouble,
    )
