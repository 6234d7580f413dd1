"""Whether a form is open, as a page prints it, and the words a script may add."""

import json
from typing import NamedTuple

from forms_service.definition import FormDefinition, Text
from forms_service.definition.form_dates import Opening
from forms_service.i18n import N_, Translator
from forms_service.shapes.calendar import CANCELLED, POSTPONED, what_became
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


def form_status(form: FormDefinition, plan: Plan, translator: Translator) -> FormStatus:
    """Say whether a form is open and until when, with the weekday."""
    state, event = plan.opening(form), plan.content.event_of(form)
    note = None
    if event and not event.takes_place:
        when, note = what_became(event, translator), event.reason
    elif state is Opening.NOT_YET:
        note = form.texts.not_open
        when = (
            translator.gettext(
                "Opens on {day}.", day=translator.format_date(form.opens, weekday=True)
            )
            if form.opens
            else translator.gettext("The opening date is not decided yet.")
        )
    elif form.closes is None:
        when = translator.gettext("Open, without a closing date.")
    else:
        day = translator.format_date(form.closes, weekday=True)
        if state is Opening.OPEN:
            when = translator.gettext("Open until the end of {day}.", day=day)
        else:
            note = form.texts.closed
            when = translator.gettext("Closed since the end of {day}.", day=day)
    word = translator.gettext(STATES[state])
    line = bool(form.capacity and form.capacity.waiting_list)
    return FormStatus(form.id, state, word, when, note or None, line)


def state_words(translator: Translator) -> str:
    """Return what the script may say about the state of now, as JSON."""
    gettext = translator.gettext
    return json.dumps(
        {
            "signs": {
                **{state.value: gettext(word) for state, word in STATES.items()},
                "full": gettext("Full"),
                "waiting": gettext("Waiting list"),
            },
            "now": {
                "open": gettext("It is open now."),
                "closed": gettext("It is closed now."),
                "cancelled": gettext(CANCELLED),
                "postponed": gettext(POSTPONED),
                "full": gettext("All places are taken."),
                "waiting": gettext(
                    "All places are taken. You can join the waiting list."
                ),
            },
            # The script puts the number in.
            "left": gettext("Places left: {number}.", number="{number}"),
            "waiting": gettext(
                "People on the waiting list: {number}.", number="{number}"
            ),
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
