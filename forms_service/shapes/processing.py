"""The record of processing activities that a controller keeps (GDPR art. 30).

Made from the definitions, so that it says what the forms ask and the purge does. It is
an internal paper: staff see it, citizens read the notice instead.
"""

from ..content import Project
from ..definition import FormDefinition
from ..words import Words
from .notice import (
    Part,
    backup_sentence,
    controllers,
    opinion_sentence,
    retention_sentences,
)


def record_of_processing(
    form: FormDefinition, project: Project, words: Words
) -> list[Part]:
    """Return the form's row in the record."""
    asked = [str(field.label) for field in form.fields if field.purpose]
    privacy = form.privacy
    return [
        Part(words.say("Processing"), [form.title]),
        Part(words.say("Why we use your data"), list(privacy.purposes)),
        Part(words.say("What allows us to"), list(privacy.legal_basis.paragraphs)),
        Part(words.say("Whose data"), list(form.page.who.paragraphs)),
        Part(words.say("Data"), asked),
        Part(words.say("Who receives it"), list(privacy.recipients)),
        Part(
            words.say("Transfers outside the European Union"),
            [
                words.say(
                    "None is foreseen. The controller confirms it when it names who "
                    "runs site and mail."
                )
            ],
        ),
        Part(
            words.say("How long we keep it"),
            [*retention_sentences(form, words), backup_sentence(project, words)],
        ),
    ]


def common_part(project: Project, words: Words) -> list[Part]:
    """Return what holds for all forms: who answers, protection, what is beside them."""
    return [
        *controllers(project, words),
        Part(
            words.say("How the data are protected"),
            [
                words.say(
                    "Only people with an account of their own read the requests."
                ),
                words.say(
                    "Every reading, decision and export leaves a line in a log that "
                    "shows when it was altered."
                ),
                words.say("The logs of the server hold no answer, address or link."),
                words.say("What has reached its day is erased by the service itself."),
            ],
        ),
        Part(
            words.say("Beside the forms"),
            [
                words.say(
                    "Accounts of the staff: email address, a digest of the password, "
                    "and who did what. They last as long as the account."
                ),
                opinion_sentence(words),
            ],
        ),
    ]
