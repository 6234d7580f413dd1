"""The parts of a page that are made from the definition: HTML in one language.

Blocks of Markdown pages (`[[forms]]`), the tops of pages and the text of form pages.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from doors import Door, door
from forms_service import addresses
from forms_service.definition import TODO, Content, FormDefinition
from forms_service.definition.pages import Block, Destination, Link, Page
from forms_service.shapes.chrome import marked
from forms_service.shapes.notice import full_notice
from forms_service.shapes.sentences import known, with_contacts
from forms_service.words import Words
from happenings import EventView, view
from plan import Plan

TEMPLATES = Path(__file__).with_name("templates")


class Paper(NamedTuple):
    """A PDF to download."""

    address: str
    size: str


class Listed(NamedTuple):
    """A page and where it is."""

    page: Page
    address: str

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
    opening: Door | None


@dataclass(frozen=True, slots=True)
class Parts:
    """Draw parts for pages in one language."""

    plan: Plan
    lang: str
    words: Words
    templates: Environment

    @classmethod
    def of(cls, plan: Plan, lang: str) -> "Parts":
        """Set up the templates for a language."""
        words = plan.words(lang)
        templates = Environment(
            loader=FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        templates.globals.update(
            say=words.say,
            lang=lang,
            project=plan.project(lang),
            marked=marked,
        )
        return cls(plan, lang, words, templates)

    @property
    def content(self) -> Content:
        """The content of this build."""
        return self.plan.content

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
            case "notices":
                return self.draw("notices", notices=self._notices())
            case "partners":
                project = self.plan.project(self.lang)
                bodies = [
                    _Body(project.owner.name, "", project.owner.url, project.owner.logo)
                ]
                bodies += [
                    _Body(p.name, p.role, p.url, p.logo) for p in project.partners
                ]
                return self.draw("partners", bodies=bodies)
            case "contacts":
                return self.draw("contacts", **self._contacts())
        return self.draw(block.name)

    def top(self, title: str, lead: str, crumbs: Sequence[Link]) -> Markup:
        """Draw the top of an ordinary page."""
        return self.draw("head", title=title, lead=lead, crumbs=crumbs, form=None)

    def form_top(self, form: FormDefinition, crumbs: Sequence[Link]) -> Markup:
        """Draw the top of a form's page: state, title and the ways in."""
        return self.draw(
            "head",
            title=form.title,
            lead=form.summary,
            crumbs=crumbs,
            form=form,
            **self._access(form),
        )

    def form_text(self, form: FormDefinition) -> str:
        """Write the text of a form's page: headings in Markdown, the rest HTML."""
        project = self.plan.project(self.lang)
        privacy = None
        if "privacy" in project.footer:
            privacy = self.plan.pages.destination("privacy.md", self.lang)
        return self.draw(
            "form",
            form=form,
            dates=self._dates(form),
            ways=[with_contacts(w, project, self.words) for w in form.paper.send_to],
            phone=known(project.contacts.phone, self.words),
            privacy=privacy,
            dated=self.words.day(form.dated),
            **self._contacts(),
            **self._access(form),
        )

    def search_text(self, address: str, engine: str, pages: Sequence[Listed]) -> str:
        """Write the search page: the box for scripts, the lists for everybody."""
        say = self.words.say
        words = {
            "some": say("Pages found: {n}", n="{n}"),
            "none": say("We found nothing. Try another word, or look at the list."),
            "broken": say("The search does not work now. The list below does."),
        }
        return self.draw(
            "search",
            address=address,
            engine=engine,
            words=json.dumps(words, ensure_ascii=False),
            forms=self.block(Block("forms")),
            pages=pages,
        )

    def home_top(self, page: Page) -> Markup:
        """Draw the top of the first page: hero, event, large links."""
        return self.draw(
            "home",
            hero=page.hero,
            to=lambda link: self.plan.pages.destination(link, self.lang),
            event_card=self.event_card(page.event, False) if page.event else "",
            cards=[self._card(c.title, c.text, c.to) for c in page.cards],
        )

    def event_card(self, event_id: str, own_page: bool) -> Markup:
        """Draw an event as it stands now: before, live or after."""
        return self.draw("event", event=self.event_view(event_id), own_page=own_page)

    def event_view(self, event_id: str) -> EventView:
        """Return what is to be said about an event now."""
        return view(self.content.event(event_id, self.lang), self.plan, self.words)

    def _access(self, form: FormDefinition) -> dict[str, object]:
        pdf = self.plan.papers.get((form.id, form.lang))
        paper = pdf and Paper(
            addresses.form_pdf(form.id, form.lang), self.words.size(len(pdf))
        )
        return {
            "opening": door(form, self.plan, self.words),
            "online": addresses.online_form(form.id, form.lang),
            "paper": paper,
        }

    def _contacts(self) -> dict[str, object]:
        """Return the contacts that are known, and the names of those that are not."""
        project, say = self.plan.project(self.lang), self.words.say
        owner, given = project.owner, project.contacts
        contacts = [
            (say("Body"), "", owner.full_name or owner.name),
            (say("Address"), say("address"), owner.address),
            (say("Phone"), say("phone"), given.phone),
            (say("Email"), say("email"), given.email),
            (
                say("Certified email (PEC)"),
                say("certified email (PEC)"),
                given.pec,
            ),
            (say("By post"), say("postal address"), given.post),
            (say("In person"), say("opening hours of the desk"), given.desk),
        ]
        return {
            "contacts": [(t, v) for t, _, v in contacts if v not in ("", TODO)],
            "missing": [name for _, name, value in contacts if value == TODO],
        }

    def _dates(self, form: FormDefinition) -> list[tuple[str, str]]:
        say, day = self.words.say, self.words.day
        opens, closes = say("not decided yet"), say("no closing date")
        if form.opens:
            opens = day(form.opens, weekday=True)
        if form.closes:
            closes = say("end of {day}", day=day(form.closes, weekday=True))
        dates = [(say("Opens"), opens), (say("Closes"), closes)]
        if form.capacity:
            dates.append((say("Places"), self.words.number(form.capacity.limit)))
        return dates

    def _row(self, form_id: str) -> Markup:
        there = self.plan.pages.destination(f"form:{form_id}", self.lang)
        form = self.content.form(form_id, there.lang)
        return self.draw(
            "row",
            form=form,
            there=there,
            opening=door(form, self.plan, self.words),
            language=self.plan.words(there.lang).own_name,
        )

    def _card(self, title: str, text: str, to: str) -> CardView:
        there = self.plan.pages.destination(to, self.lang)
        scheme, _, name = to.partition(":")
        sign = None
        if scheme in ("form", "service"):
            form = self.content.form(name, there.lang)
            sign = door(form, self.plan, self.words)
        return CardView(title, text, there, sign)

    def _past(self) -> list[EventView]:
        views = [self.event_view(event_id) for event_id in self.content.events]
        past = [event for event in views if event.moment == "after"]
        return sorted(past, key=lambda event: event.iso, reverse=True)

    def _notices(self) -> list[tuple[FormDefinition, object]]:
        project = self.plan.project(self.lang)
        found: list[tuple[FormDefinition, object]] = []
        for languages in self.content.forms.values():
            form = languages.get(self.lang) or languages[self.content.main_language]
            found.append((form, full_notice(form, project, self.words)))
        return found


class _Body(NamedTuple):
    name: str
    role: str
    url: str
    logo: str
