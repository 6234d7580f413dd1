"""In which language the pages behind a mailed link speak.

Their address names none, so they speak the one in which the request was sent, or the
one that `?lang=` asks for: a link or button to them carries it along.
"""

from flask import request

from ... import urls
from ...definition import FormDefinition
from ...store.submissions import Submission
from ..core import WebContext


def asked_language(web: WebContext) -> str:
    """Return the project's language that the address asks for, or nothing."""
    lang = request.args.get("lang", "")
    return lang if lang in web.context.content.project.languages else ""


def link_url(web: WebContext, token: str, action: str = "") -> str:
    """Return an address behind a mailed link, in the language it is read in."""
    return urls.behind_link(token, action, asked_language(web))


def form_of(web: WebContext, submission: Submission) -> FormDefinition:
    """Return the form as this request answered it.

    It is in the language that is asked for, if that edition has the same questions.
    """
    form = web.context.store.read(lambda db: web.context.form_of(db, submission))
    other = web.context.content.forms.get(submission.form_id, {}).get(
        asked_language(web)
    )
    return other if other and other.fingerprint == form.fingerprint else form


def form_today(web: WebContext, submission: Submission) -> FormDefinition | None:
    """Return the form of today in the person's language, or in the main one."""
    editions = web.context.content.forms.get(submission.form_id, {})
    wanted = (asked_language(web), submission.lang, web.main_language)
    return next((editions[lang] for lang in wanted if lang in editions), None)


def alternatives(
    web: WebContext, token: str, submission: Submission, action: str = ""
) -> dict[str, str]:
    """Return an address behind this link in every language it can speak."""
    return {
        lang: urls.behind_link(token, action, lang)
        for lang, form in web.context.content.forms.get(submission.form_id, {}).items()
        if form.fingerprint == submission.fingerprint
    }
