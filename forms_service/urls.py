"""Every address of site and service, as patterns and as functions.

Printed paper carries them for years: `tests/test_urls.py` holds the golden
list. The path words are the product's, in Italian, and the same in every language.
"""

FORM_SEGMENT = "partecipa"
SERVICE = "/moduli"
DOCUMENTS = "/documenti"
STATE = f"{SERVICE}/stato.json"
STATIC = f"{SERVICE}/static"
MAIL_LINK = "/r"
STAFF = "/staff"
HEALTH = "/healthz"
METRICS = "/metrics"
# Whom to tell of a weakness (RFC 9116); no page of the site can begin with a dot.
SECURITY = "/.well-known/security.txt"

# The site may generate nothing under these: they belong to the service.
SERVICE_PREFIXES = (SERVICE, MAIL_LINK, STAFF, HEALTH, METRICS)

# Second segments of /moduli/<lang>/ that are pages of their own, and `static`.
RESERVED_FORM_IDS = frozenset({"verifica-ricevuta", "link-perso", "static"})

FORM_PATTERN = f"{SERVICE}/<lang>/<form_id>"
SUMMARY_PATTERN = f"{FORM_PATTERN}/riepilogo"
CONFIRM_PATTERN = f"{FORM_PATTERN}/conferma"
SENT_PATTERN = f"{FORM_PATTERN}/inviata/<token>"
DRAFT_PATTERN = f"{FORM_PATTERN}/bozza.pdf"
UPLOAD_PATTERN = f"{FORM_PATTERN}/carica"
FEEDBACK_PATTERN = f"{FORM_PATTERN}/parere"
CHECK_RECEIPT_PATTERN = f"{SERVICE}/<lang>/verifica-ricevuta"
LOST_LINK_PATTERN = f"{SERVICE}/<lang>/link-perso"
CALENDAR_PATTERN = f"{DOCUMENTS}/<lang>/<event_id>.ics"
STATIC_PATTERN = f"{STATIC}/<digest>/<path:name>"
MAIL_LINK_PATTERN = f"{MAIL_LINK}/<token>"
STAFF_SETUP_PATTERN = f"{STAFF}/benvenuto/<token>"

# What the buttons of the page after sending post to, by the name of the action.
SENT_ACTIONS = {
    "send_again": f"{SENT_PATTERN}/rimanda",
    "change_address": f"{SENT_PATTERN}/indirizzo",
    "confirm_code": f"{SENT_PATTERN}/codice",
    "sent_receipt": f"{SENT_PATTERN}/ricevuta",
}
# What the buttons behind a mailed link post to; the first of them is a page, too.
LINK_ACTIONS = {
    "code": f"{MAIL_LINK_PATTERN}/codice",
    "confirm_address": f"{MAIL_LINK_PATTERN}/conferma",
    "renew_link": f"{MAIL_LINK_PATTERN}/nuovo-link",
    "answers": f"{MAIL_LINK_PATTERN}/risposte",
    "receipt": f"{MAIL_LINK_PATTERN}/ricevuta",
    "data": f"{MAIL_LINK_PATTERN}/dati",
    "withdraw": f"{MAIL_LINK_PATTERN}/ritira",
    "withdraw_now": f"{MAIL_LINK_PATTERN}/ritira/conferma",
    "erase": f"{MAIL_LINK_PATTERN}/cancella",
    "erase_now": f"{MAIL_LINK_PATTERN}/cancella/conferma",
    "correct": f"{MAIL_LINK_PATTERN}/correggi",
    "correct_form": f"{MAIL_LINK_PATTERN}/correggi/modulo",
    "correct_summary": f"{MAIL_LINK_PATTERN}/correggi/riepilogo",
    "correct_code": f"{MAIL_LINK_PATTERN}/correggi/codice",
    "stay": f"{MAIL_LINK_PATTERN}/resto",
    "correct_now": f"{MAIL_LINK_PATTERN}/correggi/conferma",
}


def site_root(lang: str, main_language: str) -> str:
    """Return the site's first page in a language: `/` for the main one."""
    return "/" if lang == main_language else f"/{lang}/"


def site_page(name: str, lang: str, main_language: str) -> str:
    """Return a page of the site by its name; `index` is the first page."""
    root = site_root(lang, main_language)
    return root if name == "index" else f"{root}{name}/"


def form_page(form_id: str, lang: str, main_language: str) -> str:
    """Return the site's page about a form."""
    return f"{site_root(lang, main_language)}{FORM_SEGMENT}/{form_id}/"


def form_pdf(form_id: str, lang: str) -> str:
    """Return the blank PDF of a form."""
    return f"{DOCUMENTS}/{lang}/{form_id}.pdf"


def calendar(event_id: str, lang: str) -> str:
    """Return the calendar file of an event; the service sends it."""
    return f"{DOCUMENTS}/{lang}/{event_id}.ics"


def online_form(form_id: str, lang: str) -> str:
    """Return the online form; printed in the QR of the paper form."""
    return f"{SERVICE}/{lang}/{form_id}"


def summary(form_id: str, lang: str) -> str:
    """Return where a filled form is posted to be read once more."""
    return f"{online_form(form_id, lang)}/riepilogo"


def confirm(form_id: str, lang: str) -> str:
    """Return where a read summary is posted to be stored."""
    return f"{online_form(form_id, lang)}/conferma"


def sent(form_id: str, lang: str, token: str) -> str:
    """Return the page after sending."""
    return f"{online_form(form_id, lang)}/inviata/{token}"


def after_sending(action: str, form_id: str, lang: str, token: str) -> str:
    """Return what a button of the page after sending posts to."""
    return sent(form_id, lang, token) + SENT_ACTIONS[action].removeprefix(SENT_PATTERN)


def draft(form_id: str, lang: str) -> str:
    """Return where a half-filled form is posted to be saved as a PDF."""
    return f"{online_form(form_id, lang)}/bozza.pdf"


def upload(form_id: str, lang: str) -> str:
    """Return where a filled-in PDF is brought back."""
    return f"{online_form(form_id, lang)}/carica"


def feedback(form_id: str, lang: str) -> str:
    """Return where the answer to the question at the end is posted."""
    return f"{online_form(form_id, lang)}/parere"


def lost_link(lang: str) -> str:
    """Return where a new personal link is asked for."""
    return f"{SERVICE}/{lang}/link-perso"


def check_receipt(lang: str) -> str:
    """Return where a receipt is checked; printed on it, with a QR."""
    return f"{SERVICE}/{lang}/verifica-ricevuta"


def mail_link(token: str) -> str:
    """Return the address of a link in a mail: verification or personal page."""
    return f"{MAIL_LINK}/{token}"


def behind_link(token: str, action: str = "", lang: str = "") -> str:
    """Return the page of a link in a mail, or what one of its buttons posts to.

    `lang` is the language that was asked for there, if any.
    """
    path = LINK_ACTIONS[action].removeprefix(MAIL_LINK_PATTERN) if action else ""
    return mail_link(token) + path + (f"?lang={lang}" if lang else "")


def shared_files(digest: str) -> str:
    """Return the folder of the style sheet and fonts that the built site has too."""
    return f"/assets/{digest}"


def static(digest: str, name: str) -> str:
    """Return a static file of the service; the digest lets it be kept for ever."""
    return f"{STATIC}/{digest}/{name}"


def staff(path: str = "") -> str:
    """Return a page of the staff area."""
    return f"{STAFF}/{path}"


def staff_setup(token: str) -> str:
    """Return where an invited member of staff chooses a password."""
    return f"{STAFF}/benvenuto/{token}"
