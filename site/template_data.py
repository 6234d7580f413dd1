"""Facts of the project, its pages and forms as rows that a template prints."""

from typing import NamedTuple

from form_status import FormStatus
from forms_service.content import TODO, Project
from forms_service.content.pages import Destination, Page
from forms_service.definition import FormDefinition
from forms_service.i18n import Translator
from forms_service.shapes.chrome import verbatim
from forms_service.shapes.notice import answer_time, full_notice
from forms_service.staff_session import (
    STAFF_IDLE,
    STAFF_LONGEST,
    browser_cookie,
    staff_cookie,
)
from plan import Plan


class PdfLink(NamedTuple):
    """A PDF to download."""

    url: str
    size: str


class PageLink(NamedTuple):
    """A page and where it is."""

    page: Page
    url: str
    day: str = ""

    @property
    def lang(self) -> str:
        """Its language."""
        return self.page.lang

    @property
    def title(self) -> str:
        """The title of the page."""
        return self.page.title

    @property
    def description(self) -> str:
        """What it is about."""
        return self.page.description


class CardView(NamedTuple):
    """A large link of the first page; one to a form shows whether it is open."""

    title: str
    text: str
    there: Destination
    status: FormStatus | None


class Organisation(NamedTuple):
    """Who takes part in the project."""

    name: str
    role: str
    url: str
    logo: str


def organisations(project: Project) -> list[Organisation]:
    """Return owner and partners, in the order of the project."""
    owner = project.owner
    return [
        Organisation(owner.name, "", owner.url, project.picture(owner.logo)),
        *(
            Organisation(p.name, p.role, p.url, project.picture(p.logo))
            for p in project.partners
        ),
    ]


def contacts(project: Project, translator: Translator) -> dict[str, object]:
    """Return the contacts that are known, and the names of those that are not."""
    gettext = translator.gettext
    owner, given = project.owner, project.contacts
    rows = [
        (gettext("Body"), "", owner.full_name or owner.name),
        (gettext("Address"), gettext("address"), owner.address),
        (gettext("Phone"), gettext("phone"), given.phone),
        (gettext("Email"), gettext("email"), given.email),
        (
            gettext("Certified email (PEC)"),
            gettext("certified email (PEC)"),
            given.pec,
        ),
        (gettext("By post"), gettext("postal address"), given.post),
        (gettext("In person"), gettext("opening hours of the desk"), given.desk),
    ]
    translated = (rows[0][2], given.desk)
    return {
        "contacts": [
            (term, value if value in translated else verbatim(value))
            for term, _, value in rows
            if value not in ("", TODO)
        ],
        "missing": [name for _, name, value in rows if value == TODO],
    }


def dates(form: FormDefinition, translator: Translator) -> list[tuple[str, str]]:
    """Return when a form opens and closes, its places, how soon we answer."""
    gettext, day = translator.gettext, translator.format_date
    opens, closes = gettext("not decided yet"), gettext("no closing date")
    if form.opens:
        opens = day(form.opens, weekday=True)
    if form.closes:
        closes = gettext("end of {day}", day=day(form.closes, weekday=True))
    rows = [(gettext("Opens"), opens), (gettext("Closes"), closes)]
    if form.capacity:
        rows.append((gettext("Places"), translator.format_number(form.capacity.limit)))
    if promised := answer_time(form, translator):
        rows.append((gettext("We answer within"), promised))
    return rows


def notices(
    plan: Plan, lang: str, translator: Translator
) -> list[tuple[FormDefinition, object]]:
    """Return the privacy notice of every form."""
    project = plan.project(lang)
    found: list[tuple[FormDefinition, object]] = []
    for languages in plan.content.forms.values():
        form = languages.get(lang) or languages[plan.content.main_language]
        found.append((form, full_notice(form, project, translator)))
    return found


def cookies(plan: Plan, translator: Translator) -> dict[str, object]:
    """Return what there is to say about the cookies of staff: session and browser."""
    return {
        "cookie": staff_cookie(plan.base_url),
        "browser": browser_cookie(plan.base_url),
        "minutes": translator.format_number(STAFF_IDLE.seconds // 60),
        "hours": translator.format_number(STAFF_LONGEST.seconds // 3600),
    }


def of_block(
    name: str, plan: Plan, lang: str, translator: Translator
) -> dict[str, object]:
    """Return what the template of a block prints, for blocks that are all facts."""
    match name:
        case "notices":
            return {"notices": notices(plan, lang, translator)}
        case "partners":
            return {"organisations": organisations(plan.project(lang))}
        case "contacts":
            return contacts(plan.project(lang), translator)
        case _:
            return cookies(plan, translator)
