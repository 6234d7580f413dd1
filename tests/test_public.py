"""From the empty form to the stored request, as a browser without script sends it."""

import gzip
import logging
from datetime import UTC, datetime

import pytest

from citizen import VOLUNTEER
from forms_service.store.connection import StorageUnavailable
from forms_service.tokens import Tokens
from forms_service.workflow import mail_queue
from sample_content import SAMPLE
from stored import rows_of

FORM = "/moduli/it/volontari"
SUMMARY = f"{FORM}/riepilogo"
CONFIRM = f"{FORM}/conferma"


def stored(service):
    return service.context.store.read(lambda db: rows_of(db, "volontari"))


def read(service, **changes):
    """Reach the summary page of a filled form."""
    page = service.post(SUMMARY, {**VOLUNTEER, **changes})
    assert page.status == 200, page.text
    return page


def test_an_empty_form_is_the_same_for_everybody_and_revalidates(service):
    first, second = service.get(FORM), service.get(FORM, headers={"Cookie": "a=b"})
    assert first.body == second.body
    assert first.headers["Cache-Control"] == "public, max-age=60"
    assert "Set-Cookie" not in first.headers
    tag = first.headers["ETag"]
    again = service.client.get(FORM, headers={"If-None-Match": tag})
    assert (again.status_code, again.data) == (304, b"")
    other = service.client.get(FORM, headers={"If-None-Match": '"other"'})
    assert other.status_code == 200


def test_what_is_the_same_for_everybody_is_packed_and_answers_never_are(service):
    plain = service.get(FORM)
    (sheet,) = plain.find("//link[contains(@href, 'chrome')]/@href")
    takes = {"Accept-Encoding": "gzip, br"}
    for address in (FORM, sheet):
        whole = service.client.get(address)
        packed = service.client.get(address, headers=takes)
        assert packed.headers["Content-Encoding"] == "gzip"
        assert packed.headers["Vary"] == "Accept-Encoding"
        assert packed.headers["ETag"] != whole.headers["ETag"]
        assert gzip.decompress(packed.data) == whole.data
        assert len(packed.data) < len(whole.data) / 3
        known = {**takes, "If-None-Match": packed.headers["ETag"]}
        assert service.client.get(address, headers=known).status_code == 304
    wording = service.client.post(SUMMARY, data=VOLUNTEER, headers=takes)
    assert "Content-Encoding" not in wording.headers


def test_an_empty_form_says_what_is_required_and_how_data_are_used(service):
    page = service.get(FORM)
    assert "I campi con asterisco (*) sono obbligatori." in page.text
    assert page.text.index("Come usiamo i tuoi dati") < page.text.index("Chi sei")
    assert "30 giorni" in page.text
    assert page.find("//a[@hreflang='en']/@href") == ["/moduli/en/volontari"]


def test_the_pdf_is_offered_with_its_size_when_there_is_one(service, clock):
    assert not service.get(FORM).find("//a[contains(@href, '.pdf')]")
    folder = service.config.site_dir / "documenti" / "it"
    folder.mkdir(parents=True)
    (folder / "volontari.pdf").write_bytes(b"x" * 41_000)
    clock.advance(seconds=1)
    (link,) = service.get(FORM).find("//a[@href='/documenti/it/volontari.pdf']")
    assert "41\xa0kB" in link.text_content()


@pytest.mark.parametrize(
    "path", ["/moduli/it/niente", "/moduli/xx/volontari", "/moduli/it/niente/riepilogo"]
)
def test_a_form_or_language_that_is_not_there_is_not_found(service, path):
    answer = service.post(path) if "riepilogo" in path else service.get(path)
    assert answer.status == 404


def test_a_form_that_is_not_open_or_closed_says_so_with_the_day(service, clock):
    assert "non è ancora aperto" in service.get("/moduli/it/corso").text
    clock.now = datetime(2020, 7, 1, 21, 59, tzinfo=UTC)
    opened = service.get("/moduli/it/assemblea")
    assert "fino a mercoledì 1 luglio 2020 compreso" in opened.text
    assert opened.find("//main//form")
    clock.advance(minutes=1)
    closed = service.get("/moduli/it/assemblea")
    assert "Questo modulo è chiuso" in closed.text
    assert "mercoledì 1 luglio 2020" in closed.text
    assert not closed.find("//main//form")


def test_a_mistake_is_said_on_top_and_at_the_field_and_nothing_is_lost(service):
    typed = {**VOLUNTEER, "email": "anh@", "comune": "Atlantide", "telefono": "abc"}
    page = service.post(SUMMARY, typed)
    assert page.status == 422
    assert page.title.startswith("Errore: ")
    targets = page.find("//div[@role='alert']//li/a/@href")
    assert targets == ["#comune", "#email", "#telefono"]
    for target in targets:
        (control,) = page.find(f"//*[@id='{target[1:]}']")
        assert control.get("aria-invalid") == "true"
    kept = page.controls()
    for name, value in typed.items():
        lines = [
            part.replace("\r\n", "\n") for part in [value] if isinstance(part, str)
        ]
        assert kept[name] == (lines or value)
    assert stored(service) == []


def test_the_summary_shows_every_answer_as_text_and_stores_nothing(service):
    page = read(service, competenze="<b>pane</b>", telefono="0564 484111")
    for shown in ("anh@example.org", "+39 0564 484111", "Sociale", "<b>pane</b>"):
        assert shown in page.text
    assert stored(service) == []


def test_a_section_is_changed_by_a_button_that_keeps_everything(service):
    page = read(service)
    (button,) = page.find("//button[contains(@formaction, '#contatti')]")
    form = service.post(button.get("formaction").partition("#")[0], page.controls())
    assert form.status == 200
    assert form.find("//fieldset[@id='contatti']")
    again = form.controls()
    assert {key: again[key] for key in VOLUNTEER} == {
        key: [value.replace("\r\n", "\n")] if isinstance(value, str) else value
        for key, value in VOLUNTEER.items()
    }


def test_another_language_keeps_what_was_typed(service):
    page = service.get(FORM)
    (button,) = page.find("//button[@data-language='en']")
    english = service.post(button.get("formaction"), {**VOLUNTEER, "email": "not yet"})
    assert english.find("/html/@lang") == ["en"]
    kept = english.controls()
    assert kept["email"] == ["not yet"]
    assert kept["aree"] == VOLUNTEER["aree"]


def test_confirming_stores_once_and_leads_to_the_page_after(service):
    data = read(service).controls()
    first = service.post(CONFIRM, data)
    assert first.status == 303
    second = service.post(CONFIRM, data)
    (submission,) = stored(service)
    assert submission.answers["nome_completo"] == "Nguyễn Thị Ánh"
    assert submission.answers["competenze"] == "Cucinare.\nE fare la spesa."
    for answer in (first, second):
        after = service.get(answer.location)
        assert submission.reference in after.text
        assert "a•••@example.org" in after.text
        assert "anh@" not in after.text


def test_an_older_copy_of_the_form_still_works_and_says_that_it_changed(service):
    page = service.post(SUMMARY, {**VOLUNTEER, "form-version": "of-yesterday"})
    assert page.status == 200
    assert "Il modulo è cambiato" in page.text
    assert service.post(CONFIRM, page.controls()).status == 303


@pytest.mark.parametrize("key", ["", "garbage", None])
def test_a_key_that_is_not_ours_gives_every_answer_back(service, key):
    data = read(service).controls()
    if key is None:
        other = Tokens(["another-key-that-is-long-enough-000000000"])
        key = other.make(
            "form-key", ["volontari", "x", "2020-06-20T08:00:00+00:00", "n"]
        )
    answer = service.post(CONFIRM, {**data, "form-key": key})
    assert answer.status == 409
    assert stored(service) == []
    again = answer.controls()
    assert {key: again[key] for key in VOLUNTEER} == {
        key: data[key] for key in VOLUNTEER
    }
    assert service.post(CONFIRM, again).status == 303


def test_a_key_of_another_version_gives_every_answer_back(service):
    data = read(service).controls()
    made = service.context.tokens.read("form-key", data["form-key"][0])
    made[1] = "another-fingerprint"
    data["form-key"] = [service.context.tokens.make("form-key", made)]
    answer = service.post(CONFIRM, data)
    assert answer.status == 409
    assert "è cambiato" in answer.text
    assert service.post(CONFIRM, answer.controls()).status == 303


def test_a_form_that_closes_meanwhile_gives_every_answer_back(service, clock):
    clock.now = datetime(2020, 7, 1, 21, 59, tzinfo=UTC)
    typed = {
        "email": "anh@example.org",
        "voglio_ricevere": ["link"],
        "presa_visione_privacy": "true",
    }
    first = service.post("/moduli/it/assemblea/riepilogo", typed)
    assert first.status == 200, first.text
    clock.advance(minutes=30)
    late = dict(first.controls())
    in_time = service.post("/moduli/it/assemblea/conferma", late)
    assert in_time.status == 303
    clock.advance(hours=1)
    fresh = service.post("/moduli/it/assemblea/riepilogo", typed)
    assert fresh.status == 409
    assert "anh@example.org" in fresh.text
    assert fresh.controls()["email"] == ["anh@example.org"]
    others = "not(@aria-hidden or @data-language)"
    assert not fresh.find(f"//main//button[{others}]")


def test_a_full_disk_says_so_and_the_same_page_sends_later(service, monkeypatch):
    data = read(service).controls()

    def full(job):
        raise StorageUnavailable("SQLITE_FULL")

    with monkeypatch.context() as patch:
        patch.setattr(service.context.store, "write", full)
        answer = service.post(CONFIRM, data)
    assert answer.status == 503
    assert answer.headers["Retry-After"] == "30"
    assert "Riprova" in answer.text
    assert answer.controls() == data
    assert service.post(CONFIRM, answer.controls()).status == 303


def test_a_program_that_fills_every_box_is_asked_again_and_a_person_loses_nothing(
    service,
):
    data = read(service).controls()
    answer = service.post(CONFIRM, {**data, "leave-empty": "buy"})
    assert answer.status == 422
    assert stored(service) == []
    assert "leave-empty" not in answer.controls()
    assert service.post(CONFIRM, answer.controls()).status == 303


def test_a_doubtful_value_is_asked_about_once_and_then_accepted(start_service, clock):
    service = start_service(SAMPLE)
    clock.now = datetime(2030, 3, 1, 12, 0, tzinfo=UTC)
    typed = {
        "nome": "Luca",
        "email": "luca@example.org",
        "profilo": "persona",
        "persone": "2",
        "interessi": ["orto"],
        "codice_fiscale": "RSSMRA85T10A562X",
        "maggiorenne": "true",
        "informativa": "true",
    }
    path = "/moduli/it/every-type"
    first = service.post(f"{path}/riepilogo", typed)
    assert first.status == 422
    assert first.title.startswith("Controlla: ")
    second = service.post(f"{path}/riepilogo", first.controls())
    assert second.status == 200
    assert service.post(f"{path}/conferma", second.controls()).status == 303


def test_a_full_form_says_that_there_is_a_waiting_list(start_service, clock):
    service = start_service(SAMPLE)
    clock.now = datetime(2030, 3, 1, 12, 0, tzinfo=UTC)
    typed = {
        "nome": "Luca",
        "email": "luca@example.org",
        "profilo": "persona",
        "persone": "6",
        "interessi": ["orto"],
        "maggiorenne": "true",
        "informativa": "true",
    }
    path = "/moduli/it/every-type"
    opened = service.get(path)
    for expected in (None, 1):
        summary = service.post(f"{path}/riepilogo", typed)
        after = service.get(
            service.post(f"{path}/conferma", summary.controls()).location
        )
        assert ("numero 1 della lista" in after.text) is (expected == 1)
    clock.advance(seconds=1)
    full = service.get(path)
    assert "I posti sono finiti" in full.text
    assert full.find("//main//form")
    assert full.headers["ETag"] != opened.headers["ETag"]
    state = service.client.get("/moduli/stato.json").get_json()
    assert state["every-type"] == {"door": "full", "left": 0, "waiting": 1}


def test_the_page_after_sending_does_not_tell_that_an_address_was_named_often(service):
    pages = []
    for _ in range(mail_queue.PROOFS_A_DAY + 1):
        answer = service.post(CONFIRM, read(service).controls())
        page = service.get(answer.location)
        (reference,) = page.find("//dd/span[@class='code']")
        pages.append(page.text.replace(reference.text_content(), ""))
    assert len(set(pages)) == 1
    assert len(stored(service)) == mail_queue.PROOFS_A_DAY + 1


NASTY = [
    "\0",
    "\x1b[31m",
    "‮gnirts",
    "a" * 100_000,
    "' OR 1=1 --",
    "{{ 7*7 }}",
    "%s%n",
    "\ud83d\ude00".encode("utf-16", "surrogatepass").decode("utf-16"),
    "=1+1",
    "-1",
    "\r\nBcc: x@example.org",
]


@pytest.mark.parametrize(
    "path",
    [
        SUMMARY,
        *(pytest.param(item, marks=pytest.mark.slow) for item in (FORM, CONFIRM)),
    ],
)
@pytest.mark.parametrize(
    "value",
    [
        pytest.param(value, id=str(number), marks=[pytest.mark.slow][: len(value) > 99])
        for number, value in enumerate(NASTY)
    ],
)
def test_nothing_that_is_typed_breaks_a_page(service, value, path):
    for name in VOLUNTEER:
        answer = service.post(path, {**VOLUNTEER, name: value})
        assert answer.status in (200, 409, 422), name


def test_bytes_that_are_no_text_break_nothing(service):
    answer = service.post(
        SUMMARY,
        b"nome_completo=%ff%fe&email=%00",
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status == 422


def test_no_answer_reaches_the_log(service, caplog):
    with caplog.at_level(logging.DEBUG):
        answer = service.post(CONFIRM, read(service).controls())
        service.get(answer.location)
        service.post(SUMMARY, {**VOLUNTEER, "email": "canarino@"})
    assert "POST /moduli/<lang>/<form_id>/conferma 303" in caplog.text
    token = answer.location.rpartition("/")[2]
    for canary in ("Nguyễn", "anh@example.org", "Cucinare", "canarino", token):
        assert canary not in caplog.text


@pytest.mark.parametrize("ending", ["riepilogo", "conferma", "bozza.pdf"])
def test_a_reopened_tab_leads_back_to_the_form(service, ending):
    answer = service.get(f"/moduli/en/volontari/{ending}")
    assert (answer.status, answer.location) == (303, "/moduli/en/volontari")
    assert service.get(f"/moduli/en/nothing/{ending}").status == 404


def test_an_unknown_form_is_missed_in_the_language_of_the_address(service):
    answer = service.get("/moduli/en/nothing")
    assert answer.status == 404
    assert answer.html.get("lang") == "en"
