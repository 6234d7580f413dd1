"""Pages that belong to no form: the same address in every language of the project."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import Response, abort

from ...shapes.html.fields import Complaint
from ...words import Words
from ..page import ErrorPage, Page, describe
from ..page.fixed_forms import FixedForm


@dataclass(frozen=True, slots=True)
class Standing:
    """A page by template, address and the control that it asks to be filled in."""

    template: str
    address: Callable[[str], str]
    control: str = ""

    def show(
        self,
        page: Page,
        lang: str,
        error: Exception | None = None,
        asked: FixedForm | None = None,
        **values: Any,
    ) -> Response:
        """Answer with the page, saying what is wrong with it or with what it asks.

        404 in a language that nobody has.
        """
        speaks(page, lang)
        words = page.words(lang)
        trouble = describe(error, words) if error else None
        languages = page.work.content.project.languages
        return page.render(
            self.template,
            words,
            trouble.status if trouble else asked.http_status if asked else 200,
            alternatives={other: self.address(other) for other in languages},
            here=self.address(lang),
            trouble=trouble,
            complaints=at_control(trouble, self.control) + complaints(asked, words),
            asked=asked,
            **values,
        )


def complaints(asked: FixedForm | None, words: Words) -> list[Complaint]:
    """Return what is wrong with the controls of a fixed form."""
    wrong = asked.wrong if asked else {}
    return [Complaint(control, words.tell(said)) for control, said in wrong.items()]


def speaks(page: Page, lang: str) -> None:
    """Answer 404 in a language that the project does not have."""
    if lang not in page.work.content.project.languages:
        abort(404)


def at_control(trouble: ErrorPage | None, control: str) -> list[Complaint]:
    """Return what is wrong with a control itself, not with the moment."""
    if trouble is None or trouble.status != 422:
        return []
    return [Complaint(control, trouble.text)]
