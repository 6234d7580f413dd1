"""What a page offers on a day: no PDF that is closed, no news of tomorrow."""

import shutil
from datetime import UTC, datetime

import pytest

import freshness
from build import make_plan
from forms_service.config import Config
from forms_service.content import load_content
from forms_service.definition import ContentError
from sample_content import SAMPLE
from stage import stage

NEWS = "it/notizie/2020-06-18-assemblea-online.md"


@pytest.fixture
def staged(tmp_path):
    """Stage a changed copy of the content at a moment."""
    content = shutil.copytree(SAMPLE, tmp_path / "content")

    def at(now, **added):
        for name, text in added.items():
            with (content / "it" / f"{name}.md").open("a", encoding="utf-8") as file:
                file.write(text)
        settings = {
            "FORMS_CONTENT_DIR": str(content),
            "FORMS_DATA_DIR": str(tmp_path / "var"),
            "SITE_NOW": now,
        }
        plan = make_plan(Config.from_environment(settings))
        stage(plan, tmp_path / "stage")
        return plan, tmp_path / "stage"

    at.content = content
    return at


def test_a_written_link_to_the_pdf_of_a_closed_form_leads_to_its_page(staged):
    link = "\n[Il modulo](pdf:assemblea) e [l’volontari](pdf:volontari)\n"
    _, folder = staged("2020-07-01T10:00", azioni=link)
    text = (folder / "it/azioni.md").read_text("utf-8")
    assert "](/documenti/it/assemblea.pdf)" in text
    _, folder = staged("2020-07-02T10:00")
    text = (folder / "it/azioni.md").read_text("utf-8")
    assert "/documenti/it/assemblea.pdf" not in text
    assert "[Il modulo](/partecipa/assemblea/)" in text
    assert "](/documenti/it/volontari.pdf)" in text


@pytest.mark.slow
def test_news_come_out_on_their_day_and_the_site_is_built_then(staged):
    later = NEWS.replace("2020-06-18", "2020-07-05")
    shutil.copy(staged.content / NEWS, staged.content / later)
    plan, folder = staged("2020-07-03T10:00")
    assert not (folder / later).exists()
    assert "2020-07-05" not in (folder / "it/notizie.md").read_text("utf-8")
    assert b"2020-07-05" not in (folder / "it/notizie/feed.xml").read_bytes()
    # Midnight in Rome.
    assert freshness.next_change(plan) == datetime(2020, 7, 4, 22, tzinfo=UTC)
    _, folder = staged("2020-07-05T00:00")
    assert (folder / later).exists()
    assert "2020-07-05" in (folder / "it/notizie.md").read_text("utf-8")


def test_no_page_was_updated_after_the_day_that_is_previewed(staged):
    _, folder = staged("2020-06-25T10:00")
    for name in ("progetto", "cerca", "partecipa/volontari"):
        text = (folder / f"it/{name}.md").read_text("utf-8")
        assert "Pagina aggiornata il" in text
        assert "2026" not in text.partition("updated_text")[2].partition("\n")[0], name


def test_a_removed_address_that_is_none_is_a_mistake(staged):
    project = staged.content / "project.yml"
    text = project.read_text("utf-8")
    project.write_text(f'{text}\ngone: ["/vecchia/", "moduli", "/moduli/it/x"]\n')
    with pytest.raises(ContentError) as raised:
        load_content(staged.content)
    assert [str(problem) for problem in raised.value.problems] == [
        "content/project.yml: line 63: gone: “moduli”: write an address of the site, "
        "/so/",
        "content/project.yml: line 63: gone: “/moduli/it/x”: write an address of the "
        "site, /so/",
    ]


@pytest.mark.slow
def test_a_removed_page_says_so_in_its_language(start_service, built, staged):
    project = staged.content / "project.yml"
    gone = 'gone: ["/regole-vecchie/", "/en/old/"]'
    project.write_text(f"{project.read_text('utf-8')}\n{gone}\n")
    service = start_service(content=staged.content, site_dir=built.public)
    for path, status, lang in (
        ("/regole-vecchie/", 410, "it"),
        ("/regole-vecchie", 410, "it"),
        ("/en/old/", 410, "en"),
        ("/en/older/", 404, "en"),
        ("/moduli/en/nothing/else", 404, "en"),
    ):
        answer = service.get(path)
        assert (answer.status, answer.find("/html/@lang")) == (status, [lang]), path


@pytest.mark.slow
def test_a_page_that_is_there_is_not_gone(small):
    small.change("project.yml", "\nnav:", '\ngone: ["/vorhaben/"]\nnav:')
    done = small.build()
    assert done.returncode == 1
    assert "/vorhaben/: take it off gone in project.yml" in done.stderr
