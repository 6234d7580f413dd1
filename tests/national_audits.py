"""The audits of the official validator that a site off the net can be put to.

Ported from italia/pa-website-validator-ng 1.1.38 (BSD-3-Clause), `src/audits`: each
function returns what the audit misses, nothing when it passes. Left out is what asks
AgID's machines, certificates or a municipality's own menu.
"""

from typing import Any

FONTS = {"Titillium Web", "Lora", "Roboto Mono"}
INDEX = {
    "A chi è rivolto": ("service-addressed",),
    "Come fare": ("service-how-to",),
    "Cosa serve": ("service-needed",),
    "Cosa si ottiene": ("service-achieved",),
    "Tempi e scadenze": ("service-calendar-text", "service-calendar-list"),
    "Accedi al servizio": (
        "service-generic-access",
        "service-booking-access",
        "service-online-access",
    ),
    "Condizioni di servizio": (),
    "Contatti": ("service-area",),
}
LICENCE_TITLE = "Licenza dei contenuti"
LICENCE = (
    "In applicazione del principio open by default ai sensi dell’articolo 52 del "
    "decreto legislativo 7 marzo 2005, n. 82 (CAD) e salvo dove diversamente "
    "specificato (compresi i contenuti incorporati di terzi), i dati, i documenti "
    "e le informazioni pubblicati sul sito sono rilasciati con licenza CC-BY 4.0. "
    "Gli utenti sono quindi liberi di condividere (riprodurre, distribuire, "
    "comunicare al pubblico, esporre in pubblico), rappresentare, eseguire e "
    "recitare questo materiale con qualsiasi mezzo e formato e modificare "
    "(trasformare il materiale e utilizzarlo per opere derivate) per qualsiasi "
    "fine, anche commerciale con il solo onere di attribuzione, senza apporre "
    "restrizioni aggiuntive."
)
METATAG = (
    ("name",),
    ("serviceType",),
    ("serviceOperator", "name"),
    ("areaServed", "name"),
    ("audience", "audienceType"),
    ("availableChannel", "serviceUrl"),
    ("availableChannel", "serviceLocation", "name"),
    ("availableChannel", "serviceLocation", "address", "streetAddress"),
    ("availableChannel", "serviceLocation", "address", "postalCode"),
    ("availableChannel", "serviceLocation", "address", "addressLocality"),
)


def marked(page: Any, element: str, tail: str = "") -> list[Any]:
    """Return the elements of a page that carry a mark, or what lies below them."""
    return list(page.xpath(f"//*[@data-element='{element}']{tail}"))


def text(elements: list[Any]) -> str:
    """Return the words of elements as the validator joins them."""
    return " ".join(" ".join(element.text_content() for element in elements).split())


def service_card(page: Any) -> list[str]:
    """C.SI.1.3: the entries of a service card, in order and with something in them."""
    index = [text([link]) for link in marked(page, "page-index", "/li/a")]
    missing = [f"index: {entry}" for entry in INDEX if entry not in index]
    if [entry for entry in index if entry in INDEX] != list(INDEX):
        missing.append("order of the index")
    for entry, marks in INDEX.items():
        if marks and not any(marked(page, mark) for mark in marks):
            missing.append(f"mark: {entry}")
    for mark in ("service-title", "service-description", "service-area"):
        if len(text(marked(page, mark))) < 3:
            missing.append(mark)
    for mark in ("service-status", "service-topic"):
        if not marked(page, mark):
            missing.append(mark)
    crumbs = [text([li]).casefold() for li in marked(page, "breadcrumb", "//li")]
    if "servizi" not in crumbs:
        missing.append("breadcrumb")
    return missing


def contacts_assistance(page: Any) -> list[str]:
    """C.SI.2.2: contacts in the index of a service card, and a unit to turn to."""
    index = [text([link]) for link in marked(page, "page-index", "/li/a")]
    missing = [] if "Contatti" in index else ["index"]
    return missing + ([] if marked(page, "service-area") else ["service-area"])


def footer_link(page: Any, mark: str) -> tuple[str, str]:
    """Return label and target of a marked link of the footer, empty if none."""
    for link in page.xpath(f"//footer//a[@data-element='{mark}']"):
        return text([link]).casefold(), link.get("href", "")
    return "", ""


def questions(page: Any) -> list[str]:
    """C.SI.2.3: the footer leads to frequently asked questions, by that name."""
    label, target = footer_link(page, "faq")
    named = "faq" in label or "domande frequenti" in label
    return [] if named and target not in ("", "#") else [f"{label!r} to {target!r}"]


def fault_report(page: Any) -> list[str]:
    """C.SI.2.4: the footer leads to where faults are reported, by a known name."""
    label, target = footer_link(page, "report-inefficiency")
    names = ("disservizio", "segnala disservizio", "segnalazione disservizio")
    known = label in names and target not in ("", "#")
    return [] if known else [f"{label!r} to {target!r}"]


def licence(page: Any) -> list[str]:
    """C.SI.3.4: the open licence in exactly these words, under exactly this title."""
    missing = []
    title = text(marked(page, "legal-notes-section"))
    if title.casefold() != LICENCE_TITLE.casefold():
        missing.append(f"title {title!r}")
    body = text(marked(page, "legal-notes-body")).replace("'", "’")
    if body.casefold() != LICENCE.casefold():
        missing.append(f"text {body!r}")
    return missing


def metatag(data: Any) -> list[str]:
    """R.SI.1.1: the keys of the structured data of a service card, none empty."""
    missing = []
    for path in METATAG:
        value = data
        for key in path:
            value = value.get(key) if isinstance(value, dict) else None
        if not isinstance(value, str) or not value:
            missing.append(".".join(path))
    return missing
