"""The page that asks a member of a register whether they stay; it shows no answer."""

from functools import partial

from flask import Response, request

from ... import urls
from ...shapes.notice import retention_sentence
from ...store.submissions import Status
from ...workflow import renewing
from ...workflow.transitions import CITIZEN
from ...workflow.verification import MailLink
from ..core import WebContext, describe
from ..core.responses import see_other
from .personal_actions import form_today, link_url
from .personal_page import personal_page


def stay_page(
    web: WebContext, token: str, link: MailLink, error: Exception | None = None
) -> Response:
    """Ask whether they stay, by which rule; or thank who has just said so.

    Whoever is no member, or was not asked, sees the personal page.
    """
    submission = link.submission
    form = form_today(web, submission)
    asked = bool(submission.asks or submission.renewed_at)
    member = submission.status is Status.ACCEPTED and asked
    if form is None or form.register is None or not member:
        return personal_page(web, token, link)
    translator, context = web.translator(form.lang), web.context
    now, kept = context.clock(), form.privacy.retention.accepted
    sent, decided = submission.created_at, submission.decided_at
    stays_until = context.retention_end(form, submission.status, sent, decided, now)
    error_page = describe(error, translator) if error else None
    return web.render(
        "public/stay.html",
        translator,
        form=form,
        submission=submission,
        alternatives={
            lang: urls.behind_link(token, "stay", lang)
            for lang in context.content.forms[form.id]
        },
        link_url=partial(link_url, web, token),
        question=translator.gettext("Do you want to stay with us?")
        if form.delicate
        else form.register.question,
        period=retention_sentence(kept, translator),
        stays_until=stays_until.astimezone(context.zone).date(),
        until=submission.purge_after.astimezone(context.zone).date(),
        error_page=error_page,
    )


def stay(web: WebContext, token: str, link: MailLink) -> Response:
    """Let a member stay, by the rule that stood on the page; thank them."""
    accepted = request.form.get("versione", "")
    renewing.renew(web.context, link.submission.id, CITIZEN, accepted)
    return see_other(link_url(web, token, "stay"))
