"""What was answered and declared, as the texts of a receipt that say their language.

A declaration made in a translation stands above the original, which prevails.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...definition import Channel, Field, FormDefinition, type_of
from ...i18n import Translator
from ..answer_summary import AnswerLine, read_back

# How a line is drawn that is not the answer: smaller.
BESIDE = "beside"


def marked(text: str) -> list[str]:
    """Return text and its language; an empty language is that of the receipt."""
    return [str(text), getattr(text, "lang", "")]


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers and declarations as texts that say their language."""

    form: FormDefinition
    translator: Translator
    prevailing: FormDefinition | None

    def sections(
        self, answers: Mapping[str, Any], channel: Channel
    ) -> Iterator[list[Any]]:
        """Yield title and rows of each section; a row is question, lines, language."""
        for section, lines in read_back(self.form, answers, self.translator, channel):
            yield [
                marked(section.title),
                [
                    [
                        str(line.field.label),
                        list(self._lines(line)),
                        line.field.label.lang,
                    ]
                    for line in lines
                ],
            ]

    def _lines(self, line: AnswerLine) -> Iterator[list[str]]:
        """Yield what was declared, if anything was, and the answer."""
        if line.answered and type_of(line.field).has_text:
            yield from map(marked, line.field.text.paragraphs)
            yield from self._original(line.field)
        yield from map(marked, line.lines)

    def _original(self, field: Field) -> Iterator[list[str]]:
        """Yield the text that prevails over a translated declaration."""
        main = self.prevailing
        if main is None or field.text.lang == main.lang:
            return
        for part in main.field(field.id).text.paragraphs:
            yield [*marked(part), BESIDE]
        language = self.translator.language_name(main.lang)
        sentence = self.translator.gettext(
            "The text in {language} prevails.", language=language
        )
        yield [*marked(sentence), BESIDE]
