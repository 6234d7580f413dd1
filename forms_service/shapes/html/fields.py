"""The fields of a form as HTML, for the web and for the desk, empty or filled in.

A field is drawn from (field, what was typed, what is wrong with it); who posted it and
where it goes is not known here.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

from babel import Locale
from jinja2 import Environment
from markupsafe import Markup, escape

from ...caches import Cache, remembered
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
from ..templating import template_environment
from . import CUT, Segments
from .filling import Filling, SlotFilling, Variant

TEMPLATES = Path(__file__).parent / "templates"
DATE_PARTS = (N_("Day"), N_("Month"), N_("Year"))


class Complaint(NamedTuple):
    """A line of the list of mistakes: the control it leads to, and what to do."""

    control: str
    text: str


@remembered("field templates")
def templates() -> Environment:
    made = template_environment(TEMPLATES)
    made.globals.update(DATE_PARTS=DATE_PARTS, KEPT=KEPT, kind=type_of, zip=zip)
    made.globals["marked"] = marked
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
        strange = self.filling.strange(field)
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

    def html(self, cut: str = "") -> Markup:
        """Draw the template; `cut` stands before and behind each field."""
        html = (
            templates()
            .get_template("fields.html")
            .render(
                drawing=self,
                sections=list(self.form.sections_at(self.channel)),
                _=self.translator.gettext,
                channel=self.channel,
                filling=self.filling,
                lang=self.translator.lang,
                cut=cut,
            )
        )
        return Markup(html)  # noqa: S704 - the template escapes what it is given


_compiled: Cache[tuple[list[str], list[Segments[str]]]] = Cache("compiled fields")


def draw_fields(
    form: FormDefinition,
    translator: Translator,
    channel: Channel,
    filling: Filling | None = None,
    prevailing: FormDefinition | None = None,
    other_ways: str = "",
) -> Markup:
    """Return all sections of a form in a channel, as fieldsets.

    `prevailing` is the form in the main language: its declarations stand beside
    translated ones. `other_ways` is where somebody without a mailbox is led.
    Each field is drawn once a variant, and filled.
    """
    filling = filling or Filling()
    drawing = Drawing(form, translator, channel, filling, prevailing, other_ways)
    fields = form.at(channel)
    if any(filling.strange(field) for field in fields):
        return drawing.html()

    def compiled(variant: Variant) -> tuple[list[str], list[Segments[str]]]:
        key = (form, translator.lang, channel, prevailing, other_ways, variant)
        return _compiled.get(key, lambda: _compile(drawing, fields, variant))

    values: dict[str, str] = defaultdict(str, filling.slots(fields))
    pieces: list[str] = []
    variants = [filling.variant(field) for field in fields]
    segments = {variant: compiled(variant) for variant in set(variants)}
    around = compiled(Variant(False, False, False))[0]
    for number, (field, variant) in enumerate(zip(fields, variants, strict=True)):
        if message := filling.message(field.id):
            values[f"{field.id} message"] = drawing.message_text(message)
        pieces += (around[number], segments[variant][1][number].fill(values))
    return Markup("".join([*pieces, around[-1]]))  # noqa: S704 - filled with escaped


def _compile(
    drawing: Drawing, fields: Sequence[Field], variant: Variant
) -> tuple[list[str], list[Segments[str]]]:
    """Return what stands around the fields, and each field with its slots."""
    drawn = replace(drawing, filling=SlotFilling(fields, variant)).html(cut=CUT)
    pieces = str(drawn).split(CUT)
    return pieces[::2], [Segments.of(piece) for piece in pieces[1::2]]


@remembered("controls")
def controls_of(form: FormDefinition, channel: Channel) -> tuple[str, ...]:
    """Name every control that a form has in a channel."""
    asked = [field for field in form.at(channel) if type_of(field).asks]
    named = [(*type_of(field).controls(field), field.id + KEPT) for field in asked]
    return tuple(control for controls in named for control in controls)


def draw_hidden(form: FormDefinition, channel: Channel, raw: Raw) -> Markup:
    """Return everything typed as hidden inputs, to be sent along."""
    lines = [
        f'<input type="hidden" name="{control}" value="{escape(value)}">\n'
        for control in controls_of(form, channel)
        if control in raw
        for value in raw[control]
        if value
    ]
    return Markup("".join(lines))  # noqa: S704 - ids of the form, and escaped values


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
    if not found:
        return []
    return [
        (section.id, translator.translate(found[field.id]))
        for section in form.sections
        for field in section.fields
        if field.id in found
    ]
