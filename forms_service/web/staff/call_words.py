"""What somebody is called about, in words: in the list and on the request's page."""

from dataclasses import dataclass
from datetime import datetime

from ...i18n import N_, Translator
from ...shapes.calendar import headline, when
from ...store import calls
from ...store.calls import Call, CallReason
from ...store.connection import Connection
from ...store.submissions import Submission
from ...workflow.context import WorkflowContext

# What a mail was about that failed its own mark says.
_WORDS = {
    CallReason.DECISION: N_("The decision"),
    CallReason.PLACE: N_("A place"),
    CallReason.MESSAGE: N_("A message"),
}


@dataclass(frozen=True, slots=True)
class CallState:
    """Whether somebody waits for a call, about what, and when the last was made."""

    waits: bool
    about: list[str]
    called_at: datetime | None


def call_state(
    context: WorkflowContext,
    db: Connection,
    submission: Submission,
    translator: Translator,
) -> CallState:
    """Return who waits for a call about what, with the days of an event."""
    known = calls.of_submission(db, submission.id)
    waiting = [call for call in known if call.called_at is None]
    made = [call.called_at for call in known if call.called_at]
    said = [_words(context, submission, call, translator, True) for call in waiting]
    return CallState(bool(waiting), _each_once(said), max(made, default=None))


def due_about(
    context: WorkflowContext,
    db: Connection,
    submission: Submission,
    translator: Translator,
) -> list[str]:
    """Return what a call is about that is due now, in few words."""
    now, known = context.clock(), calls.of_submission(db, submission.id)
    due = (call for call in known if call.called_at is None and call.since <= now)
    return _each_once([_words(context, submission, call, translator) for call in due])


def _words(
    context: WorkflowContext,
    submission: Submission,
    call: Call,
    translator: Translator,
    days: bool = False,
) -> str:
    if call.reason is not CallReason.EVENT:
        words = _WORDS.get(call.reason, "")
        return translator.gettext(words) if words else ""
    form = context.form_today(submission.form_id)
    event = context.event_of(form, translator.lang) if form else None
    if event is None:
        return ""
    said = headline(event, translator)
    if said == event.title:
        said = translator.gettext("Changed: {title}", title=event.title)
    if not days:
        return said
    parts = [when(event, translator), event.venue if event.takes_place else ""]
    return f"{said}, {', '.join(filter(None, map(str, parts)))}"


def _each_once(said: list[str]) -> list[str]:
    return list(dict.fromkeys(filter(None, said)))
