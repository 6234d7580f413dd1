"""What site and service wear alike: page header, footer, style sheet and web fonts.

Everything is made from the project, the language and the links of this page; nothing
here knows a request, a build or where a page comes from. The classes that pages may
use are listed on top of `chrome/chrome.css`.
"""

import re
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path

from jinja2 import Environment
from markupsafe import Markup, escape

from ..caches import remembered
from ..content import TODO, Project
from ..content.pages import PROBLEM_REPORT, SEARCH, Link
from ..content.project import COLOURS
from ..definition import Text
from ..definition.texts import Review
from ..i18n import Translator, direction, own_name
from ..urls import site_page, site_root
from .sentences import CONTACT, known, unreviewed_sentence
from .templating import template_environment

FOLDER = Path(__file__).with_name("chrome")
# The id of the page's main part, where the skip link leads.
CONTENT_ID = "content"
STYLESHEET = "chrome.css"
# Makes the quick way out leave no trace where it can.
LEAVE = "leave.js"
# Beside the built pages: the content security policy of each, as the service sends it.
POLICIES = ".policies.json"

_EMAIL = re.compile(r"([^\s<>@;:,/()“”«»]+@[\w-]+(?:\.[\w-]+)+)")
_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
_SPACE = re.compile(r"\s+")
_AROUND = re.compile(r"\s*([{};,>])\s*")


def verbatim(value: str, ltr: bool = False) -> Markup:
    """Return what no browser may translate: a name, a number, an address, a code.

    Its direction is its own, or left to right. Nothing stays nothing.
    """
    if not value:
        return Markup("")
    side = ' dir="ltr"' if ltr else ""
    html = f'<bdi translate="no"{side}>{escape(value)}</bdi>'
    return Markup(html)  # noqa: S704 - the value is escaped


def marked(text: str, lang: str) -> Markup:
    """Return a text as HTML; one in another language than the page says which.

    And how it is written, where that is not as the page is. Email addresses in it
    are `verbatim`.
    """
    written, words = getattr(text, "lang", lang), escape(text)
    if "@" in text and not isinstance(text, Markup):
        words = Markup("").join(
            verbatim(part, ltr=True) if number % 2 else part
            for number, part in enumerate(_EMAIL.split(text))
        )
    if written == lang or not text:
        return words
    if (side := direction(written)) == direction(lang):
        return Markup('<span lang="{}">{}</span>').format(written, words)
    return Markup('<span lang="{}" dir="{}">{}</span>').format(written, side, words)


def marked_contacts(text: Text, project: Project, translator: Translator) -> Markup:
    """Return a text as HTML with the project's contacts in it, which are `verbatim`."""

    given = project.contacts
    return Markup("").join(
        marked(Text(part, text.lang), translator.lang)
        if number % 2 == 0
        else verbatim(value)
        if _known(value := str(getattr(given, part)))
        else known(value, translator)
        for number, part in enumerate(CONTACT.split(text))
    )


def _environment() -> Environment:
    found = template_environment(FOLDER)
    found.globals.update(CONTENT_ID=CONTENT_ID, marked=marked, known=_known)
    found.filters["verbatim"] = verbatim
    return found


def _known(value: str) -> bool:
    return value not in ("", TODO)


@remembered("page templates")
def _templates() -> Environment:
    return _environment()


def _draw(name: str, translator: Translator, **values: object) -> Markup:
    html = (
        _templates()
        .get_template(name)
        .render(_=translator.gettext, translator=translator, **values)
    )
    return Markup(html)  # noqa: S704 - the template escapes what it is given


def demonstration_notice(project: Project, lang: str, translator: Translator) -> Markup:
    """Return the notice that nobody authorised this yet, or nothing."""
    if not project.is_demonstration:
        return Markup("")
    return _draw("notice.html", translator, project=project, lang=lang)


def header(
    project: Project,
    lang: str,
    translator: Translator,
    languages: Markup,
    nav: Sequence[Link],
    review: Review | None = None,
) -> Markup:
    """Return skip link, notices and header of a page.

    `languages` are the links of `languages`; `nav` is the menu, as `Pages.menu` makes
    it; `review` is that of what the page shows, or the project's own.
    """
    return _draw(
        "header.html",
        translator,
        project=project,
        lang=lang,
        home=site_root(lang, project.main_language),
        search=site_page(SEARCH, lang, project.main_language),
        notice=demonstration_notice(project, lang, translator),
        unreviewed=unreviewed_sentence(
            review or project.review, translator, project.main_language
        ),
        languages=languages,
        nav=nav,
    )


def languages(translator: Translator, alternatives: Mapping[str, str]) -> Markup:
    """Return the links to this same page in each language that has it.

    `alternatives` are its addresses by language, this one included; one alone is no
    choice.
    """
    if len(alternatives) < 2:
        return Markup("")
    names = {other: own_name(other) for other in alternatives}
    return _draw(
        "languages.html",
        translator,
        lang=translator.lang,
        alternatives=alternatives,
        names=names,
    )


def footer(
    project: Project,
    lang: str,
    translator: Translator,
    nav: Sequence[Link],
    legal: Sequence[Link],
) -> Markup:
    """Return the footer: funding, partners, contacts, menu and legal links.

    `legal` are the project's footer pages, as `Pages.legal` makes them.
    """
    contacts = project.contacts
    by_label = {
        translator.gettext("phone"): contacts.phone,
        translator.gettext("email"): contacts.email,
        translator.gettext("certified email (PEC)"): contacts.pec,
        translator.gettext("tax code"): project.owner.tax_code,
    }
    missing = [name for name, value in by_label.items() if value == TODO]
    return _draw(
        "footer.html",
        translator,
        project=project,
        lang=lang,
        home=site_root(lang, project.main_language),
        search=site_page(SEARCH, lang, project.main_language),
        nav=nav,
        legal=_legal(project, legal, translator),
        missing=missing,
    )


def _legal(
    project: Project, legal: Sequence[Link], translator: Translator
) -> list[Link]:
    """Lead to the official accessibility statement once there is one."""
    statement = project.legal.accessibility_statement
    links = []
    for link in legal:
        if link.element == "accessibility-link" and _known(statement):
            link = link._replace(url=statement)
        elif link.element == PROBLEM_REPORT:
            link = link._replace(title=translator.gettext("Report a problem"))
        links.append(link)
    return links


def way_out(project: Project, lang: str, translator: Translator) -> Markup:
    """Return the button that leaves the page at once, for who is not alone."""
    return _draw("leave.html", translator, project=project, lang=lang)


def help_box(project: Project, lang: str, translator: Translator) -> Markup:
    """Return whom to call in danger, and when somebody is at the desk."""
    return _draw("help.html", translator, project=project, lang=lang)


def stylesheet(colours: Mapping[str, str] = COLOURS) -> bytes:
    """Return the style sheet in the project's colours, without comments.

    Fonts are named relative to it: serve `files` in one folder.
    """
    text = _COMMENT.sub("", (FOLDER / STYLESHEET).read_text(encoding="utf-8"))
    tokens = {f"--{name}": colour for name, colour in colours.items()}
    tokens["--slim"] = shade(colours["primary"], 0.875)
    tokens["--hover"] = shade(colours["primary"], 0.75)
    root = ";".join(f"{name}:{value}" for name, value in tokens.items())
    small = _AROUND.sub(r"\1", _SPACE.sub(" ", text)).replace(";}", "}").strip()
    return f":root{{{root}}}{small}\n".encode()


def shade(colour: str, part: float) -> str:
    """Return a colour with only a part of its light: 0.75 is what hovering shows."""
    channels = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return "#" + "".join(f"{round(channel * part):02X}" for channel in channels)


def files(colours: Mapping[str, str] = COLOURS) -> dict[str, bytes]:
    """Return style sheet, fonts and script by their names beside each other."""
    fonts = sorted((FOLDER / "fonts").iterdir())
    return {
        STYLESHEET: stylesheet(colours),
        LEAVE: (FOLDER / LEAVE).read_bytes(),
        **{f"fonts/{font.name}": font.read_bytes() for font in fonts},
    }


def digest(colours: Mapping[str, str] = COLOURS) -> str:
    """Return a short hash of `files`, for addresses that may be kept for ever."""
    total = sha256()
    for name, content in files(colours).items():
        total.update(name.encode() + b"\0" + content)
    return total.hexdigest()[:12]
