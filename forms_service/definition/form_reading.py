"""From a form file and its translation to a `FormDefinition`.

The same code builds today's form and one published years ago: both are a document
(structure and main texts) and an overlay (texts of one language).
"""

from dataclasses import dataclass
from datetime import date

from .field_reading import UNVERIFIED, read_period, read_sections, read_when
from .fingerprint import fingerprint, text_hash
from .form import (
    Capacity,
    FormDefinition,
    Page,
    Paper,
    Privacy,
    Promotion,
    Texts,
)
from .problems import Problems
from .reading import Node, read_review
from .retention import Retention
from .strict_yaml import Tree

HOLD_HOURS = 72


@dataclass(frozen=True, slots=True)
class Source:
    """A form as it is written: id, document, and the overlay of one language.

    `country` is where a phone number without prefix belongs.
    """

    form_id: str
    document: Tree
    main_language: str
    languages: tuple[str, ...]
    lang: str
    overlay: Tree | None = None
    country: str = "it"


def read_form(
    source: Source, problems: Problems, overlay_problems: Problems
) -> FormDefinition:
    """Build the form; mistakes are added to the problems, so look there first."""
    translation = (
        None
        if source.overlay is None
        else Node(source.overlay, overlay_problems, source.lang)
    )
    root = Node(source.document, problems, source.main_language, "", translation)
    form = FormDefinition(
        id=source.form_id,
        lang=source.lang,
        main_language=source.main_language,
        languages=source.languages,
        version=root.word("version", required=True),
        dated=root.day("dated", required=True) or date.min,
        title=root.text("title", required=True),
        summary=root.text("summary", required=True),
        page=_page(root.node("page")),
        texts=_texts(root.node("texts")),
        privacy=_privacy(root.node("privacy")),
        paper=_paper(root.node("paper")),
        sections=read_sections(root),
        opens=root.day("opens"),
        closes=root.day("closes"),
        capacity=_capacity(root.node("capacity")) if root.has("capacity") else None,
        event=root.word("event") or None,
        remind_when=read_when(root, "remind_when"),
        tell_when=read_when(root, "tell_when"),
        call_when=read_when(root, "call_when"),
        contact_by_phone=_contact_by_phone(root),
        delicate=root.flag("delicate"),
        safety=root.flag("safety"),
        retired=_retired(root.node("retired")),
        fingerprint=fingerprint(source.document),
        text_hash=text_hash(source.document, source.overlay),
        review=read_review(translation),
        country=source.country,
    )
    root.done()
    return form


def _retired(node: Node) -> dict[str, str]:
    retired = {key: node.word(key, required=True) for key in node.keys()}
    node.done()
    return retired


def _contact_by_phone(root: Node) -> bool:
    contact = root.word("contact", "email")
    if contact not in ("email", "email_or_phone"):
        root.problem("contact", "write email or email_or_phone")
    return contact == "email_or_phone"


def _page(node: Node) -> Page:
    page = Page(
        what=node.text("what", required=True),
        who=node.text("who", required=True),
        needs=node.texts("needs"),
        gives=node.text("gives"),
        next=node.texts("next"),
        notes=node.texts("notes"),
    )
    node.done()
    return page


def _texts(node: Node) -> Texts:
    texts = Texts(
        receipt=node.text("receipt", required=True),
        accepted=node.text("accepted", required=True),
        declined=node.text("declined", required=True),
        not_open=node.text("not_open"),
        closed=node.text("closed"),
        waiting=node.text("waiting"),
    )
    node.done()
    return texts


def _privacy(node: Node) -> Privacy:
    privacy = Privacy(
        purposes=node.texts("purposes"),
        legal_basis=node.text("legal_basis", required=True),
        recipients=node.texts("recipients"),
        why_needed=node.text("why_needed", required=True),
        retention=_retention(node.node("retention")),
    )
    if not privacy.purposes:
        node.problem("purposes", "say at least one purpose")
    node.done()
    return privacy


def _retention(node: Node) -> Retention:
    retention = Retention(
        unverified=read_period(node, "unverified")
        if node.has("unverified")
        else UNVERIFIED,
        open=read_period(node, "open"),
        declined=read_period(node, "declined"),
        withdrawn=read_period(node, "withdrawn"),
        accepted=read_period(node, "accepted"),
    )
    node.done()
    return retention


def _paper(node: Node) -> Paper:
    paper = Paper(
        send_to=node.texts("send_to"),
        office_box=node.flag("office_box", True),
        signature=node.texts("signature"),
    )
    node.done()
    return paper


def _capacity(node: Node) -> Capacity:
    count = node.word("count", "rows")
    if count not in ("rows", "people"):
        node.problem("count", "write rows or people")
    capacity = Capacity(
        count_people=count == "people",
        limit=_limit_of_places(node),
        waiting_list=node.flag("waiting_list", True),
        place_hold=node.whole("place_hold", HOLD_HOURS, least=1),
        promotion=node.one_of("promotion", Promotion, Promotion.STAFF),
    )
    node.done()
    return capacity


def _limit_of_places(node: Node) -> int:
    if not node.has("limit"):
        node.problem("limit", "say how many fit")
    return node.whole("limit", least=1)


def stored_form(source: Source) -> FormDefinition:
    """Build a published form again; it was checked when it was published."""
    unheard = Problems(source.form_id)
    return read_form(source, unheard, unheard)
