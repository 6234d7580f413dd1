"""Events that people registered for: a reminder the day before, news of changes.

What was last announced is stored in the transaction that queues the mails, so that
a change is told once, whatever is killed or started again.
"""

import json
import logging
from dataclasses import replace
from functools import partial

from ..clock import utc_text
from ..content import Event
from ..content.event_files import EventFiles
from ..definition import FormDefinition
from ..mail import kinds
from ..mail.message import MailKind
from ..store import announcements, events
from ..store.announcements import Told
from ..store.connection import Connection
from ..store.events import EventVerb
from . import mail_queue
from .appointments import fits
from .capacity import MACHINE
from .work import Work

# Mails that are written when they leave, and so tell what has changed by themselves.
_TELLING = frozenset(
    kind.name for kind in (kinds.receipt, kinds.promoted, kinds.event_changed)
)

log = logging.getLogger(__name__)


def reread(work: Work, files: EventFiles) -> bool:
    """Take over event files that have changed; a broken one stays as it was read."""
    found = files.changed()
    if found is None:
        return False
    for name in files.broken:
        log.error("events/%s cannot be read: its last good version stays", name)
    work.take_events(found)
    return True


def announce(work: Work) -> int:
    """Queue reminders that are due and tell what has changed; return how many mails."""
    about = [form for form in work.forms if work.event_of(form)]
    return sum(work.store.write(partial(_announce, work, form)) for form in about)


def _announce(work: Work, form: FormDefinition, db: Connection) -> int:
    event, now = work.event_of(form), work.clock()
    if event is None or event.ends_at(work.zone) <= now:
        return 0
    before = announcements.told(db, form.id)
    late = now >= event.reminder_at(work.zone)
    day, queued = event.date.isoformat(), 0
    # Until the first look, and until the reminder is due, the receipt tells all.
    told = before or Told("", event.sequence, "")
    if told.facts != (facts := facts_of(event)):
        if told.facts:
            told = replace(told, sequence=max(told.sequence + 1, event.sequence))
            queued += _tell(work, db, form, event, kinds.event_changed)
        # Who hears of it on the last day needs no reminder beside it.
        told = replace(told, facts=facts, reminded=day if late else told.reminded)
    if late and told.reminded != day:
        told = replace(told, reminded=day)
        if now < event.reminder_until(work.zone):
            queued += _tell(work, db, form, event, kinds.reminder)
    if told != before:
        announcements.keep(db, form.id, told)
    return queued


def facts_of(event: Event) -> str:
    """Return what people plan by: when it is, where, and how to watch."""
    hours = [hour.isoformat() if hour else "" for hour in (event.begins, event.ends)]
    where = [str(event.place), event.online, event.livestream]
    return json.dumps([event.id, event.date.isoformat(), *hours, *where])


def _tell(
    work: Work, db: Connection, form: FormDefinition, event: Event, kind: MailKind
) -> int:
    if kind is kinds.reminder:
        # Who came later has the link in the receipt.
        hour = utc_text(event.reminder_at(work.zone))
        people = announcements.people(db, form.id, proven_before=hour)
    else:
        soon = announcements.about_to_hear(db, form.id, _TELLING)
        everybody = announcements.people(db, form.id)
        people = [one for one in everybody if one.id not in soon]
    asked = form.remind_when if kind is kinds.reminder else form.tell_when
    mails = [
        mail_queue.queue(work, db, one, kind) for one in people if fits(asked, one)
    ]
    number = sum(leaves is not None for leaves in mails)
    about = {"form": form.id, "mails": number}
    events.record(db, work.clock(), MACHINE, EventVerb(kind.name), None, about)
    return number
