"""From a form file and its translation to a `FormDefinition`.

The same code builds today's form and one published years ago: both are a document
(structure and main texts) and an overlay (texts of one language).
"""

from ..definition.fingerprint import FormDocument, fingerprint, text_hash
from ..definition.form import FormDefinition
from ..definition.problems import Problems
from .node import Node, read_review
from .records import read_record


def read_form(
    source: FormDocument, problems: Problems, overlay_problems: Problems
) -> FormDefinition:
    """Build the form; mistakes are added to the problems, so look there first."""
    translation = (
        None
        if source.overlay is None
        else Node(source.overlay, overlay_problems, source.lang)
    )
    main = source.main_language
    return form_from(Node(source.document, problems, main, "", translation), source)


def form_from(root: Node, source: FormDocument) -> FormDefinition:
    """Build the form from its tree of keys."""
    return read_record(
        FormDefinition,
        root,
        id=source.form_id,
        lang=source.lang,
        main_language=source.main_language,
        languages=source.languages,
        fingerprint=fingerprint(source.document),
        text_hash=text_hash(source.document, source.overlay),
        review=read_review(root.translation),
        country=source.country,
    )


def stored_form(source: FormDocument) -> FormDefinition:
    """Build a published form again; it was checked when it was published."""
    unheard = Problems(source.form_id)
    return read_form(source, unheard, unheard)
