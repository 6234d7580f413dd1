"""The privacy notice of a form, and the same facts wherever else they are told.

Contents after GDPR art. 13 (notice) and art. 30 (record of processing). One function
says how long data are kept; notice, paper, receipt and web repeat its sentence.
"""

from datetime import date
from typing import NamedTuple

from ..content import Project
from ..definition import Anchor, FormDefinition, Period
from ..definition.retention import OPINIONS, POSTPONED_AT_MOST, Unit
from ..i18n import Translator
from .sentences import known


class NoticeSection(NamedTuple):
    """A heading and what stands under it."""

    heading: str
    paragraphs: list[str]


def retention_sentence(
    period: Period, translator: Translator, withdrawn: bool = False
) -> str:
    """Say a period in words: “12 months after you send the form”."""
    length = _length(period, translator)
    match period.after:
        case Anchor.SENDING:
            return translator.gettext("{length} after you send the form", length=length)
        case Anchor.DECISION if withdrawn:
            return translator.gettext("{length} after you withdraw", length=length)
        case Anchor.DECISION:
            return translator.gettext("{length} after the decision", length=length)
        case Anchor.EVENT:
            return translator.gettext("{length} after the event", length=length)
        case Anchor.RENEWAL:
            return translator.gettext("{length} after you last renew", length=length)


def _length(period: Period, translator: Translator) -> str:
    match period.unit:
        case Unit.DAYS:
            return translator.ngettext("{n} day", "{n} days", period.length)
        case Unit.MONTHS:
            return translator.ngettext("{n} month", "{n} months", period.length)
        case Unit.YEARS:
            return translator.ngettext("{n} year", "{n} years", period.length)


def answer_time(form: FormDefinition, translator: Translator) -> str:
    """Say how long an answer takes at most; nothing where none is promised."""
    return _length(form.answer_within, translator) if form.answer_within else ""


def answer_promise(due_on: date | None, translator: Translator) -> str:
    """Say until when we answer a request; nothing where none is promised."""
    if due_on is None:
        return ""
    day = translator.format_date(due_on, weekday=True)
    return translator.gettext("We answer by {day}.", day=day)


def retention_sentences(form: FormDefinition, translator: Translator) -> list[str]:
    """Say how long data are kept in each state, and for fields with their own end."""
    kept = form.privacy.retention
    lines = [
        translator.gettext(
            "If you do not confirm your email address: {period}.",
            period=retention_sentence(kept.unverified, translator),
        ),
        translator.gettext(
            "While we examine your request: {period}.",
            period=retention_sentence(kept.open, translator),
        ),
        translator.gettext(
            "If we decline your request: {period}.",
            period=retention_sentence(kept.declined, translator),
        ),
        translator.gettext(
            "If you withdraw your request: {period}.",
            period=retention_sentence(kept.withdrawn, translator, withdrawn=True),
        ),
        translator.gettext(
            "If we accept your request: {period}.",
            period=retention_sentence(kept.accepted, translator),
        ),
    ]
    for field in form.fields:
        if field.erase_after:
            period = retention_sentence(field.erase_after, translator)
            lines.append(
                translator.gettext(
                    "The answer to “{label}”: {period}.",
                    label=field.label,
                    period=period,
                )
            )
    if _counts_from_event(form):
        lines.append(
            translator.gettext(
                "If the event is cancelled, we count from the day it was planned for. "
                "If it is postponed, we count from its new date, or from {length} "
                "after the planned day if there is none.",
                length=_length(POSTPONED_AT_MOST, translator),
            )
        )
    return lines


def register_sentences(form: FormDefinition, translator: Translator) -> list[str]:
    """Say what becomes of who is accepted, where the form keeps a register."""
    if form.register is None:
        return []
    asked = [
        translator.gettext(
            "If we accept your request, {length} later we ask you whether you stay: by "
            "email or by phone.",
            length=_length(period, translator),
        )
        for period in form.register.asks_after[:1]
    ]
    return [
        *asked,
        translator.gettext(
            "When we contact you about an activity, we write down the day, how, what "
            "for and what you answered. It is erased with your request."
        ),
    ]


def course_sentences(form: FormDefinition, translator: Translator) -> list[str]:
    """Say that attendance is written down, where a form has places."""
    if form.capacity is None:
        return []
    return [
        translator.gettext(
            "If there are meetings, we write down who was there. It is erased with "
            "your request."
        )
    ]


def _counts_from_event(form: FormDefinition) -> bool:
    kept = form.privacy.retention
    periods = [kept.unverified, kept.open, kept.declined, kept.withdrawn, kept.accepted]
    periods += [field.erase_after for field in form.fields if field.erase_after]
    return any(period.after is Anchor.EVENT for period in periods)


def backup_sentence(project: Project, translator: Translator) -> str:
    """Say how long a backup may still hold what was erased."""
    return translator.ngettext(
        "Backup copies may hold the data for {n} more day.",
        "Backup copies may hold the data for {n} more days.",
        project.privacy.backups_days,
    )


def opinion_sentence(translator: Translator) -> str:
    """Say how long the answers to the question at the end are kept."""
    return translator.gettext(
        "If you tell us what you think of the service, we keep it without your name "
        "for {length}.",
        length=_length(OPINIONS, translator),
    )


def short_notice(
    form: FormDefinition, project: Project, translator: Translator
) -> list[NoticeSection]:
    """Return the first layer: who, why, how long, which rights."""
    return [
        NoticeSection(
            translator.gettext("Who uses your data"), [project.privacy.controller]
        ),
        NoticeSection(translator.gettext("Why"), list(form.privacy.purposes)),
        NoticeSection(
            translator.gettext("How long we keep it"),
            retention_sentences(form, translator),
        ),
        NoticeSection(
            translator.gettext("Your rights"),
            [
                translator.gettext(
                    "You can see, correct and erase your data, and object to its use. "
                    "No decision is made by a machine."
                )
            ],
        ),
    ]


def full_notice(
    form: FormDefinition, project: Project, translator: Translator
) -> list[NoticeSection]:
    """Return the whole notice of GDPR art. 13 for one form."""
    privacy = form.privacy
    return [
        *controllers(project, translator),
        NoticeSection(
            translator.gettext("Why we use your data"), list(privacy.purposes)
        ),
        NoticeSection(
            translator.gettext("What allows us to"),
            list(privacy.legal_basis.paragraphs),
        ),
        NoticeSection(translator.gettext("Who receives it"), list(privacy.recipients)),
        NoticeSection(
            translator.gettext("How long we keep it"),
            [
                *retention_sentences(form, translator),
                *register_sentences(form, translator),
                *course_sentences(form, translator),
                opinion_sentence(translator),
                backup_sentence(project, translator),
            ],
        ),
        NoticeSection(
            translator.gettext("If you do not give us the data"),
            list(privacy.why_needed.paragraphs),
        ),
        NoticeSection(translator.gettext("Your rights"), _rights(project, translator)),
        NoticeSection(
            translator.gettext("Automated decisions"),
            [translator.gettext("There are none: a person reads every request.")],
        ),
    ]


def controllers(project: Project, translator: Translator) -> list[NoticeSection]:
    """Say who answers for the data and whom to ask about them."""
    privacy = project.privacy
    return [
        NoticeSection(
            translator.gettext("Who uses your data"),
            [
                translator.gettext(
                    "The controller is {name}.", name=privacy.controller
                ),
                translator.gettext(
                    "Contact: {contact}.",
                    contact=known(privacy.controller_contact, translator),
                ),
            ],
        ),
        NoticeSection(
            translator.gettext("Data protection officer"),
            [
                translator.gettext(
                    "Contact: {contact}.",
                    contact=known(privacy.dpo_contact, translator),
                )
            ],
        ),
    ]


def _rights(project: Project, translator: Translator) -> list[str]:
    privacy = project.privacy
    rights = [
        translator.gettext(
            "You can ask to see your data, to correct it, to erase it and to limit its "
            "use, and you can object to its use. Write to the controller."
        )
    ]
    if privacy.complaint.name:
        rights.append(
            translator.gettext(
                "If you think that your data is used against the rules, you can "
                "complain to: {name}.",
                name=" – ".join(filter(None, _authority(project))),
            )
        )
    return rights


def _authority(project: Project) -> tuple[str, str]:
    return project.privacy.complaint.name, project.privacy.complaint.url
