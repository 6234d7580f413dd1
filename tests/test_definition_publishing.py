"""Versions: what may change in a form that people have answered, and what is kept."""

import json
from typing import Any

import pytest

from forms_service.content import load_content, stored_form
from forms_service.definition import FormDocument
from forms_service.definition.fingerprint import fingerprint, same_questions
from forms_service.definition.publishing import (
    PublishedVersion,
    compare,
    document_json,
    overlay_json,
)
from sample_content import OTHER, ROOT, SAMPLE, every_type, source_of

FIELDS = """
- {id: email, type: email, label: Email}
- {id: colour, type: radio, label: Colour, choices: {red: Red, blue: Blue}}
- {id: notice, type: acknowledgement, label: Notice, text: Read me, version: "1"}
"""


def published(source: FormDocument) -> PublishedVersion:
    """Publish a source, through the JSON that the database keeps."""
    document = json.loads(document_json(source))
    version = str(document["version"])
    return PublishedVersion("tiny", version, fingerprint(document), document)


def version(number: str, fields: str = FIELDS, retired: str = "{}") -> FormDocument:
    """Write a version of the tiny form."""
    source = source_of(fields, f"retired: {retired}")
    source.document["version"] = number
    return source


FIRST = published(version("1"))


def advice_on(source: FormDocument, *versions: PublishedVersion) -> list[str]:
    """Compare one form with what was published."""
    return [str(problem) for problem in compare([source], versions)]


def test_the_same_form_and_a_new_form_may_be_published() -> None:
    assert advice_on(version("1"), FIRST) == []
    assert advice_on(version("1")) == []
    other = PublishedVersion("other", "1", "x" * 64, {"sections": []})
    assert advice_on(version("1"), other) == [], "another form is another story"


def test_a_published_version_never_changes() -> None:
    other = FIELDS.replace("label: Colour", "label: Hue")
    assert advice_on(version("1", other), FIRST) == [
        "forms/tiny.yml: version: version “1” is published and the texts have "
        "changed: raise the version"
    ]
    assert advice_on(version("2", other), FIRST) == []
    back = [FIRST, published(version("2", other))]
    assert len(advice_on(version("1", other), *back)) == 1
    assert advice_on(version("3"), *back) == []


@pytest.mark.parametrize(
    ("old", "new", "what"),
    [
        ("label: Colour", "label: Colour, hint: Any", "texts"),
        ("red: Red", "red: Crimson", "texts"),
        ("label: Email", "label: Email, purpose: To write to you", "texts"),
        ("label: Email", "label: Email, required: true", "questions"),
        ("red: Red, blue: Blue", "blue: Blue, red: Red", "questions"),
        ("red: Red", "red: Red, green: Green", "questions"),
        ("label: Email", "label: Email, filterable: true", "questions"),
    ],
)  # fmt: skip
def test_what_has_changed_is_called_by_its_name(old: str, new: str, what: str) -> None:
    assert old in FIELDS
    (said,) = advice_on(version("1", FIELDS.replace(old, new)), FIRST)
    assert f"is published and the {what} have changed: raise the version" in said


@pytest.mark.parametrize("folder", [ROOT / "content", SAMPLE], ids=lambda f: f.name)
def test_whatever_a_translation_says_is_a_text(folder: Any) -> None:
    """Shout every text that a translation gives: no question has changed."""

    def loud(main: Any, words: Any) -> Any:
        if isinstance(words, dict) and isinstance(main, dict):
            return {key: loud(item, words.get(key)) for key, item in main.items()}
        if isinstance(words, dict) and isinstance(main, list):
            return [loud(item, words.get(item["id"])) for item in main]
        return main if words is None else "LOUD"

    shouted = translated = 0
    for editions in load_content(folder).sources.values():
        for source in editions.values():
            if source.overlay is None:
                continue
            translated += 1
            words = {**source.overlay}
            fields = words.pop("fields", {})
            other = loud(source.document, words)
            for section, old in zip(
                other["sections"], source.document["sections"], strict=True
            ):
                section["fields"] = loud(old["fields"], fields)
            assert same_questions(source.document, other)
            shouted += fingerprint(other) != fingerprint(source.document)
            other["sections"][0]["fields"][0]["id"] = "another"
            assert not same_questions(source.document, other)
    # A project in one language translates nothing.
    assert bool(shouted) == bool(translated)
    assert translated or folder != SAMPLE


def test_a_new_version_has_a_higher_number() -> None:
    tenth = published(version("1.10"))
    assert advice_on(version("1.9"), tenth) == [
        "forms/tiny.yml: version: version “1.9” is lower than “1.10”, which is "
        "published: raise it above that"
    ]
    assert advice_on(version("1.11"), tenth) == []
    assert advice_on(version("beta"), tenth) == [], "words have no order"
    assert advice_on(version("1.10"), tenth, published(version("2"))) == []


def test_what_surrounds_the_questions_may_change_in_a_version() -> None:
    source = version("1")
    source.document["closes"] = "2031-01-01"
    source.document["texts"]["receipt"] = "Thank you"
    assert advice_on(source, FIRST) == []


WITHOUT = "\n".join(line for line in FIELDS.split("\n") if "colour" not in line)


def test_a_field_leaves_only_through_retired() -> None:
    assert advice_on(version("2", WITHOUT), FIRST) == [
        "forms/tiny.yml: retired.colour: “colour” was published in version 1: add "
        'colour: "1" under retired, or bring it back'
    ]
    assert advice_on(version("2", WITHOUT, "{colour: '1'}"), FIRST) == []


def test_a_retired_field_never_returns() -> None:
    second = published(version("2", WITHOUT, "{colour: '1'}"))
    advice = (
        "forms/tiny.yml: retired.colour: this id was retired and never returns: "
        "put it back under retired"
    )
    assert advice_on(version("3"), FIRST, second) == [advice]
    assert advice in advice_on(version("3", WITHOUT), FIRST, second)
    assert advice_on(version("3", WITHOUT, "{colour: '1'}"), FIRST, second) == []


def test_a_problem_with_several_versions_is_told_once() -> None:
    second = published(version("2", WITHOUT, "{colour: '1'}"))
    third = published(version("3", WITHOUT, "{colour: '1'}"))
    assert len(advice_on(version("4"), FIRST, second, third)) == 1


def test_a_field_keeps_its_type() -> None:
    other = FIELDS.replace("type: radio", "type: select")
    assert advice_on(version("2", other), FIRST) == [
        "forms/tiny.yml: fields.colour.type: was published as radio: a field keeps its "
        "type, so retire “colour” and take a new id"
    ]


def test_options_and_rules_may_change_with_the_version() -> None:
    other = FIELDS.replace(", blue: Blue", ", green: Green").replace(
        "label: Email", "label: Email, required: true"
    )
    assert advice_on(version("2", other), FIRST) == []


def test_a_notice_that_was_read_keeps_its_version() -> None:
    other = FIELDS.replace("Read me", "Read this")
    assert advice_on(version("2", other), FIRST) == [
        "forms/tiny.yml: fields.notice.version: the text of version “1” is published: "
        "raise the version of the acknowledgement"
    ]
    raised = other.replace('version: "1"', 'version: "2"')
    assert advice_on(version("2", raised), FIRST) == []


def leaves(value: Any) -> Any:
    """Write any tree of our nouns as plain values, texts with their language."""
    if hasattr(value, "__dataclass_fields__"):
        return {
            name: leaves(getattr(value, name)) for name in value.__dataclass_fields__
        }
    if isinstance(value, tuple):
        return [leaves(item) for item in value]
    if isinstance(value, str) and hasattr(value, "lang"):
        return (str(value), value.lang)
    return value


@pytest.mark.parametrize(
    "folder", [ROOT / "content", SAMPLE, OTHER], ids=lambda f: f.name
)
def test_a_stored_form_is_the_form_that_was_published(folder: Any) -> None:
    content = load_content(folder)
    for form_id, by_language in content.forms.items():
        for lang, form in by_language.items():
            source = content.sources[form_id][lang]
            kept = source.overlay and overlay_json(source.overlay)
            assert (kept is None) == (lang == content.main_language)
            again = stored_form(
                FormDocument(
                    form_id,
                    json.loads(document_json(source)),
                    content.main_language,
                    tuple(by_language),
                    lang,
                    json.loads(kept) if kept else None,
                    content.project.country,
                )
            )
            assert again == form
            assert leaves(again) == leaves(form)


def test_dates_and_limits_survive_being_stored() -> None:
    source = every_type().sources["every-type"]["it"]
    stored = json.loads(document_json(source))
    assert stored["dated"] == "2030-01-15"
    assert stored["sections"][0]["fields"][3]["limits"] == {
        "min": "1900-01-01",
        "max": "today",
    }
    assert list(stored["sections"][1]["fields"][0]["choices"]) == [
        "monte", "mare", "piana", "altro",
    ]  # fmt: skip
