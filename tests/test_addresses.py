"""The golden list of addresses: printed paper carries them for years."""

import re

from forms_service import addresses

GOLDEN = {
    addresses.site_root("it", "it"): "/",
    addresses.site_root("en", "it"): "/en/",
    addresses.site_page("index", "it", "it"): "/",
    addresses.site_page("index", "en", "it"): "/en/",
    addresses.site_page("progetto", "it", "it"): "/progetto/",
    addresses.site_page("progetto", "en", "it"): "/en/progetto/",
    addresses.form_page("volontari", "it", "it"): "/partecipa/volontari/",
    addresses.form_page("volontari", "en", "it"): "/en/partecipa/volontari/",
    addresses.form_pdf("volontari", "it"): "/documenti/it/volontari.pdf",
    addresses.calendar("assemblea", "en"): "/documenti/en/assemblea.ics",
    addresses.online_form("volontari", "it"): "/moduli/it/volontari",
    addresses.summary("volontari", "it"): "/moduli/it/volontari/riepilogo",
    addresses.confirm("volontari", "it"): "/moduli/it/volontari/conferma",
    addresses.sent("volontari", "it", "TOKEN"): "/moduli/it/volontari/inviata/TOKEN",
    addresses.lost_link("it"): "/moduli/it/link-perso",
    addresses.check_receipt("it"): "/moduli/it/verifica-ricevuta",
    addresses.mail_link("TOKEN"): "/r/TOKEN",
    addresses.worn("abc"): "/assets/abc",
    addresses.static("abc", "a/b.css"): "/moduli/static/abc/a/b.css",
    addresses.staff(): "/staff/",
    addresses.staff("coda"): "/staff/coda",
    addresses.staff_setup("TOKEN"): "/staff/benvenuto/TOKEN",
    addresses.STATE: "/moduli/stato.json",
    addresses.HEALTH: "/healthz",
    addresses.METRICS: "/metrics",
}

SITE = ("/documenti/", "/partecipa/", "/en/", "/progetto/", "/assets/")
PATTERNS = {
    addresses.FORM_PATTERN: "/moduli/<lang>/<form_id>",
    addresses.SUMMARY_PATTERN: "/moduli/<lang>/<form_id>/riepilogo",
    addresses.CONFIRM_PATTERN: "/moduli/<lang>/<form_id>/conferma",
    addresses.SENT_PATTERN: "/moduli/<lang>/<form_id>/inviata/<token>",
    addresses.DRAFT_PATTERN: "/moduli/<lang>/<form_id>/bozza.pdf",
    addresses.UPLOAD_PATTERN: "/moduli/<lang>/<form_id>/carica",
    addresses.FEEDBACK_PATTERN: "/moduli/<lang>/<form_id>/parere",
    addresses.CHECK_RECEIPT_PATTERN: "/moduli/<lang>/verifica-ricevuta",
    addresses.LOST_LINK_PATTERN: "/moduli/<lang>/link-perso",
    addresses.CALENDAR_PATTERN: "/documenti/<lang>/<event_id>.ics",
    addresses.STATIC_PATTERN: "/moduli/static/<digest>/<path:name>",
    addresses.MAIL_LINK_PATTERN: "/r/<token>",
    addresses.STAFF_SETUP_PATTERN: "/staff/benvenuto/<token>",
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
/r/<token>/correggi/conferma
"""


def test_addresses_are_what_paper_says() -> None:
    assert {made: golden for made, golden in GOLDEN.items() if made != golden} == {}
    assert {made: golden for made, golden in PATTERNS.items() if made != golden} == {}


def test_every_pattern_is_in_the_golden_list() -> None:
    patterns = {name for name in vars(addresses) if name.endswith("_PATTERN")}
    assert {getattr(addresses, name) for name in patterns} == set(PATTERNS)
    made = [*addresses.SENT_ACTIONS.values(), *addresses.LINK_ACTIONS.values()]
    assert made == ACTIONS.split()


def test_functions_make_what_the_patterns_of_the_service_read() -> None:
    values = {
        "lang": "it",
        "form_id": "volontari",
        "token": "TOKEN",
        "event_id": "festa",
    }
    made = {
        addresses.FORM_PATTERN: addresses.online_form("volontari", "it"),
        addresses.SUMMARY_PATTERN: addresses.summary("volontari", "it"),
        addresses.CONFIRM_PATTERN: addresses.confirm("volontari", "it"),
        addresses.SENT_PATTERN: addresses.sent("volontari", "it", "TOKEN"),
        addresses.CHECK_RECEIPT_PATTERN: addresses.check_receipt("it"),
        addresses.LOST_LINK_PATTERN: addresses.lost_link("it"),
        addresses.CALENDAR_PATTERN: addresses.calendar("festa", "it"),
        addresses.MAIL_LINK_PATTERN: addresses.mail_link("TOKEN"),
        addresses.STAFF_SETUP_PATTERN: addresses.staff_setup("TOKEN"),
    }
    for pattern, address in made.items():
        filled = re.sub(r"<(\w+)>", lambda name: values[name[1]], pattern)
        assert filled == address


def test_what_would_be_a_form_and_a_page_of_the_service_is_reserved() -> None:
    pages = (addresses.CHECK_RECEIPT_PATTERN, addresses.LOST_LINK_PATTERN)
    assert {page.rpartition("/")[2] for page in pages} < addresses.RESERVED_FORM_IDS
    assert addresses.STATIC.rpartition("/")[2] in addresses.RESERVED_FORM_IDS


def test_the_site_keeps_out_of_what_the_service_answers() -> None:
    for address in (*GOLDEN.values(), *PATTERNS.values()):
        of_service = address.startswith(addresses.SERVICE_PREFIXES)
        site = address.startswith(SITE)
        assert of_service is not (site or address == "/"), address
