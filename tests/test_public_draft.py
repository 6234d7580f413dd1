"""Continue later: what was typed leaves as the form's own PDF and nothing is kept."""

import pytest

from forms_service.intake.filled import read_filled
from forms_service.web.public.form_pages import SAVING
from printed_forms import EVERY, EVERY_EN, pdf
from sample_content import SAMPLE, copied

FORM = "/moduli/it/every-type"
DRAFT = f"{FORM}/bozza.pdf"


def with_paper(service, content=None):
    """Put the built PDF where the site has it."""
    folder = service.config.site_dir / "documenti" / "it"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "every-type.pdf").write_bytes(content or pdf(EVERY))
    service.clock.advance(seconds=1)
    return service


@pytest.fixture
def service(start_service):
    """A service whose form is open."""
    service = start_service(SAMPLE)
    service.clock.now = service.clock.now.replace(year=2030, month=3)
    return service


def button(service):
    return service.get(FORM).find("//button[contains(@formaction, 'bozza')]")


def test_half_an_answer_is_in_the_saved_pdf_and_nothing_is_stored(service):
    with_paper(service)
    before = service.rows()
    (save,) = button(service)
    typed = {"nome": "Nguyễn Thị Ánh", "email": "not yet", "interessi": ["orto"]}
    saved = service.post(save.get("formaction"), typed)
    assert saved.status == 200
    assert saved.headers["Content-Type"] == "application/pdf"
    disposition = saved.headers["Content-Disposition"]
    assert disposition == "attachment; filename=every-type-bozza.pdf"
    assert saved.headers["Cache-Control"] == "no-store"
    found = read_filled(saved.body, service.context.content)
    assert found.raw == {
        "nome": ["Nguyễn Thị Ánh"],
        "email": ["not yet"],
        "interessi": ["orto"],
    }
    assert service.rows() == before


def test_without_a_pdf_that_fits_there_is_no_button_and_nothing_is_lost(service):
    for content in (b"", b"x" * 4100, pdf(EVERY_EN)):
        if content:
            with_paper(service, content)
        assert not button(service)
        back = service.post(DRAFT, {"nome": "Ánh"})
        assert back.status == 503
        assert back.headers["Retry-After"]
        assert back.controls()["nome"] == ["Ánh"]


def test_a_pdf_of_an_older_version_is_not_filled(start_service, tmp_path):
    newer = copied(
        tmp_path, ("forms/every-type.yml", 'version: "1.0"', 'version: "1.1"')
    )
    service = with_paper(start_service(newer))
    service.clock.now = service.clock.now.replace(year=2030, month=3)
    assert not button(service)
    assert service.post(DRAFT, {}).status == 503


def test_a_new_pdf_of_the_site_is_noticed(service):
    with_paper(service, b"x" * 4100)
    assert not button(service)
    with_paper(service)
    assert button(service)


def test_saving_has_a_limit(service):
    with_paper(service)
    service.use_up(SAVING, left=1)
    assert [service.post(DRAFT, {}).status for _ in range(2)] == [200, 429]
