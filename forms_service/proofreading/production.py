"""What keeps content from going public: missing facts, drawings, unchecked languages.

`unknown` is no problem: it is an honest sentence about a fact that nobody has.
"""

import re
from collections.abc import Iterator, Mapping

from ..content.folder import Content
from ..content.project import TODO
from ..definition.problems import Problem
from .translations import words_of

_TODO = re.compile(rf"\b{TODO}\b")


def production_problems(content: Content) -> list[Problem]:
    """Return every reason not to serve this content to the public."""
    problems = _missing(content, "project", content.projects)
    file = f"{content.folder.name}/project.yml"
    if content.project.is_demonstration:
        advice = "write who has authorised the site, when and by which act"
        problems.append(Problem(file, "authorised_by", advice))
    for asset in content.project.placeholder_assets:
        advice = f"replace {asset} with the real picture and take it off this list"
        problems.append(Problem(file, "placeholder_assets", advice))
    for name, form in content.forms.items():
        problems += _missing(content, f"forms/{name}", form)
    problems += _unreviewed(content)
    for name, event in content.events.items():
        problems += _missing(content, f"events/{name}", event)
    return problems


def _unreviewed(content: Content) -> Iterator[Problem]:
    """Tell the languages whose forms no person has checked, one problem each."""
    if content.project.allow_unreviewed:
        return
    for lang in content.project.languages:
        names = [
            name
            for name, form in content.forms.items()
            if lang in form and form[lang].review.pending
        ]
        if names:
            advice = (
                f"nobody has checked {', '.join(names)}: write who has, leave the "
                "language out, or write allow_unreviewed: true in project.yml"
            )
            file = f"{content.folder.name}/forms/*.{lang}.yml"
            yield Problem(file, "reviewed_by", advice)


def _missing(
    content: Content, name: str, by_language: Mapping[str, object]
) -> list[Problem]:
    """Tell every TODO once: in the main file, or in the translation that adds it."""
    problems = []
    reported: set[str] = set()
    for lang, item in by_language.items():
        suffix = "" if lang == content.main_language else f".{lang}"
        file = f"{content.folder.name}/{name}{suffix}.yml"
        for path, text in words_of(item):
            if _TODO.search(text) and path not in reported:
                advice = f"write the real value: {TODO} is refused in production"
                problems.append(Problem(file, path, advice))
                reported.add(path)
    return problems
