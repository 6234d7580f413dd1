"""The record of processing activities that a controller keeps (GDPR art. 30).

Made from the definitions, so that it says what the forms ask and the purge does. It is
an internal paper: staff see it, citizens read the notice instead.
"""

from ..content import Project
from ..definition import FormDefinition
from ..i18n import Translator
from .notice import (
    NoticeSection,
    backup_sentence,
    controllers,
    course_sentences,
    opinion_sentence,
    register_sentences,
    retention_sentences,
)


def record_of_processing(
    form: FormDefinition, project: Project, translator: Translator
) -> list[NoticeSection]:
    """Return the form's row in the record."""
    fields = [str(field.label) for field in form.fields if field.purpose]
    privacy = form.privacy
    return [
        NoticeSection(translator.gettext("Processing"), [form.title]),
        NoticeSection(
            translator.gettext("Why we use your data"), list(privacy.purposes)
        ),
        NoticeSection(
            translator.gettext("What allows us to"),
            list(privacy.legal_basis.paragraphs),
        ),
        NoticeSection(translator.gettext("Whose data"), list(form.page.who.paragraphs)),
        NoticeSection(translator.gettext("Data"), fields),
        NoticeSection(translator.gettext("Who receives it"), list(privacy.recipients)),
        NoticeSection(
            translator.gettext("Transfers outside the European Union"),
            [
                translator.gettext(
                    "None is foreseen. The controller confirms it when it names who "
                    "runs site and mail."
                )
            ],
        ),
        NoticeSection(
            translator.gettext("How long we keep it"),
            [
                *retention_sentences(form, translator),
                *register_sentences(form, translator),
                *course_sentences(form, translator),
                backup_sentence(project, translator),
            ],
        ),
    ]


def common_part(project: Project, translator: Translator) -> list[NoticeSection]:
    """Return what holds for all forms: who answers, protection, what is beside them."""
    return [
        *controllers(project, translator),
        NoticeSection(
            translator.gettext("How the data are protected"),
            [
                translator.gettext(
                    "Only people with an account of their own read the requests."
                ),
                translator.gettext(
                    "Every reading, decision and export leaves a line in a log that "
                    "shows when it was altered."
                ),
                translator.gettext(
                    "The logs of the server hold no answer, address or link."
                ),
                translator.gettext(
                    "What has reached its day is erased by the service itself."
                ),
            ],
        ),
        NoticeSection(
            translator.gettext("Beside the forms"),
            [
                translator.gettext(
                    "Accounts of the staff: email address, rights, a digest of the "
                    "password, the sealed secret of a second factor, the browsers that "
                    "are signed in, and who did what. They last as long as the account."
                ),
                translator.gettext(
                    "Reports for the funder: numbers alone, the small ones hidden. "
                    "They name nobody and are not erased."
                ),
                translator.gettext(
                    "Messages of the staff to many people: text, who wrote it, how "
                    "many got it and how they were chosen, for two years. Who got it "
                    "is kept with the request alone."
                ),
                opinion_sentence(translator),
            ],
        ),
    ]
