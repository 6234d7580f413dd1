"""From project.yml and its translation to a `Project`, with every mistake told."""

import re
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import localedata

from ..definition.contact import COUNTRIES
from ..urls import SERVICE_PREFIXES
from .contrast import unreadable
from .formats import TextFormat, whole_link
from .node import Node, read_review
from .project import (
    COLOURS,
    TODO,
    Contacts,
    Funding,
    HelpLine,
    HumanChannel,
    Legal,
    Owner,
    Partner,
    PrivacyContacts,
    Project,
    Safety,
)

_LANGUAGE = re.compile("[a-z]{2,3}")
_ADDRESS = re.compile(r"(?:/[\w.-]+)+/?", re.ASCII)
_COLOUR = TextFormat("#[0-9A-Fa-f]{6}", "write a colour as #0066CC, in quotes")


def read_project(node: Node) -> Project:
    """Build the project from its file; mistakes are added to the node's problems."""
    project = Project(
        lang=node.translation.lang if node.translation else node.lang,
        name=node.text("name", required=True),
        full_name=node.text("full_name", required=True),
        tagline=node.text("tagline"),
        country=_country(node),
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
        safety=_safety(node.node("safety")),
        colours=_colours(node.node("colours")),
        logo=node.word("logo", required=True),
        placeholder_assets=node.words("placeholder_assets"),
        livestream_hosts=node.words("livestream_hosts"),
        gone=_gone(node),
        nav=node.words("nav"),
        footer=node.words("footer"),
        demonstration=node.text("demonstration", required=True),
        allow_unreviewed=node.flag("allow_unreviewed"),
        review=read_review(node.translation),
    )
    node.done()
    return project


def languages_of(node: Node) -> tuple[str, ...]:
    """Return the languages; unknown ones and an empty list are mistakes."""
    languages = node.words("languages", required=True)
    for lang in languages:
        if not _LANGUAGE.fullmatch(lang) or not localedata.exists(lang):
            node.problem("languages", f"“{lang}” is no language code (it, en, ar …)")
    if len(set(languages)) < len(languages):
        node.problem("languages", "a language is there twice")
    return languages or ("en",)


def _gone(node: Node) -> tuple[str, ...]:
    paths = node.words("gone")
    for path in paths:
        served = f"{path}/".startswith(
            tuple(f"{prefix}/" for prefix in SERVICE_PREFIXES)
        )
        if not _ADDRESS.fullmatch(path) or served:
            node.problem("gone", f"“{path}”: write an address of the site, /so/")
    return paths


def _country(node: Node) -> str:
    code = node.word("country", required=True)
    if code and code not in COUNTRIES:
        node.problem("country", f"“{code}” is no country code (it, de, ch …)")
    return code if code in COUNTRIES else "it"


def _zone(node: Node) -> ZoneInfo:
    name = node.word("zone", required=True)
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        node.problem("zone", f"“{name}” is no time zone: write one as Europe/Rome")
        return ZoneInfo("UTC")


def _url(node: Node, key: str, needed: bool = False) -> str:
    text = node.word(key, required=needed)
    if text not in ("", TODO):
        if whole_link(text) is None:
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
        problem_report=node.word("problem_report"),
    )
    node.done()
    return legal


def _safety(node: Node) -> Safety:
    safety = Safety(
        leave_to=_url(node, "leave_to"),
        numbers=tuple(_help_line(line) for line in node.nodes("numbers")),
    )
    node.done()
    return safety


def _help_line(node: Node) -> HelpLine:
    line = HelpLine(node.word("number", required=True), node.text("text"))
    node.done()
    return line


def _colours(node: Node) -> dict[str, str]:
    colours = {
        name: node.word(name, usual, written=_COLOUR) for name, usual in COLOURS.items()
    }
    node.done()
    if all(map(_COLOUR.fits, colours.values())):
        for name, advice in unreadable(colours):
            node.problem(name, advice)
    return colours
