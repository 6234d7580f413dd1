"""A FlaskForm made from a definition: it binds a request to the form's controls.

It validates nothing itself: `definition.clean` is the only validator. The citizens'
half has no session and so no CSRF token; the staff half asks for one.
"""

from datetime import date
from typing import Any

from flask_wtf import FlaskForm
from wtforms import Field as Control

from ...definition import Cleaned, FormDefinition, Place, clean
from ...shapes.markup import controls_of


class Typed(Control):  # type: ignore[misc]
    """All controls of a form: every value as it was posted.

    One for all, not one each: a form of forty controls would take five times as long
    to bind, and an id may be any word, also one that FlaskForm uses for itself.
    """

    data: dict[str, list[str]]

    def __init__(self, controls: tuple[str, ...], **options: Any) -> None:
        super().__init__(**options)
        self._controls = controls

    def process(self, formdata: Any, *args: Any, **options: Any) -> None:
        """Keep all values; a group of boxes posts several under one name."""
        posted = dict(formdata.lists()) if formdata else {}
        self.data = {
            control: posted[control] for control in self._controls if control in posted
        }


class DefinitionForm(FlaskForm):  # type: ignore[misc]
    """A request bound to the controls of one form at one place."""

    typed: Typed
    definition: FormDefinition
    place: Place

    @property
    def raw(self) -> dict[str, list[str]]:
        """What was typed, by control; controls that were not posted are not there."""
        return self.typed.data

    def cleaned(self, today: date) -> Cleaned:
        """Return what the typed values are worth on a day."""
        return clean(self.definition, self.raw, self.place, today)


# Forms by version and place: making the class costs as much as all the rest.
_made: dict[tuple[str, str, Place], type[DefinitionForm]] = {}


def bind(form: FormDefinition, place: Place, csrf: bool = False) -> DefinitionForm:
    """Return the current request bound to a form."""
    key = (form.id, form.fingerprint, place)
    if key not in _made:
        typed = Typed(tuple(controls_of(form, place)))
        _made[key] = type("Bound", (DefinitionForm,), {"typed": typed})
    bound = _made[key](meta={"csrf": csrf})
    bound.definition, bound.place = form, place
    return bound
