"""What may change in a form that people have answered, and how a version is kept.

Field ids are permanent: rows of years ago are read with the version they answered,
columns and paper in circulation carry the ids.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .fingerprint import FormDocument, fingerprint, same_questions, written
from .problems import Problem
from .types import TYPES

Tree = dict[str, Any]


@dataclass(frozen=True, slots=True)
class PublishedVersion:
    """One version of a form as people met it; the document is its whole file."""

    form_id: str
    version: str
    fingerprint: str
    document: Tree


def document_json(source: FormDocument) -> str:
    """Write the main texts and the structure for keeping; order is preserved."""
    return written(source.document)


def overlay_json(overlay: Tree) -> str:
    """Write a translation for keeping."""
    return written(overlay)


def compare(
    sources: Iterable[FormDocument], published: Sequence[PublishedVersion]
) -> list[Problem]:
    """Return what in today's forms would make published versions unreadable.

    Give one source a form, in any language, and all versions ever published.
    """
    by_form: dict[str, list[PublishedVersion]] = defaultdict(list)
    for version in published:
        by_form[version.form_id].append(version)
    return [
        Problem(f"forms/{source.form_id}.yml", path, advice)
        for source in sources
        for path, advice in dict.fromkeys(
            _changes(source.document, by_form[source.form_id])
        )
    ]


def _changes(
    document: Tree, published: Sequence[PublishedVersion]
) -> Iterator[tuple[str, str]]:
    number, mark = str(document.get("version")), fingerprint(document)
    today, retired = _fields(document), _retired(document)
    # What was published may come back as it was.
    known = {old.version for old in published}
    for old in published:
        if old.version == number and old.fingerprint != mark:
            texts = same_questions(old.document, document)
            yield (
                "version",
                f"version “{number}” is published and the "
                f"{'texts' if texts else 'questions'} have changed: raise the version",
            )
        elif number not in known and _lower(number, old.version):
            yield (
                "version",
                f"version “{number}” is lower than “{old.version}”, which is "
                "published: raise it above that",
            )
        for field_id in _retired(old.document).keys() - retired.keys():
            yield (
                f"retired.{field_id}",
                "this id was retired and never returns: put it back under retired",
            )
        for field_id, field in _fields(old.document).items():
            if field_id in today:
                yield from _changed(field_id, field, today[field_id])
            elif field_id not in retired:
                yield (
                    f"retired.{field_id}",
                    f"“{field_id}” was published in version {old.version}: add "
                    f'{field_id}: "{old.version}" under retired, or bring it back',
                )


def _lower(number: str, published: str) -> bool:
    """Compare versions part by part; words that are no numbers have no order."""
    parts, others = number.split("."), published.split(".")
    if not all(part.isdecimal() for part in [*parts, *others]):
        return False
    return [int(part) for part in parts] < [int(part) for part in others]


def _changed(
    field_id: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    path = f"fields.{field_id}"
    if old["type"] != new["type"]:
        yield (
            f"{path}.type",
            f"was published as {old['type']}: a field keeps its type, so retire "
            f"“{field_id}” and take a new id",
        )
    elif (
        TYPES[new["type"]].versioned
        and str(old["version"]) == str(new["version"])
        and str(old["text"]).strip() != str(new["text"]).strip()
    ):
        yield (
            f"{path}.version",
            f"the text of version “{new['version']}” is published: raise the version "
            "of the acknowledgement",
        )


def _fields(document: Tree) -> dict[str, Tree]:
    return {
        str(field["id"]): field
        for section in document["sections"]
        for field in section["fields"]
    }


def _retired(document: Tree) -> Tree:
    return document.get("retired") or {}
