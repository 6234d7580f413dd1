"""What a version of a form is: the SHA-256 over all that a person answers to.

Left out on purpose are the dates of opening and closing, the capacity, where paper
is sent, the texts around the form (page, mails) and what only staff see or are warned
of: they may change while the questions stay the same, and every sheet of paper in
circulation stays valid.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

# Of a field: which day is one that expires.
_FOR_STAFF = frozenset({"expires"})
_AROUND = frozenset(
    {"opens", "closes", "capacity", "event", "remind_when", "tell_when", "call_when"}
    | {"page", "texts", "summary", "safety", "desk", "register", "reasons"}
    | {"purposes", "of", "reviewed_by", "reviewed_on"}
)
# What a person reads around a question: a translation has these keys.
_WORDS = frozenset(
    {"title", "intro", "label", "hint", "error", "text", "purpose", "signature"}
    | {"purposes", "legal_basis", "recipients", "why_needed"}
)


@dataclass(frozen=True, slots=True)
class FormDocument:
    """A form as it is written: id, document, and the overlay of one language.

    `country` is where a phone number without prefix belongs.
    """

    form_id: str
    document: dict[str, Any]
    main_language: str
    languages: tuple[str, ...]
    lang: str
    overlay: dict[str, Any] | None = None
    country: str = "it"


def canonical(tree: object) -> str:
    """Write a tree as JSON with one spelling: sorted keys, no spaces."""
    return json.dumps(tree, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def written(tree: object) -> str:
    """Write a tree as JSON in its own order, to be read again by `json.loads`."""
    return json.dumps(tree, ensure_ascii=False)


def answered_part(tree: Mapping[str, Any]) -> dict[str, Any]:
    """Return the part of a document or overlay that the fingerprint covers."""
    part = {key: value for key, value in tree.items() if key not in _AROUND}
    if isinstance(paper := part.get("paper"), dict):
        part["paper"] = {key: v for key, v in paper.items() if key != "send_to"}
    return part


def fingerprint(document: Mapping[str, Any]) -> str:
    """Return the 64 hexadecimal digits that name this version of the questions."""
    return sha256(_ordered(answered_part(document)).encode()).hexdigest()


def same_questions(first: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Say whether two documents differ in nothing but their texts and their date."""
    return bool(_wordless(answered_part(first)) == _wordless(answered_part(other)))


def text_hash(document: Mapping[str, Any], overlay: Mapping[str, Any] | None) -> str:
    """Return the hash of the texts of one language; the main one is the document."""
    if overlay is None:
        return fingerprint(document)
    return sha256(canonical(answered_part(overlay)).encode()).hexdigest()


def _ordered(tree: Mapping[str, Any]) -> str:
    # Sections and fields are lists, so their order counts; options are a mapping
    # whose order a person sees, so it is written out before keys are sorted.
    return canonical(_spell_choices(tree))


def _spell_choices(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {
            key: list(item.items())
            if key == "choices" and isinstance(item, Mapping)
            else _spell_choices(item)
            for key, item in value.items()
            if key not in _FOR_STAFF
        }
    if isinstance(value, list):
        return [_spell_choices(item) for item in value]
    return value


def _wordless(value: Any) -> Any:
    """Return a tree without its texts; of options the ids stay, in their order."""
    if isinstance(value, Mapping):
        return {
            key: list(item)
            if key == "choices" and isinstance(item, Mapping)
            else _wordless(item)
            for key, item in value.items()
            if key not in _WORDS | _FOR_STAFF | {"dated"}
        }
    return [_wordless(item) for item in value] if isinstance(value, list) else value
