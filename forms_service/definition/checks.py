"""Rules between the parts of a form that no single key can break or keep."""

import re
from collections.abc import Collection, Iterator

from ..urls import RESERVED_FORM_IDS
from .conditions import cycle
from .field_checks import condition_rules, field_rules
from .form import Channel, Field, FormDefinition, Role
from .problems import Problems, suggestion
from .retention import Anchor

FORM_ID = re.compile(r"[a-z][a-z0-9-]{0,39}")

Broken = Iterator[tuple[str, str]]


def check_form(
    form: FormDefinition, events: Collection[str], problems: Problems
) -> None:
    """Add every broken rule of a form to the problems."""
    rules = (_name, _dates, _ids, _roles, _contact, _capacity, _retention)
    for rule in (*rules, _mails, _calls):
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


def _name(form: FormDefinition) -> Broken:
    if not FORM_ID.fullmatch(form.id):
        yield "", "rename the file: a form’s name has small letters a-z, digits and -"
    elif form.id in RESERVED_FORM_IDS:
        yield "", f"rename the file: “{form.id}” is an address of the service"


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
    return field if field and Channel.WEB in field.places else None


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
