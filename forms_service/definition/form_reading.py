"""From a form file and its translation to a `FormDefinition`.

The same code builds today's form and one published years ago: both are a document
(structure and main texts) and an overlay (texts of one language).
"""

from dataclasses import dataclass
from datetime import date

from .conditions import Condition, ConditionError
from .conditions import read as read_condition
from .fingerprint import fingerprint, text_hash
from .form import (
    TODAY,
    Bound,
    Capacity,
    Choice,
    Field,
    FormDefinition,
    Limits,
    Page,
    Paper,
    Place,
    Privacy,
    Promotion,
    Role,
    Section,
    Texts,
)
from .problems import Problems, suggestion
from .reading import Node, as_day
from .retention import Anchor, Period, Retention, Unit
from .strict_yaml import Tree
from .types import TYPES

HOLD_HOURS = 72
UNVERIFIED = Period(30, Unit.DAYS, Anchor.SENDING)


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
    sections = _sections(root)
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
        sections=sections,
        opens=root.day("opens"),
        closes=root.day("closes"),
        capacity=_capacity(root.node("capacity")) if root.has("capacity") else None,
        event=root.word("event") or None,
        contact_by_phone=_contact_by_phone(root),
        delicate=root.flag("delicate"),
        retired=_retired(root.node("retired")),
        fingerprint=fingerprint(source.document),
        text_hash=text_hash(source.document, source.overlay),
        reviewed_by=translation.word("reviewed_by") if translation else "",
        reviewed_on=translation.day("reviewed_on") if translation else None,
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
        unverified=_period(node, "unverified")
        if node.has("unverified")
        else UNVERIFIED,
        open=_period(node, "open"),
        declined=_period(node, "declined"),
        withdrawn=_period(node, "withdrawn"),
        accepted=_period(node, "accepted"),
    )
    node.done()
    return retention


def _period(node: Node, key: str) -> Period:
    if not node.has(key):
        node.problem(key, "say how long: {months: 6, after: decision}")
        return UNVERIFIED
    part = node.node(key)
    written = [unit for unit in Unit if part.has(unit)]
    if len(written) != 1:
        part.problem("", "write exactly one of days, months, years")
        return UNVERIFIED
    unit = written[0]
    period = Period(
        part.whole(unit, 1, least=1), unit, part.one_of("after", Anchor, Anchor.SENDING)
    )
    part.done()
    return period


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
        limit=node.whole("limit", least=1),
        waiting_list=node.flag("waiting_list", True),
        place_hold=node.whole("place_hold", HOLD_HOURS, least=1),
        promotion=node.one_of("promotion", Promotion, Promotion.STAFF),
    )
    node.done()
    return capacity


def _sections(root: Node) -> tuple[Section, ...]:
    other = root.translation
    section_words = other.node("sections") if other else None
    field_words = other.node("fields") if other else None
    sections = []
    for node in root.named("sections", section_words):
        fields = tuple(_field(item) for item in node.named("fields", field_words))
        sections.append(
            Section(
                id=node.word("id", required=True),
                title=node.text("title", required=True),
                intro=node.text("intro"),
                fields=fields,
            )
        )
        node.done()
    for words in (section_words, field_words):
        if words:
            words.done()
    if not sections:
        root.problem("sections", "a form needs at least one section with a field")
    return tuple(sections)


def _field(node: Node) -> Field:
    kind = node.word("type", required=True)
    if kind and kind not in TYPES:
        node.problem("type", f"unknown “{kind}”{suggestion(kind, TYPES)}")
    choices = node.node("choices")
    field = Field(
        id=node.word("id", required=True),
        type=kind if kind in TYPES else "text",
        label=node.text("label", required=kind != "static"),
        hint=node.text("hint"),
        error=node.text("error"),
        text=node.text("text"),
        purpose=node.text("purpose"),
        required=node.flag("required"),
        role=_role(node),
        choices=tuple(
            Choice(key, choices.text(key, required=True)) for key in choices.keys()
        ),
        when=_when(node),
        places=_places(node),
        autocomplete=node.word("autocomplete"),
        limits=_limits(node),
        filterable=node.flag("filterable"),
        erase_after=_period(node, "erase_after") if node.has("erase_after") else None,
        version=node.word("version"),
    )
    choices.done()
    node.done()
    return field


def _role(node: Node) -> Role | None:
    return (
        node.one_of("role", Role, Role.NAME) if node.has("role") else node.raw("role")
    )


def _when(node: Node) -> Condition | None:
    raw = node.raw("when")
    if raw is None:
        return None
    try:
        return read_condition(raw)
    except ConditionError as error:
        node.problem("when", str(error))
        return None


def _places(node: Node) -> frozenset[Place]:
    raw = node.raw("in")
    if raw is None:
        return frozenset(Place)
    names = raw if isinstance(raw, list) else [raw]
    for name in names:
        if name not in list(Place):
            node.problem("in", f"unknown “{name}”{suggestion(str(name), list(Place))}")
    return frozenset(place for place in Place if place.value in names)


def _limits(node: Node) -> Limits:
    part = node.node("limits")
    limits = Limits(*(_limit(part, key) for key in ("min", "max")))
    part.done()
    return limits


def _limit(node: Node, key: str) -> Bound:
    value = node.raw(key)
    if value is None or type(value) is int:
        return value
    if value == TODAY:
        return TODAY
    day = as_day(value)
    if day is None:
        node.problem(key, "write a whole number, a date as 2020-07-01, or today")
    return day


def stored_form(source: Source) -> FormDefinition:
    """Build a published form again; it was checked when it was published."""
    unheard = Problems(source.form_id)
    return read_form(source, unheard, unheard)
