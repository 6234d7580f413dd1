"""The whole content folder, read once: every problem of every file at once."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from .checks import check_form
from .event import Event, read_event
from .form import FormDefinition
from .form_reading import Source, read_form
from .problems import ContentError, Problem, Problems, relative
from .project import Project, languages_of, read_project
from .reading import Node
from .strict_yaml import Tree, read_tree

ByLanguage = Mapping[str, Any]


@dataclass(frozen=True)
class Content:
    """Project, forms and events by language; the main language has all of them."""

    folder: Path
    projects: Mapping[str, Project]
    forms: Mapping[str, Mapping[str, FormDefinition]]
    events: Mapping[str, Mapping[str, Event]]
    sources: Mapping[str, Mapping[str, Source]]

    @cached_property
    def project(self) -> Project:
        """The project in its main language."""
        return next(iter(self.projects.values()))

    @property
    def main_language(self) -> str:
        """The language that every form and event has."""
        return self.project.main_language

    def form(self, form_id: str, lang: str | None = None) -> FormDefinition:
        """Return a form; raise `KeyError` when it is not there in that language."""
        return self.forms[form_id][lang or self.main_language]

    def event(self, event_id: str, lang: str | None = None) -> Event:
        """Return an event in a language, or in the main one where not translated."""
        languages = self.events[event_id]
        return languages.get(lang or "") or languages[self.main_language]


def load_content(folder: Path) -> Content:
    """Read project.yml, events and forms; raise `ContentError` with all problems."""
    return _Loader(folder).load()


class _Loader:
    """One reading of the folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.found: list[Problems] = []

    def load(self) -> Content:
        if not self.folder.is_dir():
            raise ContentError(
                [Problem(str(self.folder), "", "there is no such folder")]
            )
        projects = self._projects()
        main = next(iter(projects.values()))
        events = {file.stem: self._event(file, main) for file in self._bases("events")}
        forms, sources = {}, {}
        for file in self._bases("forms"):
            forms[file.stem], sources[file.stem] = self._form(file, main, events)
        if problems := [problem for part in self.found for problem in part.found]:
            raise ContentError(dict.fromkeys(problems))
        return Content(self.folder, projects, forms, events, sources)

    def _problems(self, file: Path) -> Problems:
        problems = Problems(relative(file, self.folder))
        self.found.append(problems)
        return problems

    def _tree(self, file: Path) -> tuple[Tree, Problems]:
        problems = self._problems(file)
        return read_tree(file, problems), problems

    def _bases(self, name: str) -> list[Path]:
        return sorted(
            f for f in (self.folder / name).glob("*.yml") if "." not in f.stem
        )

    def _overlays(self, file: Path, languages: tuple[str, ...]) -> dict[str, Path]:
        """Return the translation files beside a file, by language."""
        overlays = {}
        for other in sorted(file.parent.glob(f"{file.stem}.*.yml")):
            lang = other.stem.removeprefix(f"{file.stem}.")
            if lang in languages[1:]:
                overlays[lang] = other
            else:
                self._problems(other).add(
                    "", f"“{lang}” is not in languages of project.yml"
                )
        return {lang: overlays[lang] for lang in languages if lang in overlays}

    def _projects(self) -> dict[str, Project]:
        file = self.folder / "project.yml"
        tree, problems = self._tree(file)
        unheard = Problems("")
        languages = languages_of(Node(tree, unheard, ""))
        projects = {languages[0]: read_project(Node(tree, problems, languages[0]))}
        for lang, other in self._overlays(file, languages).items():
            words, about = self._tree(other)
            node = Node(tree, unheard, languages[0], "", Node(words, about, lang))
            projects[lang] = read_project(node)
        return projects

    def _event(self, file: Path, project: Project) -> dict[str, Event]:
        tree, problems = self._tree(file)
        main = project.main_language
        overlays = self._overlays(file, project.languages)
        languages = (main, *overlays)
        hosts = project.livestream_hosts
        node = Node(tree, problems, main)
        events = {main: read_event(file.stem, node, main, languages, hosts)}
        for lang, other in overlays.items():
            words, about = self._tree(other)
            node = Node(tree, Problems(""), main, "", Node(words, about, lang))
            events[lang] = read_event(file.stem, node, lang, languages, hosts)
        return events

    def _form(
        self, file: Path, project: Project, events: Mapping[str, object]
    ) -> tuple[dict[str, FormDefinition], dict[str, Source]]:
        tree, problems = self._tree(file)
        self._resolve_choices(tree, problems)
        main = project.main_language
        overlays = self._overlays(file, project.languages)
        languages = (main, *overlays)
        sources = {main: Source(file.stem, tree, main, languages, main)}
        forms = {main: read_form(sources[main], problems, problems)}
        check_form(forms[main], events, problems)
        for lang, other in overlays.items():
            words, about = self._tree(other)
            sources[lang] = Source(file.stem, tree, main, languages, lang, words)
            forms[lang] = read_form(sources[lang], Problems(""), about)
        return forms, sources

    def _resolve_choices(self, tree: Tree, problems: Problems) -> None:
        """Write the options of controlled lists into the document itself.

        A published form must show its rows for years, whatever becomes of the list.
        """
        for section in _dicts(tree.get("sections")):
            for field in _dicts(section.get("fields")):
                if name := field.pop("choices_from", None):
                    path = f"fields.{field.get('id')}.choices_from"
                    listed = self._list(str(name), path, problems)
                    field["choices"] = {**listed, **(field.get("choices") or {})}

    def _list(self, name: str, path: str, problems: Problems) -> dict[str, str]:
        file = (self.folder / name).resolve()
        if not file.is_relative_to(self.folder.resolve()) or not file.is_file():
            problems.add(path, f"there is no file {name} in the content folder")
            return {}
        with file.open(encoding="utf-8-sig", newline="") as lines:
            rows = list(csv.DictReader(lines))
        if not rows or not {"id", "label"} <= rows[0].keys():
            problems.add(
                path, f"{name} needs the columns id,label and at least one row"
            )
            return {}
        return {row["id"]: row["label"] for row in rows}


def _dicts(value: object) -> list[dict[str, Any]]:
    return (
        [item for item in value if isinstance(item, dict)]
        if isinstance(value, list)
        else []
    )
