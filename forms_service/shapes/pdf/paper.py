"""The form as a page to print and to fill in: HTML that only WeasyPrint reads.

Which controls there are and how they look; what they are called and how they keep a
value is done to the PDF afterwards, in `fields`.
"""

import base64
import mimetypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import ceil
from pathlib import Path

from jinja2 import Environment, pass_context
from jinja2.runtime import Context
from markupsafe import Markup, escape

from ...caches import remembered
from ...content import Project
from ...definition import Channel, Field, FormDefinition, Text, type_of
from ...i18n import N_, Translator, direction
from ...urls import form_page, online_form
from ..notice import NoticeSection, short_notice
from ..sentences import (
    condition_sentence,
    known,
    limit_sentence,
    needed_sentence,
    unreviewed_sentence,
    with_contacts,
)
from ..templating import template_environment
from .draft_script import is_right_to_left
from .identity import Identity

TEMPLATES = Path(__file__).parent / "templates"
# Between a field's name and an option's id in the HTML only; `fields` takes it apart.
GROUP = "."
# Options in as many columns as their longest label leaves room for (characters).
COLUMNS = ((15, 4), (25, 3), (42, 2))
LINE_MM = 6.0
CHARACTERS_A_LINE = 85
# Between things of a list, where people do not write the Latin comma.
COMMAS = dict.fromkeys(("ar", "fa", "ur"), "، ")
# What the office writes by hand, in rows of three.
OFFICE = (
    N_("Received on"),
    N_("Received by"),
    N_("How it arrived"),
    N_("Register number"),
    N_("Reference number"),
    N_("Signature"),
)


@dataclass(frozen=True, slots=True)
class Edition:
    """A form in one language, with project and words in the same language."""

    form: FormDefinition
    project: Project
    translator: Translator


@remembered("paper templates")
def environment() -> Environment:
    """Return the templates of paper and receipt; undefined names are errors."""
    made = template_environment(TEMPLATES)
    made.filters["with_lang"] = _with_lang
    made.filters["side"] = lambda text: "rtl" if is_right_to_left(text) else "ltr"
    return made


@pass_context
def _with_lang(context: Context, text: str) -> Markup:
    """Mark a text that is not in the language of the page around it."""
    lang = getattr(text, "lang", context["lang"])
    if lang == context["lang"] or not text:
        return escape(str(text))
    return Markup('<span lang="{}" dir="{}">{}</span>').format(
        lang, direction(lang), str(text)
    )


def paper_html(
    edition: Edition,
    base_url: str,
    *,
    closed: bool = False,
    prevailing: Edition | None = None,
    folder: Path | None = None,
    room: float = 1.0,
) -> str:
    """Return the page; `folder` is where the project's pictures are named from.

    `room` is a part of the usual space between things and in boxes for long answers.
    """
    form, project, translator = edition.form, edition.project, edition.translator
    base = base_url.rstrip("/")
    main = form.main_language
    return (
        environment()
        .get_template("paper.html")
        .render(
            lang=form.lang,
            direction=translator.direction,
            form=form,
            project=project,
            translator=translator,
            _=translator.gettext,
            known=lambda value: known(value, translator),
            identity=Identity.of(form).text,
            sections=list(form.sections_at(Channel.PDF)),
            online=base + online_form(form.id, form.lang),
            about=base + form_page(form.id, form.lang, main),
            pictures=_pictures(project, folder),
            closed=closed,
            closed_text=form.texts.closed or translator.gettext("This form is closed."),
            prevailing=_beside(edition, prevailing),
            main_name=translator.language_name(main),
            unreviewed=unreviewed_sentence(form.review, translator, main),
            notice=short_notice(form, project, translator),
            condition=lambda field: _condition(form, field, translator),
            send_to=[
                with_contacts(way, project, translator) for way in form.paper.send_to
            ],
            room=room,
            comma=COMMAS.get(form.lang, ", "),
            office=[translator.gettext(line) for line in OFFICE],
            columns=columns,
            limit=lambda field: limit_sentence(field, translator),
            lines_mm=lines_mm,
            lines=lines,
            needed=lambda field: field.required_at(Channel.PDF),
            kind=type_of,
            group=GROUP,
            mine=lambda text: getattr(text, "lang", form.lang) == form.lang,
        )
    )


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside a translation: the texts of the language that prevails."""

    lang: str
    direction: str
    texts: Mapping[str, Text]
    notice: Sequence[NoticeSection]


def _beside(edition: Edition, prevailing: Edition | None) -> Beside | None:
    if prevailing is None or prevailing.form.lang == edition.form.lang:
        return None
    original = prevailing.form
    return Beside(
        original.lang,
        prevailing.translator.direction,
        {field.id: field.text for field in original.fields},
        short_notice(original, prevailing.project, prevailing.translator),
    )


def _condition(form: FormDefinition, field: Field, translator: Translator) -> str:
    if field.when is None:
        return needed_sentence(form, field, translator)
    sentence = condition_sentence(form, field.when, translator, not type_of(field).asks)
    return f"{sentence} {needed_sentence(form, field, translator)}".strip()


def columns(field: Field) -> int:
    """Return how many options stand side by side."""
    longest = max(len(choice.label) for choice in field.choices)
    return next((count for most, count in COLUMNS if longest <= most), 1)


def lines(fields: Sequence[Field]) -> list[list[Field]]:
    """Put fields on lines: one a line, or two short ones that follow each other."""
    short = {f.id for f in fields if not f.when and type_of(f).is_short(f)}
    placed: list[list[Field]] = []
    for field in fields:
        last = placed[-1] if placed else []
        if len(last) == 1 and {last[0].id, field.id} <= short:
            last.append(field)
        else:
            placed.append([field])
    return placed


def lines_mm(field: Field) -> float:
    """Return the height of a box that holds the longest answer, in millimetres."""
    most = type_of(field).most(field) or 0
    return min(110.0, max(4, ceil(most / CHARACTERS_A_LINE) + 1) * LINE_MM)


def _pictures(project: Project, folder: Path | None) -> dict[str, str]:
    named = {
        "logo": project.logo,
        "owner": project.owner.logo,
        "emblem": project.funding.emblem,
    }
    return {
        key: _data_address(folder / name) if folder and name else ""
        for key, name in named.items()
    }


def _data_address(file: Path) -> str:
    kind = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    return f"data:{kind};base64,{base64.b64encode(file.read_bytes()).decode()}"
