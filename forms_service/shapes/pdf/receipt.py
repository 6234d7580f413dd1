"""What a receipt says: every text prepared, and signed, before it is drawn.

The serving process prepares; `receipt_press` has it drawn elsewhere.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from ... import urls
from ...clock import from_utc_text, utc_text
from ...content import Project
from ...definition import Channel, Field, FormDefinition, type_of
from ...i18n import Translator
from ...tokens import Tokens
from ..answer_summary import AnswerLine, read_back
from ..notice import answer_promise, backup_sentence, retention_sentences
from ..sentences import known, unreviewed_sentence
from .receipt_proof import signed

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


# In the place of characters that no font of ours has.
UNDRAWN = "[?]"


def receipt_job(
    form: FormDefinition,
    project: Project,
    translator: Translator,
    submission: Mapping[str, Any],
    tokens: Tokens,
    base_url: str,
    channel: Channel = Channel.WEB,
    *,
    prevailing: FormDefinition | None = None,
) -> dict[str, Any]:
    """Prepare every text of a receipt, ready to be sent as JSON to who draws it.

    `submission` has reference, answers, created_at, purge_after and, if proven or
    corrected, verified_at and corrected_at: times as aware datetimes or as the ISO
    text of the store. What it says is signed here: who draws it gets the signature,
    never the keys. `prevailing` is the same version in the main language, whose
    declarations stand under translated ones.
    """
    read = Answers(form, translator, prevailing)
    sections = list(read.sections(submission["answers"], channel))
    return {
        "lang": form.lang,
        "dir": translator.direction,
        "colours": dict(project.colours),
        "title": marked(form.title),
        "heading": translator.gettext("Receipt"),
        "colon": translator.colon,
        "reference": [translator.gettext("Reference number"), submission["reference"]],
        "facts": list(_facts(form, translator, submission)),
        "sections": sections,
        "next": [
            translator.gettext("What happens next"),
            list(_next(form, translator, submission)),
        ],
        "contact": [
            translator.gettext("Questions?"),
            list(_contact(project, translator)),
        ],
        "erasure": [
            translator.gettext("Until when we keep your data"),
            list(_erasure(form, project, translator, submission)),
        ],
        **_of_project(project),
        "unreviewed": unreviewed_sentence(form.review, translator, form.main_language),
        "page": translator.gettext("Page"),
        "created": _moment(submission["created_at"]).date().isoformat(),
        "check": [
            translator.gettext("Is this receipt genuine?"),
            translator.gettext("Whoever has this file can have it checked here:"),
            base_url.rstrip("/") + urls.check_receipt(form.lang),
        ],
        "undrawn": translator.gettext(
            "{sign} stands for characters that we cannot draw here. The data in this "
            "file have them.",
            sign=UNDRAWN,
        ),
        "proof": signed(_facts_signed(form, project, submission, sections), tokens),
    }


def _of_project(project: Project) -> dict[str, list[str]]:
    """Return whose receipt it is, in the project's words."""
    demonstration = project.demonstration if project.is_demonstration else ""
    return {
        "owner": marked(project.owner.full_name or project.owner.name),
        "project": marked(project.name),
        "funding": marked(project.funding.sentence),
        "demonstration": marked(demonstration),
    }


def _facts_signed(
    form: FormDefinition,
    project: Project,
    submission: Mapping[str, Any],
    sections: list[list[Any]],
) -> dict[str, Any]:
    """Return what the text of the receipt says, as data."""
    proven, corrected = submission.get("verified_at"), submission.get("corrected_at")
    return {
        "lang": form.lang,
        "project": project.name,
        "owner": project.owner.full_name or project.owner.name,
        "reference": submission["reference"],
        "form": {
            "id": form.id,
            "title": form.title,
            "version": form.version,
            "dated": form.dated.isoformat(),
        },
        "received": utc_text(_moment(submission["created_at"])),
        "confirmed": utc_text(_moment(proven)) if proven else None,
        **({"corrected": utc_text(_moment(corrected))} if corrected else {}),
        "answers": [
            [
                title[0],
                [[label, [line[0] for line in lines]] for label, lines, _ in rows],
            ]
            for title, rows in sections
        ],
    }


def _moment(value: str | datetime) -> datetime:
    return value if isinstance(value, datetime) else from_utc_text(value)


def _facts(
    form: FormDefinition, translator: Translator, submission: Mapping[str, Any]
) -> Iterator[list[str]]:
    sent = translator.format_datetime(_moment(submission["created_at"]))
    yield [translator.gettext("Received on"), sent]
    if corrected := submission.get("corrected_at"):
        yield [
            translator.gettext("Corrected on"),
            translator.format_datetime(_moment(corrected)),
        ]
    if proven := submission.get("verified_at"):
        yield [
            translator.gettext("Email address confirmed on"),
            translator.format_datetime(_moment(proven)),
        ]
    yield [
        translator.gettext("Form"),
        translator.gettext(
            "Version {version} of {day}",
            version=form.version,
            day=translator.format_date(form.dated),
        ),
    ]


def _next(
    form: FormDefinition, translator: Translator, submission: Mapping[str, Any]
) -> Iterator[list[str]]:
    yield from map(marked, form.texts.receipt.paragraphs)
    if promise := answer_promise(submission.get("due_on"), translator):
        yield marked(promise)


def _contact(project: Project, translator: Translator) -> Iterator[list[str]]:
    contacts = project.contacts
    yield marked(
        translator.gettext(
            "Email: {address}", address=known(contacts.email, translator)
        )
    )
    yield marked(
        translator.gettext("Phone: {number}", number=known(contacts.phone, translator))
    )
    if project.human_channel.text:
        yield marked(project.human_channel.text)


def _erasure(
    form: FormDefinition,
    project: Project,
    translator: Translator,
    submission: Mapping[str, Any],
) -> Iterator[str]:
    if purge_after := submission.get("purge_after"):
        day = _moment(purge_after).astimezone(translator.zone).date()
        yield translator.gettext(
            "We erase your request on {day}, if nothing changes.",
            day=translator.format_date(day),
        )
    yield from retention_sentences(form, translator)
    yield backup_sentence(project, translator)
