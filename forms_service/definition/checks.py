"""Rules between the parts of a form, and between the keys of a field.

No single key can break or keep them.
"""

import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, time

from ..urls import RESERVED_FORM_IDS
from .choice_types import SEPARATOR
from .conditions import Condition, Is, cycle, tests
from .form import Channel, Field, FormDefinition, Limits, Role
from .problems import Problems, suggestion
from .retention import Anchor, Unit
from .types import TYPES

FORM_ID = re.compile(r"[a-z][a-z0-9-]{0,39}")
# Not the quotes of a word processor: they would be printed on every form.
VERSION = re.compile(r"[\w. -]*")
LIST_ID = re.compile(r"[a-z][a-z0-9_]{0,39}")

# Answers beside the name in the list of requests.
COLUMNS = 3

Broken = Iterator[tuple[str, str]]
ROLE_TYPES = {Role.EMAIL: "email", Role.PHONE: "phone", Role.PEOPLE: "number"}
# What the limits of a type are, by what they bound.
BOUNDS: Mapping[type, tuple[type | tuple[type, ...], str]] = {
    int: (int, "whole numbers"),
    date: ((date, str), "dates as 2020-07-01, or today"),
    time: (time, "hours as 09:30"),
}


def check_form(
    form: FormDefinition, events: Collection[str], problems: Problems
) -> None:
    """Add every broken rule of a form to the problems."""
    rules = (_name, _version, _dates, _ids, _roles, _contact, _capacity, _retention)
    more = (_mails, _calls, _answer, _reasons, _purposes, _desk, _register)
    for rule in (*rules, *more):
        for path, advice in rule(form):
            problems.add(path, advice)
    if form.event and form.event not in events:
        problems.add(
            "event", f"there is no event “{form.event}”{suggestion(form.event, events)}"
        )
    for field in form.fields:
        for path, advice in field_rules(form, field):
            problems.add(f"fields.{field.id}.{path}", advice)
    if found := cycle({field.id: field.when for field in form.fields}):
        problems.add(
            f"fields.{found[0]}.when", f"goes in a circle: {' → '.join(found)}"
        )


def check_placeholders(
    form: FormDefinition, known: Collection[str], problems: Problems
) -> None:
    """Add every `{…}` in the ways to hand in the paper that names no contact."""
    for line in form.paper.send_to:
        for name in re.findall(r"\{(.*?)\}", line):
            if name not in known:
                near = suggestion(name, known)
                problems.add("paper.send_to", f"there is no {{{name}}}{near}")


def _mails(form: FormDefinition) -> Broken:
    for key in ("remind_when", "tell_when"):
        condition = getattr(form, key)
        if condition and not form.event:
            yield key, "this form has no event"
        yield from condition_rules(form, key, condition)


def _calls(form: FormDefinition) -> Broken:
    if form.call_when and form.by_role(Role.PHONE) is None:
        yield "call_when", "needs a field with role: phone"
    yield from condition_rules(form, "call_when", form.call_when)


def _answer(form: FormDefinition) -> Broken:
    promised = form.answer_within
    if promised and (
        promised.after is not Anchor.SENDING or promised.unit is Unit.YEARS
    ):
        yield "answer_within", "counts from sending, in days or months: {days: 30}"


def _reasons(form: FormDefinition) -> Broken:
    yield from _own_ids("reasons", [reason.id for reason in form.reasons])


def _purposes(form: FormDefinition) -> Broken:
    yield from _own_ids("purposes", [purpose.id for purpose in form.purposes])


def _own_ids(key: str, ids: Sequence[str]) -> Broken:
    for id_ in ids:
        if not LIST_ID.fullmatch(id_) or ids.count(id_) > 1:
            yield f"{key}.{id_}", "needs an id of its own: letters a-z, digits and _"


def _desk(form: FormDefinition) -> Broken:
    if len(form.desk.columns) > COLUMNS:
        yield "desk.columns", f"a row of the list has room for {COLUMNS} answers"
    yield from _shown(form, "desk.columns", form.desk.columns)


def _register(form: FormDefinition) -> Broken:
    if (register := form.register) is None:
        return
    yield from _shown(form, "register.show", register.show)
    yield from _shown(form, "register.together", register.together)
    if (register.renew is None) is not (register.remind is None):
        yield "register.renew", "renew and remind come together"


def _shown(form: FormDefinition, key: str, field_ids: Sequence[str]) -> Broken:
    known = [field.id for field in form.fields if TYPES[field.type].asks]
    for field_id in field_ids:
        if field_id not in known:
            near = suggestion(field_id, known)
            yield key, f"no field is called “{field_id}”{near}"


def _name(form: FormDefinition) -> Broken:
    if not FORM_ID.fullmatch(form.id):
        yield "", "rename the file: a form’s name has small letters a-z, digits and -"
    elif form.id in RESERVED_FORM_IDS:
        yield "", f"rename the file: “{form.id}” is an address of the service"


def _version(form: FormDefinition) -> Broken:
    if not VERSION.fullmatch(form.version):
        yield "version", "write digits and points, as 1.2, in straight quotes or none"


def _dates(form: FormDefinition) -> Broken:
    if form.opens and form.closes and form.closes < form.opens:
        yield "closes", "is before opens"


def _ids(form: FormDefinition) -> Broken:
    seen: set[str] = set()
    for kind, parts in (("sections", form.sections), ("fields", form.fields)):
        for part in parts:
            path = f"{kind}.{part.id}"
            if part.id in seen:
                yield path, "this id is there twice: ids are unique in a form"
            if part.id in form.retired:
                yield path, "this id is retired and never returns: take a new one"
            seen.add(part.id)


def _roles(form: FormDefinition) -> Broken:
    for role in Role:
        having = [field.id for field in form.fields if field.role is role]
        if len(having) > 1:
            yield "sections", f"only one field has role: {role}, not {having}"


def _contact(form: FormDefinition) -> Broken:
    email, phone = _on_web(form, Role.EMAIL), _on_web(form, Role.PHONE)
    if email is None:
        yield "sections", "one field on the web needs role: email"
    elif form.contact_by_phone:
        if phone is None:
            yield "contact", "email_or_phone needs a field on the web with role: phone"
        elif email.when and phone.when:
            yield "contact", "the email or the phone field must be there without when"
    elif not email.required or email.when:
        yield f"fields.{email.id}.required", "must be true, without when, to answer"


def _on_web(form: FormDefinition, role: Role) -> Field | None:
    field = form.by_role(role)
    return field if field and Channel.WEB in field.channels else None


def _capacity(form: FormDefinition) -> Broken:
    people = form.by_role(Role.PEOPLE)
    if form.capacity and form.capacity.count_people and people is None:
        yield "capacity.count", "people needs a number field with role: people"
    if people and (people.limits.numbers()[0] or 0) < 1:
        yield f"fields.{people.id}.limits.min", "people are counted from 1: {min: 1}"


def _retention(form: FormDefinition) -> Broken:
    if form.event:
        return
    periods = form.privacy.retention
    for state in ("unverified", "open", "declined", "withdrawn", "accepted"):
        if getattr(periods, state).after is Anchor.EVENT:
            yield f"privacy.retention.{state}.after", "event: this form has no event"
    for field in form.fields:
        if field.erase_after and field.erase_after.after is Anchor.EVENT:
            yield f"fields.{field.id}.erase_after.after", "event: the form has no event"


def field_rules(form: FormDefinition, field: Field) -> Broken:
    """Yield the key and the advice of every broken rule of a field."""
    yield from _choices(field)
    yield from _statement(field)
    yield from _limits(field)
    yield from _use(field)
    yield from condition_rules(form, "when", field.when)
    yield from condition_rules(form, "required_when", field.required_when)
    if field.required_when and (field.required or not TYPES[field.type].asks):
        yield "required_when", "leave it out: required says all, a static asks nothing"


def _choices(field: Field) -> Broken:
    has_choices = TYPES[field.type].has_choices
    if has_choices and len(field.choices) < 2:
        yield "choices", "give at least two options"
    if not has_choices and field.choices:
        yield "choices", f"a field of type {field.type} has no options"
    for choice in field.choices:
        if SEPARATOR.strip() in choice.label:
            yield "choices", f"“{choice.label}”: no {SEPARATOR.strip()} in a label"


def _statement(field: Field) -> Broken:
    kind = TYPES[field.type]
    if not kind.has_text and field.text:
        yield "text", f"a field of type {field.type} has no text: use hint"
    if not kind.asks and (field.required or field.role):
        yield "type", f"a {field.type} text is neither required nor has a role"


def _limits(field: Field) -> Broken:
    bounds = [
        bound for bound in (field.limits.min, field.limits.max) if bound is not None
    ]
    limited = TYPES[field.type].limited
    expected, bounds_name = BOUNDS[limited] if limited else ((), "")
    if bounds and limited is None:
        yield "limits", f"a field of type {field.type} has no limits"
    elif not all(isinstance(bound, expected) for bound in bounds):
        yield "limits", f"the limits of a {field.type} are {bounds_name}"
    elif _crossed(field.limits):
        yield "limits", "min is higher than max"
    elif TYPES[field.type].multiple and (
        (field.limits.numbers()[0] or 0) > len(field.choices)
    ):
        yield "limits", "min is higher than the number of options"


def _crossed(limits: Limits) -> bool:
    low, high = limits.numbers()
    (first, last), (early, late) = limits.days(None), limits.hours()
    return bool(
        (low is not None and high is not None and low > high)
        or (first and last and first > last)
        or (early and late and early > late)
    )


def _use(field: Field) -> Broken:
    if field.role and ROLE_TYPES.get(field.role, "text") != field.type:
        needed = ROLE_TYPES.get(field.role, "text")
        yield "role", f"role {field.role} needs type {needed}"
    if field.expires and TYPES[field.type].limited is not date:
        yield "expires", "only a date expires"


def condition_rules(
    form: FormDefinition, key: str, condition: Condition | None
) -> Broken:
    """Yield what is wrong with the fields and values that a condition names."""
    by_id = {other.id: other for other in form.fields}
    for test in tests(condition) if condition else ():
        other = by_id.get(test.field)
        if other is None:
            near = suggestion(test.field, by_id)
            yield key, f"there is no field “{test.field}”{near}"
            continue
        kind = TYPES[other.type]
        if not kind.asks:
            yield key, f"“{other.id}” is a {other.type} text: nobody answers it"
        elif kind.multiple and isinstance(test, Is):
            yield key, f"“{other.id}” takes several options: write includes"
        elif kind.has_choices or kind.has_text:
            known = {c.id for c in other.choices} if kind.has_choices else {"true"}
            if test.value not in known:
                near = suggestion(test.value, known)
                yield key, f"“{other.id}” has no “{test.value}”{near}"
