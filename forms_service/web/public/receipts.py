"""A receipt as a download, and whether one is genuine.

That is checked against the keys of the service and nothing is looked up: the answer is
the same while a request is kept and when it is long gone.
"""

from flask import Response, request
from limits import RateLimitItemPerMinute
from werkzeug.exceptions import RequestEntityTooLarge

from ... import urls
from ...intake.filled import NoReceipt, read_receipt
from ...shapes.pdf.receipt import receipt_job
from ...shapes.pdf.receipt_proof import check
from ...store import revisions
from ...store.submissions import Submission
from ..core import FILES_LIMIT, WebContext
from ..core.access import HALL, hit
from ..core.responses import download
from .plain_pages import FixedPage, require_language

ASKING = FixedPage("public/receipt_check.html", urls.check_receipt, "file")
READING = RateLimitItemPerMinute(HALL, 10, "check receipt")


def ask(web: WebContext, lang: str) -> Response:
    """Answer with the page that asks for a receipt."""
    return ASKING.show(web, lang, checked=None)


def answer(web: WebContext, lang: str) -> Response:
    """Answer what an uploaded receipt is worth; raise a `Refusal` or `TooOften`."""
    require_language(web, lang)
    hit(web, READING)
    request.max_content_length = FILES_LIMIT
    try:
        file = request.files.get("file")
    except RequestEntityTooLarge as error:
        raise NoReceipt from error
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


def receipt(web: WebContext, stored: Submission) -> Response:
    """Return a receipt as a download; raise `ReceiptUnavailable`."""
    context = web.context
    main = context.content.main_language
    form, original, replaced = context.store.read(
        lambda db: (
            context.form_of(db, stored),
            context.form_of(db, stored, main),
            revisions.of_submission(db, stored.id),
        )
    )
    submission = {
        "reference": stored.reference,
        "answers": stored.answers,
        "created_at": stored.created_at,
        "corrected_at": replaced[-1].replaced_at if replaced else None,
        "verified_at": stored.verified_at,
        "purge_after": stored.purge_after,
        "due_on": stored.due_on,
    }
    translator = web.translator(form.lang)
    job = receipt_job(
        form,
        web.project(form.lang),
        translator,
        submission,
        context.tokens,
        web.config.base_url,
        prevailing=original,
    )
    name = translator.gettext("receipt") + f"-{stored.reference}.pdf"
    return download(web.receipts.draw(job), "application/pdf", name)
