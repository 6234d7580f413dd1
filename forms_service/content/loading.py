"""Read the content folder: project.yml, events, forms, their translations and lists."""

from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import fields, replace
from hashlib import sha256
from pathlib import Path
from urllib.parse import quote

from babel import localedata

from ..definition.checks import FORM_ID, check_form, check_placeholders
from ..definition.fingerprint import FormDocument
from ..definition.form import FormDefinition
from ..definition.problems import ContentError, Problem, Problems, relative
from .event import Event, read_event
from .folder import Content
from .formats import shown_as_picture
from .lists import resolve_choices
from .node import Node
from .project import Contacts, Project, languages_of, read_project
from .reading import read_form
from .strict_yaml import Tree, read_tree, reopened

PLACEHOLDERS = frozenset(f"contacts.{contact.name}" for contact in fields(Contacts))
# A request costs a phone on a slow network more than these octets, once packed.
MOST_OCTETS = 1024
_PLAIN = "/:=,;()"


def load_content(folder: Path) -> Content:
    """Read project.yml, events and forms; raise `ContentError` with all problems."""
    content, problems = read_content(folder)
    if content is None or problems:
        raise ContentError(problems)
    return content


def read_content(folder: Path) -> tuple[Content | None, list[Problem]]:
    """Return the content with all its problems; none where project.yml is not readable.

    With a problem it is good for nothing but to look for more of them.
    """
    if not folder.is_dir():
        return None, [Problem(str(folder), "", "there is no such folder")]
    return _Loader(folder).load()


def read_events(content: Content) -> tuple[dict[str, Mapping[str, Event]], list[str]]:
    """Read the event files again; return sound events and the names of other files."""
    events: dict[str, Mapping[str, Event]] = {}
    broken = []
    for file in _Loader(content.folder).bases("events"):
        if event := _sound_event(content, file):
            events[file.stem] = event
        else:
            broken.append(file.name)
    return events, broken


def reload_event(content: Content, event_id: str) -> Mapping[str, Event] | None:
    """Read one event file; None when there is none, or when it is not sound."""
    for file in _Loader(content.folder).bases("events"):
        if file.stem == event_id:
            return _sound_event(content, file)
    return None


def _sound_event(content: Content, file: Path) -> Mapping[str, Event] | None:
    loader = _Loader(content.folder)
    event = loader.event(file, content.project)
    return None if any(part.found for part in loader.found) else event


class _Loader:
    """One reading of the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.found: list[Problems] = []
        self.languages_known = True

    def load(self) -> tuple[Content | None, list[Problem]]:
        projects = self._projects()
        main = next(iter(projects.values()))
        self._assets(main)
        events = {f.stem: self.event(f, main) for f in self.bases("events")}
        forms: dict[str, dict[str, FormDefinition]] = {}
        sources: dict[str, dict[str, FormDocument]] = {}
        for file in self.bases("forms"):
            sources[file.stem], forms[file.stem] = self._form(file, main, events)
        problems = [problem for part in self.found for problem in part.found]
        content = Content(self.folder, projects, forms, events, sources)
        whole = content if self.languages_known else None
        return whole, list(dict.fromkeys(problems))

    def _problems(self, file: Path) -> Problems:
        problems = Problems(relative(file, self.folder))
        self.found.append(problems)
        return problems

    def _translation(self, file: Path, checked: bool) -> tuple[Tree, Problems]:
        """Return a translation; unchecked, only that it cannot be read is told.

        Beside an original that cannot be read, all of its texts would be too much.
        """
        words, about, _ = self._tree(file)
        return words, about if checked else Problems("")

    def _tree(self, file: Path) -> tuple[Tree, Problems, bool]:
        """Return a tree, its problems, and whether the file could be read at all.

        The keys of a file that cannot be read are not missed one by one.
        """
        problems = self._problems(file)
        tree = read_tree(file, problems)
        readable = not problems.found
        return tree, problems if readable else Problems(""), readable

    def bases(self, name: str) -> list[Path]:
        """Return the files of a folder that are no translations."""
        for file in sorted((self.folder / name).glob("*.yaml")):
            self._problems(file).add("", "rename the file: its name ends in .yml")
        files = sorted((self.folder / name).glob("*.yml"))
        bases = [file for file in files if "." not in file.stem]
        for file in files:
            original = file.with_name(f"{file.stem.split('.')[0]}.yml")
            if original not in bases:
                advice = f"there is no {original.name} that this would translate"
                self._problems(file).add("", advice)
        return bases

    def _overlays(self, file: Path, languages: tuple[str, ...]) -> dict[str, Path]:
        """Return the translation files beside a file, by language."""
        overlays = {}
        for other in sorted(file.parent.glob(f"{file.stem}.*.yml")):
            lang = other.stem.removeprefix(f"{file.stem}.")
            if lang in languages[1:]:
                overlays[lang] = other
            elif self.languages_known:
                advice = f"“{lang}” is not in languages of project.yml"
                self._problems(other).add("", advice)
        return {lang: overlays[lang] for lang in languages if lang in overlays}

    def _projects(self) -> dict[str, Project]:
        file = self.folder / "project.yml"
        tree, problems, self.languages_known = self._tree(file)
        unheard = Problems("")
        languages = languages_of(Node(tree, unheard, ""))
        projects = {languages[0]: read_project(Node(tree, problems, languages[0]))}
        overlays = self._overlays(file, languages)
        for lang in languages[1:] if self.languages_known else ():
            if lang not in overlays and localedata.exists(lang):
                missing = self._problems(self.folder / f"project.{lang}.yml")
                missing.add(
                    "",
                    f"the file is missing, so there is no site in “{lang}”: write it, "
                    f"or take {lang} off languages in project.yml",
                )
        for lang, other in overlays.items():
            words, about = self._translation(other, self.languages_known)
            node = Node(tree, unheard, languages[0], "", Node(words, about, lang))
            projects[lang] = read_project(node)
        drawings = read_drawings(self.folder, projects[languages[0]].pictures.values())
        return {
            lang: replace(project, drawings=drawings)
            for lang, project in projects.items()
        }

    def _assets(self, project: Project) -> None:
        """Tell the pictures that are named in project.yml and not there."""
        problems = reopened(self.folder / "project.yml", self.folder)
        self.found.append(problems)
        named = project.pictures
        for index, name in enumerate(project.placeholder_assets):
            named[f"placeholder_assets[{index}]"] = name
        for path, name in named.items():
            if name and not (self.folder / name).is_file():
                problems.add(path, f"there is no file {name} in the content folder")
            elif path in project.pictures and name and not shown_as_picture(name):
                problems.add(
                    path, f"{name} is no picture in assets/: .svg, .png or .jpg"
                )

    def event(self, file: Path, project: Project) -> dict[str, Event]:
        """Read an event in its languages; what is wrong is added to `found`."""
        tree, problems, readable = self._tree(file)
        if not FORM_ID.fullmatch(file.stem):
            problems.add("", "rename the file: small letters a-z, digits and -")
        main, hosts = project.main_language, project.livestream_hosts
        overlays = self._overlays(file, project.languages)
        languages = (main, *overlays)
        node = Node(tree, problems, main)
        events = {main: read_event(file.stem, node, main, languages, hosts)}
        for lang, other in overlays.items():
            words, about = self._translation(other, readable)
            node = Node(tree, Problems(""), main, "", Node(words, about, lang))
            events[lang] = read_event(file.stem, node, lang, languages, hosts)
        return events

    def _form(
        self, file: Path, project: Project, events: Collection[str]
    ) -> tuple[dict[str, FormDocument], dict[str, FormDefinition]]:
        tree, problems, readable = self._tree(file)
        tree = resolve_choices(tree, self.folder, problems)
        main = project.main_language
        overlays = self._overlays(file, project.languages)
        languages = (main, *overlays)
        sources, forms = {}, {}
        for lang in languages:
            words, about = None, problems
            if lang in overlays:
                words, about = self._translation(overlays[lang], readable)
            sources[lang] = FormDocument(
                file.stem, tree, main, languages, lang, words, project.country
            )
            structure = problems if lang == main else Problems("")
            forms[lang] = read_form(sources[lang], structure, about)
            check_placeholders(forms[lang], PLACEHOLDERS, about)
        check_form(forms[main], events, problems)
        return sources, forms


def read_drawings(folder: Path, names: Iterable[str]) -> dict[str, str]:
    """Return the small SVG files among `names` as addresses that hold the drawing."""
    files = {name: folder / name for name in names if name.endswith(".svg")}
    return {
        name: f"data:image/svg+xml,{quote(file.read_bytes(), _PLAIN)}"
        for name, file in files.items()
        if file.is_file() and file.stat().st_size <= MOST_OCTETS
    }


class EventFiles:
    """The event files of a running service: read again when they have changed.

    They are in no fingerprint of a form, so nobody has to restart anything to write
    the link of the livestream into its file.
    """

    def __init__(self, content: Content) -> None:
        self._content = content
        self._seen = self._read = ""
        self.broken: list[str] = []
        """Names of the files that could not be read the last time."""

    def changed(self) -> Mapping[str, Mapping[str, Event]] | None:
        """Return the sound events when a file has changed since they were read.

        Only once two looks find the same: who saves twice within a minute tells
        people once, and a file half written is not read.
        """
        mark = self._mark()
        settled, self._seen = mark == self._seen, mark
        if not settled or mark == self._read:
            return None
        self._read = mark
        events, self.broken = read_events(self._content)
        return events

    def _mark(self) -> str:
        found = sha256()
        for file in sorted((self._content.folder / "events").glob("*.yml")):
            with suppress(OSError):
                found.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
        return found.hexdigest()
