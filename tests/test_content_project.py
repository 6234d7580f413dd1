"""The project, its events and what keeps both from going public."""

from datetime import UTC, date, datetime, time
from pathlib import Path
from urllib.parse import unquote
from zoneinfo import ZoneInfo

import pytest

from forms_service.content import Moment, load_content
from forms_service.content.formats import names_film, whole_link
from forms_service.content.loading import MOST_OCTETS
from forms_service.proofreading.translations import production_problems
from sample_content import OTHER, copied, every_type, problems_of

PROJECT = "project.yml"
EVENT = "events/incontro.yml"
ROME = ZoneInfo("Europe/Rome")


def test_a_project_is_read_in_every_language_it_is_written_in() -> None:
    italian, english = every_type().projects.values()
    assert (italian.name, italian.main_language) == ("Orto Aperto", "it")
    assert italian.zone == ROME
    assert (english.lang, english.tagline) == ("en", "A garden to grow together")
    assert (english.name, english.name.lang) == ("Orto Aperto", "it"), "not translated"
    assert english.partners[0].role == "Partner"
    assert english.contacts.email == italian.contacts.email
    assert italian.is_demonstration
    other = load_content(OTHER).project
    assert (other.main_language, other.country) == ("de", "at")
    assert not other.is_demonstration


def test_colours_that_are_not_given_are_the_usual_ones(tmp_path: Path) -> None:
    colours = 'colours: {primary: "#005A3C", dark: "#00301F", light: "#EFF7F3"}'
    folder = copied(tmp_path, (PROJECT, colours, 'colours: {primary: "#aa0000"}'))
    assert load_content(folder).project.colours == {
        "primary": "#aa0000",
        "dark": "#003366",
        "light": "#F3F7FC",
    }


BAD_PROJECTS = [
    ("name: Orto Aperto\n", "", "name: write a text"),
    ("country: it", "country: italy", "country: “italy” is no country code "
     "(it, de, ch …)"),
    ("country: it\n", "", "country: this key is needed"),
    ("languages: [it, en]", "languages: [it, en, xx]", "languages: “xx” is no language "
     "code (it, en, ar …)"),
    ("languages: [it, en]", "languages: [it, en, it]", "languages: a language is there "
     "twice"),
    ("languages: [it, en]", "languages: []", "languages: write a list of words: "
     "[one, two]"),
    ("languages: [it, en]", "languages: it", "languages: write a list of words: "
     "[one, two]"),
    ("languages: [it, en]\n", "", "languages: write a list of words: [one, two]"),
    ("zone: Europe/Rome\n", "", "zone: this key is needed"),
    ("zone: Europe/Rome", "zone: Europe", "zone: “Europe” is no time zone: write one "
     "as Europe/Rome"),
    ("url: https://www.orto.example/\n", "url: www.orto.example\n",
     "owner.url: write a whole link (https://…), or TODO"),
    ("url: https://www.comune.example/", "url: javascript:alert(1)",
     "partners[0].url: write a whole link (https://…), or TODO"),
    ("partners:\n", "partners: none\nx:\n", "partners: write a list: each line begins "
     "with a dash"),
    ("backups_days: 30", "backups_days: many", "privacy.backups_days: write a whole "
     "number from 1 up"),
    ('primary: "#005A3C"', "primary: green", "colours.primary: write a colour as "
     "#0066CC, in quotes"),
    ("emblem: assets/logo.svg", "emblem: assets/lego.svg", "funding.emblem: there is "
     "no file assets/lego.svg in the content folder"),
    ("placeholder_assets: [assets/logo.svg]", "placeholder_assets: [assets/x.svg]",
     "placeholder_assets[0]: there is no file assets/x.svg in the content folder"),
    ("nav: [index]", "security_contact: nobody\nnav: [index]", "security_contact: "
     "write an email address, or a link, https://…, or TODO"),
    ("nav: [index]", "nav: [1]", "nav: write a list of words: [one, two]"),
    ("footer: []", "fotter: []", 'fotter: unknown key (did you mean "footer"?)'),
    ("  email: orto@", "  mail: orto@", 'contacts.mail: unknown key (did you mean '
     '"email"?)'),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "advice"), BAD_PROJECTS)
def test_a_mistake_in_the_project_is_told_at_its_key(
    tmp_path: Path, old: str, new: str, advice: str
) -> None:
    problems = problems_of(copied(tmp_path, (PROJECT, old, new)))
    assert f"content/{PROJECT}: {advice}" in problems


def test_a_translation_has_no_more_partners_than_the_project(tmp_path: Path) -> None:
    more = ("  - role: Partner\n", "  - role: Partner\n  - role: Another\n")
    folder = copied(tmp_path, ("project.en.yml", *more))
    assert problems_of(folder) == [
        "content/project.en.yml: partners: needs 1 items, as the original"
    ]


BAD_EVENTS = [
    ("title: Incontro", "titel: Incontro", "title: write a text"),
    ("date: 2030-10-28\n", "", "date: write a date as 2020-07-01"),
    ('begins: "17:30"', "begins: 5pm", 'begins: write the hour as "10:00", or unknown'),
    ('ends: "19:00"', 'ends: "17:30"', "ends: is not after begins"),
    ("place: Sala Inventata\nonline: true", "place: null\nonline: false",
     "place: say where, or write unknown, or online: true"),
    ('time: "17:30"', 'time: "17.30"', 'programme[0].time: write the hour as "10:00", '
     "or unknown"),
    ("title: Domande", "tilte: Domande", "programme[1].title: write a text"),
    ("sequence: 0", "sequence: -1", "sequence: write a whole number from 0 up"),
    ('livestream: ""', "livestream: www.video.example/x",
     "livestream: write the whole link, beginning with https://"),
    ('livestream: ""', "livestream: http://video.example/x",
     "livestream: write the whole link, beginning with https://"),
    ('livestream: ""', "livestream: https://vide.example/x",
     "livestream: “vide.example” is not in livestream_hosts (did you mean "
     '"video.example"?)'),
    ('livestream: ""', "livestream: https://video.example:8443/x",
     "livestream: “video.example:8443” is not in livestream_hosts (did you mean "
     '"video.example"?)'),
    ("recording: unknown", "recording: https://video.example@evil.example/x",
     "recording: write the whole link, beginning with https://"),
    ("recording: unknown", r"recording: https://video.example\@evil.example/x",
     "recording: write the whole link, beginning with https://"),
    ('livestream: ""', "livestream: https://video.example/",
     "livestream: write the whole link of the film, as the browser shows it"),
    ("recording: unknown", "recording: https://video.example/watch?v=…",
     "recording: write the whole link of the film, as the browser shows it"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "advice"), BAD_EVENTS)
def test_a_mistake_in_an_event_is_told_at_its_key(
    tmp_path: Path, old: str, new: str, advice: str
) -> None:
    problems = problems_of(copied(tmp_path, (EVENT, old, new)))
    assert f"content/{EVENT}: {advice}" in problems


@pytest.mark.parametrize(
    ("link", "named"),
    [
        ("https://www.youtube.com/watch?v=AbC123dEf4-", True),
        ("https://youtube.com/watch?t=2&v=AbC123dEf4_", True),
        ("https://www.youtube.com/live/AbC123dEf45?si=x", True),
        ("https://youtu.be/AbC123dEf45?t=9", True),
        ("https://film.example/1", True),
        ("https://www.youtube.com/watch?v=…", False),
        ("https://www.youtube.com/watch?v=...", False),
        ("https://www.youtube.com/watch?v=AbC123", False),
        ("https://www.youtube.com/watch", False),
        ("https://www.youtube.com/@canale", False),
        ("https://www.youtube.com/live/", False),
        ("https://www.youtube.com", False),
        ("https://youtu.be/", False),
        ("https://film.example", False),
    ],
)
def test_a_link_to_a_film_names_the_film(link: str, named: bool) -> None:
    parts = whole_link(link)
    assert parts is not None
    assert names_film(parts) is named


def test_the_one_line_of_the_day_is_the_link(tmp_path: Path) -> None:
    link = "https://video.example/watch?v=a_b-1&t=2"
    folder = copied(tmp_path, (EVENT, 'livestream: ""', f'livestream: "{link}"'))
    for lang in ("it", "en"):
        assert load_content(folder).event("incontro", lang).livestream == link


@pytest.mark.parametrize(
    ("link", "whole"),
    [
        ("https://a.example", True),
        ("http://a.example:8080/x?y#z", True),
        ("https://[::1]/x", True),
        ("https://[broken/x", False),
        ("https://a.example:port/", False),
        ("https://a.example:0/", False),
        ("https:///x", False),
        ("//a.example/x", False),
        ("mailto:a@b.example", False),
        ("https://user@a.example/", False),
        ("https://a.example/ x", False),
        ('https://a.example/"', False),
    ],
)
def test_a_link_is_whole_and_plain(link: str, whole: bool) -> None:
    assert (whole_link(link) is not None) is whole


def test_what_is_unknown_of_an_event_is_empty(tmp_path: Path) -> None:
    folder = copied(
        tmp_path,
        (EVENT, 'begins: "17:30"', "begins: unknown"),
        (EVENT, 'ends: "19:00"', "ends:"),
        (EVENT, "place: Sala Inventata\nonline: true", "place: unknown\nonline: false"),
        (EVENT, "audience: Aperto a tutti", "audience: unknown"),
        ("events/incontro.en.yml", "place: Invented Hall\n", ""),
        ("events/incontro.en.yml", "audience: Open to everyone\n", ""),
    )
    for lang in ("it", "en"):
        event = load_content(folder).event("incontro", lang)
        assert (event.begins, event.ends, event.recording) == (None, None, "")
        assert (event.venue, event.audience, event.no_recording) == ("", "", "")


def test_an_event_is_before_live_and_after() -> None:
    event = every_type().event("incontro")
    assert (event.date, event.begins, event.ends) == (
        date(2030, 10, 28),
        time(17, 30),
        time(19, 0),
    )
    assert event.starts_at(ROME) == datetime(2030, 10, 28, 16, 30, tzinfo=UTC)
    assert event.starts_at(ROME).tzinfo is UTC
    assert event.ends_at(ROME) == datetime(2030, 10, 28, 18, 0, tzinfo=UTC)
    moments = {
        datetime(2030, 10, 28, 16, 29, 59, tzinfo=UTC): Moment.BEFORE,
        datetime(2030, 10, 28, 16, 30, tzinfo=UTC): Moment.LIVE,
        datetime(2030, 10, 28, 17, 59, 59, tzinfo=UTC): Moment.LIVE,
        datetime(2030, 10, 28, 18, 0, tzinfo=UTC): Moment.AFTER,
    }
    assert {now: event.moment(now, ROME) for now in moments} == moments


def test_an_event_without_hours_lasts_the_day_of_its_zone(tmp_path: Path) -> None:
    folder = copied(
        tmp_path,
        (EVENT, 'begins: "17:30"', "begins: unknown"),
        (EVENT, 'ends: "19:00"', "ends: unknown"),
        (EVENT, "date: 2030-10-28", "date: 2030-10-27"),
    )
    event = load_content(folder).event("incontro")
    assert event.starts_at(ROME) == datetime(2030, 10, 26, 22, tzinfo=UTC)
    assert event.ends_at(ROME) == datetime(2030, 10, 27, 23, tzinfo=UTC), "25 hours"


def test_the_programme_is_translated_line_by_line() -> None:
    italian = every_type().event("incontro").programme
    english = every_type().event("incontro", "en").programme
    assert [item.time for item in italian] == ["17:30", ""]
    assert [(item.time, item.title) for item in english] == [
        ("17:30", "Welcome"),
        ("", "Questions"),
    ]


def test_a_complete_project_may_go_public() -> None:
    assert production_problems(load_content(OTHER)) == []


def test_a_small_drawing_is_part_of_the_page_and_a_large_one_is_asked_for(
    tmp_path: Path,
) -> None:
    folder = copied(tmp_path)
    logo = folder / "assets" / "logo.svg"
    project = load_content(folder).project
    kind, _, drawn = project.picture(project.logo).partition(",")
    assert (kind, unquote(drawn)) == ("data:image/svg+xml", logo.read_text())
    logo.write_text(logo.read_text() + " " * MOST_OCTETS)
    project = load_content(folder).project
    assert project.picture(project.logo) == "/assets/logo.svg"
    assert project.picture("") == ""


def test_what_is_still_to_be_given_is_refused_in_production() -> None:
    advice = [str(problem) for problem in production_problems(every_type())]
    field = [
        "owner.tax_code",
        "contacts.phone",
        "contacts.pec",
        "contacts.desk",
        "human_channel.phone",
        "privacy.controller_contact",
        "privacy.dpo_contact",
        "legal.accessibility_statement",
        "legal.accessibility_objectives",
        "legal.transparency",
    ]
    todo = "write the real value: TODO is refused in production"
    assert advice == [
        *(f"content/project.yml: {path}: {todo}" for path in field),
        "content/project.yml: authorised_by: write who has authorised the site, "
        "when and by which act",
        "content/project.yml: placeholder_assets: replace assets/logo.svg with the "
        "real picture and take it off this list",
        "content/forms/*.en.yml: reviewed_by: nobody has checked every-type: write "
        "who has, leave the language out, or write allow_unreviewed: true in "
        "project.yml",
    ]


def test_a_value_that_is_not_written_at_all_is_missing_too(tmp_path: Path) -> None:
    folder = copied(tmp_path, (PROJECT, "  email: orto@orto.example\n", ""))
    assert "contacts.email" in {
        p.path for p in production_problems(load_content(folder))
    }


@pytest.mark.parametrize(
    ("name", "old", "new", "advice"),
    [
        ("forms/every-type.yml", "label: Telefono", "label: TODO",
         "forms/every-type.yml: sections.persona.fields.telefono.label"),
        ("forms/every-type.yml", "- Cinque minuti.", "- TODO minuti.",
         "forms/every-type.yml: page.needs[1]"),
        ("forms/every-type.en.yml", "label: Phone", "label: TODO",
         "forms/every-type.en.yml: sections.persona.fields.telefono.label"),
        ("events/incontro.yml", "title: Domande", "title: TODO",
         "events/incontro.yml: programme[1].title"),
        ("events/incontro.en.yml", "title: Questions", "title: TODO",
         "events/incontro.en.yml: programme[1].title"),
        ("project.en.yml", "full_name: Orto Aperto", "full_name: TODO",
         "project.en.yml: full_name"),
        ("project.yml", "name: Autorità di esempio", "name: TODO",
         "project.yml: privacy.complaint.name"),
    ],
)  # fmt: skip
def test_a_todo_anywhere_is_told_once_where_it_stands(
    tmp_path: Path, name: str, old: str, new: str, advice: str
) -> None:
    def todos(folder: Path) -> list[str]:
        problems = production_problems(load_content(folder))
        return [f"{p.file.partition('/')[2]}: {p.path}" for p in problems]

    before = todos(copied(tmp_path))
    after = todos(copied(tmp_path, (name, old, new)))
    assert [line for line in after if line not in before] == [advice]


def test_a_word_that_only_contains_todo_is_a_word(tmp_path: Path) -> None:
    folder = copied(tmp_path, ("forms/every-type.yml", "label: Note", "label: TODOS"))
    assert not [
        p for p in production_problems(load_content(folder)) if p.path.endswith("label")
    ]


@pytest.mark.parametrize(
    "file", ["events/incontro.yml", "forms/every-type.yml", "project.yml"]
)
def test_translations_of_a_file_that_cannot_be_read_are_not_compared(
    tmp_path: Path, file: str
) -> None:
    folder = copied(tmp_path)
    (folder / file).write_text("title: [", "utf-8")
    problems = problems_of(folder)
    assert any(advice.startswith(f"content/{file}:") for advice in problems)
    assert not [
        advice for advice in problems if "the original has no such text" in advice
    ]
    assert not [advice for advice in problems if ".en.yml" in advice]
