"""Pages that belong to no form: the same address in every language of the project."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, abort

from ... import urls
from ...definition.email_typos import email_slip
from ...i18n import Translator
from ...shapes.html.fields import Complaint
from ...workflow import verification
from ..core import ErrorPage, WebContext, describe
from ..core.access import MAILING, hit
from ..core.fixed_forms import FixedForm
from .fixed_forms import EmailForm


@dataclass(frozen=True, slots=True)
class FixedPage:
    """A page by template, address and the control that it asks to be filled in."""

    template: str
    url: Callable[[str], str]
    control: str = ""

    def show(
        self,
        web: WebContext,
        lang: str,
        error: Exception | None = None,
        fixed_form: FixedForm | None = None,
        **values: Any,
    ) -> Response:
        """Answer with the page, saying what is wrong with it or with what it asks.

        404 in a language that nobody has.
        """
        require_language(web, lang)
        translator = web.translator(lang)
        error_page = describe(error, translator) if error else None
        languages = web.context.content.project.languages
        return web.render(
            self.template,
            translator,
            fixed_form.http_status if fixed_form else 200,
            alternatives={other: self.url(other) for other in languages},
            page_url=self.url(lang),
            error_page=error_page,
            complaints=at_control(error_page, self.control)
            + complaints(fixed_form, translator),
            fixed_form=fixed_form,
            **values,
        )


def complaints(fixed_form: FixedForm | None, translator: Translator) -> list[Complaint]:
    """Return what is wrong with the controls of a fixed form."""
    wrong = fixed_form.wrong if fixed_form else {}
    return [
        Complaint(control, translator.translate(message))
        for control, message in wrong.items()
    ]


def require_language(web: WebContext, lang: str) -> None:
    """Answer 404 in a language that the project does not have."""
    if lang not in web.context.content.project.languages:
        abort(404)


def at_control(error_page: ErrorPage | None, control: str) -> list[Complaint]:
    """Return what is wrong with a control itself, not with the moment."""
    if error_page is None or error_page.status != 422:
        return []
    return [Complaint(control, error_page.text)]


LOST = FixedPage("public/lost.html", urls.lost_link)
LOST_MAILED = FixedPage("public/lost_sent.html", urls.lost_link)


def lost_page(web: WebContext, lang: str) -> Response:
    """Answer with the form that asks for a new personal link."""
    return LOST.show(web, lang, fixed_form=EmailForm())


def send_lost(web: WebContext, lang: str) -> Response:
    """Mail new links if there is anything to link to, and say the same if not."""
    require_language(web, lang)
    typed = EmailForm()
    if not typed.validate():
        return LOST.show(web, lang, fixed_form=typed)
    hit(web, MAILING)
    verification.lost_link(web.context, typed.stored_email)
    # Of the address as it was typed, whoever has requests here.
    slip = email_slip(typed.stored_email)
    doubt = web.translator(lang).translate(slip) if slip else ""
    return LOST_MAILED.show(web, lang, doubt=doubt)


def on_lost_error(web: WebContext, error: Exception, lang: str) -> Response:
    """Answer an error with the form and the address as it was typed."""
    return LOST.show(web, lang, error, fixed_form=EmailForm())
