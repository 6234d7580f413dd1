"""Every page of the site, from its blocks: written ones, those of the forms, the
search, and the pages of errors. What becomes of them is left to `stage`.
"""

from collections.abc import Iterator

from blocks import Blocks
from forms_service import urls
from forms_service.content.pages import HOME, NEWS, SEARCH, Block, Link, Page
from forms_service.definition import FormDefinition
from forms_service.i18n import N_
from plan import ERROR_PAGES, Plan, SitePage
from structured import event_data, service_data
from template_data import PageLink

# Where the search engine of the built site lies (Pagefind).
ENGINE_FOLDER = "pagefind"
ENGINE = f"/{ENGINE_FOLDER}/pagefind.js"
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
    blocks = Blocks.of(plan, lang)
    for page in plan.pages.by_language[lang].values():
        yield _written(page, blocks)
    for languages in plan.content.forms.values():
        if lang in languages:
            yield _form_page(languages[lang], blocks)
    yield _search_page(blocks)
    for status in ERROR_PAGES:
        yield _error_page(status, blocks)


def _written(page: Page, blocks: Blocks) -> SitePage:
    plan = blocks.plan
    event = page.name if page.name in plan.content.events else ""
    body = []
    for part in page.parts:
        if isinstance(part, Block):
            body.append(f"\n{blocks.block(part, event)}\n")
        else:
            body.append(plan.rewritten(part, page.lang))
    home = page.template == "home"
    lead = page.description if page.name != HOME else ""
    crumbs = _crumbs(blocks, NEWS if page.published else "")
    top = blocks.top(page.title, lead, crumbs, page.published)
    if home:
        top = blocks.home_top(page)
    url = plan.pages.alternatives(page.name)[page.lang]
    events = {event, page.event} - {""}
    return SitePage(
        name=page.name,
        lang=page.lang,
        title=page.title,
        description=page.description,
        url=url,
        alternatives=plan.pages.alternatives(page.name),
        top=top,
        body="".join(body),
        layout=page.template or "page",
        menu_name=NEWS if page.published else page.name,
        # A preview of an earlier day knows nothing of later ones.
        updated=min(page.updated, plan.today),
        review=page.review,
        structured=tuple(_event_data(name, blocks) for name in sorted(events)),
    )


def _event_data(event_id: str, blocks: Blocks) -> dict[str, object]:
    plan = blocks.plan
    event = plan.content.event(event_id, blocks.lang)
    page = blocks.event_view(event_id).page
    url = page.url if page else urls.site_root(blocks.lang, _main(plan))
    return event_data(event, plan.project(blocks.lang), plan.base_url + url)


def _form_page(form: FormDefinition, blocks: Blocks) -> SitePage:
    plan = blocks.plan
    section = urls.FORM_SEGMENT
    url = urls.form_page(form.id, form.lang, _main(plan))
    return SitePage(
        name=f"{section}/{form.id}",
        lang=form.lang,
        title=form.title,
        description=form.summary,
        url=url,
        alternatives=plan.pages.form_alternatives(form.id),
        top=blocks.form_top(form, _crumbs(blocks, section)),
        body=blocks.form_text(form),
        layout="form",
        menu_name=section,
        updated=min(form.dated, plan.today),
        review=form.review,
        structured=(
            service_data(
                form,
                blocks.project,
                plan.base_url + url,
                plan.base_url + urls.online_form(form.id, form.lang),
            ),
        ),
    )


def _search_page(blocks: Blocks) -> SitePage:
    plan, gettext = blocks.plan, blocks.translator.gettext
    pages = plan.pages.by_language[blocks.lang]
    project = plan.content.project
    order = [*project.nav, *(name for name in pages if name not in project.footer)]
    names = dict.fromkeys([*order, *project.footer])
    title, main = gettext("Find what you need"), _main(plan)
    url = urls.site_page(SEARCH, blocks.lang, main)
    listed = [
        PageLink(pages[name], urls.site_page(name, blocks.lang, main))
        for name in names
        if name in pages
    ]
    return SitePage(
        name=SEARCH,
        lang=blocks.lang,
        title=title,
        description=gettext("Search the site, or choose from all its forms and pages."),
        url=url,
        alternatives={
            lang: urls.site_page(SEARCH, lang, main) for lang in plan.content.projects
        },
        top=blocks.top(title, "", _crumbs(blocks)),
        body=blocks.search_text(url, ENGINE, listed),
        updated=min(max(page.updated for page in pages.values()), plan.today),
    )


def _error_page(status: str, blocks: Blocks) -> SitePage:
    plan, gettext = blocks.plan, blocks.translator.gettext
    title, text = (gettext(sentence) for sentence in SENTENCES[status])
    home = urls.site_root(blocks.lang, _main(plan))
    return SitePage(
        name=status,
        lang=blocks.lang,
        title=title,
        description=title,
        url=f"{home}{status}.html",
        alternatives={
            lang: urls.site_root(lang, _main(plan)) for lang in plan.content.projects
        },
        top=blocks.top(title, "", ()),
        body=blocks.draw(
            "missing",
            text=text,
            menu=plan.pages.menu(blocks.lang),
            home=home,
            search=urls.site_page(SEARCH, blocks.lang, _main(plan)),
        ),
        layout="lost",
    )


def _crumbs(blocks: Blocks, section: str = "") -> list[Link]:
    """Return the way from the first page to here."""
    plan = blocks.plan
    home = urls.site_root(blocks.lang, _main(plan))
    crumbs = [Link(blocks.translator.gettext("Home"), home)]
    if section in plan.pages.by_language[blocks.lang]:
        page = plan.pages.page(section, blocks.lang)
        crumbs.append(Link(page.title, plan.pages.alternatives(section)[blocks.lang]))
    return crumbs


def _main(plan: Plan) -> str:
    return plan.content.main_language
