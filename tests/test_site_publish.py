"""The swap that readers never notice, and the preview for whoever edits."""

import os
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from urllib.error import HTTPError

import pytest

from built_site import BASE, plain_server
from forms_service.config import Config
from postprocess import publish
from preview import PULSE, Builder, Handler


def made(folder, text):
    folder.mkdir(parents=True)
    (folder / "index.html").write_text(text)
    return folder


def test_a_site_takes_the_place_of_the_one_before(tmp_path):
    public = tmp_path / "build" / "public"
    public.parent.mkdir()
    for text in ("one", "two", "three"):
        publish(made(tmp_path / "built", text), public)
        assert (public / "index.html").read_text() == text
    # The one before stays for readers in the middle of it, older ones go.
    kept = list(public.with_name(".public.builds").iterdir())
    assert len(kept) == 2


def test_a_plain_folder_is_replaced_too(tmp_path):
    public = made(tmp_path / "public", "by hand")
    publish(made(tmp_path / "built", "one"), public)
    assert (public / "index.html").read_text() == "one"


def test_a_reader_always_finds_a_whole_site(tmp_path):
    public = tmp_path / "public"
    publish(made(tmp_path / "built", "0"), public)
    seen, turns, stop = [], threading.Semaphore(0), threading.Event()

    def read():
        while not stop.is_set():
            seen.append((public / "index.html").read_text())
            turns.release()

    with ThreadPoolExecutor(1) as pool:
        reader = pool.submit(read)
        for number in range(1, 40):
            publish(made(tmp_path / "built", str(number)), public)
            # Only the site before is kept for who is in the middle of it: the next
            # one comes when a reading has begun and ended after this one.
            while turns.acquire(blocking=False):
                pass
            assert turns.acquire(timeout=60)
            assert turns.acquire(timeout=60)
        stop.set()
        reader.result()
    assert seen == sorted(seen, key=int)
    assert len(set(seen)) == 40 - (seen[0] != "0")


@pytest.mark.parametrize(
    ("path", "lang", "word"),
    [
        ("/moduli/it/volontari", "it", "servizio dei moduli"),
        ("/moduli/fr/volontari?x=1", "fr", "service des formulaires"),
        ("/staff", "it", "servizio dei moduli"),
        ("/staff/accedi", "it", "servizio dei moduli"),
        ("/r/abc", "it", "servizio dei moduli"),
        ("/documenti/ar/incontro.ics", "ar", "لخدمة النماذج"),
        ("/moduli/../x", "it", "servizio dei moduli"),
    ],
)
def test_the_preview_says_how_to_run_the_service(tmp_path, path, lang, word):
    for folder, own in (("", "it"), ("fr", "fr"), ("ar", "ar")):
        made(
            tmp_path / "site" / folder,
            f'<!DOCTYPE html><html lang="{own}"><body>{own}</body>',
        )
    builder = Builder(Config.from_environment({}), {})
    answers = partial(Handler, builder=builder, directory=str(tmp_path / "site"))
    with plain_server(answers) as address:
        with pytest.raises(HTTPError) as refused:
            fetched(address + path)
        page = refused.value.read().decode()
        assert "<body>it</body>" not in fetched(f"{address}/fr/")
        with pytest.raises(HTTPError) as missing:
            fetched(f"{address}/rosa")
    assert refused.value.code == 404
    assert f'<html lang="{lang}"' in page
    assert word in page
    assert "make run" in page
    assert "make run" not in missing.value.read().decode()


@contextmanager
def built_in_preview(site):
    """Build a site as the preview begins; yield the builder that an edit wakes."""
    environment = {
        "FORMS_CONTENT_DIR": str(site.content),
        "FORMS_SITE_DIR": str(site.public),
        "FORMS_DATA_DIR": str(site.folder / "var"),
        "FORMS_BASE_URL": BASE,
    }
    builder = Builder(Config.from_environment(environment), os.environ | environment)
    builder.build_if_changed()
    builder.finish()
    assert builder.failure == ""
    try:
        yield builder
    finally:
        builder.close()


@pytest.fixture
def preview(small):
    """The preview of a site, with the builder that an edit wakes."""
    with built_in_preview(small) as builder:
        answers = partial(Handler, builder=builder, directory=str(small.public))
        with plain_server(answers) as address:
            yield builder, address


def fetched(address):
    with urllib.request.urlopen(address) as answer:  # noqa: S310 - our own server
        return answer.read().decode()


@pytest.mark.slow
def test_a_mistake_is_told_on_top_of_the_last_good_page(preview, small):
    builder, address = preview
    assert not builder.build_if_changed()
    assert 'role="alert"' not in fetched(f"{address}/partecipa/")
    before = fetched(address + PULSE)

    small.change("de/partecipa.md", "(pdf:lesepate)", "(pdf:verlesen)")
    assert builder.build_if_changed()
    page = fetched(f"{address}/partecipa/")
    assert "Mitmachen" in page
    assert 'role="alert"' in page
    assert "verlesen" in page
    assert fetched(address + PULSE) != before

    # A page that is read alone afterwards hides no mistake of another file.
    small.change("forms/lesepate.yml", "title:", "titel:")
    builder.build_if_changed()
    small.change("de/partecipa.md", "(pdf:verlesen)", "(pdf:lesepate)")
    assert builder.build_if_changed()
    assert "titel" in fetched(f"{address}/partecipa/")
    small.change("forms/lesepate.yml", "titel:", "title:")
    builder.build_if_changed()
    assert 'role="alert"' not in fetched(f"{address}/partecipa/")


@pytest.mark.slow
def test_an_edit_is_on_its_page_and_in_menus_at_once_and_the_whole_site_follows(
    preview, small
):
    builder, address = preview
    for title in ("Ein Vorhaben", "Unser Vorhaben"):
        known = small.page("/vorhaben/").findtext(".//h1")
        small.change("de/vorhaben.md", f"title: {known}", f"title: {title}")
        begun = time.process_time()
        assert builder.build_if_changed()
        assert f"<h1>{title}" in fetched(f"{address}/vorhaben/").replace("\n", "")
    # The first one also loads MkDocs. Time of this process alone: machines are busy.
    assert time.process_time() - begun < 1
    home = small.public / "index.html"
    assert title in home.read_text("utf-8")
    assert not home.with_name("index.html.br").exists()
    builder.finish()
    assert builder.failure == ""
    assert title in home.read_text("utf-8")
    assert home.with_name("index.html.br").exists()
    assert title in fetched(f"{address}/vorhaben/")


@pytest.mark.slow
def test_pages_after_edits_are_those_of_a_clean_build(changeable):
    edits = (
        ("en/progetto.md", "## ", "## Well: ", "en/progetto"),
        # In the footer of a language that has no such page, in menus, in a block.
        ("it/accessibilita.md", "title: ", "title: Ogni ", "ar/privacy"),
        ("ar/contatti.md", "title: ", "title: Orto ", "ar/privacy"),
        ("events/assemblea.yml", "title: ", "title: Grande ", "assemblea"),
    )

    def pages():
        return {file: file.read_bytes() for file in changeable.public.rglob("*.html")}

    with built_in_preview(changeable) as builder:
        for name, old, new, shown in edits:
            before = pages()
            changeable.change(name, old, new)
            assert builder.build_if_changed()
            edited = pages()
            changed = [file for file, page in edited.items() if page != before[file]]
            assert changeable.public / shown / "index.html" in changed
            assert len(changed) == 1 or not name.startswith("en/")
        builder.finish()
        assert builder.failure == ""
    assert pages() == edited


@pytest.mark.slow
def test_an_edit_that_is_undone_leaves_a_whole_site(preview, small):
    builder, _ = preview
    page = small.public / "vorhaben" / "index.html"
    for old, new in (("Das Vorhaben", "Etwas"), ("Etwas", "Das Vorhaben")):
        small.change("de/vorhaben.md", f"title: {old}", f"title: {new}")
        assert builder.build_if_changed()
        assert not page.with_name("index.html.br").exists()
    builder.finish()
    assert builder.failure == ""
    assert page.with_name("index.html.br").exists()


@pytest.mark.slow
def test_a_dead_link_is_told_at_once_and_the_last_good_page_stays(preview, small):
    builder, address = preview
    link = '<a href="/nirgends/">hier</a>'
    file = small.content / "de/vorhaben.md"
    file.write_text(f"{file.read_text('utf-8')}\n{link}\n", "utf-8")
    assert builder.build_if_changed()
    assert f"content/de/vorhaben.md: line 11: {link[:20]}" in builder.failure
    assert 'href="/nirgends/"' not in fetched(f"{address}/vorhaben/")

    file.write_text(file.read_text("utf-8").replace(link, "hier"), "utf-8")
    assert builder.build_if_changed()
    builder.finish()
    assert builder.failure == ""
    assert "hier" in fetched(f"{address}/vorhaben/")
