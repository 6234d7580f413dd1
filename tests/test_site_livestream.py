"""The livestream: a plain link, a player that asks nobody before a click, its text."""

import pytest
from lxml import html

from conftest import policy_breaches
from event_view import player
from forms_service.content import load_content
from forms_service.content.page_reading import load_pages
from forms_service.definition.problems import ContentError
from sample_content import copied

FILM = "https://www.youtube.com/watch?v=AbC123dEf45"
EMBED = "https://www.youtube-nocookie.com/embed/AbC123dEf45?autoplay=1"


@pytest.fixture(scope="module")
def filmed(built, tmp_path_factory):
    """A site with the seminar recorded and its words written down."""
    site = built.copied(tmp_path_factory.mktemp("film"))
    recorded = f'recording: "{FILM}"\ntranscript: detto.txt'
    site.change("events/assemblea.yml", "recording: unknown", recorded)
    words = site.content / "events" / "detto.txt"
    words.write_text("Buongiorno a tutti.\n\nSi parla di\nwelfare.\n", "utf-8")
    done = site.build()
    assert done.returncode == 0, done.stderr
    return site


@pytest.fixture
def visit(browser, start_service, filmed):
    """A visitor whose requests and breaches are written down; no film is at hand."""
    contexts, field = [], []

    def start(**options):
        service = start_service(site_dir=filmed.public)
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.on("request", lambda request: field.append(request.url))
        page.on("console", lambda message: field.extend(policy_breaches(message.text)))
        page.route("https://**", lambda route: route.abort())
        page.goto(f"{service.address}/assemblea/", wait_until="networkidle")
        return page, lambda: [url for url in field if "https:" in url]

    yield start
    for context in contexts:
        context.close()


@pytest.mark.slow
def test_nothing_is_asked_of_others_before_the_click_and_the_player_after(visit):
    page, strangers = visit()
    button = page.get_by_role("button", name="Guarda in questa pagina")
    assert "i tuoi dati vanno a Google" in page.locator(".player").inner_text()
    assert strangers() == []
    button.focus()
    with page.expect_request(EMBED):
        page.keyboard.press("Enter")
    assert strangers() == [EMBED]
    assert page.evaluate("document.activeElement.title") == "Assemblea dell’orto"
    assert not button.is_visible()
    assert page.context.cookies() == []


@pytest.mark.slow
def test_without_a_script_there_is_the_plain_link_and_no_dead_button(visit):
    page, _ = visit(java_script_enabled=False)
    assert page.get_by_role("link", name="Guarda la registrazione").is_visible()
    assert not page.get_by_role("button").first.is_visible()


@pytest.mark.slow
def test_only_the_page_with_the_player_may_frame_another_site(
    start_service, filmed, built
):
    service = start_service(site_dir=filmed.public)
    policies = {
        path: service.get(path).headers["Content-Security-Policy"]
        for path in ("/", "/assemblea/", "/en/assemblea/", "/festa/")
    }
    framing = [path for path, sent in policies.items() if "frame-src" in sent]
    assert framing == ["/assemblea/", "/en/assemblea/"]
    assert built.page("/assemblea/").xpath("//*[@data-player]") == []


@pytest.mark.slow
def test_what_was_said_can_be_read_in_the_page(filmed):
    (shown,) = filmed.page("/assemblea/").xpath("//main//details[.//h2]")
    assert shown.xpath("./p/text()") == ["Buongiorno a tutti.", "Si parla di welfare."]
    (shown,) = filmed.page("/en/assemblea/").xpath("//main//details[.//h2]")
    assert shown.xpath("./p/span/@lang") == ["it", "it"]


def test_past_events_are_listed_newest_first(built):
    (found,) = built.page("/assemblea/").xpath("//*[@id='gli-incontri-gia-fatti']")
    text = html.tostring(found.getnext(), encoding="unicode")
    assert text.index("novembre 2022") < text.index("luglio 2020")


@pytest.mark.parametrize("name", ["nulla.txt", "../project.yml"])
def test_a_transcript_that_is_not_there_is_told(tmp_path, name):
    folder = copied(
        tmp_path,
        ("events/incontro.yml", "sequence: 0", f"sequence: 0\ntranscript: {name}"),
    )
    with pytest.raises(ContentError, match="events/incontro.yml: line 16: transcript:"):
        load_pages(load_content(folder))
    (folder / "events" / "detto.txt").write_text("Buongiorno.", "utf-8")
    event = folder / "events" / "incontro.yml"
    event.write_text(event.read_text("utf-8").replace(name, "detto.txt"), "utf-8")
    load_pages(load_content(folder))


@pytest.mark.parametrize(
    ("address", "frame"),
    [
        (FILM, EMBED),
        ("https://youtu.be/AbC123dEf45?t=5", EMBED),
        ("https://youtube.com/live/AbC123dEf45", EMBED),
        ("https://www.youtube.com/watch?v=AbC123dEf45&t=1", EMBED),
        ("https://www.youtube.com/@canale", ""),
        ("https://video.example/watch?v=AbC123dEf45", ""),
        ('https://youtu.be/AbC"onload', ""),
    ],
)
def test_a_player_is_offered_for_what_youtube_can_show(address, frame):
    assert player(address) == frame
