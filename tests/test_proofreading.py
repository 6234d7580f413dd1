"""What `check` tells about texts: hard to read, out of date, dead or wordless."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from forms_service.content import load_content
from forms_service.content.page_html import parts_of
from forms_service.content.page_reading import load_pages
from forms_service.definition import ContentError
from forms_service.proofreading.past_dates import passed_dates
from forms_service.proofreading.readability import (
    LISTS,
    heavy_words,
    notices,
    readability,
)
from sample_content import SAMPLE

TODAY = date(2026, 11, 22)
HARD = (
    "Ai soggetti richiedenti, qualora non sussistano motivazioni ostative "
    "preventivamente comunicate dall’amministrazione procedente, viene riconosciuta "
    "la partecipazione alle iniziative precedentemente deliberate "
    "dall’organizzazione territoriale competente, subordinatamente alla presentazione "
    "della documentazione integrativa successivamente richiesta dagli uffici "
    "amministrativi territorialmente responsabili della valutazione complessiva delle "
    "candidature regolarmente presentate entro termini prestabiliti dall’avviso "
    "pubblico precedentemente approvato. "
) * 3


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The sample, to spoil."""
    return Path(shutil.copytree(SAMPLE, tmp_path / "content"))


def found(folder: Path, today: date = TODAY) -> list[str]:
    content = load_content(folder)
    return [str(notice) for notice in notices(content, load_pages(content), today)]


def add(folder: Path, name: str, text: str) -> int:
    """Append a paragraph to a page; return the line it begins on."""
    file = folder / name
    before = file.read_text(encoding="utf-8")
    file.write_text(f"{before}\n{text}\n", encoding="utf-8")
    return before.count("\n") + 2


def change(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text(encoding="utf-8")
    assert old in text
    (folder / name).write_text(text.replace(old, new, 1), encoding="utf-8")


def test_the_texts_of_the_sample_are_plain_and_in_time() -> None:
    assert found(SAMPLE) == []


def test_the_index_is_the_published_formula() -> None:
    judged = readability("Il cane dorme. Il gatto mangia!")
    # 2 sentences, 24 letters, 6 words.
    assert judged.index == pytest.approx(100)
    assert judged.words == 6
    assert readability("Abbiamo disposizioni n. 3 in materia.").index == pytest.approx(
        89 + (300 * 1 - 10 * 29) / 5
    )
    assert readability("").words == 0


def test_a_page_that_is_hard_to_read_is_told_with_its_longest_sentence(folder) -> None:
    add(folder, "it/azioni.md", HARD)
    (advice,) = [finding for finding in found(folder) if "Gulpease" in finding]
    assert advice.startswith("content/it/azioni.md: line 6: Gulpease ")
    assert "at least 60 is wanted" in advice
    assert "“Ai soggetti richiedenti, qualora non sussistano" in advice


def test_a_form_that_is_hard_to_read_is_told(folder) -> None:
    change(folder, "forms/volontari.yml", "  what: ", f"  what: {HARD}")
    (advice,) = [finding for finding in found(folder) if "Gulpease" in finding]
    assert advice.startswith("content/forms/volontari.yml: page: Gulpease ")


@pytest.mark.parametrize(
    "aside", ["```\n{}\n```", "<p>{}</p>", "| {} |", "[[{}]]", "## {}"]
)
def test_code_tables_headings_and_prescribed_texts_are_not_judged(
    folder, aside
) -> None:
    add(
        folder,
        "it/notizie.md",
        aside.format(HARD).replace("[[", "`").replace("]]", "`"),
    )
    assert [finding for finding in found(folder) if "Gulpease" in finding] == []


def test_other_languages_are_not_judged_by_the_italian_formula(folder) -> None:
    add(folder, "en/azioni.md", HARD)
    assert [finding for finding in found(folder) if "Gulpease" in finding] == []


def test_heavy_words_are_told_with_line_and_a_plainer_word(folder) -> None:
    line = add(
        folder, "it/azioni.md", "Puoi effettuare\nl’iscrizione. Al fine\ndi capire."
    )
    english = add(folder, "en/azioni.md", "You can utilise the form.")
    assert found(folder) == [
        f"content/en/azioni.md: line {english}: “utilise” is hard to read. "
        "Plainer: use",
        f"content/it/azioni.md: line {line}: “effettuare” is hard to read. "
        "Plainer: fare",
        f"content/it/azioni.md: line {line + 1}: “Al fine di” is hard to read. "
        "Plainer: per",
    ]


def test_heavy_words_of_forms_are_told_but_not_in_comments_keys_and_laws(
    folder,
) -> None:
    change(
        folder,
        "forms/volontari.yml",
        "  what: ",
        "  # effettuare\n  what: Qualora serva. ",
    )
    law = "  legal_basis: Nessuna."
    change(folder, "forms/volontari.yml", law, f"{law} Qualora serva.")
    (advice,) = found(folder)
    lines = (folder / "forms/volontari.yml").read_text("utf-8").splitlines()
    number = next(n for n, line in enumerate(lines, 1) if "what: Qualora" in line)
    assert advice == (
        f"content/forms/volontari.yml: line {number}: “Qualora” is hard to read. "
        "Plainer: se"
    )


def test_addresses_are_not_read_as_words(folder) -> None:
    add(
        folder,
        "it/azioni.md",
        "[Chi](https://www.presso.it/effettuare) scrive a presso@tool.it",
    )
    assert found(folder) == []


@pytest.mark.parametrize("lang", ["it", "en"])
def test_every_line_of_a_list_finds_its_own_words_and_names_a_source(lang) -> None:
    file = (LISTS / f"{lang}.txt").read_text(encoding="utf-8")
    assert "Font" in file or "Source" in file
    lines = [line for line in file.splitlines() if line and line[0] != "#"]
    assert len(heavy_words(lang)) == len(lines)
    for line, (_, pattern, plain) in zip(lines, heavy_words(lang), strict=True):
        assert pattern.search(line.partition(" = ")[0].replace("*", "")), line
        assert plain
    assert heavy_words("xx") == ()


@pytest.mark.parametrize(
    "text",
    [
        "Iscriviti entro il 1 luglio 2020.",
        "Puoi iscriverti fino al 30 giugno 2020",
        "Il bando scade il 2020-07-01.",
        "Manda il modulo non oltre le ore 12 del 01/07/2020.",
    ],
)
def test_a_limit_that_is_over_is_told(folder, text) -> None:
    line = add(folder, "it/azioni.md", text)
    (advice,) = found(folder)
    assert advice.startswith(f"content/it/azioni.md: line {line}: “")
    assert "is over" in advice
    assert found(folder, date(2020, 6, 1)) == []


@pytest.mark.parametrize(
    "text",
    [
        "Il assemblea del 1 luglio 2020 è su YouTube.",
        "Le iscrizioni erano aperte fino al 1 luglio 2020.",
        "Iscriviti entro il 1 luglio 2031.",
        "Rispondiamo entro un mese. Era il 1 luglio 2020.",
        "Iscriviti entro il 45 luglio 2020.",
    ],
)
def test_honest_history_and_the_future_are_fine(folder, text) -> None:
    add(folder, "it/azioni.md", text)
    assert found(folder) == []


def test_a_language_whose_limits_nobody_listed_is_not_judged() -> None:
    assert list(passed_dates("bis zum 2020-07-01", "de", TODAY)) == []


def test_old_news_may_speak_of_their_day(folder) -> None:
    news = "it/notizie/2020-06-18-assemblea-online.md"
    add(
        folder,
        news,
        "Iscriviti entro il 1 luglio 2020: [il modulo](service:assemblea).",
    )
    assert found(folder) == []


def test_whoever_is_invited_to_a_closed_form_is_told(folder) -> None:
    line = add(
        folder, "it/azioni.md", "[Iscriviti](service:assemblea), [x](service:volontari)"
    )
    change(folder, "it/index.md", 'to: "form:volontari"}', 'to: "form:assemblea"}')
    assert found(folder) == [
        f"content/it/azioni.md: line {line}: the form “assemblea” is closed since "
        "2020-07-01: invite no more",
        "content/it/index.md: hero.action.to: the form “assemblea” is closed since "
        "2020-07-01: invite no more",
    ]


def test_a_first_page_without_buttons_invites_nobody(folder) -> None:
    change(
        folder,
        "it/index.md",
        '  action: {text: Entra nel registro, to: "form:volontari"}\n',
        "",
    )
    assert found(folder) == []


def faults(folder: Path) -> list[str]:
    with pytest.raises(ContentError) as raised:
        load_pages(load_content(folder))
    return [str(problem) for problem in raised.value.problems]


@pytest.mark.parametrize(
    ("picture", "name"),
    [
        ("![](assets/logo.svg)", "assets/logo.svg"),
        ("![logo.svg](assets/logo.svg)", "assets/logo.svg"),
        ('<img src="/assets/logo.svg">', "<img>"),
    ],
)
def test_a_picture_without_words_is_a_mistake(folder, picture, name) -> None:
    line = add(folder, "it/azioni.md", picture)
    (advice,) = faults(folder)
    assert advice.startswith(f"content/it/azioni.md: line {line}: {name}: say in words")


def test_a_picture_with_words_is_none(folder) -> None:
    add(
        folder,
        "it/azioni.md",
        '![Il logo](assets/logo.svg) <img alt="" src="/assets/logo.svg">',
    )
    load_pages(load_content(folder))


@pytest.mark.parametrize(
    "link", ["#nulla", "progetto.md#nulla", "event:assemblea#nulla"]
)
def test_a_link_to_no_heading_is_a_mistake(folder, link) -> None:
    line = add(folder, "it/azioni.md", f"[qui]({link})")
    (advice,) = faults(folder)
    assert advice.startswith(f"content/it/azioni.md: line {line}: “{link}”: ")
    assert "no heading for #nulla" in advice


@pytest.mark.parametrize(
    "link",
    [
        "#corso-di-orto",
        "progetto.md#che-cosa-vuole-fare",
        "progetto.md",
        "privacy.md#volontari",
        "form:volontari#x",
        "index.md#news",
    ],
)
def test_a_link_to_a_heading_is_none(folder, link) -> None:
    add(folder, "it/azioni.md", f"[qui]({link})")
    load_pages(load_content(folder))


def test_an_event_that_is_not_translated_is_read_where_it_is(folder) -> None:
    (folder / "events" / "assemblea.en.yml").unlink()
    assert found(folder) == []


def test_headings_are_called_as_the_site_calls_them(built) -> None:
    pages = load_pages(load_content(SAMPLE)).by_language
    for lang, root in (("it", "/"), ("en", "/en/")):
        for name in ("progetto", "domande", "note-legali", "privacy"):
            page = built.page(f"{root}{name}/")
            made = page.xpath("//main//*[self::h2 or self::h3]/@id")
            own = {item for item in made if item != "index-title"}
            assert own <= parts_of(pages[lang][name].body)


def test_two_headings_of_one_name_and_one_without_letters_get_numbers() -> None:
    text = "## Così\n\n## Così\n\n## *Ещё*\n\n## A {#own}\n\n```\n## no\n```\n"
    assert parts_of(text) == {"cosi", "cosi_1", "_1", "own", "a"}
