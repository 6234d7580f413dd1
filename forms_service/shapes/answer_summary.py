"""Answers as people read them back: on the summary, the staff page and the receipt.

And what a correction has changed: question by question, before and after.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from ..definition import (
    KEPT,
    Answer,
    Channel,
    Field,
    FormDefinition,
    Raw,
    Section,
    Text,
    applicable,
    clean,
    shown,
    type_of,
)
from ..i18n import Translator


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """One field read back: what was asked and the lines of the answer."""

    field: Field
    lines: tuple[str, ...]
    answered: bool

    @property
    def verbatim(self) -> bool:
        """Say whether it shows what nobody may translate."""
        return self.answered and type_of(self.field).verbatim


def read_back(
    form: FormDefinition,
    answers: Mapping[str, Answer],
    translator: Translator,
    channel: Channel,
) -> list[tuple[Section, list[AnswerLine]]]:
    """Return every field that applies in a channel, also those without an answer."""
    fields = form.at(channel)
    applying = set(applicable(fields, answers))
    sections = []
    for section, fields_of_section in form.sections_at(channel):
        lines = [
            read_answer(field, answers, translator)
            for field in fields_of_section
            if field.id in applying and type_of(field).asks
        ]
        if lines:
            sections.append((section, lines))
    return sections


def read_answer(
    field: Field, answers: Mapping[str, Answer], translator: Translator
) -> AnswerLine:
    """Return one field read back, also without an answer."""
    lines = tuple(shown(field, answers.get(field.id), translator))
    return AnswerLine(field, lines, field.id in answers)


def typed_text(
    form: FormDefinition | None, raw: Raw, translator: Translator, channel: Channel
) -> str:
    """Return all that was typed as one text to be copied, each after its question.

    What is wrong with it does not matter; what the form does not ask stands alone.
    """
    left = {name: raw[name] for name in raw if not name.endswith(KEPT)}
    lines = []
    answers = clean(form, raw, channel).answers if form else {}
    for field in form.at(channel) if form else ():
        controls = type_of(field).controls(field)
        typed = [text for name in controls for text in left.pop(name, ()) if text]
        if field.id in answers:
            typed = ["\n".join(shown(field, answers[field.id], translator))]
        if typed:
            lines.append(f"{field.label}{translator.colon} {', '.join(typed)}")
    alone = [text for texts in left.values() for text in texts if text != "true"]
    return "\n".join([*lines, *alone]).strip()


@dataclass(frozen=True, slots=True)
class Change:
    """One question whose answer has changed, as people read it."""

    label: Text
    before: tuple[str, ...]
    after: tuple[str, ...]
    verbatim: bool


def changes(
    before: tuple[FormDefinition, Mapping[str, Answer]],
    after: tuple[FormDefinition, Mapping[str, Answer]],
    translator: Translator,
) -> list[Change]:
    """Return every changed answer in the order of the newer form, then what left it.

    Each answer is read with the version of the form that it answered.
    """
    (old_form, old), (form, new) = before, after
    earlier = {field.id: field for field in old_form.fields}
    today = {field.id: field for field in form.fields}
    found = []
    for key in {**today, **earlier}:
        if old.get(key) == new.get(key):
            continue
        then, now = earlier.get(key) or today[key], today.get(key) or earlier[key]
        read = tuple(shown(then, old.get(key), translator))
        written = tuple(shown(now, new.get(key), translator))
        found.append(Change(now.label, read, written, type_of(now).verbatim))
    return found
