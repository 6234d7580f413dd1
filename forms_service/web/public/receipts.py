"""The receipt of a request as a download, drawn in a child process."""

from flask import Response

from ...shapes.pdf.receipt import receipt_job, run_child
from ...store.submissions import Submission
from ..page import Page
from ..page.downloads import download


def receipt(page: Page, one: Submission) -> Response:
    """Return a receipt as a download; raise `ReceiptUnavailable`."""
    work = page.work
    main = work.content.main_language
    form, original = work.store.read(
        lambda db: (work.form_of(db, one), work.form_of(db, one, main))
    )
    submission = {
        "reference": one.reference,
        "answers": one.answers,
        "created_at": one.created_at,
        "verified_at": one.verified_at,
        "purge_after": one.purge_after,
    }
    words = page.words(form.lang)
    job = receipt_job(
        form,
        page.project(form.lang),
        words,
        submission,
        work.tokens,
        page.config.base_url,
        prevailing=original,
    )
    name = words.say("receipt") + f"-{one.reference}.pdf"
    return download(run_child(job), "application/pdf", name)
