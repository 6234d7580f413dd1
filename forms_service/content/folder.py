"""The whole content folder, read once: every problem of every file at once."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..definition.fingerprint import FormDocument
from ..definition.form import FormDefinition
from .event import Event
from .project import Project


@dataclass(frozen=True)
class Content:
    """Project, forms and events by language; the main language has all of them."""

    folder: Path
    projects: Mapping[str, Project]
    forms: Mapping[str, Mapping[str, FormDefinition]]
    events: Mapping[str, Mapping[str, Event]]
    sources: Mapping[str, Mapping[str, FormDocument]]

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

    def event_of(self, form: FormDefinition) -> Event | None:
        """Return the event that a form is about, in the language of the form."""
        return self.event(form.event, form.lang) if form.event else None
