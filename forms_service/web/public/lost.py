"""The page for people whose personal link is lost: the same answer to everybody."""

from flask import Response, request

from ... import addresses
from ...workflow import verification
from ..page import Page
from ..page.rate_limits import hit
from .sent import MAILING, read_address
from .standing import Standing, speaks

ASKING = Standing("public/lost.html", addresses.lost_link, "email")
MAILED = Standing("public/lost_sent.html", addresses.lost_link)


def lost_page(page: Page, lang: str) -> Response:
    """Answer with the form that asks for a new personal link."""
    return ASKING.show(page, lang, typed="")


def send_lost(page: Page, lang: str) -> Response:
    """Mail new links if there is anything to link to, and say the same if not."""
    speaks(page, lang)
    hit(page, MAILING)
    verification.lost_link(page.work, read_address(request.form.get("email", "")))
    return MAILED.show(page, lang)


def give_back(page: Page, error: Exception, lang: str) -> Response:
    """Answer trouble with the form and the address as it was typed."""
    return ASKING.show(page, lang, error, typed=request.form.get("email", ""))
