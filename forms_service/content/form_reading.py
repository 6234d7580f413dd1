"""From a form file and its translation to a `FormDefinition`.

The same code builds today's form and one published years ago: both are a document
(structure and main texts) and an overlay (texts of one language).
"""

from datetime import date

from ..definition.fingerprint import FormDocument, fingerprint, text_hash
from ..definition.form import (
    Capacity,
    FormDefinition,
    FormPageTexts,
    PaperOptions,
    Privacy,
    Promotion,
    Texts,
)
from ..definition.problems import Problems
from ..definition.retention import Retention
from .field_reading import UNVERIFIED, WHEN, read_period, read_sections
from .node import Node, read_review

HOLD_HOURS = 72
CONTACTS = ("email", "email_or_phone")


def read_form(
    source: FormDocument, problems: Problems, overlay_problems: Problems
) -> FormDefinition:
    """Build the form; mistakes are added to the problems, so look there first."""
    translation = (
        None
        if source.overlay is None
        else Node(source.overlay, overlay_problems, source.lang)
    )
    main = source.main_language
    return form_from(Node(source.document, problems, main, "", translation), source)


def form_from(root: Node, source: FormDocument) -> FormDefinition:
    """Build the form from its tree of keys."""
    form = FormDefinition(
        id=source.form_id,
        lang=source.lang,
        main_language=source.main_language,
        languages=source.languages,
        version=root.word(
            "version", required=True, about="raise it when the questions change"
        ),
        dated=root.day(
            "dated", required=True, about="day of this version, printed on paper"
        )
        or date.min,
        title=root.text("title", required=True),
        summary=root.text("summary", required=True, about="one sentence for lists"),
        page=_page(root.node("page")),
        texts=_texts(root.node("texts")),
        privacy=_privacy(root.node("privacy")),
        paper=_paper(root.node("paper")),
        sections=read_sections(root),
        opens=root.day("opens", about="first day; null: not decided, so not open"),
        closes=root.day("closes", about="last day, included; null: no end"),
        capacity=_capacity(root.node("capacity")) if root.has("capacity") else None,
        event=root.word("event", about="name of a file in content/events") or None,
        remind_when=root.value(
            "remind_when", WHEN, about="who is reminded of the event; absent: everybody"
        ),
        tell_when=root.value(
            "tell_when", WHEN, about="who is told of its changes; absent: everybody"
        ),
        call_when=root.value(
            "call_when", WHEN, about="who has asked to be told the outcome by phone"
        ),
        contact_by_phone=root.word("contact", "email", among=CONTACTS) != "email",
        delicate=root.flag(
            "delicate", about="the personal page shows no answers, mails no names"
        ),
        safety=root.flag(
            "safety", about="its pages offer help in danger and a quick way out"
        ),
        retired=_retired(
            root.node(
                "retired", about="ids of fields of the past, with their last version"
            )
        ),
        fingerprint=fingerprint(source.document),
        text_hash=text_hash(source.document, source.overlay),
        review=read_review(root.translation),
        country=source.country,
    )
    root.done()
    return form


def _retired(node: Node) -> dict[str, str]:
    retired = {key: node.word(key, required=True) for key in node.keys()}
    node.done()
    return retired


def _page(node: Node) -> FormPageTexts:
    page = FormPageTexts(
        what=node.text("what", required=True),
        who=node.text("who", required=True),
        needs=node.texts("needs"),
        gives=node.text("gives"),
        next=node.texts("next", about="what happens after sending, step by step"),
        notes=node.texts("notes"),
    )
    node.done()
    return page


def _texts(node: Node) -> Texts:
    texts = Texts(
        receipt=node.text("receipt", required=True, about="what happens next"),
        accepted=node.text(
            "accepted", required=True, about="body of the mail when accepted"
        ),
        declined=node.text(
            "declined", required=True, about="body of the mail when declined"
        ),
        not_open=node.text("not_open"),
        closed=node.text("closed"),
        waiting=node.text("waiting"),
    )
    node.done()
    return texts


def _privacy(node: Node) -> Privacy:
    privacy = Privacy(
        purposes=node.texts("purposes", required=True),
        legal_basis=node.text("legal_basis", required=True),
        recipients=node.texts("recipients"),
        why_needed=node.text(
            "why_needed", required=True, about="what happens without the data"
        ),
        retention=_retention(node.node("retention")),
    )
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


def _paper(node: Node) -> PaperOptions:
    paper = PaperOptions(
        send_to=node.texts("send_to"),
        office_box=node.flag("office_box", True),
        signature=node.texts("signature"),
    )
    node.done()
    return paper


def _capacity(node: Node) -> Capacity:
    capacity = Capacity(
        count_people=node.word("count", "rows", among=("rows", "people")) == "people",
        limit=node.whole("limit", None, least=1, about="how many fit"),
        waiting_list=node.flag("waiting_list", True),
        place_hold=node.whole(
            "place_hold",
            HOLD_HOURS,
            least=1,
            about="hours that an unproven address holds a place",
        ),
        promotion=node.one_of("promotion", Promotion, Promotion.STAFF),
    )
    node.done()
    return capacity


def stored_form(source: FormDocument) -> FormDefinition:
    """Build a published form again; it was checked when it was published."""
    unheard = Problems(source.form_id)
    return read_form(source, unheard, unheard)
