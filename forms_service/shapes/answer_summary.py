"""Answers as people read them back: on the summary, the staff page and the receipt."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..definition import (
    Answer,
    Field,
    FormDefinition,
    Place,
    Section,
    applicable,
    shown,
    type_of,
)
from ..words import Words


@dataclass(frozen=True, slots=True)
class Line:
    """One field read back: what was asked and the lines of the answer."""

    field: Field
    lines: tuple[str, ...]
    answered: bool


def read_back(
    form: FormDefinition, answers: Mapping[str, Answer], words: Words, place: Place
) -> list[tuple[Section, list[Line]]]:
    """Return every field that applies at a place, also those without an answer."""
    fields = form.at(place)
    applying = set(applicable(fields, answers))
    sections = []
    for section, asked in form.sections_at(place):
        lines = [
            Line(
                field,
                tuple(shown(field, answers.get(field.id), words)),
                field.id in answers,
            )
            for field in asked
            if field.id in applying and type_of(field).asks
        ]
        if lines:
            sections.append((section, lines))
    return sections
