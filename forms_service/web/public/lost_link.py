"""The page for people whose personal link is lost: the same answer to everybody."""

from flask import Response

from ... import addresses
from ...workflow import verification
from ..page import Page
from ..page.rate_limits import MAILING, hit
from .fixed_forms import AddressForm
from .standing import Standing, speaks

ASKING = Standing("public/lost.html", addresses.lost_link)
MAILED = Standing("public/lost_sent.html", addresses.lost_link)


def lost_page(page: Page, lang: str) -> Response:
    """Answer with the form that asks for a new personal link."""
    return ASKING.show(page, lang, asked=AddressForm())


def send_lost(page: Page, lang: str) -> Response:
    """Mail new links if there is anything to link to, and say the same if not."""
    speaks(page, lang)
    typed = AddressForm()
    if not typed.validate():
        return ASKING.show(page, lang, asked=typed)
    hit(page, MAILING)
    verification.lost_link(page.work, typed.address)
    return MAILED.show(page, lang)


def on_error(page: Page, error: Exception, lang: str) -> Response:
    """Answer an error with the form and the address as it was typed."""
    return ASKING.show(page, lang, error, asked=AddressForm())
