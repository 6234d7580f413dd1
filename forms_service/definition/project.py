"""The project: whose site this is, who pays, whom to ask, in which languages.

A value `TODO` is a fact that its owner still has to give: it is shown as missing
and refused in production. Nothing here is ever invented.
"""

import re
from dataclasses import dataclass
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale, UnknownLocaleError

from .form import Text
from .reading import Node

TODO = "TODO"
_COLOUR = re.compile("#[0-9A-Fa-f]{6}")
COLOURS = {"primary": "#0066CC", "dark": "#003366", "light": "#F3F7FC"}


@dataclass(frozen=True, slots=True)
class Owner:
    """The public body or association that answers for everything."""

    name: Text
    full_name: Text
    url: str
    address: str
    tax_code: str
    logo: str


@dataclass(frozen=True, slots=True)
class Partner:
    """Who else takes part."""

    name: Text
    role: Text
    url: str
    logo: str


@dataclass(frozen=True, slots=True)
class Funding:
    """The sentence that every page, document and mail carries."""

    sentence: Text
    fund: Text
    emblem: str


@dataclass(frozen=True, slots=True)
class Contacts:
    """How to reach a person; each may be `TODO`."""

    email: str
    phone: str
    pec: str
    post: Text
    desk: Text


@dataclass(frozen=True, slots=True)
class HumanChannel:
    """The office where somebody speaks to people in their language."""

    name: Text
    text: Text
    url: str
    phone: str


@dataclass(frozen=True, slots=True)
class PrivacyContacts:
    """Controller, data protection officer and authority of the privacy notice."""

    controller: Text
    controller_contact: str
    dpo_contact: str
    complaint_name: Text
    complaint_url: str
    backups_days: int


@dataclass(frozen=True, slots=True)
class Legal:
    """Links that the law asks for in the footer; each may be `TODO`."""

    accessibility_statement: str
    accessibility_objectives: str
    transparency: str


@dataclass(frozen=True, slots=True)
class Project:
    """The project in one language."""

    lang: str
    name: Text
    full_name: Text
    tagline: Text
    country: str
    languages: tuple[str, ...]
    zone: ZoneInfo
    authorised_by: str
    owner: Owner
    partners: tuple[Partner, ...]
    funding: Funding
    contacts: Contacts
    human_channel: HumanChannel
    privacy: PrivacyContacts
    legal: Legal
    colours: dict[str, str]
    logo: str
    placeholder_assets: tuple[str, ...]
    livestream_hosts: tuple[str, ...]
    nav: tuple[str, ...]
    footer: tuple[str, ...]
    demonstration: Text

    @property
    def main_language(self) -> str:
        """The language shown without prefix, and the one that prevails."""
        return self.languages[0]

    @property
    def is_demonstration(self) -> bool:
        """True until the body that owns it has authorised it."""
        return not self.authorised_by


def read_project(node: Node) -> Project:
    """Build the project from its file; mistakes are added to the node's problems."""
    project = Project(
        lang=node.translation.lang if node.translation else node.lang,
        name=node.text("name", required=True),
        full_name=node.text("full_name", required=True),
        tagline=node.text("tagline"),
        country=node.word("country", required=True),
        languages=languages_of(node),
        zone=_zone(node),
        authorised_by=node.word("authorised_by"),
        owner=_owner(node.node("owner")),
        partners=tuple(_partner(part) for part in node.nodes("partners")),
        funding=_funding(node.node("funding")),
        contacts=_contacts(node.node("contacts")),
        human_channel=_human_channel(node.node("human_channel")),
        privacy=_privacy(node.node("privacy")),
        legal=_legal(node.node("legal")),
        colours=_colours(node.node("colours")),
        logo=node.word("logo", required=True),
        placeholder_assets=_words(node, "placeholder_assets"),
        livestream_hosts=_words(node, "livestream_hosts"),
        nav=_words(node, "nav"),
        footer=_words(node, "footer"),
        demonstration=node.text("demonstration", required=True),
    )
    node.done()
    return project


def languages_of(node: Node) -> tuple[str, ...]:
    """Return the languages; unknown ones and an empty list are mistakes."""
    languages = _words(node, "languages")
    for lang in languages:
        try:
            Locale.parse(lang)
        except (ValueError, UnknownLocaleError):
            node.problem("languages", f"“{lang}” is no language code (it, en, ar …)")
    if not languages:
        node.problem("languages", "list at least one language code: [it]")
    return languages or ("en",)


def _words(node: Node, key: str) -> tuple[str, ...]:
    value = node.raw(key)
    if value is None:
        return ()
    if not isinstance(value, list) or not all(isinstance(v, str) for v in value):
        node.problem(key, "write a list of words: [one, two]")
        return ()
    return tuple(value)


def _zone(node: Node) -> ZoneInfo:
    name = node.word("zone", required=True)
    try:
        return ZoneInfo(name)
    except (ValueError, ZoneInfoNotFoundError):
        node.problem("zone", f"“{name}” is no time zone: write one as Europe/Rome")
        return ZoneInfo("UTC")


def _url(node: Node, key: str, needed: bool = False) -> str:
    text = node.word(key, required=needed)
    if text not in ("", TODO):
        parts = urlsplit(text)
        if parts.scheme not in ("https", "http") or not parts.netloc:
            node.problem(key, f"write a whole link (https://…), or {TODO}")
    return text


def _owner(node: Node) -> Owner:
    owner = Owner(
        name=node.text("name", required=True),
        full_name=node.text("full_name"),
        url=_url(node, "url"),
        address=node.word("address", TODO),
        tax_code=node.word("tax_code", TODO),
        logo=node.word("logo"),
    )
    node.done()
    return owner


def _partner(node: Node) -> Partner:
    partner = Partner(
        name=node.text("name", required=True),
        role=node.text("role"),
        url=_url(node, "url"),
        logo=node.word("logo"),
    )
    node.done()
    return partner


def _funding(node: Node) -> Funding:
    funding = Funding(node.text("sentence"), node.text("fund"), node.word("emblem"))
    node.done()
    return funding


def _contacts(node: Node) -> Contacts:
    contacts = Contacts(
        email=node.word("email", TODO),
        phone=node.word("phone", TODO),
        pec=node.word("pec"),
        post=node.text("post"),
        desk=node.text("desk"),
    )
    node.done()
    return contacts


def _human_channel(node: Node) -> HumanChannel:
    channel = HumanChannel(
        name=node.text("name"),
        text=node.text("text"),
        url=_url(node, "url"),
        phone=node.word("phone"),
    )
    node.done()
    return channel


def _privacy(node: Node) -> PrivacyContacts:
    complaint = node.node("complaint")
    privacy = PrivacyContacts(
        controller=node.text("controller", required=True),
        controller_contact=node.word("controller_contact", TODO),
        dpo_contact=node.word("dpo_contact", TODO),
        complaint_name=complaint.text("name"),
        complaint_url=_url(complaint, "url"),
        backups_days=node.whole("backups_days", 30, least=1),
    )
    complaint.done()
    node.done()
    return privacy


def _legal(node: Node) -> Legal:
    legal = Legal(
        accessibility_statement=_url(node, "accessibility_statement"),
        accessibility_objectives=_url(node, "accessibility_objectives"),
        transparency=_url(node, "transparency"),
    )
    node.done()
    return legal


def _colours(node: Node) -> dict[str, str]:
    colours = {name: node.word(name, usual) for name, usual in COLOURS.items()}
    for name, colour in colours.items():
        if not _COLOUR.fullmatch(colour):
            node.problem(name, "write a colour as #0066CC, in quotes")
    node.done()
    return colours
