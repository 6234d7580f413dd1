"""`check` and the build agree: what one refuses the other refuses, each with its line.

One folder is spoilt in one place at a time; each case says where, how and what is told.
"""

import io
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner
from PIL import Image

from forms_service.cli import main
from forms_service.config import Config
from forms_service.content.contrast import LEAST, TEXTS, ratio, unreadable
from forms_service.definition import ContentError
from forms_service.proofreading.catalogues import catalogue_problems
from forms_service.shapes import chrome
from plan import make_plan
from sample_content import OTHER, SAMPLE

PAGE = "it/azioni.md"
PROJECT = "project.yml"
FORM = "forms/volontari.yml"
EVENT = "events/festa.yml"
ENGLISH = "forms/volontari.en.yml"
# What is written is added to the page after its last line.
LAST = 25


@dataclass(frozen=True)
class Spoilt:
    """One file, what is done to it, and what is told of it."""

    file: str
    problem: str
    new: str | bytes = ""
    old: str = ""

    def spoil(self, folder: Path) -> None:
        """Write a file, replace a text in it, or take it away."""
        file = folder / self.file
        if self.old == "gone":
            file.unlink()
        elif self.old:
            text = file.read_text(encoding="utf-8")
            assert self.old in text, f"{self.old!r} is not in {self.file}"
            file.write_text(text.replace(self.old, str(self.new), 1), encoding="utf-8")
        else:
            file.parent.mkdir(parents=True, exist_ok=True)
            octets = self.new if isinstance(self.new, bytes) else self.new.encode()
            file.write_bytes(octets)

    def mend(self, folder: Path) -> None:
        """Give the folder back its file."""
        original = SAMPLE / self.file
        if original.is_file():
            shutil.copyfile(original, folder / self.file)
            return
        place = folder / self.file
        place.unlink()
        while not any(place.parent.iterdir()):
            place = place.parent
            place.rmdir()


def line(text: str, problem: str, number: int = LAST + 2) -> Spoilt:
    """Add text to the end of a page; it is told with its line."""
    whole = f"{(SAMPLE / PAGE).read_text(encoding='utf-8').rstrip()}\n\n{text}\n"
    return Spoilt(PAGE, f"line {number}: {problem}", whole)


def text(file: str, old: str, new: str, problem: str) -> Spoilt:
    """Replace a text of a file."""
    return Spoilt(file, problem, new, old)


HUGE = b"\x89PNG\r\n\x1a\n" + bytes(11_600_000)
CUT = "the picture is damaged or cut off: copy it here again"


def picture(kind: str, *size: int) -> bytes:
    """Return the octets of a picture."""
    octets = io.BytesIO()
    Image.new("1", size).convert("L" if kind == "JPEG" else "1").save(octets, kind)
    return octets.getvalue()


FRONT = "---\ntitle: Uno\ndescription: Due.\nupdated: 2026-01-15\n---\n\nTesto.\n"
SPOILT = {
    # YAML
    "indentation": text(
        EVENT, "date: 2022", "  date: 2022", "line 3: this line begins further"
    ),
    "colon": text(EVENT, "Aperta a", "Aperta: a", "line 8: put a text that holds “: ”"),
    "quote": text(
        FORM, "title: Reg", 'title: "Reg', "line 4: this quote is not closed"
    ),
    "quote at the end": text(EVENT, "source: inv", "source: 'inv", "line 15: this quo"),
    "quote inside": text(
        EVENT, "Aperta a tutti.", "'L'orto'", "line 8: the quotes end before"
    ),
    "twice": text(EVENT, "ends: unknown", "date: 2022-11-17", "line 5: “date” is ther"),
    "tab": text(EVENT, "ends:", "\tends:", "line 5: use spaces, not tabs"),
    "alias": text(EVENT, "source: inventato", "source: *x", "line 15: *x: write it"),
    "bracket": text(PROJECT, "[it, en, ar]", "[it, en, ar", "line 7: close the bracke"),
    "colour without quotes": text(
        PROJECT, '"#005A3C"', "#005A3C", "line 48: put a value that begins with #"
    ),
    "yaml in latin-1": Spoilt(EVENT, "save the file as UTF-8", b"title: caff\xe8\n"),
    "day": text(
        EVENT, "2022-11-17", "2022-02-31", "line 3: date: 31 February 2022 does not exi"
    ),
    "month": text(EVENT, "2022-11-17", "2022-13-01", "line 3: date: there is no month"),
    "day of a form": text(
        FORM, "opens: 2020-06-18", "opens: 2020-06-31", "opens: 31 June 2020 does not"
    ),
    "day of a page": text(
        PAGE, "2026-11-22", "2026-11-31", "line 4: updated: 31 November 2026 does not"
    ),
    "hour": text(EVENT, '"09:00"', "9.30", "line 4: begins: write the hour"),
    "key": text(FORM, "closes: null", "closse: null", "line 20: closse: unknown key"),
    "type": text(
        FORM, "type: email", "type: emial", "line 112: fields.email.type: unknown “emia"
    ),
    "translation": text(
        ENGLISH, "title:", "titel:", "titel: unknown key (did you mean"
    ),
    # Files that are missing, misplaced or misnamed
    "no project": Spoilt(
        PROJECT, "content/project.yml: the file is missing", "", "gone"
    ),
    "no language file": Spoilt(
        "project.en.yml", "content/project.en.yml: the file is missing", "", "gone"
    ),
    "language without files": text(
        PROJECT, "[it, en, ar]", "[it, en, ar, es]", "content/project.es.yml: the file"
    ),
    "no first page": Spoilt(
        "en/index.md", "write the first page, en/index.md", "", "gone"
    ),
    "no page": Spoilt(
        "it/domande.md", "line 52: nav: there is no page “domande.md”", "", "gone"
    ),
    "page in a folder": Spoilt(
        "it/orti/mappa.md", "it/orti/mappa.md: pages in folders are not read", FRONT
    ),
    "page beside the languages": Spoilt(
        "mappa.md",
        "content/mappa.md: nobody reads this file: move it to it/mappa",
        FRONT,
    ),
    "language that is not listed": Spoilt(
        "fr/index.md", "content/fr/index.md: “fr” is not in languages", FRONT
    ),
    "stray yaml": Spoilt("it/modulo.yml", "it/modulo.yml: nobody reads this", "a: 1\n"),
    "yaml ending": Spoilt("forms/nuovo.yaml", "nuovo.yaml: rename the file", "a: 1\n"),
    "name of a page": Spoilt(
        "it/Gli Orti.md", "it/Gli Orti.md: rename the file: small letters", FRONT
    ),
    "name of the program": Spoilt(
        "it/cerca.md", "it/cerca.md: rename the file: “/cerca/” is an address", FRONT
    ),
    "name of a language": Spoilt(
        "it/en.md", "it/en.md: rename the file: “/en/”", FRONT
    ),
    "news without a day": Spoilt(
        "it/notizie/festa.md", "it/notizie/festa.md: name it after its day", FRONT
    ),
    "page in latin-1": Spoilt(
        PAGE, f"{PAGE}: save the file as UTF-8", b"---\ncaff\xe8"
    ),
    "page with another ending": Spoilt(
        "it/mappa.markdown",
        "rename the file: its name ends in .md",
        b"x",
    ),
    "page without front matter": Spoilt(PAGE, "line 1: begin with ---", "# Titolo\n"),
    # Pictures and other files
    "huge picture": Spoilt(
        "assets/foto.png", "foto.png: the picture has 11.6 MB, at most 2 are", HUGE
    ),
    "picture of a telephone": Spoilt(
        "assets/foto.heic", "browsers do not show .heic: save it as JPEG", b"x"
    ),
    "picture of another kind": Spoilt(
        "assets/foto.jpg", "this is a .png file: rename it to foto.png", HUGE[:100]
    ),
    "no picture": Spoilt("assets/foto.png", "this is no .png file", b"not at all"),
    "empty picture": Spoilt("assets/foto.png", "foto.png: the file is empty", b""),
    "half a JPEG": Spoilt(
        "assets/a.jpg", f"a.jpg: {CUT}", picture("JPEG", 90, 90)[:-9]
    ),
    "half a PNG": Spoilt(
        "assets/a.png", f"a.png: {CUT}", picture("PNG", 900, 900)[:90]
    ),
    "picture of endless pixels": Spoilt(
        "assets/a.png",
        "a.png: the picture has too many pixels: make it 1600",
        picture("PNG", 7_100, 7_100),
    ),
    "huge file": Spoilt(
        "assets/a.pdf", "a.pdf: the file has 25.1 MB, at most 25: ", bytes(25_100_000)
    ),
    "page among the pictures": Spoilt(
        "assets/x.html", ".html is not for assets/", b"x"
    ),
    "picture that is named and not there": text(
        PROJECT,
        "emblem: assets/logo.svg",
        "emblem: assets/no.svg",
        "emblem: there is no",
    ),
    # Colours
    "yellow": text(
        PROJECT, "#005A3C", "#FFEB3B", "line 48: colours.primary: “#FFEB3B” o"
    ),
    "dark that is light": text(
        PROJECT, "#00301F", "#AAAAAA", "48: colours.dark: “#AAAA"
    ),
    "light that is dark": text(
        PROJECT, "#EFF7F3", "#777777", "48: colours.light: “#173"
    ),
    # Keys of pages and the project that lead nowhere or show nothing
    "cards on an inner page": text(
        PAGE,
        "updated:",
        "cards: [{title: A, to: index.md}]\nupdated:",
        "line 4: cards: o",
    ),
    "hero on an inner page": text(
        PAGE, "updated:", "hero: {title: A}\nupdated:", "line 4: hero: only a page with"
    ),
    "card to nowhere": text(
        "it/index.md", 'to: "form:corso"', "to: corsi.md", "line 18: cards[1].to: there"
    ),
    "gone that is there": text(
        PROJECT,
        "nav:",
        "gone: [/azioni/]\nnav:",
        "line 52: gone: /azioni/: take it off",
    ),
    "safety without numbers": text(
        PROJECT, "  numbers:\n", "  x:\n", "safety.numbers: write whom to call"
    ),
    "logo that is no picture": text(
        PROJECT,
        "logo: assets/logo.svg\nplace",
        "logo: project.yml\nplace",
        "line 49: logo: project.yml is no picture in assets/",
    ),
    "mailbox": text(
        PROJECT, "orto@orto.example", "orto at orto", "contacts.email: write an email"
    ),
    "number in words": text(
        PROJECT, 'number: "112"', "number: uno", "numbers[0].number: write a phone numb"
    ),
    "phone in words": text(
        PROJECT,
        "phone: TODO\n  pec",
        "phone: chiamaci\n  pec",
        "contacts.phone: write a phone number, +39 0564 123456, or TODO",
    ),
    "host with a scheme": text(
        PROJECT,
        "[video.example,",
        "[https://video.example/,",
        "livestream_hosts: “https://video.example/”: write a host alone",
    ),
    # Links
    "link": line("[a](mappa.md)", "there is no page “mappa.md”"),
    "form": line("[a](form:volontario)", "there is no form “volontario” (did you mean"),
    "part": line("[a](progetto.md#no)", "“progetto.md#no”: progetto.md has no heading"),
    "file outside assets": line(
        "[a](doc/a.pdf)", "“doc/a.pdf”: link to a page as page"
    ),
    "no file": line("[a](assets/a.pdf)", "“assets/a.pdf”: there is no such file"),
    "empty link": line("[a]()", "“]()”: the link leads nowhere"),
    "space in a link": line("[a] (azioni.md)", "“] (azioni.md)”: no space between"),
    "link apart": line(
        "[a][b]\n\n[b]: azioni.md", "“[b]: azioni.md”: only links to", 29
    ),
    "link apart to nowhere": line("[a][b]", "“[a][b]” is printed as it is"),
    "block of another program": line("![[foto.png]]", "![[foto.png]] is printed as it"),
    "page in brackets": line(
        "Vedi [[Il progetto]].", "[[Il progetto]] is printed as it is: write [words](pa"
    ),
    "mail to nobody": line("[a](mailto:)", "“](mailto:)”: the link leads nowhere"),
    "footnote twice": line(
        "Uno.[^1]\n\n[^1]: a\n\n[^1]: b", "“[^1]:” is there twice: one of them is", 29
    ),
    "footnote of nothing": line("[^1]: a", "“[^1]:” belongs to nothing: write [^1]"),
    "footnote": line("Testo.[^1]", "“[^1]” has no note: write [^1]:"),
    "picture without words": line(
        "![](assets/logo.svg)", "assets/logo.svg: say in word"
    ),
    "picture of another site": line(
        "![Foto](https://a.example/x.png)",
        "“![Foto](https://a.example/x.png”: the site",
    ),
    # HTML
    "html link": line(
        '<a href="/nope/">x</a>', '<a href="/nope/">: there is no such pa'
    ),
    "html link to a file": line(
        '<a href="azioni.md">x</a>',
        '<a href="azioni.md">: in HTML write the address',
    ),
    "html link to a part": line(
        '<a href="/progetto/#no">x</a>', '<a href="/progetto/#no'
    ),
    "html script link": line(
        '<a href="javascript:alert()">x</a>',
        '<a href="javascript:alert()">: no kind of link',
    ),
    "iframe": line(
        '<iframe src="https://osm.example/"></iframe>', "<iframe> does nothing"
    ),
    "video": line('<video src="assets/logo.svg"></video>', "<video> does nothing on"),
    "script": line("<script>a()</script>", "<script> does nothing on this site"),
    "style": line("<style>p{color:red}</style>", "<style> does nothing on this site"),
    "form in a page": line(
        '<form action="/x"></form>', "<form> does nothing on this si"
    ),
    "onclick": line('<span onclick="a()">x</span>', "onclick=: browsers run no script"),
    "style of one word": line(
        '<b style="color:red">x</b>', "style=: browsers ignore it"
    ),
    "style by attributes": line(
        "Testo\n{: style='color:red' }", "“{: style=”: browsers ignore", 28
    ),
    "html picture": line(
        '<img alt="" src="https://a.example/x">',
        '<img src="https://a.example/x">: the si',
    ),
    "html picture without words": line('<img src="/assets/logo.svg">', "<img>: say in"),
    "open element": line("<div>\n\nTesto", "<div> is not closed: write </div> where"),
    "open element inside another": line("<div><b>a</div>", "<b> is not closed befor"),
    "element that closes itself": line("<div/>", "<div> is not closed: write </div>"),
    "end without a beginning": line("a</b>", "</b> ends nothing: take it away"),
    "open comment": line("<!-- poi", "<!-- is not closed, so all that follows is lost"),
    "program in a page": line("a <?php echo 1 ?>", "“<php echo …”: browsers do not"),
    "kind of a document": line("a <!DOCTYPE x> <![CDATA[ b ]]>", "“<DOCTYPE x…”: bro"),
    "markdown that is asked for": line(
        '<div markdown="1">a</div>', "markdown=: Markdown inside HTML is printed as it"
    ),
    "markdown in html": line(
        "<div>\n\n- ![a](assets/logo.svg)\n\n</div>",
        "“-” inside <div> is printed",
        29,
    ),
    "words in angle brackets": line(
        "Scrivi <cognome>.", "browsers do not show “<cogno"
    ),
    # Markdown that is not read here
    "details": line('??? note "Altro"\n    Testo', "“???” is printed as it is"),
    "tabs": line('=== "Uno"\n    Testo', "“===” is printed as it is"),
    "task": line("- [x] fatto", "“- [x]” is printed as it is"),
    "icon": line("Vai :material-map: qui", "“:material-map:” is printed as it is"),
    "mermaid": line("```mermaid\ngraph LR\n```", "```mermaid: a diagram is printed as"),
    "abbreviation": line("*[OdV]: Organizzazione", "“*[OdV]:” is printed as it is"),
    "marked": line("Testo ==importante== qui", "“==importante==” is printed as it is"),
    "struck out": line("~~vecchio~~", "“~~vecchio~~” is printed as it is"),
    "snippet": line('--8<-- "a.md"', "“--8<--” is printed as it is"),
    "macro": line("{{ anno }}", "“{{ anno }}” is printed as it is"),
    "alert": line("> [!NOTE]\n> Testo", "“> [!NOTE]” is printed as it is"),
    "admonition without a title": line(
        "!!! warning\n    Testo", "“!!! warning”: needs"
    ),
    "second title": line("# Titolo", "“#”: the title of the page is its heading"),
    "second title without a space": line("#Titolo", "“#”: the title of the page is"),
    "second title underlined": line(
        "Titolo\n===", "“Titolo”: the title of the page is its headi"
    ),
    "heading without words": line("##", "“##”: the heading has no words"),
    "list below a sentence": line(
        "Serve:\n- uno\n- due", "“- uno”: write an empty line above it", 28
    ),
    "numbers below a sentence": line(
        "Prima\nPoi:\n1. uno\n2. due", "“1. uno”: write an empty line above", 29
    ),
    "list of a word processor": line("• uno\n• due", "“• uno” makes no list: begin"),
    "list with brackets": line("Serve:\na) uno\nb) due", "“a) uno” makes no list", 28),
    "table below a sentence": line(
        "Orari:\n| a | b |\n|---|---|\n| c | d |",
        "“| a | b |”: write an empty line",
        28,
    ),
    "cell that is lost": line(
        "| a | b |\n|---|---|\n| c | d | e |", "the row has 3 cells and the head 2", 29
    ),
    "table without all its lines": line(
        "| a | b | c |\n|---|---|\n| c | d |", "the row has 2 cells and the head 3", 28
    ),
    "item indented by two": line(
        "- uno\n  - due", "“- due”: four spaces in front put it below", 28
    ),
    "item below a number": line(
        "1. uno\n   - due", "“- due”: four spaces in front", 28
    ),
    "note that is not indented": line(
        '!!! note "Uno"\n  Testo',
        "“!!! note”: indent the text of the note by four spaces",
    ),
    "space in an address": line(
        "[a](https://a.example/a b)",
        "“](https://a.example/a b)”: a space in an address is %20",
    ),
    "size of a picture": line(
        "![a](assets/logo.svg =9x)", "“](assets/logo.svg =9x)”: a space in an address"
    ),
    "link the wrong way round": line(
        "(azioni)[azioni.md]", "“(azioni)[azioni.md” is printed as it is: write [words]"
    ),
    "words with a class": line("[a]{.x}", "“[a]{” is printed as it is"),
    "list with hard spaces": line(
        "-\u00a0uno\n-\u00a0due", "“-\u00a0uno” makes no list"
    ),
    "letter above the line": line("m^2^", "“m^2^” is printed as it is: write <sup>"),
    "shortcode": line('[gallery ids="1"]', '“[gallery ids="1"]” is printed as it is'),
    "letter that was lost": line(
        "citt\ufffd", "“\ufffd” is printed as it is: a letter was lost"
    ),
    "block": line("[[mappa]]", "[[mappa]] is no block"),
    "block in a sentence": line("Ecco [[forms]] qui", "[[forms]] is printed as it is"),
    "fence": line("```\ntesto", "``` is not closed"),
    # Paper
    "letter that no font has": text(
        FORM,
        "Registro dei volontari",
        "Registro ☐",
        "line 4: title: the PDF cannot show",
    ),
}
# Also built for real; each needs seconds.
BUILT = (
    "quote", "no language file", "page in a folder", "huge picture", "yellow",
    "gone that is there", "html link", "video", "details", "letter that no font has",
)  # fmt: skip


OTHERS = [name for name in SPOILT if name not in BUILT]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sample without its largest form, to spoil and to mend."""
    copy = shutil.copytree(SAMPLE, tmp_path_factory.mktemp("check") / "content")
    # Its largest form would be read again for every case.
    for name in ("forms/every-type", "events/incontro", "it/incontro"):
        for file in copy.glob(f"{name}.*"):
            file.unlink()
    return copy


def settings(folder: Path) -> dict[str, str]:
    return {
        "FORMS_CONTENT_DIR": str(folder),
        "FORMS_DATA_DIR": str(folder.parent / "var"),
        "SITE_NOW": "",
    }


def checked(folder: Path) -> tuple[int, str]:
    """Run `check`; return its exit code and what it says."""
    done = CliRunner().invoke(main, ["check"], env=settings(folder))
    return done.exit_code, done.output


def refused(folder: Path) -> str:
    """Return what the build says before it makes anything; nothing if it begins."""
    try:
        make_plan(Config.from_environment(settings(folder)))
    except ContentError as error:
        return str(error)
    return ""


def contents(folder: Path) -> dict[str, bytes]:
    files = (file for file in folder.rglob("*") if file.is_file())
    return {str(file.relative_to(folder)): file.read_bytes() for file in files}


def test_the_sample_is_sound(folder: Path) -> None:
    assert checked(folder)[0] == 0
    assert refused(folder) == ""


@pytest.mark.parametrize(
    ("name", "both"),
    [
        # Reading everything twice for each case is for the long run.
        *[(name, name in BUILT) for name in SPOILT],
        *[pytest.param(n, True, marks=pytest.mark.slow) for n in OTHERS],
    ],
)
def test_check_tells_what_the_build_refuses_with_file_line_and_remedy(
    folder: Path, name: str, both: bool
) -> None:
    case, sound = SPOILT[name], contents(folder)
    case.spoil(folder)
    try:
        code, said = checked(folder)
        problems = refused(folder).split("\n") if both else []
    finally:
        case.mend(folder)
    assert code == 1
    problem = [one.strip() for one in said.split("\n") if case.problem in one]
    assert problem, said
    if both:
        assert problems == [one.strip() for one in said.strip().split("\n")[1:]]
    if case.old != "gone" and "content/" not in case.problem:
        assert problem[0].startswith(f"content/{case.file}:")
    # Mended, it is what the test above found sound.
    assert contents(folder) == sound


@pytest.mark.slow
@pytest.mark.parametrize("name", BUILT)
def test_the_whole_build_refuses_it_with_the_same_words_and_is_good_when_mended(
    changeable, name: str
) -> None:
    case = SPOILT[name]
    case.spoil(changeable.content)
    done = changeable.build()
    assert done.returncode == 1
    assert case.problem in done.stderr
    assert checked(changeable.content)[1].count(case.problem) == 1
    assert not changeable.public.exists()
    case.mend(changeable.content)
    done = changeable.build()
    assert done.returncode == 0, done.stderr


def test_the_mistakes_of_all_files_come_together(folder: Path) -> None:
    cases = [
        SPOILT[name]
        for name in ("day", "key", "iframe", "card to nowhere", "huge picture")
        + ("page in a folder", "yellow", "translation")
    ]
    for case in cases:
        case.spoil(folder)
    try:
        code, said = checked(folder)
    finally:
        for case in cases:
            case.mend(folder)
    assert code == 1
    assert [case.problem for case in cases if case.problem not in said] == []
    assert len(said.strip().split("\n")) == 1 + len(cases)


def test_a_link_to_news_of_tomorrow_waits_for_them(folder: Path) -> None:
    news = "it/notizie/2090-01-02-domani.md"
    early = Spoilt(news, "", FRONT)
    link = line("[a](notizie/2090-01-02-domani.md)", "“notizie/2090-01-02-domani.md”")
    early.spoil(folder)
    link.spoil(folder)
    try:
        said = refused(folder)
        # A page of that day may.
        link.mend(folder)
        linked = FRONT.replace("Testo", "[a](notizie/2090-01-02-domani.md)")
        Spoilt("it/notizie/2090-01-02-poi.md", "", linked).spoil(folder)
        assert refused(folder) == ""
    finally:
        Spoilt("it/notizie/2090-01-02-poi.md", "").mend(folder)
        early.mend(folder)
    assert link.problem in said


def test_a_language_that_the_program_does_not_speak_is_told(tmp_path: Path) -> None:
    code, said = checked(shutil.copytree(OTHER, tmp_path / "content"))
    assert code == 0
    assert "The program has no words in “de”: readers see English" in said


def test_a_text_that_may_have_lost_its_end_is_told_and_refuses_nothing(
    folder: Path,
) -> None:
    cases = (
        text(PAGE, "title: Che cosa", "title: Che # cosa", "line 2: readers"),
        text(EVENT, "a tutti.", "a tutti # dal 2019", "line 8: readers"),
        Spoilt("README.md", "", "# Uno\n\nDue # tre\n"),
    )
    for case in cases:
        case.spoil(folder)
    code, said = checked(folder)
    for case in cases:
        case.mend(folder)
    assert code == 0
    end = "if it belongs to the text, put the whole text in quotes"
    assert f"{PAGE}: line 2: readers do not see “# cosa facciamo”: {end}" in said
    assert f"{EVENT}: line 8: readers do not see “# dal 2019”: {end}" in said
    assert said.count("readers do not see") == 2


def test_files_that_nothing_shows_are_told_and_refuse_nothing(folder: Path) -> None:
    picture = folder / "assets" / "foto.png"
    Image.new("RGB", (2, 2)).save(picture)
    other = folder / "verbale.docx"
    other.write_bytes(b"x")
    code, said = checked(folder)
    picture.unlink()
    other.unlink()
    assert code == 0
    assert "content/assets/foto.png: nothing shows this file: link to it" in said
    assert "content/verbale.docx: nobody reads this file: move it to assets/" in said


@pytest.mark.parametrize(
    ("title", "told"),
    [
        ("ANNULLATO – la festa", "ANNULLATO"),
        ("La festa è rinviata", "rinviata"),
        ("La festa", ""),
        ("ANNULLATO\nstatus: cancelled", ""),
        ("La festa rinviata\nmoved_from: 2022-11-10", ""),
    ],
)
def test_an_event_that_is_called_off_in_its_title_only_is_told(
    folder: Path, title: str, told: str
) -> None:
    case = text(EVENT, "title: Festa del raccolto", f"title: {title}", "")
    case.spoil(folder)
    code, said = checked(folder)
    case.mend(folder)
    assert code == 0
    where = f"content/{EVENT}: line 1: title: “{told}” reaches no mail and no calendar"
    assert (where in said) == bool(told)


def test_addresses_that_are_gone_and_a_readme_are_sound(folder: Path) -> None:
    gone = text(PROJECT, "nav:", "gone: [/vecchia/, /assets/a.pdf]\nnav:", "")
    readme = Spoilt("README.md", "", "# Come si scrive qui\n")
    gone.spoil(folder)
    readme.spoil(folder)
    said = refused(folder)
    gone.mend(folder)
    readme.mend(folder)
    assert said == ""


def test_pages_that_cannot_be_read_are_told_once(tmp_path: Path) -> None:
    folder = shutil.copytree(SAMPLE, tmp_path / "content")
    (folder / "it/mappa.md").mkdir()
    (folder / "it/orti.md").symlink_to("nowhere.md")
    (folder / PAGE).write_bytes(
        (folder / PAGE).read_bytes()[:40].decode().encode("utf-16")
    )
    assert checked(folder)[1].split("\n  ")[1:] == [
        f"content/{PAGE}: save the file as UTF-8",
        "content/it/mappa.md: the file cannot be read (Is a directory)",
        "content/it/orti.md: the file is missing\n",
    ]


def test_a_page_may_begin_with_a_byte_order_mark(folder: Path) -> None:
    page = folder / PAGE
    before = page.read_bytes()
    page.write_bytes(b"\xef\xbb\xbf" + before)
    said = refused(folder)
    page.write_bytes(before)
    assert said == ""


def test_what_looks_alike_and_is_sound_is_not_told(folder: Path) -> None:
    page = folder / PAGE
    before = page.read_text(encoding="utf-8")
    page.write_text(f"{before}\n{SOUND}", encoding="utf-8")
    said = refused(folder)
    page.write_text(before, encoding="utf-8")
    assert said == ""


SOUND = """
Dalle 10:30:45 alle 11, `:icon:` e `<cognome>`, a < b, 3 == 3, a ~ b.
[a](azioni.md "Uno") Nota.[^1] [b][altro] &lt;nome&gt;
Scrivi a <mailto:a@orto.example> o <https://orto.example/>.

[^1]: La nota.
[altro]: https://www.orto.example/

```html
<iframe src="https://a.example/"></iframe> [x] :icon: {{ a }}
```

!!! note "Nota"
    Testo

- uno
continua
- due

| a | b |
|---|---|
| c \\| d | `e | f` |
| g |

1. uno
    - sotto
2. due

 - uno
 - due

Titolo con la riga sotto
------------------------

[a](#titolo-con-la-riga-sotto) [a](azioni.md 'Uno')

– Chi parla?

a) Il primo comma

Termine
:   Che cosa vuol dire

## Titolo { #mio }

<details><summary>Altro</summary><p>Testo <a href="/progetto/">qui</a>,
<a href="/azioni/#mio">là</a>, <a href="/moduli/it/volontari">online</a>,
<a href="/documenti/it/volontari.pdf">PDF</a>, <a
href="/documenti/it/festa.ics">file</a>,
<a href="/assets/logo.svg">disegno</a>, <a href="mailto:a@orto.example">email</a>,
<a href="#mio">sopra</a>, <a href="/?a=1">casa</a>.</p></details>

<svg viewBox="0 0 1 1" role="img" aria-label="Nulla"><path d="M0 0"/></svg>
"""


@pytest.mark.parametrize(
    ("link", "reason"),
    [
        ("/nothing/", "no such page"),
        ("/a.pdf", "no such page or file"),
        ("/assets/none.png", "no such file"),
        ("progetto/", "an address from the first page on"),
        ("/moduli/it/alb", "no such page or file"),
        ("/moduli/ar/corso", "no such page or file"),
        ("/staff/", "no such page or file"),
        ("/moduli/it/volontari/riepilogo", "no such page or file"),
        ("", "leads nowhere"),
        ("/progeto/", 'did you mean "/progetto/"'),
    ],
)
def test_an_address_in_html_must_be_one_that_site_or_service_answers(
    folder: Path, link: str, reason: str
) -> None:
    case = line(f'<a href="{link}">x</a>', reason)
    case.spoil(folder)
    said = refused(folder)
    case.mend(folder)
    assert reason in said
    assert "line 27" in said


def test_colours_are_judged_as_wcag_does() -> None:
    assert ratio("#000000", "#FFFFFF") == pytest.approx(21)
    assert ratio("#777777", "#FFFFFF") == pytest.approx(4.478, abs=0.001)
    sound = {"primary": "#0066CC", "dark": "#003366", "light": "#F3F7FC"}
    assert list(unreadable(sound)) == []
    for name, colour in (("primary", "#FFF176"), ("dark", "#99CCFF")):
        ((key, advice),) = unreadable({**sound, name: colour})
        better = advice.split('"')[1]
        assert key == name
        assert list(unreadable({**sound, name: better})) == []
    # What is advised beside a ground that is itself too dark can be read on white.
    problem = dict(unreadable({**sound, "primary": "#FFF176", "light": "#444444"}))
    assert sorted(problem) == ["light", "primary"]
    assert ratio(problem["primary"].split('"')[1], "#FFFFFF") >= LEAST


def test_the_colours_of_texts_are_those_of_the_style_sheet() -> None:
    sheet = chrome.stylesheet().decode()
    for name, colour in TEXTS.items():
        assert f"--{name}:{colour}" in sheet


WORDS = """msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\n"

#, python-brace-format
msgid "Home of {name}"
msgstr "Casa di {name}"

msgid "{n} page"
msgid_plural "{n} pages"
msgstr[0] "una pagina"
msgstr[1] ""
"{n} pagine"
"""


@pytest.mark.parametrize(
    ("old", "new", "problem"),
    [
        ("", "", ""),
        ('di {name}"', "di {name}", "line 6: this quote is not closed: write one at"),
        ("di {name}", "di {nome}", "line 6: there is no {nome} in the original"),
        ("di {name}", "mia", "line 6: {name} of the original is missing"),
        ('"{n} pagine"', '"{m} pagine"', "line 11: there is no {m} in the original"),
        ('msgstr "Casa', 'msgtr "Casa', "line 6: write msgid"),
        ('"Casa di', '"Casa "di', "line 6: write msgid"),
        ('msgid ""\n', '""\n', "line 1: this text belongs to nothing: write msgid"),
        (WORDS, "", ""),
    ],
)
def test_a_message_file_that_would_be_misread_is_told(
    tmp_path: Path, old: str, new: str, problem: str
) -> None:
    file = tmp_path / "translations" / "it" / "site.po"
    file.parent.mkdir(parents=True)
    file.write_text(WORDS.replace(old, new, 1), encoding="utf-8")
    found = [str(p) for p in catalogue_problems(file.parent.parent, ["it", "en"])]
    if problem:
        assert found[0].startswith(f"translations/it/site.po: {problem}")
    else:
        assert found == []


def test_a_message_file_in_another_encoding_is_told(tmp_path: Path) -> None:
    file = tmp_path / "translations" / "it" / "site.po"
    file.parent.mkdir(parents=True)
    file.write_bytes(WORDS.replace("Casa", "Caff\xe8").encode("latin-1"))
    (found,) = catalogue_problems(file.parent.parent, ["it"])
    assert str(found) == "translations/it/site.po: save the file as UTF-8"


def test_the_table_has_more_than_eighty_cases() -> None:
    assert len(SPOILT) > 80
    assert set(BUILT) <= set(SPOILT)
