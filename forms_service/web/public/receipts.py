"""The receipt of a request as a download, drawn in a child process."""

from flask import Response

from ...shapes.pdf.receipt import receipt_job, run_child
from ...store.submissions import Submission
from ..core import WebContext
from ..core.downloads import download


def receipt(web: WebContext, stored: Submission) -> Response:
    """Return a receipt as a download; raise `ReceiptUnavailable`."""
    context = web.context
    main = context.content.main_language
    form, original = context.store.read(
        lambda db: (context.form_of(db, stored), context.form_of(db, stored, main))
    )
    submission = {
        "reference": stored.reference,
        "answers": stored.answers,
        "created_at": stored.created_at,
        "verified_at": stored.verified_at,
        "purge_after": stored.purge_after,
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
    return download(run_child(job), "application/pdf", name)
