"""What was answered and declared, as the texts of a receipt that say their language.

A declaration made in a translation stands above the original, which prevails.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from ...definition import Field, FormDefinition, Place, type_of
from ...words import Words
from ..answer_summary import Line, read_back

# How a line is drawn that is not the answer: smaller.
BESIDE = "beside"


def marked(text: str) -> list[str]:
    """Return text and its language; an empty language is that of the receipt."""
    return [str(text), getattr(text, "lang", "")]


@dataclass(frozen=True, slots=True)
class Answers:
    """Answers and declarations as texts that say their language."""

    form: FormDefinition
    words: Words
    prevailing: FormDefinition | None

    def sections(self, answers: Mapping[str, Any], place: Place) -> Iterator[list[Any]]:
        """Yield title and rows of each section; a row is question, lines, language."""
        for section, lines in read_back(self.form, answers, self.words, place):
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

    def _lines(self, line: Line) -> Iterator[list[str]]:
        """Yield what was declared, if anything was, and the answer."""
        if line.answered and type_of(line.field).has_text:
            yield from map(marked, line.field.text.paragraphs)
            yield from self._original(line.field)
        yield from map(marked, line.lines)

    def _original(self, asked: Field) -> Iterator[list[str]]:
        """Yield the text that prevails over a translated declaration."""
        main = self.prevailing
        if main is None or asked.text.lang == main.lang:
            return
        for part in main.field(asked.id).text.paragraphs:
            yield [*marked(part), BESIDE]
        language = self.words.name_of(main.lang)
        sentence = self.words.say("The text in {language} prevails.", language=language)
        yield [*marked(sentence), BESIDE]
