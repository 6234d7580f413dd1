"""The fields of a form as HTML, for the web and for the desk, empty or filled in.

A field is drawn from (field, what was typed, what is wrong with it); who posted it and
where it goes is not known here.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from pathlib import Path
from typing import NamedTuple

from babel import Locale
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from ...caches import remembered
from ...definition import (
    KEPT,
    Channel,
    Choice,
    Cleaned,
    Field,
    FormDefinition,
    Raw,
    Text,
    find_slips,
    type_of,
)
from ...definition.conditions import as_json
from ...i18n import N_, Message, Translator
from ..chrome import marked
from ..sentences import condition_sentence, limit_sentence, needed_sentence

TEMPLATES = Path(__file__).parent / "templates"
# Lines of an empty box, and characters that fit on one line of a phone.
ROWS, A_LINE = 5, 30
DATE_PARTS = (N_("Day"), N_("Month"), N_("Year"))


@dataclass(frozen=True, slots=True)
class Filling:
    """What a form is filled with: everything typed, and what it is worth."""

    raw: Raw = dataclass_field(default_factory=dict)
    cleaned: Cleaned = dataclass_field(default_factory=Cleaned)

    def message(self, field_id: str) -> Message | None:
        """Return what is to be said at a field."""
        wrong = self.cleaned.errors.get(field_id)
        return wrong or self.cleaned.warnings.get(field_id)

    def values(self, control: str) -> Sequence[str]:
        """Return what was typed in a control."""
        return self.raw.get(control, ())

    def first(self, control: str) -> str:
        """Return the one thing typed in a control, or nothing."""
        return next(iter(self.values(control)), "")


class Complaint(NamedTuple):
    """A line of the list of mistakes: the control it leads to, and what to do."""

    control: str
    text: str


@remembered("field templates")
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(DATE_PARTS=DATE_PARTS, KEPT=KEPT, kind=type_of, zip=zip)
    return made


@dataclass(frozen=True, slots=True)
class Drawing:
    """One form being drawn at one place: what the template asks for."""

    form: FormDefinition
    translator: Translator
    channel: Channel
    filling: Filling
    prevailing: FormDefinition | None
    other_ways: str

    def marked(self, text: str) -> Markup:
        """Return a text that says its language where it is not the page's."""
        return marked(text, self.translator.lang)

    def message_text(self, message: Message) -> Markup:
        """Return a message in the language of the page."""
        return self.marked(self.translator.translate(message))

    def when(self, field: Field) -> str:
        """Return the condition of a field as JSON for the script."""
        return json.dumps(as_json(field.when), ensure_ascii=False) if field.when else ""

    def only_if(self, field: Field) -> str:
        """Return the condition of a field as a sentence for people."""
        if field.when is None:
            return ""
        to_read = not type_of(field).asks
        return condition_sentence(self.form, field.when, self.translator, to_read)

    def needed_if(self, field: Field) -> str:
        """Say because of which other answer a field must be filled in."""
        return needed_sentence(self.form, field, self.translator)

    def limit(self, field: Field) -> str:
        """Say how much may be written, where there is a limit."""
        return limit_sentence(field, self.translator)

    def rows(self, field: Field) -> int:
        """Return how many lines a box shows, where the browser cannot measure it.

        On paper nobody scrolls: a box that is filled in shows all of it.
        """
        lines = self.filling.first(field.id).split("\n")
        return max(ROWS, sum(len(line) // A_LINE + 1 for line in lines))

    def attributes(self, field: Field) -> dict[str, str | None]:
        """Return the attributes of a line that its type asks for."""
        kind = type_of(field)
        return {
            "type": "text",
            "dir": "ltr" if kind.ltr else None,
            "class": f"input--{kind.width}" if kind.width else None,
            **kind.attributes,
        }

    def described_by(self, field: Field) -> str:
        """Return the ids of everything that explains a control."""
        parts = {
            "text": type_of(field).has_text,
            "when": field.when is not None,
            "needed": field.required_when is not None,
            "hint": bool(field.hint or self.limit(field)),
            "error": self.filling.message(field.id) is not None,
        }
        return " ".join(f"{field.id}-{part}" for part, there in parts.items() if there)

    def options(self, field: Field) -> list[Choice]:
        """Return the options, and what was chosen although it is none of them."""
        known = {choice.id for choice in field.choices}
        strange = [v for v in self.filling.values(field.id) if v and v not in known]
        extra = [Choice(value, Text(value, self.translator.lang)) for value in strange]
        return [*field.choices, *extra]

    def beside(self, field: Field) -> Text | None:
        """Return the text in the main language, where a translation stands for it."""
        if self.prevailing is None or field.text.lang == self.prevailing.lang:
            return None
        return self.prevailing.field(field.id).text

    def main_name(self) -> str:
        """Return the name of the main language in the language of the page."""
        locale = Locale.parse(self.form.main_language)
        return str(locale.get_language_name(self.translator.lang))

    def kept(self, field: Field) -> str:
        """Return a doubtful value that has now been seen; empty when there is none."""
        if field.id in self.filling.cleaned.warnings:
            return str(self.filling.cleaned.answers.get(field.id, ""))
        return self.filling.first(field.id + KEPT)


def draw_fields(
    form: FormDefinition,
    translator: Translator,
    channel: Channel,
    filling: Filling | None = None,
    prevailing: FormDefinition | None = None,
    other_ways: str = "",
) -> Markup:
    """Return all sections of a form at a place, as fieldsets.

    `prevailing` is the form in the main language: its declarations stand beside
    translated ones. `other_ways` is where somebody without a mailbox is led.
    """
    filling = filling or Filling()
    drawing = Drawing(form, translator, channel, filling, prevailing, other_ways)
    template = _templates().get_template("fields.html")
    html = template.render(
        drawing=drawing,
        sections=list(form.sections_at(channel)),
        _=translator.gettext,
        channel=channel,
        filling=drawing.filling,
        lang=translator.lang,
    )
    return Markup(html)  # noqa: S704 - the template escapes what it is given


def controls_of(form: FormDefinition, channel: Channel) -> Iterator[str]:
    """Name every control that a form has at a place."""
    for field in form.at(channel):
        if type_of(field).asks:
            yield from type_of(field).controls(field)
            yield field.id + KEPT


def draw_hidden(form: FormDefinition, channel: Channel, raw: Raw) -> Markup:
    """Return everything typed as hidden inputs, to be sent along."""
    line = Markup('<input type="hidden" name="{}" value="{}">\n')
    return Markup("").join(
        line.format(control, value)
        for control in controls_of(form, channel)
        for value in raw.get(control, ())
        if value
    )


def complaints(
    form: FormDefinition, channel: Channel, cleaned: Cleaned, translator: Translator
) -> list[Complaint]:
    """Return the list of mistakes in the order of the form."""
    found: Mapping[str, Message] = {**cleaned.warnings, **cleaned.errors}
    return [
        Complaint(
            type_of(field).controls(field)[0], translator.translate(found[field.id])
        )
        for field in form.at(channel)
        if field.id in found
    ]


def slips(
    form: FormDefinition, cleaned: Cleaned, translator: Translator
) -> list[tuple[str, str]]:
    """Return what may be slips, each with the section where it is put right."""
    found = find_slips(form, cleaned.answers)
    return [
        (section.id, translator.translate(found[field.id]))
        for section in form.sections
        for field in section.fields
        if field.id in found
    ]
