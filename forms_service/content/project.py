"""The project: whose site this is, who pays, whom to ask, in which languages.

A value `TODO` is a fact that its owner still has to give: it is shown as missing
and refused in production. Nothing here is ever invented.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from ..definition.form import Text
from ..definition.review import Review

TODO = "TODO"
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
    problem_report: str
    """Where one says that the site does not work: a link as in pages, or empty."""


@dataclass(frozen=True, slots=True)
class HelpLine:
    """A number that answers people in danger."""

    number: str
    text: Text


@dataclass(frozen=True, slots=True)
class Safety:
    """What pages of forms with `safety: true` offer: help, and a quick way out."""

    leave_to: str
    numbers: tuple[HelpLine, ...]


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
    safety: Safety
    colours: dict[str, str]
    logo: str
    placeholder_assets: tuple[str, ...]
    livestream_hosts: tuple[str, ...]
    gone: tuple[str, ...]
    """Addresses of pages that were removed on purpose."""
    nav: tuple[str, ...]
    footer: tuple[str, ...]
    demonstration: Text
    allow_unreviewed: bool
    """Forms in languages that no person has checked may go into production."""
    review: Review
    drawings: Mapping[str, str] = field(default_factory=dict)
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
