"""Rules between the parts of a form that no single key can break or keep."""

import re
from collections.abc import Collection, Iterator

from ..addresses import RESERVED_FORM_IDS
from .conditions import Is, cycle, tests
from .form import Field, FormDefinition, Place, Role
from .problems import Problems, suggestion
from .types import SEPARATOR, TYPES

ID = re.compile(r"[a-z][a-z0-9_]{0,39}")
FORM_ID = re.compile(r"[a-z][a-z0-9-]{0,39}")
OPTION_ID = re.compile(r"[A-Za-z0-9_-]{1,40}")
# WHATWG HTML, autofill field names, without those about payment.
AUTOCOMPLETE = frozenset(
    "name given-name family-name nickname email tel organization organization-title "
    "street-address address-line1 address-line2 postal-code address-level1 "
    "address-level2 country country-name bday bday-day bday-month bday-year "
    "language url off".split()
)


def check_form(
    form: FormDefinition, events: Collection[str], problems: Problems
) -> None:
    """Add every broken rule of a form to the problems."""
    if not FORM_ID.fullmatch(form.id) or form.id in RESERVED_FORM_IDS:
        problems.add("", f"a form cannot be called “{form.id}”: rename the file")
    if form.event and form.event not in events:
        problems.add(
            "event", f"no event “{form.event}”{suggestion(form.event, events)}"
        )
    if form.opens and form.closes and form.closes < form.opens:
        problems.add("closes", "is before opens")
    _check_ids(form, problems)
    _check_roles(form, problems)
    for field in form.fields:
        for path, advice in _field_rules(form, field):
            problems.add(f"fields.{field.id}.{path}", advice)
    if found := cycle({field.id: field.when for field in form.fields}):
        problems.add(
            f"fields.{found[0]}.when", f"goes in a circle: {' → '.join(found)}"
        )


def _check_ids(form: FormDefinition, problems: Problems) -> None:
    seen: set[str] = set()
    for name in [*(f.id for f in form.fields), *(s.id for s in form.sections)]:
        if not ID.fullmatch(name):
            problems.add(name, "an id has small letters a-z, digits and _, up to 40")
        if name in seen:
            problems.add(name, "this id is there twice: ids are unique in a form")
        if name in form.retired:
            problems.add(name, "this id is retired and never returns: take a new one")
        seen.add(name)


def _check_roles(form: FormDefinition, problems: Problems) -> None:
    for role in Role:
        having = [field.id for field in form.fields if field.role is role]
        if len(having) > 1:
            problems.add("sections", f"role {role} twice: {', '.join(having)}")
    email, phone = form.by_role(Role.EMAIL), form.by_role(Role.PHONE)
    if email is None or Place.WEB not in email.places:
        problems.add("sections", "one field on the web needs role: email")
    elif not form.contact_by_phone and not (email.required and email.when is None):
        problems.add(f"fields.{email.id}", "must be required (contact: email)")
    if form.contact_by_phone and (phone is None or Place.WEB not in phone.places):
        problems.add("contact", "email_or_phone needs a field with role: phone")
    if form.capacity and form.capacity.count_people and not form.by_role(Role.PEOPLE):
        problems.add("capacity.count", "people needs a number field with role: people")


ROLE_TYPES = {Role.EMAIL: "email", Role.PHONE: "phone", Role.PEOPLE: "number"}


def _field_rules(form: FormDefinition, field: Field) -> Iterator[tuple[str, str]]:
    yield from _choice_rules(field)
    yield from _text_rules(field)
    if field.role and ROLE_TYPES.get(field.role, "text") != field.type:
        needed = ROLE_TYPES.get(field.role, "text")
        yield "role", f"role {field.role} needs type {needed}"
    if field.autocomplete and field.autocomplete not in AUTOCOMPLETE:
        yield "autocomplete", f"unknown{suggestion(field.autocomplete, AUTOCOMPLETE)}"
    if not field.places:
        yield "in", "the field appears nowhere"
    yield from _condition_rules(form, field)


def _choice_rules(field: Field) -> Iterator[tuple[str, str]]:
    if TYPES[field.type].has_choices and len(field.choices) < 2:
        yield "choices", "give at least two options"
    if not TYPES[field.type].has_choices and field.choices:
        yield "choices", f"a field of type {field.type} has no options"
    for choice in field.choices:
        if not OPTION_ID.fullmatch(choice.id):
            yield "choices", f"“{choice.id}”: an option id has letters, digits, _ and -"
        if SEPARATOR.strip() in choice.label:
            yield "choices", f"“{choice.label}”: no {SEPARATOR.strip()} in a label"


def _text_rules(field: Field) -> Iterator[tuple[str, str]]:
    if TYPES[field.type].has_text and not field.text:
        yield "text", f"a field of type {field.type} needs its text"
    if field.type == "acknowledgement" and not field.version:
        yield "version", "an acknowledgement needs the version of its text"
    if field.type == "static" and (field.required or field.role):
        yield "type", "a static text is neither required nor has a role"
    if field.type != "static" and not field.purpose:
        yield "purpose", "say why you ask this: no purpose, no question"


def _condition_rules(form: FormDefinition, field: Field) -> Iterator[tuple[str, str]]:
    by_id = {other.id: other for other in form.fields}
    for test in tests(field.when) if field.when else ():
        other = by_id.get(test.field)
        if other is None:
            yield "when", f"no field “{test.field}”{suggestion(test.field, by_id)}"
            continue
        kind = TYPES[other.type]
        if kind.multiple and isinstance(test, Is):
            yield "when", f"“{other.id}” takes several options: write includes"
        known = {c.id for c in other.choices} if kind.has_choices else {"true"}
        if test.value not in known and (kind.has_choices or kind.has_text):
            yield (
                "when",
                f"“{other.id}” has no “{test.value}”{suggestion(test.value, known)}",
            )
