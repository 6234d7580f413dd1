"""The page for people whose personal link is lost: the same answer to everybody."""

from flask import Response, abort, request

from ... import addresses
from ...workflow import proving
from ..page import Page, told
from .sent import MAILING, read_address, spend


def lost_page(page: Page, lang: str) -> Response:
    """Answer with the form that asks for a new personal link."""
    return _page(page, lang)


def _page(page: Page, lang: str, error: Exception | None = None) -> Response:
    languages = page.work.content.project.languages
    if lang not in languages:
        abort(404)
    words = page.words(lang)
    trouble = told(error, words) if error else None
    return page.render(
        "public/lost.html",
        words,
        trouble.status if trouble else 200,
        alternatives={other: addresses.lost_link(other) for other in languages},
        here=addresses.lost_link(lang),
        typed=request.form.get("email", ""),
        trouble=trouble,
    )


def send_lost(page: Page, lang: str) -> Response:
    """Mail new links if there is anything to link to, and say the same if not."""
    if lang not in page.work.content.project.languages:
        abort(404)
    spend(page, MAILING)
    proving.lost_link(page.work, read_address(request.form.get("email", "")))
    return page.render("public/lost_sent.html", page.words(lang))


def give_back(page: Page, error: Exception, lang: str) -> Response:
    """Answer trouble with the form and the address as it was typed."""
    return _page(page, lang, error)
