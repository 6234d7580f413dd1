"""The page for people whose personal link is lost: the same answer to everybody."""

from flask import Response

from ... import urls
from ...definition.email_typos import email_slip
from ...workflow import verification
from ..core import WebContext
from ..core.rate_limits import MAILING, hit
from .fixed_forms import EmailForm
from .plain_pages import FixedPage, require_language

ASKING = FixedPage("public/lost.html", urls.lost_link)
MAILED = FixedPage("public/lost_sent.html", urls.lost_link)


def lost_page(web: WebContext, lang: str) -> Response:
    """Answer with the form that asks for a new personal link."""
    return ASKING.show(web, lang, fixed_form=EmailForm())


def send_lost(web: WebContext, lang: str) -> Response:
    """Mail new links if there is anything to link to, and say the same if not."""
    require_language(web, lang)
    typed = EmailForm()
    if not typed.validate():
        return ASKING.show(web, lang, fixed_form=typed)
    hit(web, MAILING)
    verification.lost_link(web.context, typed.stored_email)
    # Of the address as it was typed, whoever has requests here.
    slip = email_slip(typed.stored_email)
    doubt = web.translator(lang).translate(slip) if slip else ""
    return MAILED.show(web, lang, doubt=doubt)


def on_error(web: WebContext, error: Exception, lang: str) -> Response:
    """Answer an error with the form and the address as it was typed."""
    return ASKING.show(web, lang, error, fixed_form=EmailForm())
