"""The mails that an act on many sends, before they leave, and who is to be called."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from ...mail.compose import Preview
from ...store.connection import Connection
from ...store.events import EventVerb
from ...store.submissions import Submission
from ...workflow import deciding
from ...workflow.bulk import DECISIONS
from ...workflow.calling import asks_for_call
from ...workflow.context import WorkflowContext
from ...workflow.transitions import TRANSITIONS
from ..core import WebContext
from .choosing import with_phones
from .layout import staff_translator, title_of
from .letters import mail_preview


@dataclass(frozen=True, slots=True)
class Sample:
    """One of the mails that an act sends, and how many are alike."""

    letter: Preview
    title: str
    lang: str
    number: int


def samples(
    context: WorkflowContext,
    db: Connection,
    fitting: Iterable[Submission],
    verb: EventVerb,
    reasons: list[str],
) -> list[Sample]:
    """Return one mail of each form and language, as the first of them will get it."""
    alike: dict[tuple[str, str], list[Submission]] = {}
    for submission in fitting:
        if submission.email and submission.proven:
            alike.setdefault((submission.form_id, submission.lang), []).append(
                submission
            )
    found = []
    for (form_id, lang), those in alike.items():
        first, now = those[0], context.clock()
        changes = deciding.outcome(context, db, first, verb, now)
        mail = TRANSITIONS[verb].mail
        if letter := mail_preview(
            context, db, replace(first, **changes), mail, reasons
        ):
            title = title_of(context, form_id)
            found.append(Sample(letter.own, title, lang, len(those)))
    return found


def to_call(
    web: WebContext, decided: Iterable[Submission], verb: str
) -> list[tuple[Submission, str]]:
    """Return who asked that a decision is told by phone, with the numbers."""
    context = web.context
    asking = (one for one in decided if asks_for_call(context, one))
    return with_phones(asking, staff_translator(web)) if verb in DECISIONS else []
