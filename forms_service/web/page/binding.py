"""A FlaskForm made from a definition: it binds a request to the form's controls.

It validates nothing itself: `definition.clean` is the only validator. The citizens'
half has no session and so no CSRF token; the staff half asks for one.
"""

from datetime import date

from flask_wtf import FlaskForm
from wtforms import Field as Control

from ...definition import Cleaned, FormDefinition, Place, clean
from ...shapes.markup import controls_of


class Typed(Control):  # type: ignore[misc]
    """One HTML control: every value as it was posted."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Keep all values; a group of boxes posts several under one name."""
        self.data = list(valuelist)


class DefinitionForm(FlaskForm):  # type: ignore[misc]
    """A request bound to the controls of one form at one place."""

    definition: FormDefinition
    place: Place

    @property
    def raw(self) -> dict[str, list[str]]:
        """What was typed, by control; controls that were not posted are not there."""
        return {
            control.name: control.data
            for control in self
            if isinstance(control, Typed) and control.data
        }

    def cleaned(self, today: date) -> Cleaned:
        """Return what the typed values are worth on a day."""
        return clean(self.definition, self.raw, self.place, today)


# Forms by version and place: making the class costs as much as all the rest.
_made: dict[tuple[str, str, Place], type[DefinitionForm]] = {}


def bind(form: FormDefinition, place: Place, csrf: bool = False) -> DefinitionForm:
    """Return the current request bound to a form."""
    key = (form.id, form.fingerprint, place)
    if key not in _made:
        # Ids of fields may be any word, also one that FlaskForm uses for itself.
        controls = {
            f"control_{number}": Typed(name=control)
            for number, control in enumerate(controls_of(form, place))
        }
        _made[key] = type("Bound", (DefinitionForm,), controls)
    bound = _made[key](meta={"csrf": csrf})
    bound.definition, bound.place = form, place
    return bound
