"""What staff type for somebody else: the same validator, in words for the desk."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from flask import request

from ...definition import Channel, Cleaned, FormDefinition, Role, clean, type_of
from ...i18n import N_, Message
from ...shapes.html.fields import Filling

# Says that staff have read the warning about a person nobody can reach.
UNREACHABLE = "entry-unreachable"
_NO_CONTACT = Message(
    N_(
        "There is neither an email address nor a phone number: without a postal "
        "address nobody can tell the person the outcome. Ask for one of them; if "
        "there is none, store the request all the same."
    )
)
_NOT_DECLARED = N_(
    "Tick “{label}” only if the person has signed or said it. Without it the request "
    "cannot be stored."
)


def typed_answers(form: FormDefinition, today: date) -> Filling:
    """Return what was posted, and what is to be said about it to staff."""
    raw = request.form.to_dict(flat=False)
    cleaned = clean(form, raw, Channel.DESK, today)
    errors = {**cleaned.errors, **_not_declared(form, cleaned)}
    warnings = {**_unreachable(form, cleaned), **cleaned.warnings}
    return Filling(raw, replace(cleaned, errors=errors, warnings=warnings))


def doubted(filling: Filling) -> bool:
    """Say whether staff have been warned that nobody can reach the person."""
    warned = _NO_CONTACT in filling.cleaned.warnings.values()
    return warned or UNREACHABLE in filling.raw


def _not_declared(form: FormDefinition, cleaned: Cleaned) -> Mapping[str, Message]:
    """Ask for what the person declared: nobody ticks it in their place."""
    return {
        field.id: Message(_NOT_DECLARED, {"label": field.label})
        for field in form.at(Channel.DESK)
        if field.id in cleaned.errors and type_of(field).has_text
    }


def _unreachable(form: FormDefinition, cleaned: Cleaned) -> Mapping[str, Message]:
    """Warn once, at the first contact, that the form asks for but nobody gave."""
    contacts = [
        field.id
        for field in form.at(Channel.DESK)
        if field.role in (Role.EMAIL, Role.PHONE)
    ]
    given = cleaned.answers.keys() | cleaned.errors.keys()
    if UNREACHABLE in request.form or not given.isdisjoint(contacts):
        return {}
    return dict.fromkeys(contacts[:1], _NO_CONTACT)
