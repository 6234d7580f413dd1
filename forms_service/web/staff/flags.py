"""What staff must not overlook in a request: doubtful answers, a wish to be called."""

from ...definition import Field, Place, clean, raw_of, type_of
from ...definition.conditions import holds
from ...store.connection import Connection
from ...store.submissions import Source, Submission
from ...words import Words
from ...workflow.work import Work


def place_of(one: Submission) -> Place:
    """Return where the person met the form: staff also fill in what paper asks."""
    online = one.source in (Source.WEB, Source.PDF)
    return Place.WEB if online else Place.DESK


def to_check(work: Work, db: Connection, one: Submission, words: Words) -> list[Field]:
    """Return doubtful answers from a document, such as days of expiry that are over."""
    form = work.form_of(db, one, words.lang)
    asked = [f for f in form.fields if f.expires or type_of(f).on_document]
    if not any(field.id in one.answers for field in asked):
        return []
    # What was kept in spite of a doubt is doubted again: nobody says so this time.
    doubted = clean(form, raw_of(form, one.answers), place_of(one), work.today).warnings
    return [field for field in asked if field.id in doubted]


def asks_for_call(work: Work, one: Submission) -> bool:
    """Say whether a person asked to be called; of a form of the past nobody did."""
    form = work.form_today(one.form_id)
    if form is None or form.call_when is None:
        return False
    return holds(form.call_when, one.answers)
