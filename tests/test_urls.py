"""The golden list of addresses: printed paper carries them for years."""

import re

from forms_service import urls

GOLDEN = {
    urls.site_root("it", "it"): "/",
    urls.site_root("en", "it"): "/en/",
    urls.site_page("index", "it", "it"): "/",
    urls.site_page("index", "en", "it"): "/en/",
    urls.site_page("progetto", "it", "it"): "/progetto/",
    urls.site_page("progetto", "en", "it"): "/en/progetto/",
    urls.form_page("volontari", "it", "it"): "/partecipa/volontari/",
    urls.form_page("volontari", "en", "it"): "/en/partecipa/volontari/",
    urls.form_pdf("volontari", "it"): "/documenti/it/volontari.pdf",
    urls.calendar("assemblea", "en"): "/documenti/en/assemblea.ics",
    urls.online_form("volontari", "it"): "/moduli/it/volontari",
    urls.summary("volontari", "it"): "/moduli/it/volontari/riepilogo",
    urls.confirm("volontari", "it"): "/moduli/it/volontari/conferma",
    urls.sent("volontari", "it", "TOKEN"): "/moduli/it/volontari/inviata/TOKEN",
    urls.lost_link("it"): "/moduli/it/link-perso",
    urls.check_receipt("it"): "/moduli/it/verifica-ricevuta",
    urls.mail_link("TOKEN"): "/r/TOKEN",
    urls.shared_files("abc"): "/assets/abc",
    urls.static("abc", "a/b.css"): "/moduli/static/abc/a/b.css",
    urls.staff(): "/staff/",
    urls.staff("coda"): "/staff/coda",
    urls.staff_setup("TOKEN"): "/staff/benvenuto/TOKEN",
    urls.STATE: "/moduli/stato.json",
    urls.HEALTH: "/healthz",
    urls.METRICS: "/metrics",
}

SITE = ("/documenti/", "/partecipa/", "/en/", "/progetto/", "/assets/")
PATTERNS = {
    urls.FORM_PATTERN: "/moduli/<lang>/<form_id>",
    urls.SUMMARY_PATTERN: "/moduli/<lang>/<form_id>/riepilogo",
    urls.CONFIRM_PATTERN: "/moduli/<lang>/<form_id>/conferma",
    urls.SENT_PATTERN: "/moduli/<lang>/<form_id>/inviata/<token>",
    urls.DRAFT_PATTERN: "/moduli/<lang>/<form_id>/bozza.pdf",
    urls.UPLOAD_PATTERN: "/moduli/<lang>/<form_id>/carica",
    urls.FEEDBACK_PATTERN: "/moduli/<lang>/<form_id>/parere",
    urls.CHECK_RECEIPT_PATTERN: "/moduli/<lang>/verifica-ricevuta",
    urls.LOST_LINK_PATTERN: "/moduli/<lang>/link-perso",
    urls.CALENDAR_PATTERN: "/documenti/<lang>/<event_id>.ics",
    urls.STATIC_PATTERN: "/moduli/static/<digest>/<path:name>",
    urls.MAIL_LINK_PATTERN: "/r/<token>",
    urls.STAFF_SETUP_PATTERN: "/staff/benvenuto/<token>",
}
# Buttons post to these: a page that is open today must still work tomorrow.
ACTIONS = """
/moduli/<lang>/<form_id>/inviata/<token>/rimanda
/moduli/<lang>/<form_id>/inviata/<token>/indirizzo
/moduli/<lang>/<form_id>/inviata/<token>/codice
/moduli/<lang>/<form_id>/inviata/<token>/ricevuta
/r/<token>/codice
/r/<token>/conferma
/r/<token>/nuovo-link
/r/<token>/risposte
/r/<token>/ricevuta
/r/<token>/dati
/r/<token>/ritira
/r/<token>/ritira/conferma
/r/<token>/cancella
/r/<token>/cancella/conferma
/r/<token>/correggi
/r/<token>/correggi/modulo
/r/<token>/correggi/riepilogo
/r/<token>/correggi/codice
/r/<token>/resto
/r/<token>/correggi/conferma
"""


def test_addresses_are_what_paper_says() -> None:
    assert {made: golden for made, golden in GOLDEN.items() if made != golden} == {}
    assert {made: golden for made, golden in PATTERNS.items() if made != golden} == {}


def test_every_pattern_is_in_the_golden_list() -> None:
    patterns = {name for name in vars(urls) if name.endswith("_PATTERN")}
    assert {getattr(urls, name) for name in patterns} == set(PATTERNS)
    made = [*urls.SENT_ACTIONS.values(), *urls.LINK_ACTIONS.values()]
    assert made == ACTIONS.split()


def test_functions_make_what_the_patterns_of_the_service_read() -> None:
    values = {
        "lang": "it",
        "form_id": "volontari",
        "token": "TOKEN",
        "event_id": "festa",
    }
    made = {
        urls.FORM_PATTERN: urls.online_form("volontari", "it"),
        urls.SUMMARY_PATTERN: urls.summary("volontari", "it"),
        urls.CONFIRM_PATTERN: urls.confirm("volontari", "it"),
        urls.SENT_PATTERN: urls.sent("volontari", "it", "TOKEN"),
        urls.CHECK_RECEIPT_PATTERN: urls.check_receipt("it"),
        urls.LOST_LINK_PATTERN: urls.lost_link("it"),
        urls.CALENDAR_PATTERN: urls.calendar("festa", "it"),
        urls.MAIL_LINK_PATTERN: urls.mail_link("TOKEN"),
        urls.STAFF_SETUP_PATTERN: urls.staff_setup("TOKEN"),
    }
    for pattern, address in made.items():
        filled = re.sub(r"<(\w+)>", lambda name: values[name[1]], pattern)
        assert filled == address


def test_what_would_be_a_form_and_a_page_of_the_service_is_reserved() -> None:
    pages = (urls.CHECK_RECEIPT_PATTERN, urls.LOST_LINK_PATTERN)
    assert {page.rpartition("/")[2] for page in pages} < urls.RESERVED_FORM_IDS
    assert urls.STATIC.rpartition("/")[2] in urls.RESERVED_FORM_IDS


def test_the_site_keeps_out_of_what_the_service_answers() -> None:
    for address in (*GOLDEN.values(), *PATTERNS.values()):
        of_service = address.startswith(urls.SERVICE_PREFIXES)
        site = address.startswith(SITE)
        assert of_service is not (site or address == "/"), address
