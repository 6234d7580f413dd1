"""Answers read back as HTML: each line drawn once, and filled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ...caches import Cache
from ...definition import (
    Answer,
    Channel,
    Field,
    FormDefinition,
    Section,
    applicable,
    shown,
    type_of,
)
from ...i18n import Translator
from ..answer_summary import AnswerLine, read_answer
from ..chrome import marked
from . import CUT
from .fields import templates

Read = Sequence[tuple[Section, Sequence[AnswerLine]]]


@dataclass(frozen=True, slots=True)
class LineSegments:
    """A line as it is without an answer, and what stands around the text of one."""

    field: Field
    unanswered: str
    before: str
    behind: str

    def draw(self, answers: Mapping[str, Answer], translator: Translator) -> str:
        """Return the line with its answer."""
        if self.field.id not in answers:
            return self.unanswered
        lines = shown(self.field, answers[self.field.id], translator)
        texts = [marked(text, translator.lang) for text in lines]
        return "".join((self.before, "\n".join(texts), self.behind))


@dataclass(frozen=True, slots=True)
class SectionSegments:
    """The lines of a section, and what stands around them."""

    head: str
    lines: Sequence[LineSegments]
    tail: str


_compiled: Cache[Sequence[SectionSegments]] = Cache("compiled answers")


def draw_answers(
    form: FormDefinition,
    answers: Mapping[str, Answer],
    translator: Translator,
    channel: Channel,
    edit: str = "",
) -> Markup:
    """Return all answers to be read; `edit` is where a section is put right.

    What `draw_sections` draws of what `read_back` returns.
    """
    key, html = (form, translator.lang, channel, edit), list[str]()
    compiled = _compiled.get(key, lambda: _compile(form, translator, channel, edit))
    applying = set(applicable(form.at(channel), answers))
    for section in compiled:
        lines = [
            line.draw(answers, translator)
            for line in section.lines
            if line.field.id in applying
        ]
        html += (section.head, *lines, section.tail) if lines else ()
    return Markup("".join(html))  # noqa: S704 - filled with what is escaped


def draw_sections(
    sections: Read, translator: Translator, edit: str = "", cut: str = ""
) -> Markup:
    """Draw the template; `cut` stands before each line and behind the last."""
    html = (
        templates()
        .get_template("answers.html")
        .render(sections=sections, translator=translator, edit=edit, cut=cut)
    )
    return Markup(html)  # noqa: S704 - the template escapes what it is given


def _compile(
    form: FormDefinition, translator: Translator, channel: Channel, edit: str
) -> Sequence[SectionSegments]:
    compiled = []
    for section, fields in form.sections_at(channel):
        asked = [field for field in fields if type_of(field).asks]
        lines = [
            line
            for field in asked
            for line in (
                read_answer(field, {}, translator),
                AnswerLine(field, (CUT,), True),
            )
        ]
        drawn = draw_sections([(section, lines)], translator, edit, CUT)
        head, *pieces, tail = str(drawn).split(CUT)
        parts = [iter(pieces)] * 3
        segments = [
            LineSegments(field, *around)
            for field, around in zip(asked, zip(*parts, strict=True), strict=True)
        ]
        compiled.append(SectionSegments(head, segments, tail))
    return compiled
