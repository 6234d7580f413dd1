"""The project: whose site this is, who pays, whom to ask, in which languages.

A value `TODO` is a fact that its owner still has to give: it is shown as missing
and refused in production. Nothing here is ever invented.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import localedata

from ..definition.contact import COUNTRIES
from ..definition.texts import Key, Needed, NeededWord, Review, Text
from ..urls import SERVICE_PREFIXES
from .contrast import unreadable
from .formats import TextFormat, whole_link
from .node import Node, read_review
from .reading import read_record

TODO = "TODO"
COLOURS = {"primary": "#0066CC", "dark": "#003366", "light": "#F3F7FC"}
_LANGUAGE = re.compile("[a-z]{2,3}")
_ADDRESS = re.compile(r"(?:/[\w.-]+)+/?", re.ASCII)
_HOST = re.compile(r"[a-z0-9-]+(?:\.[a-z0-9-]+)+")
_COLOUR = TextFormat("#[0-9A-Fa-f]{6}", "write a colour as #0066CC, in quotes")


def languages_of(node: Node, key: str = "languages") -> tuple[str, ...]:
    """Return the languages; unknown ones and an empty list are mistakes."""
    languages = node.words(key, required=True)
    for lang in languages:
        if not _LANGUAGE.fullmatch(lang) or not localedata.exists(lang):
            node.problem(key, f"“{lang}” is no language code (it, en, ar …)")
    if len(set(languages)) < len(languages):
        node.problem(key, "a language is there twice")
    return languages or ("en",)


def _country(node: Node, key: str) -> str:
    code = node.word(key, required=True)
    if code and code not in COUNTRIES:
        node.problem(key, f"“{code}” is no country code (it, de, ch …)")
    return code if code in COUNTRIES else "it"


def _zone(node: Node, key: str) -> ZoneInfo:
    name = node.word(key, required=True)
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        node.problem(key, f"“{name}” is no time zone: write one as Europe/Rome")
        return ZoneInfo("UTC")


def _gone(node: Node, key: str) -> tuple[str, ...]:
    paths = node.words(key)
    for path in paths:
        served = f"{path}/".startswith(
            tuple(f"{prefix}/" for prefix in SERVICE_PREFIXES)
        )
        if not _ADDRESS.fullmatch(path) or served:
            node.problem(key, f"“{path}”: write an address of the site, /so/")
    return paths


def _hosts(node: Node, key: str) -> tuple[str, ...]:
    hosts = node.words(key)
    for host in hosts:
        if not _HOST.fullmatch(host):
            node.problem(key, f"“{host}”: write a host alone, video.example.org")
    return hosts


def _url(node: Node, key: str) -> str:
    text = node.word(key)
    if text not in ("", TODO):
        if whole_link(text) is None:
            node.problem(key, f"write a whole link (https://…), or {TODO}")
    return text


def _written(
    pattern: str, advice: str, default: str = "", required: bool = False
) -> Callable[[Node, str], str]:
    """Return a reader of a word that is written so, still to be given, or absent."""

    def read(node: Node, key: str) -> str:
        text = node.word(key, default, required)
        if text not in ("", TODO) and not re.fullmatch(pattern, text):
            node.problem(key, f"{advice}, or {TODO}")
        return text

    return read


def _colours(parent: Node, key: str) -> dict[str, str]:
    node = parent.node(key)
    colours = {
        name: node.word(name, usual, written=_COLOUR) for name, usual in COLOURS.items()
    }
    node.done()
    if all(map(_COLOUR.fits, colours.values())):
        for name, advice in unreadable(colours):
            node.problem(name, advice)
    return colours


def _mailboxes(node: Node, key: str) -> tuple[str, ...]:
    mailboxes = node.words(key)
    for mailbox in mailboxes:
        if not re.fullmatch(_MAILBOX[0], mailbox):
            node.problem(key, f"“{mailbox}”: {_MAILBOX[1]}")
    return mailboxes


Fact = Annotated[str, Key(default=TODO)]
_MAILBOX = r"[^\s@<>,;:]+@[^\s@<>,;:]+\.\w{2,}", "write an email address, a@example.org"
_REPORT = rf"{_MAILBOX[0]}|https://\S+", "write an email address, or a link, https://…"
_NUMBER = r"\+?[0-9][0-9 ./()-]*", "write a phone number, +39 0564 123456"
Url = Annotated[str, Key(read=_url)]


@dataclass(frozen=True, slots=True)
class Owner:
    """The public body or association that answers for everything."""

    name: Needed
    full_name: Text
    url: Url
    address: Fact
    tax_code: Fact
    logo: str


@dataclass(frozen=True, slots=True)
class Partner:
    """Who else takes part."""

    name: Needed
    role: Text
    url: Url
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

    email: Annotated[str, Key(read=_written(*_MAILBOX, TODO))]
    phone: Annotated[str, Key(read=_written(*_NUMBER, TODO))]
    pec: Annotated[str, Key(read=_written(*_MAILBOX))]
    post: Text
    desk: Text


@dataclass(frozen=True, slots=True)
class HumanChannel:
    """The office where somebody speaks to people in their language."""

    name: Text
    text: Text
    url: Url
    phone: Annotated[str, Key(read=_written(*_NUMBER))]


@dataclass(frozen=True, slots=True)
class Authority:
    """To whom one may complain."""

    name: Text
    url: Url


@dataclass(frozen=True, slots=True)
class PrivacyContacts:
    """Controller, data protection officer and authority of the privacy notice."""

    controller: Needed
    controller_contact: Fact
    dpo_contact: Fact
    complaint: Authority
    backups_days: Annotated[int, Key(default=30, least=1)]


@dataclass(frozen=True, slots=True)
class Legal:
    """Links that the law asks for in the footer; each may be `TODO`."""

    accessibility_statement: Url
    accessibility_objectives: Url
    transparency: Url
    problem_report: str
    """Where one says that the site does not work: a link as in pages, or empty."""


@dataclass(frozen=True, slots=True)
class HelpLine:
    """A number that answers people in danger."""

    number: Annotated[str, Key(read=_written(*_NUMBER, required=True))]
    text: Text


@dataclass(frozen=True, slots=True)
class Safety:
    """What pages of forms with `safety: true` offer: help, and a quick way out."""

    leave_to: Url
    numbers: tuple[HelpLine, ...]


@dataclass(frozen=True, slots=True)
class Project:
    """The project in one language."""

    lang: str
    name: Needed
    full_name: Needed
    tagline: Text
    country: Annotated[str, Key(read=_country)]
    languages: Annotated[tuple[str, ...], Key(read=languages_of)]
    zone: Annotated[ZoneInfo, Key(read=_zone)]
    authorised_by: str
    owner: Owner
    partners: tuple[Partner, ...]
    funding: Funding
    contacts: Contacts
    human_channel: HumanChannel
    privacy: PrivacyContacts
    legal: Legal
    safety: Safety
    colours: Annotated[dict[str, str], Key(read=_colours)]
    logo: NeededWord
    placeholder_assets: tuple[str, ...]
    livestream_hosts: Annotated[tuple[str, ...], Key(read=_hosts)]
    gone: Annotated[tuple[str, ...], Key(read=_gone)]
    """Addresses of pages that were removed on purpose."""
    alarms_to: Annotated[tuple[str, ...], Key(read=_mailboxes)]
    """Who is mailed when the service needs attention; empty: all staff."""
    security_contact: Annotated[str, Key(read=_written(*_REPORT))]
    """Whom to tell of a weakness; empty: no security.txt says so."""
    decision_delay: Annotated[int, Key("minutes to take a decision back", default=5)]
    nav: tuple[str, ...]
    footer: tuple[str, ...]
    demonstration: Needed
    allow_unreviewed: bool
    """Forms in languages that no person has checked may go into production."""
    review: Review
    drawings: Mapping[str, str]
    """The small ones among its pictures, as addresses that hold the drawing."""

    def picture(self, name: str) -> str:
        """Return the address of one of its pictures; of none, nothing."""
        return self.drawings.get(name, name and f"/{name}")

    @property
    def pictures(self) -> dict[str, str]:
        """The pictures of header and footer, by where project.yml names them."""
        named = {
            "logo": self.logo,
            "owner.logo": self.owner.logo,
            "funding.emblem": self.funding.emblem,
        }
        for index, partner in enumerate(self.partners):
            named[f"partners[{index}].logo"] = partner.logo
        return named

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
    return read_record(
        Project,
        node,
        lang=node.translation.lang if node.translation else node.lang,
        review=read_review(node.translation),
        drawings={},
    )
