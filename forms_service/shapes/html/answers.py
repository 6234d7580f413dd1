"""Answers read back as HTML: each line drawn once, and filled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from ...caches import Cache
from ...definition import Answer, Channel, FormDefinition, Section, type_of
from ...i18n import Translator
from ..answer_summary import AnswerLine, read_back
from ..chrome import marked
from . import CUT
from .fields import templates

Read = Sequence[tuple[Section, Sequence[AnswerLine]]]


@dataclass(frozen=True, slots=True)
class SectionSegments:
    """What stands around the lines of a section, and around the text of each.

    A line is known by its field and by whether it is answered.
    """

    head: str
    lines: Mapping[tuple[str, bool], tuple[str, str]]
    tail: str


_compiled: Cache[Mapping[str, SectionSegments]] = Cache("compiled answers")


def draw_answers(
    form: FormDefinition,
    answers: Mapping[str, Answer],
    translator: Translator,
    channel: Channel,
    edit: str = "",
) -> Markup:
    """Return all answers to be read; `edit` is where a section is put right."""
    key, html = (form, translator.lang, channel, edit), []
    compiled = _compiled.get(key, lambda: _compile(form, translator, channel, edit))
    for section, lines in read_back(form, answers, translator, channel):
        segments = compiled[section.id]
        html.append(segments.head)
        for line in lines:
            text = "\n".join([marked(text, translator.lang) for text in line.lines])
            before, behind = segments.lines[line.field.id, line.answered]
            html += (before, text, behind)
        html.append(segments.tail)
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
) -> Mapping[str, SectionSegments]:
    compiled = {}
    for section, fields in form.sections_at(channel):
        lines = [
            AnswerLine(field, (CUT,), answered)
            for field in fields
            if type_of(field).asks
            for answered in (True, False)
        ]
        drawn = draw_sections([(section, lines)], translator, edit, CUT)
        head, *pieces, tail = str(drawn).split(CUT)
        keys = [(line.field.id, line.answered) for line in lines]
        around = zip(pieces[::2], pieces[1::2], strict=True)
        segments = dict(zip(keys, around, strict=True))
        compiled[section.id] = SectionSegments(head, segments, tail)
    return compiled
