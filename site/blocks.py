"""The blocks of a page that are made from the definition: HTML in one language.

Blocks of Markdown pages (`[[forms]]`), the tops of pages and the text of form pages.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from jinja2 import BytecodeCache, Environment
from jinja2.bccache import Bucket
from markupsafe import Markup

import template_data
from event_view import EventNews, EventView, event_news, event_view
from form_status import form_status
from forms_service import urls
from forms_service.content import Content, Project
from forms_service.content.pages import (
    NEWS,
    Block,
    Destination,
    Link,
    Page,
    UnknownLink,
)
from forms_service.definition import FormDefinition
from forms_service.i18n import Translator
from forms_service.shapes import chrome
from forms_service.shapes.chrome import marked, marked_contacts, verbatim
from forms_service.shapes.sentences import known
from forms_service.shapes.templating import template_environment
from plan import Plan
from template_data import CardView, PageLink, PdfLink

# So many news stand on the first page.
NEWEST = 3
TEMPLATES = Path(__file__).with_name("templates")


class _Compiled(BytecodeCache):
    """Templates as code, for all languages: compiling takes longer than drawing."""

    def __init__(self) -> None:
        self._known: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give back what was compiled from the same text."""
        if code := self._known.get(f"{bucket.key} {bucket.checksum}"):
            bucket.bytecode_from_string(code)

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Keep what was compiled."""
        known = f"{bucket.key} {bucket.checksum}"
        self._known[known] = bucket.bytecode_to_string()


_COMPILED = _Compiled()


@dataclass(frozen=True, slots=True)
class Blocks:
    """Draw parts for pages in one language."""

    plan: Plan
    lang: str
    translator: Translator
    templates: Environment

    @classmethod
    def of(cls, plan: Plan, lang: str) -> "Blocks":
        """Set up the templates for a language."""
        translator = plan.translator(lang)
        templates = template_environment(TEMPLATES, bytecode_cache=_COMPILED)
        templates.globals.update(
            _=translator.gettext,
            lang=lang,
            base_url=plan.base_url,
            project=plan.project(lang),
            marked=marked,
            translator=translator,
            way_out=chrome.way_out,
            help_box=chrome.help_box,
        )
        templates.filters["verbatim"] = verbatim
        return cls(plan, lang, translator, templates)

    @property
    def content(self) -> Content:
        """The content of this build."""
        return self.plan.content

    @property
    def project(self) -> Project:
        """The project in this language."""
        return self.plan.project(self.lang)

    def draw(self, template: str, **values: object) -> Markup:
        """Fill a template of this folder."""
        html = self.templates.get_template(f"{template}.html").render(**values)
        return Markup(html)  # noqa: S704 - the template escapes what it is given

    def block(self, block: Block, own_event: str = "") -> Markup:
        """Draw a block; `own_event` is the event whose page this is."""
        match block.name:
            case "forms":
                rows = [self._row(form_id) for form_id in self.content.forms]
                return Markup('<ul class="rows">{}</ul>').format(
                    Markup("").join(Markup("<li>{}</li>").format(r) for r in rows)
                )
            case "form":
                return Markup('<div class="rows">{}</div>').format(
                    self._row(block.argument)
                )
            case "event":
                return self.event_card(block.argument, own_event == block.argument)
            case "programme":
                event = self.content.event(block.argument, self.lang)
                return self.draw("programme", event=event)
            case "events:past":
                return self.draw("past", events=self._past())
            case "news":
                return self._draw_news(self._news(), self._event_news())
        values = template_data.of_block(
            block.name, self.plan, self.lang, self.translator
        )
        return self.draw(block.name, **values)

    def top(
        self,
        title: str,
        lead: str,
        crumbs: Sequence[Link],
        published: date | None = None,
    ) -> Markup:
        """Draw the top of an ordinary page; news say their day."""
        return self.draw(
            "head",
            title=title,
            lead=lead,
            crumbs=crumbs,
            form=None,
            published=published,
            day=published and self.translator.format_date(published),
        )

    def form_top(self, form: FormDefinition, crumbs: Sequence[Link]) -> Markup:
        """Draw the top of a form's page: state, title and the ways in."""
        return self.draw(
            "head",
            title=form.title,
            lead=form.summary,
            crumbs=crumbs,
            form=form,
            published=None,
            **self._access(form),
        )

    def form_text(self, form: FormDefinition) -> str:
        """Write the text of a form's page: headings in Markdown, the rest HTML."""
        project = self.project
        privacy = None
        if "privacy" in project.footer:
            privacy = self.plan.pages.destination("privacy.md", self.lang)
        return self.draw(
            "form",
            form=form,
            dates=template_data.dates(form, self.translator),
            ways=[
                marked_contacts(w, project, self.translator) for w in form.paper.send_to
            ],
            phone=known(project.contacts.phone, self.translator),
            privacy=privacy,
            dated=self.translator.format_date(form.dated),
            **template_data.contacts(self.project, self.translator),
            **self._access(form),
        )

    def search_text(self, url: str, engine: str, pages: Sequence[PageLink]) -> str:
        """Write the search page: the box for scripts, the lists for everybody."""
        gettext = self.translator.gettext
        words = {
            "some": gettext("Pages found: {n}", n="{n}"),
            "none": gettext("We found nothing. Try another word, or look at the list."),
            "broken": gettext("The search does not work now. The list below does."),
        }
        return self.draw(
            "search",
            url=url,
            engine=engine,
            translator=json.dumps(words, ensure_ascii=False),
            forms=self.block(Block("forms")),
            pages=pages,
        )

    def home_top(self, page: Page) -> Markup:
        """Draw the top of the first page: hero, event, large links, newest news."""
        # The card of the event says it already.
        events = [news for news in self._event_news() if news.page.name != page.event]
        news = self._news()[:NEWEST]
        return self.draw(
            "home",
            hero=page.hero,
            to=lambda link: self.plan.pages.destination(
                self.plan.offered(link), self.lang
            ),
            event_card=self.event_card(page.event, False) if page.event else "",
            cards=[self._card(c.title, c.text, c.to) for c in page.cards],
            news=self._draw_news(news, events) if news or events else "",
            all_news=self._news_page(),
        )

    def event_card(self, event_id: str, own_page: bool) -> Markup:
        """Draw an event as it stands now: before, live or after."""
        return self.draw("event", event=self.event_view(event_id), own_page=own_page)

    def event_view(self, event_id: str) -> EventView:
        """Return what is to be said about an event now."""
        return event_view(
            self.content.event(event_id, self.lang), self.plan, self.translator
        )

    def _access(self, form: FormDefinition) -> dict[str, object]:
        pdf = self.plan.pdfs.get((form.id, form.lang))
        pdf_link = pdf and PdfLink(
            urls.form_pdf(form.id, form.lang), self.translator.format_size(len(pdf))
        )
        return {
            "status": form_status(form, self.plan, self.translator),
            "online": urls.online_form(form.id, form.lang),
            "pdf": pdf_link,
        }

    def _row(self, form_id: str) -> Markup:
        there = self.plan.pages.destination(f"form:{form_id}", self.lang)
        form = self.content.form(form_id, there.lang)
        return self.draw(
            "row",
            form=form,
            there=there,
            status=form_status(form, self.plan, self.translator),
            language=self.plan.translator(there.lang).own_name,
        )

    def _card(self, title: str, text: str, to: str) -> CardView:
        there = self.plan.pages.destination(self.plan.offered(to), self.lang)
        scheme, _, name = to.partition(":")
        status = None
        if scheme in ("form", "service"):
            form = self.content.form(name, there.lang)
            status = form_status(form, self.plan, self.translator)
        return CardView(title, text, there, status)

    def _news(self) -> list[PageLink]:
        pages = self.plan.pages
        return [
            PageLink(
                page,
                pages.alternatives(page.name)[self.lang],
                self.translator.format_date(page.published or page.updated),
            )
            for page in pages.news(self.lang)
        ]

    def _event_news(self) -> list[EventNews]:
        return event_news(self.plan, self.lang)

    def _draw_news(
        self, news: Sequence[PageLink], events: Sequence[EventNews]
    ) -> Markup:
        return self.draw("news", news=news, events=events)

    def _news_page(self) -> Destination | None:
        try:
            return self.plan.pages.destination(f"{NEWS}.md", self.lang)
        except UnknownLink:
            return None

    def _past(self) -> list[EventView]:
        views = [self.event_view(event_id) for event_id in self.content.events]
        past = [event for event in views if event.moment == "after"]
        return sorted(past, key=lambda event: event.iso, reverse=True)
