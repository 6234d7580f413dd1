"""The page for people whose personal link is lost: the same answer to everybody."""

from flask import Response, abort, request

from ... import addresses
from ...shapes.markup import Complaint
from ...workflow import proving
from ..page import Page, told
from .sent import MAILING, read_address, spend


def lost_page(page: Page, lang: str) -> Response:
    """Answer with the form that asks for a new personal link."""
    return _page(page, lang)


def _page(page: Page, lang: str, error: Exception | None = None) -> Response:
    if lang not in page.work.content.project.languages:
        abort(404)
    words = page.words(lang)
    trouble = told(error, words) if error else None
    return page.render(
        "public/lost.html",
        words,
        trouble.status if trouble else 200,
        alternatives=_everywhere(page),
        here=addresses.lost_link(lang),
        typed=request.form.get("email", ""),
        trouble=trouble,
        complaints=[Complaint("email", trouble.text)] if trouble else [],
    )


def _everywhere(page: Page) -> dict[str, str]:
    languages = page.work.content.project.languages
    return {lang: addresses.lost_link(lang) for lang in languages}


def send_lost(page: Page, lang: str) -> Response:
    """Mail new links if there is anything to link to, and say the same if not."""
    if lang not in page.work.content.project.languages:
        abort(404)
    spend(page, MAILING)
    proving.lost_link(page.work, read_address(request.form.get("email", "")))
    return page.render(
        "public/lost_sent.html", page.words(lang), alternatives=_everywhere(page)
    )


def give_back(page: Page, error: Exception, lang: str) -> Response:
    """Answer trouble with the form and the address as it was typed."""
    return _page(page, lang, error)
