"""Whether a form is open, as a page prints it, and the words a script may add."""

import json
from typing import NamedTuple

from forms_service.definition import FormDefinition, Text
from forms_service.definition.form_dates import Opening
from forms_service.shapes.calendar import CANCELLED, POSTPONED, what_became
from forms_service.words import N_, Words
from plan import Plan

STATES = {
    Opening.NOT_YET: N_("Not yet open"),
    Opening.OPEN: N_("Open"),
    Opening.CLOSED: N_("Closed"),
    Opening.CANCELLED: N_("Event cancelled"),
    Opening.POSTPONED: N_("Event postponed"),
}


class FormStatus(NamedTuple):
    """Whether a form is open: state, its word, until when, and why."""

    form_id: str
    state: Opening
    word: str
    when: str
    note: Text | None
    waiting_list: bool


def form_status(form: FormDefinition, plan: Plan, words: Words) -> FormStatus:
    """Say whether a form is open and until when, with the weekday."""
    state, event = plan.opening(form), plan.content.event_of(form)
    note = None
    if event and not event.takes_place:
        when, note = what_became(event, words), event.reason
    elif state is Opening.NOT_YET:
        note = form.texts.not_open
        when = (
            words.say("Opens on {day}.", day=words.day(form.opens, weekday=True))
            if form.opens
            else words.say("The opening date is not decided yet.")
        )
    elif form.closes is None:
        when = words.say("Open, without a closing date.")
    else:
        day = words.day(form.closes, weekday=True)
        if state is Opening.OPEN:
            when = words.say("Open until the end of {day}.", day=day)
        else:
            note = form.texts.closed
            when = words.say("Closed since the end of {day}.", day=day)
    word = words.say(STATES[state])
    line = bool(form.capacity and form.capacity.waiting_list)
    return FormStatus(form.id, state, word, when, note or None, line)


def state_words(words: Words) -> str:
    """Return what the script may say about the state of now, as JSON."""
    say = words.say
    return json.dumps(
        {
            "signs": {
                **{state.value: say(word) for state, word in STATES.items()},
                "full": say("Full"),
                "waiting": say("Waiting list"),
            },
            "now": {
                "open": say("It is open now."),
                "closed": say("It is closed now."),
                "cancelled": say(CANCELLED),
                "postponed": say(POSTPONED),
                "full": say("All places are taken."),
                "waiting": say("All places are taken. You can join the waiting list."),
            },
            # The script puts the number in.
            "left": say("Places left: {number}.", number="{number}"),
            "waiting": say("People on the waiting list: {number}.", number="{number}"),
        },
        ensure_ascii=False,
    )


def closed_forms(plan: Plan) -> frozenset[str]:
    """Return the forms that take no more answers, by their dates or their events."""
    return frozenset(
        form_id
        for form_id in plan.content.forms
        if plan.opening(plan.content.form(form_id)).ended
    )
