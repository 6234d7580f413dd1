"""In which language the pages behind a mailed link speak.

Their address names none, so they speak the one in which the request was sent, or the
one that `?lang=` asks for: a link or button to them carries it along.
"""

from flask import request, url_for

from ...definition import FormDefinition
from ...store.submissions import Submission
from ..page import Page


def asked_language(page: Page) -> str:
    """Return the project's language that the address asks for, or nothing."""
    lang = request.args.get("lang", "")
    return lang if lang in page.work.content.project.languages else ""


def here(page: Page, token: str, endpoint: str = "link") -> str:
    """Return an address behind a mailed link, in the language it is read in."""
    lang = asked_language(page) or None
    return url_for(f"public.{endpoint}", token=token, lang=lang)


def form_of(page: Page, one: Submission) -> FormDefinition:
    """Return the form as this request answered it.

    It is in the language that is asked for, if that edition has the same questions.
    """
    form = page.work.store.read(lambda db: page.work.form_of(db, one))
    other = page.work.content.forms.get(one.form_id, {}).get(asked_language(page))
    return other if other and other.fingerprint == form.fingerprint else form


def form_today(page: Page, one: Submission) -> FormDefinition | None:
    """Return the form of today in the person's language, or in the main one."""
    editions = page.work.content.forms.get(one.form_id, {})
    wanted = (asked_language(page), one.lang, page.main_language)
    return next((editions[lang] for lang in wanted if lang in editions), None)


def alternatives(
    page: Page, token: str, one: Submission, endpoint: str = "link"
) -> dict[str, str]:
    """Return an address behind this link in every language it can speak."""
    return {
        lang: url_for(f"public.{endpoint}", token=token, lang=lang)
        for lang, form in page.work.content.forms.get(one.form_id, {}).items()
        if form.fingerprint == one.fingerprint
    }
