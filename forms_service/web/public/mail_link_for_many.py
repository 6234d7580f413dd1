"""Behind the link of a mail for several requests: the reference of one is typed."""

from flask import Response

from ... import urls
from ...shapes.html.fields import Complaint
from ...store.submissions import Submission
from ...workflow import verification_for_many
from ...workflow.verification_for_many import ReferenceWrong
from ..core import WebContext, describe
from ..core.error_handler import error_page
from ..core.rate_limits import TRYING, hit
from .fixed_forms import ReferenceForm
from .page_language import asked_language


def reference_page(
    web: WebContext, token: str, error: ReferenceWrong | None = None
) -> Response:
    """Answer with the page that asks for the reference; opening it changes nothing."""
    newest = verification_for_many.open_for_many(web.context, token)
    translator = web.translator(asked_language(web) or newest)
    described = describe(error, translator) if error else None
    over = error is not None and not error.left
    wrong = described.text if described and not over else ""
    return web.render(
        "public/verify_many.html",
        translator,
        described.status if described else 200,
        alternatives={
            lang: urls.behind_link(token, "", lang)
            for lang in web.context.content.project.languages
        },
        token=token,
        asked=asked_language(web),
        typed=ReferenceForm().reference.data if error else "",
        over=over,
        complaints=(Complaint("reference", wrong),) if wrong else (),
        error_page=described,
    )


def confirm_reference(web: WebContext, token: str) -> Submission:
    """Prove the mailbox for the request whose reference was typed."""
    hit(web, TRYING)
    typed = ReferenceForm().reference.data
    return verification_for_many.confirm_for_many(web.context, token, typed)


def on_reference_error(web: WebContext, error: Exception, token: str) -> Response:
    """Answer a wrong reference with the same page, anything else with its own."""
    if isinstance(error, ReferenceWrong):
        return reference_page(web, token, error)
    return error_page(web, error)
