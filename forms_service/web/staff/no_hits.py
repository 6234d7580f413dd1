"""What an empty list says: why nothing is in it, and what to do."""

from ...i18n import N_, Translator
from ...workflow import finding
from ...workflow.context import WorkflowContext
from .search import Search


def why_empty(
    search: Search, context: WorkflowContext, anything: bool, translator: Translator
) -> str:
    """Say what is the case: `anything` tells whether there is any request at all."""
    gettext = translator.gettext
    if not context.content.forms:
        return gettext(N_("You see no form yet: ask who administers the service."))
    if search.since and search.until and search.until < search.since:
        return gettext(N_("“Until” is before “From”: exchange the two days."))
    if search.text:
        return _of_words(search, translator)
    if not anything:
        return gettext(N_("There is no request yet."))
    if search.form_id or search.answers or search.narrowed:
        return gettext(N_("No request with these filters."))
    return gettext(N_("No request here."))


def _of_words(search: Search, translator: Translator) -> str:
    if finding.is_misread(search.text):
        return translator.gettext(
            N_(
                "No request here. In a reference number there is no 0, O, 1, I, L or "
                "U: read it once more."
            )
        )
    if reference := finding.unknown_reference(search.text):
        return translator.gettext(
            N_("No request has the reference number {reference}."), reference=reference
        )
    return translator.gettext(N_("No request has these words."))
