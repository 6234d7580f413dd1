"""A message to many: written and tried out on a page, then one mail to each."""

import secrets
from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Response, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import TextAreaField
from wtforms.validators import DataRequired

from ...i18n import N_
from ...mail.compose import Preview, preview
from ...store.bulk import BulkOutcome
from ...store.connection import Connection
from ...store.events import EventVerb
from ...store.messages import StaffMessage
from ...store.submissions import Submission
from ...workflow import bulk, messaging
from ...workflow.bulk import BulkChoice
from ..core import ErrorPage, WebContext
from ..core.fixed_forms import AtMost, as_text
from . import session
from .bulk_forms import MessageForm
from .choosing import ACT_ID, WHY, choice_of, with_phones
from .fixed_forms import NOTE_LENGTH
from .layout import show, staff_translator, title_of
from .search import Search

Readers = Mapping[str, list[Submission]]


def message_page(
    web: WebContext, choice: list[BulkChoice], error_page: ErrorPage | None = None
) -> Response:
    """Show what can be written to the chosen ones, and to how many."""
    readers = _readers(web, choice)[0]
    first = {"atto": secrets.token_hex(8), **_kept()}
    form = _form(web, readers, formdata=None, **first)
    return _page(web, choice, form, error_page)


def send(web: WebContext) -> ResponseReturnValue:
    """Mail the message to who wrote it, or to all; then to what became of them."""
    choice, member = choice_of(web), session.member()
    readers = _readers(web, choice)[0]
    form = _form(web, readers)
    fits = form.validate_on_submit() and ACT_ID.fullmatch(form.atto.data)
    if not fits or not any(readers.values()):
        return _page(web, choice, form)
    written = _written(web, form, readers)
    if request.form.get("prova"):
        trial = _written(web, form, readers, secrets.token_hex(8))
        messaging.try_out(web.context, trial, member.email)
        flash(N_("A trial is on its way to you: nobody else has got it."))
        return _page(web, choice, form, written=written)
    messaging.send(web.context, written, choice)
    query = Search.read(web.context, request.args).query()
    return redirect(url_for("staff.bulk_result", act_id=written.id, **query), 303)


def send_again(web: WebContext, error: Exception) -> Response:
    """Show the page once more with all that was chosen and typed."""
    choice = choice_of(web)
    form = _form(web, _readers(web, choice)[0])
    return _page(web, choice, form, session.describe_error(web, error))


def _kept() -> dict[str, str]:
    """Return what was written before, when what was not reached is gone on with."""
    return {
        name: value
        for name, value in request.form.items()
        if name == "scopo" or name.startswith("testo_")
    }


def _readers(
    web: WebContext, choice: list[BulkChoice]
) -> tuple[Readers, list[tuple[Submission, BulkOutcome]]]:
    """Return who gets the message by language, the main one first, and who does not."""
    context = web.context
    found = context.store.read(
        lambda db: bulk.sort_out(context, db, choice, EventVerb.MESSAGE)
    )
    readers: dict[str, list[Submission]] = {}
    typed = {f"testo_{lang}": lang for lang in context.content.projects}
    if any(outcome is BulkOutcome.PENDING for _, outcome in found):
        readers[web.main_language] = []
    # Nothing typed is lost when nobody who would read it is left.
    readers |= {lang: [] for name, lang in typed.items() if request.form.get(name)}
    for one, outcome in found:
        if outcome is BulkOutcome.PENDING:
            readers.setdefault(one.lang, []).append(one)
    return readers, [pair for pair in found if pair[1] is not BulkOutcome.PENDING]


def _form(web: WebContext, readers: Readers, **first: object) -> MessageForm:
    """Return the form with a box for each language that somebody reads."""
    boxes = {
        f"testo_{lang}": TextAreaField(
            validators=[
                *([DataRequired(N_("Write the text."))] if lang == main else []),
                AtMost(NOTE_LENGTH),
            ],
            filters=[as_text],
            default="",
        )
        for main in [web.main_language]
        for lang in readers
    }
    form_id = next((one.form_id for those in readers.values() for one in those), "")
    known = bulk.purposes(web.context, form_id)
    kind = type("MessageForm", (MessageForm,), boxes)
    made: MessageForm = kind([(each.id, each.label) for each in known], **first)
    return made


def _written(
    web: WebContext, form: MessageForm, readers: Readers, message_id: str = ""
) -> StaffMessage:
    query = Search.read(web.context, request.args).query()
    # The number of the words that were searched is of a session, and soon gone.
    query.pop("cerca", None)
    return StaffMessage(
        id=message_id or form.atto.data,
        staff=session.member().id,
        form_id=next(one.form_id for those in readers.values() for one in those),
        purpose=form.scopo.data,
        texts={lang: form[f"testo_{lang}"].data for lang in readers},
        chosen_by=urlencode(query),
        number=0,
        created_at=web.context.clock(),
    )


def _page(
    web: WebContext,
    choice: list[BulkChoice],
    form: MessageForm,
    error_page: ErrorPage | None = None,
    written: StaffMessage | None = None,
) -> Response:
    context, translator = web.context, staff_translator(web)
    readers, others = _readers(web, choice)
    ids = {one.id for those in readers.values() for one in those}
    form_id = next((one.form_id for those in readers.values() for one in those), "")
    return show(
        web,
        "staff/bulk_message.html",
        form.http_status,
        error_page=error_page,
        form=form,
        tokens=" ".join(one.token for one in choice if one.id in ids),
        number=len(ids),
        title=title_of(context, form_id),
        subjects={each.id: each.subject for each in bulk.purposes(context, form_id)},
        readers=[(web.translator(lang), len(those)) for lang, those in readers.items()],
        unfit=[(one, WHY[why]) for one, why in others if why in WHY],
        unreached=with_phones(
            (one for one, why in others if why is BulkOutcome.UNREACHED), translator
        ),
        samples=context.store.read(lambda db: _samples(web, db, readers, written)),
        search=Search.read(context, request.args),
        main=web.main_language,
    )


def _samples(
    web: WebContext, db: Connection, readers: Readers, written: StaffMessage | None
) -> list[tuple[str, Preview]]:
    """Return a mail in each language, once the text is written."""
    return [
        (lang, preview(messaging.message_of(web.context, db, those[0], written)))
        for lang, those in readers.items()
        if written and those
    ]
