"""What a correction has changed: question by question, before and after."""

from collections.abc import Mapping
from dataclasses import dataclass

from ..definition import Answer, FormDefinition, Text, shown, type_of
from ..i18n import Translator


@dataclass(frozen=True, slots=True)
class Change:
    """One question whose answer has changed, as people read it."""

    label: Text
    before: tuple[str, ...]
    after: tuple[str, ...]
    verbatim: bool


def changes(
    before: tuple[FormDefinition, Mapping[str, Answer]],
    after: tuple[FormDefinition, Mapping[str, Answer]],
    translator: Translator,
) -> list[Change]:
    """Return every changed answer in the order of the newer form, then what left it.

    Each answer is read with the version of the form that it answered.
    """
    (old_form, old), (form, new) = before, after
    earlier = {field.id: field for field in old_form.fields}
    today = {field.id: field for field in form.fields}
    found = []
    for key in {**today, **earlier}:
        if old.get(key) == new.get(key):
            continue
        then, now = earlier.get(key) or today[key], today.get(key) or earlier[key]
        read = tuple(shown(then, old.get(key), translator))
        written = tuple(shown(now, new.get(key), translator))
        found.append(Change(now.label, read, written, type_of(now).verbatim))
    return found
