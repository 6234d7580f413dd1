"""The JSON Schema of form files, for editors that complete and check while one types.

`python -m forms_service.definition.schema` writes it again. It knows keys and values;
rules between keys are told only by the reader.
"""

import json
from pathlib import Path
from typing import Any

from .checks import ID
from .field_checks import AUTOCOMPLETE, OPTION_ID
from .form import TODAY, Place, Promotion, Role
from .retention import Anchor, Unit
from .types import TYPES

FILE = Path(__file__).parent / "schema.json"
Schema = dict[str, Any]

# A YAML editor reads 2020 or 1.10 as a number; here it is a text.
TEXT: Schema = {"type": ["string", "number"]}
NEEDED_TEXT: Schema = {
    "anyOf": [{"type": "string", "minLength": 1}, {"type": "number"}]
}
LINES: Schema = {"type": "array", "items": NEEDED_TEXT}
FLAG: Schema = {"type": "boolean"}
COUNT: Schema = {"type": "integer", "minimum": 1}
DAY: Schema = {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
BOUND: Schema = {"anyOf": [{"type": "integer"}, DAY, {"const": TODAY}]}


def form_schema() -> Schema:
    """Return the schema of content/forms/<id>.yml."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A form: content/forms/<id>.yml",
        **_keys(
            needed={
                "version": NEEDED_TEXT | _says("Raise it when the questions change."),
                "dated": DAY | _says("Day of this version; printed on paper."),
                "title": NEEDED_TEXT,
                "summary": NEEDED_TEXT | _says("One sentence for lists."),
                "page": _page(),
                "privacy": _privacy(),
                "texts": _texts(),
                "sections": {"type": "array", "minItems": 1, "items": _section()},
            },
            opens=DAY | _says("First day; null: not decided, so not open."),
            closes=DAY | _says("Last day, included; null: no end."),
            capacity=_capacity(),
            event=TEXT | _says("Name of a file in content/events."),
            remind_when={"$ref": "#/$defs/when"}
            | _says("Who is reminded of the event; without it everybody."),
            call_when={"$ref": "#/$defs/when"}
            | _says("Who has asked to be told the outcome by phone."),
            tell_when={"$ref": "#/$defs/when"}
            | _says("Who is told when the event changes; without it everybody."),
            contact={"enum": ["email", "email_or_phone"]},
            delicate=FLAG
            | _says("The personal page shows no answers, mails no names."),
            safety=FLAG | _says("Its pages offer help in danger and a quick way out."),
            paper=_keys(send_to=LINES, office_box=FLAG, signature=LINES),
            retired={"type": "object", "additionalProperties": NEEDED_TEXT}
            | _says("Field ids of the past, with their last version."),
        ),
        "$defs": {"when": _when()},
    }


def _keys(needed: Schema | None = None, **optional: Schema) -> Schema:
    """Describe a mapping that takes these keys and no others."""
    absent = {key: {"anyOf": [of, {"type": "null"}]} for key, of in optional.items()}
    return {
        "type": "object",
        "properties": {**(needed or {}), **absent},
        "required": list(needed or {}),
        "additionalProperties": False,
    }


def _says(description: str) -> Schema:
    return {"description": description}


def _page() -> Schema:
    return _keys(
        needed={"what": NEEDED_TEXT, "who": NEEDED_TEXT},
        needs=LINES,
        gives=TEXT,
        next=LINES | _says("What happens after sending, step by step."),
        notes=LINES,
    )


def _texts() -> Schema:
    return _keys(
        needed={
            "receipt": NEEDED_TEXT | _says("What happens next."),
            "accepted": NEEDED_TEXT | _says("Body of the mail when accepted."),
            "declined": NEEDED_TEXT | _says("Body of the mail when declined."),
        },
        not_open=TEXT,
        closed=TEXT,
        waiting=TEXT,
    )


def _privacy() -> Schema:
    states = dict.fromkeys(("open", "declined", "withdrawn", "accepted"), _period())
    return _keys(
        needed={
            "purposes": LINES | {"minItems": 1},
            "legal_basis": NEEDED_TEXT,
            "why_needed": NEEDED_TEXT | _says("What happens without the data."),
            "retention": _keys(needed=states, unverified=_period()),
        },
        recipients=LINES,
    )


def _period() -> Schema:
    units = {unit.value: COUNT for unit in Unit}
    return {
        "type": "object",
        "properties": {**units, "after": {"enum": [*Anchor, None]}},
        "oneOf": [{"required": [unit]} for unit in units],
        "additionalProperties": False,
    }


def _capacity() -> Schema:
    return _keys(
        needed={"limit": COUNT},
        count={"enum": ["rows", "people"]},
        waiting_list=FLAG,
        place_hold=COUNT | _says("Hours that an unproven address holds a place."),
        promotion=_words(Promotion),
    )


def _section() -> Schema:
    return _keys(
        needed={
            "id": _id(),
            "title": NEEDED_TEXT,
            "fields": {"type": "array", "minItems": 1, "items": _field()},
        },
        intro=TEXT,
    )


def _field() -> Schema:
    places = {"type": "array", "items": _words(Place)}
    options = {"propertyNames": {"pattern": f"^{OPTION_ID.pattern}$"}}
    return _keys(
        needed={"id": _id() | _says("Permanent."), "type": {"enum": list(TYPES)}},
        label=TEXT,
        hint=TEXT,
        error=TEXT | _says("What to do when the answer is missing or wrong."),
        text=TEXT | _says("Full text of a declaration, acknowledgement or static."),
        purpose=TEXT | _says("Why we ask."),
        required=FLAG,
        role=_words(Role),
        choices={"type": "object", "additionalProperties": NEEDED_TEXT} | options,
        choices_from=TEXT | _says("CSV file with the columns id,label."),
        when={"$ref": "#/$defs/when"},
        required_when={"$ref": "#/$defs/when"} | _says("Needed only then."),
        **{"in": {"anyOf": [places, _words(Place)]} | _says("Everywhere if absent.")},
        autocomplete={"enum": [*sorted(AUTOCOMPLETE), ""]},
        limits=_keys(min=BOUND, max=BOUND),
        filterable=FLAG | _says("Staff may filter by it."),
        expires=FLAG | _says("A day after which staff have to look again."),
        erase_after=_period(),
        version=TEXT | _says("Version of the text of an acknowledgement."),
    )


def _when() -> Schema:
    value = {"type": ["string", "integer", "boolean"]}
    part = {"$ref": "#/$defs/when"}
    parts = {"type": "array", "minItems": 1, "items": part}
    return {
        "oneOf": [
            _keys(needed={"field": {"type": "string"}, "is": value}),
            _keys(needed={"field": {"type": "string"}, "includes": value}),
            _keys(needed={"not": part}),
            _keys(needed={"all": parts}),
            _keys(needed={"any": parts}),
        ]
    }


def _id() -> Schema:
    return {"type": "string", "pattern": f"^{ID.pattern}$"}


def _words(kind: Any) -> Schema:
    return {"enum": [word.value for word in kind]}


def as_text() -> str:
    """Return the schema as the file holds it."""
    return json.dumps(form_schema(), indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(as_text(), encoding="utf-8")
