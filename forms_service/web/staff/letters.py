"""The mail that a decision would send, as staff read it before it goes."""

from dataclasses import dataclass, replace

from ...definition import Text
from ...mail.compose import Preview, preview
from ...mail.message import MailKind, MailMessage, about
from ...store.connection import Connection
from ...store.submissions import Submission
from ...workflow import declining
from ...workflow.context import WorkflowContext


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail in the language of the person, and in that of staff if it is another."""

    own: Preview
    beside: Preview | None


def mail_preview(
    context: WorkflowContext,
    db: Connection,
    decided: Submission,
    kind: MailKind | None,
    reasons: list[str] | None = None,
    addition: str = "",
) -> Letter | None:
    """Return the mail that a decision would send, None when it would send none."""
    if kind is None or not decided.email or not decided.proven:
        return None
    main = context.content.main_language

    def message(submission: Submission, lang: str | None) -> MailMessage:
        form = context.form_of(db, submission, lang)
        return about(
            kind,
            submission,
            form,
            context.content.projects.get(form.lang, context.content.project),
            reasons=declining.in_words(context, submission, reasons or []),
            addition=Text(addition, main) if addition else None,
        )

    own = message(decided, None)
    if own.translator.lang == main:
        return Letter(preview(own), None)
    return Letter(preview(own), preview(message(replace(decided, lang=main), main)))
