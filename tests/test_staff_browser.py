"""The staff area in a real browser: accessible, usable by keyboard and on a phone."""

import re
from datetime import date

import pyotp
import pytest
from playwright.sync_api import expect

from clerk import CARLA, PASSWORD, join, log, prove, row, send
from forms_service import urls
from forms_service.store import reports
from forms_service.store.events import EventVerb
from forms_service.web.staff.routes import routes
from forms_service.workflow import (
    accounts,
    correcting,
    deciding,
    feedback,
    second_factor,
)
from layout import ADDRESS, LINES, WORD, layout_faults
from photos import code_of, photo
from validity import all_faults, every_page_of

BRUNO = "bruno@comune.example"
PAGES = [
    "/staff/",
    "/staff/?stato=tutte&modulo=volontari&risposta=comune:monte&risposta=aree:sociale",
    "/staff/?stato=serve",
    "/staff/?stato=chiamare&chiamata={other}",
    "/staff/richiesta/{due}/esito/decline",
    "/staff/richiesta/{id}",
    "/staff/richiesta/{id}/esito/accept",
    "/staff/richiesta/{other}/esito/withdraw",
    "/staff/richiesta/{id}/esito/ask_correction",
    "/staff/richiesta/{id}/correggi",
    "/staff/richiesta/{other}/indirizzo",
    "/staff/richiesta/{id}/cancella",
    "/staff/richiesta/{id}/copia",
    "/staff/richiesta/{other}",
    "/staff/richiesta/{decided}",
    "/staff/richiesta/{decided}/esito/reopen",
    "/staff/iscritti/volontari",
    "/staff/iscritti/volontari?risposta=comune:monte&risposta=aree:sportivo",
    "/staff/richiesta/{decided}/contatto?risposta=comune:monte",
    "/staff/inserisci",
    "/staff/inserisci/volontari",
    "/staff/tabelle",
    "/staff/pareri",
    "/staff/posta",
    "/staff/tabelle/volontari",
    "/staff/profilo",
    "/staff/salute",
    "/staff/incontri/corso",
    "/staff/numeri",
    "/staff/numeri/rapporti",
    "/staff/numeri/rapporti/1",
    "/staff/registro",
    "/staff/non-confermate",
    "/staff/incontri/corso/foglio",
    "/staff/profilo/secondo-fattore",
    "/staff/attivita",
    "/staff/attivita?chi=1&giorno=2020-06-20",
    "/staff/persone",
    "/staff/persone/1",
    "/staff/richiesta/unknown",
]
# Opened before anybody signs in, or at the end of an act on many.
BESIDE = {"sign_in", "forgotten", "setup", "step", "bulk_result"}
FILES = {"attachment", "attached_picture", "waiting_picture", "sheet_pdf"}
FILES |= {"report_table"}


def test_every_page_of_staff_is_looked_at() -> None:
    looked_at = [path.partition("?")[0] for path in PAGES]
    shown = [route for route in routes() if "GET" in route.methods]
    patterns = {
        route.endpoint: re.sub("<[^>]+>", "[^/]+", route.pattern) for route in shown
    }
    assert {
        endpoint
        for endpoint, pattern in patterns.items()
        if not any(re.fullmatch(pattern, path) for path in looked_at)
    } == BESIDE | FILES


ABOUT_PAPER = (
    ("entry-proof", "signature"),
    ("maggiorenne", "true"),
    ("idoneita", "true"),
    ("presa_visione_privacy", "true"),
)


def sign_in(page, service, email=CARLA):
    page.goto(f"{service.address}/staff/")
    page.get_by_label("Indirizzo email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Accedi").click()


def ask_for_code(page, service):
    """Sign in as somebody with a second factor, as far as its code."""
    member = join(service.context, BRUNO, None)
    secret = second_factor.new_secret()
    code = pyotp.TOTP(secret).at(service.clock())
    second_factor.set_up(service.context, member, secret, code, "")
    sign_in(page, service, BRUNO)
    expect(page).to_have_url(re.compile("/staff/accedi/codice"))


def fix_report(service):
    """Keep a report with a number that is hidden."""
    cells = {"tables": {"lang": {"it": 12, "en": None}}, "total": 15}
    spring = date(2020, 1, 1), date(2020, 4, 1)
    now = service.context.clock()
    service.context.store.write(
        lambda db: reports.add(db, "volontari", spring, now, cells)
    )


@pytest.mark.slow
@pytest.mark.parametrize("width", [360, 1280])
def test_staff_pages_have_no_accessibility_fault_and_fit(
    service, clerk, new_page, axe, width
):
    with every_page_of(service.app) as pages:
        look_around(service, clerk, new_page, axe, width)
    if width > 360:
        assert len(pages) > 10
        assert all_faults(pages) == {}


def look_around(service, clerk, new_page, axe, width):
    submission = prove(service, send(service, nome_completo="مريم الحسن"))
    other = send(service)
    wishes = {"contatto_preferito": "telefono", "telefono": "0564 484111"}
    decided = prove(service, send(service, **wishes))
    deciding.decide(service.context, decided.id, EventVerb.ACCEPT, "staff:1")
    due = prove(service, send(service, "barriere", "en"))
    fix_report(service)
    page = new_page(viewport={"width": width, "height": 800})
    page.goto(f"{service.address}/staff/")
    assert axe(page) == []
    page.get_by_role("button", name="Accedi").click()
    assert axe(page) == []
    token = accounts.invite(service.context, BRUNO)
    for path in (urls.staff("password-dimenticata"), urls.staff_setup(token)):
        page.goto(f"{service.address}{path}")
        assert (axe(page), layout_faults(page)) == ([], []), path
    ask_for_code(page, service)
    assert (axe(page), layout_faults(page)) == ([], [])
    sign_in(page, service)

    for pattern in PAGES:
        path = pattern.format(
            id=submission.id, other=other.id, decided=decided.id, due=due.id
        )
        page.goto(f"{service.address}{path}")
        assert axe(page) == [], path
        assert layout_faults(page) == [], path
    page.goto(f"{service.address}/staff/?stato=tutte")
    for act in ("message", "export", "read"):
        page.get_by_label(re.compile("di questo elenco")).check()
        page.get_by_label("Con le scelte:").select_option(act)
        with page.expect_navigation():
            page.get_by_role("button", name="Avanti").click()
        assert (axe(page), layout_faults(page)) == ([], []), act
        page.goto(f"{service.address}/staff/?stato=tutte")
    page.get_by_label(re.compile("di questo elenco")).check()
    page.get_by_label("Con le scelte:").select_option("decline")
    with page.expect_navigation():
        page.get_by_role("button", name="Avanti").click()
    assert (axe(page), layout_faults(page)) == ([], [])
    page.get_by_label("Perché non è accolta").fill("Fuori zona")
    with page.expect_navigation():
        page.get_by_role("button", name="Non accogliere").click()
    assert (axe(page), layout_faults(page)) == ([], [])
    page.goto(f"{service.address}/staff/inserisci/volontari")
    page.get_by_role("button", name="Registra la richiesta").click()
    assert axe(page) == []
    assert page.evaluate("document.activeElement.className") == "error-summary"


def press(page, name):
    with page.expect_navigation():
        page.get_by_role("button", name=name).click()
    assert layout_faults(page) == [], page.url


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["it", "ar"])
def test_long_words_and_texts_stand_whole_on_every_page(service, clerk, new_page, lang):
    """Forms with mistakes too: they hold more than is stored."""
    word, opinion = WORD[lang], f"{WORD[lang]}\n{LINES}"[:200]
    text = f"{word}\n{LINES}"
    answers = {"nome_completo": word, "email": ADDRESS, "competenze": text}
    submission = prove(service, send(service, lang=lang, **answers))
    other = send(service, **answers)
    decided = prove(service, send(service, **answers))
    deciding.decide(
        service.context, decided.id, EventVerb.ACCEPT, "staff:1", reason=text
    )
    form = service.context.content.form("volontari", lang)
    new = {**submission.answers, "nome_completo": word[::-1], "competenze": LINES}
    correcting.correct(service.context, form, submission.id, new)
    mark = feedback.new_mark(service.context, "volontari")
    feedback.rate(service.context, "volontari", mark, 2)
    feedback.explain(service.context, "volontari", mark, "unsure", opinion)
    page = new_page(viewport={"width": 320, "height": 640})
    sign_in(page, service)
    for words in (word, word * 2):
        page.get_by_role("searchbox").fill(words)
        press(page, "Cerca")
    for pattern in PAGES:
        path = pattern.format(
            id=submission.id, other=other.id, decided=decided.id, due=other.id
        )
        page.goto(f"{service.address}{path}")
        assert layout_faults(page) == [], path
    here = service.address + clerk.submission(submission.id)
    page.goto(here)
    page.get_by_label("Nuova nota").fill(text)
    press(page, "Salva la nota")
    page.get_by_label("Nuova nota").fill(word * 25)
    press(page, "Salva la nota")
    page.goto(f"{here}/esito/decline")
    page.locator("#motivo").fill(word * 25)
    press(page, "Non accogliere")
    page.goto(f"{service.address}/staff/inserisci/volontari")
    page.get_by_label("Nome e cognome").fill(word)
    page.get_by_label("Indirizzo email", exact=True).fill(ADDRESS)
    page.get_by_label("Che cosa sai fare").fill(text * 2)
    press(page, "Registra la richiesta")


@pytest.mark.slow
@pytest.mark.parametrize("width", [360, 1280])
def test_a_photographed_sheet_is_typed_beside_its_picture(
    service, clerk, new_page, axe, tmp_path, width
):
    form = service.context.content.form("volontari")
    file = tmp_path / "foto.jpg"
    file.write_bytes(photo(code_of(form)))
    page = new_page(viewport={"width": width, "height": 800})
    sign_in(page, service)
    page.goto(f"{service.address}/staff/inserisci")
    page.get_by_label("Scansione o foto del foglio").set_input_files(file)
    with page.expect_navigation():
        page.get_by_role("button", name="Apri il modulo").click()
    page.get_by_role("img", name="Pagina 1 del file 1").wait_for()
    assert axe(page) == []
    assert layout_faults(page) == []

    page.get_by_label("Nome e cognome").fill(WORD["it"])
    with page.expect_navigation():
        page.get_by_role("button", name="Registra la richiesta").click()
    assert axe(page) == []
    assert layout_faults(page) == []
    page.get_by_label("Comune dove").select_option("monte")
    page.get_by_label("Sociale", exact=True).check()
    for name, value in ABOUT_PAPER:
        page.locator(f"[name={name}][value={value}]").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Registra la richiesta").click()
    assert axe(page) == []
    assert [verb for _, verb, _ in log(service)].count("read_attachment") == 0
    with page.expect_response("**/scansione/*/0") as shown:
        page.get_by_text("Guarda", exact=True).click()
    assert shown.value.status == 200
    assert axe(page) == []
    assert layout_faults(page) == []
    assert [verb for _, verb, _ in log(service)].count("read_attachment") == 1


def test_the_set_up_page_has_no_accessibility_fault(service, page, axe):
    token = accounts.first_invitation(service.context)
    page.goto(f"{service.address}{urls.staff_setup(token)}")
    assert axe(page) == []


def test_a_request_is_accepted_by_keyboard_alone(service, clerk, page, axe):
    submission = prove(service, send(service))
    sign_in(page, service)

    page.get_by_role("link", name="Nguyễn Thị Ánh").focus()
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Fogli scansionati").wait_for()
    assert axe(page) == []
    page.get_by_role("link", name="Accogli", exact=True).focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Accogli e invia l’email").focus()
    page.keyboard.press("Enter")

    page.get_by_text("La richiesta è accolta.").wait_for()
    assert row(service, submission).status == "accepted"


def test_the_desk_form_of_the_register_is_short(service, clerk, new_page):
    """Two columns, in the order of the paper: its Tab order is that of the sheet."""
    page = new_page(viewport={"width": 1280, "height": 900})
    sign_in(page, service)
    page.goto(f"{service.address}/staff/inserisci/volontari")
    assert page.evaluate("document.documentElement.scrollHeight") <= 4 * 900
    ids = [field.id for field in service.context.content.form("volontari").at("desk")]
    drawn = "[...document.querySelectorAll('[data-field]')].map(e => e.dataset.field)"
    assert page.evaluate(drawn) == ids


def test_the_table_is_downloaded(service, clerk, page):
    send(service)
    sign_in(page, service)
    page.goto(f"{service.address}/staff/tabelle/volontari")
    page.get_by_label("Per lavorare le richieste").check()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Scarica la tabella").click()
    assert waiting.value.suggested_filename == "volontari-2020-06-20.xlsx"


def test_after_the_session_the_reloaded_page_still_has_what_was_typed(
    service, clerk, page, clock
):
    sign_in(page, service)
    page.goto(f"{service.address}/staff/inserisci/volontari")
    page.get_by_label("Nome e cognome").fill("Nguyễn Thị Ánh")
    clock.advance(minutes=31)
    page.get_by_role("button", name="Registra la richiesta").click()
    expect(page).to_have_title(re.compile("La sessione è finita"))

    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Accedi (si apre un’altra scheda)").click()
    other = opened.value
    other.get_by_label("Indirizzo email").fill(CARLA)
    other.get_by_label("Password").fill(PASSWORD)
    other.get_by_role("button", name="Accedi").click()
    other.get_by_role("heading", name="Richieste").wait_for()
    page.reload()

    assert page.get_by_label("Nome e cognome").input_value() == "Nguyễn Thị Ánh"
