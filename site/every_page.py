"""Every page of the site as its parts: written ones, those of the forms, the search,
and what the lost are told. What becomes of them is left to `stage`.
"""

from collections.abc import Iterator

from facts import Listed
from forms_service import addresses
from forms_service.definition import FormDefinition
from forms_service.definition.pages import HOME, NEWS, SEARCH, Block, Link, Page
from forms_service.words import N_
from parts import Parts
from plan import TROUBLES, Plan, SitePage
from search_index import ENGINE
from structured import event_data, service_data

SENTENCES = {
    "404": (
        N_("We did not find this page"),
        N_("The page may have moved, or the address may be wrong."),
    ),
    "410": (
        N_("This page is no longer here"),
        N_("We removed it. What you look for may be on another page."),
    ),
    "503": (
        N_("This service does not answer now"),
        N_("Try again in a few minutes. What you sent before is not lost."),
    ),
}


def site_pages(plan: Plan, lang: str) -> Iterator[SitePage]:
    """Yield every page of a language: written, generated, and for the lost."""
    parts = Parts.of(plan, lang)
    for page in plan.pages.by_language[lang].values():
        yield _written(page, parts)
    for languages in plan.content.forms.values():
        if lang in languages:
            yield _form_page(languages[lang], parts)
    yield _search_page(parts)
    for trouble in TROUBLES:
        yield _trouble(trouble, parts)


def _written(page: Page, parts: Parts) -> SitePage:
    plan = parts.plan
    event = page.name if page.name in plan.content.events else ""
    body = []
    for part in page.parts:
        if isinstance(part, Block):
            body.append(f"\n{parts.block(part, event)}\n")
        else:
            body.append(plan.rewritten(part, page.lang))
    home = page.template == "home"
    lead = page.description if page.name != HOME else ""
    crumbs = _crumbs(parts, NEWS if page.published else "")
    top = parts.top(page.title, lead, crumbs, page.published)
    if home:
        top = parts.home_top(page)
    address = plan.pages.alternatives(page.name)[page.lang]
    events = {event, page.event} - {""}
    return SitePage(
        name=page.name,
        lang=page.lang,
        title=page.title,
        description=page.description,
        address=address,
        alternatives=plan.pages.alternatives(page.name),
        top=top,
        body="".join(body),
        layout=page.template or "page",
        menu_name=NEWS if page.published else page.name,
        # A preview of an earlier day knows nothing of later ones.
        updated=min(page.updated, plan.today),
        review=page.review,
        structured=tuple(_event_data(name, parts) for name in sorted(events)),
    )


def _event_data(event_id: str, parts: Parts) -> dict[str, object]:
    plan = parts.plan
    event = plan.content.event(event_id, parts.lang)
    page = parts.event_view(event_id).page
    address = page.address if page else addresses.site_root(parts.lang, _main(plan))
    return event_data(event, plan.project(parts.lang), plan.base_url + address)


def _form_page(form: FormDefinition, parts: Parts) -> SitePage:
    plan = parts.plan
    section = addresses.FORM_SEGMENT
    address = addresses.form_page(form.id, form.lang, _main(plan))
    return SitePage(
        name=f"{section}/{form.id}",
        lang=form.lang,
        title=form.title,
        description=form.summary,
        address=address,
        alternatives=plan.pages.form_alternatives(form.id),
        top=parts.form_top(form, _crumbs(parts, section)),
        body=parts.form_text(form),
        layout="form",
        menu_name=section,
        updated=min(form.dated, plan.today),
        review=form.review,
        structured=(
            service_data(
                form,
                parts.project,
                plan.base_url + address,
                plan.base_url + addresses.online_form(form.id, form.lang),
            ),
        ),
    )


def _search_page(parts: Parts) -> SitePage:
    plan, say = parts.plan, parts.words.say
    pages = plan.pages.by_language[parts.lang]
    project = plan.content.project
    order = [*project.nav, *(name for name in pages if name not in project.footer)]
    names = dict.fromkeys([*order, *project.footer])
    title, main = say("Find what you need"), _main(plan)
    address = addresses.site_page(SEARCH, parts.lang, main)
    listed = [
        Listed(pages[name], addresses.site_page(name, parts.lang, main))
        for name in names
        if name in pages
    ]
    return SitePage(
        name=SEARCH,
        lang=parts.lang,
        title=title,
        description=say("Search the site, or choose from all its forms and pages."),
        address=address,
        alternatives={
            lang: addresses.site_page(SEARCH, lang, main)
            for lang in plan.content.projects
        },
        top=parts.top(title, "", _crumbs(parts)),
        body=parts.search_text(address, ENGINE, listed),
        updated=min(max(page.updated for page in pages.values()), plan.today),
    )


def _trouble(status: str, parts: Parts) -> SitePage:
    plan, say = parts.plan, parts.words.say
    title, text = (say(sentence) for sentence in SENTENCES[status])
    home = addresses.site_root(parts.lang, _main(plan))
    return SitePage(
        name=status,
        lang=parts.lang,
        title=title,
        description=title,
        address=f"{home}{status}.html",
        alternatives={
            lang: addresses.site_root(lang, _main(plan))
            for lang in plan.content.projects
        },
        top=parts.top(title, "", ()),
        body=parts.draw(
            "missing",
            text=text,
            menu=plan.pages.menu(parts.lang),
            home=home,
            search=addresses.site_page(SEARCH, parts.lang, _main(plan)),
        ),
        layout="lost",
    )


def _crumbs(parts: Parts, section: str = "") -> list[Link]:
    """Return the way from the first page to here."""
    plan = parts.plan
    home = addresses.site_root(parts.lang, _main(plan))
    crumbs = [Link(parts.words.say("Home"), home)]
    if section in plan.pages.by_language[parts.lang]:
        page = plan.pages.page(section, parts.lang)
        crumbs.append(Link(page.title, plan.pages.alternatives(section)[parts.lang]))
    return crumbs


def _main(plan: Plan) -> str:
    return plan.content.main_language
