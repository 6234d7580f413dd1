"""The privacy notice of a form, and the same facts wherever else they are told.

Contents after GDPR art. 13 (notice) and art. 30 (record of processing). One function
says how long data are kept; notice, paper, receipt and web repeat its sentence.
"""

from typing import NamedTuple

from ..content import Project
from ..definition import Anchor, FormDefinition, Period
from ..definition.retention import OPINIONS, POSTPONED_AT_MOST, Unit
from ..words import Words
from .sentences import known


class Part(NamedTuple):
    """A heading and what stands under it."""

    heading: str
    paragraphs: list[str]


def retention_sentence(period: Period, words: Words, withdrawn: bool = False) -> str:
    """Say a period in words: “12 months after you send the form”."""
    length = _length(period, words)
    match period.after:
        case Anchor.SENDING:
            return words.say("{length} after you send the form", length=length)
        case Anchor.DECISION if withdrawn:
            return words.say("{length} after you withdraw", length=length)
        case Anchor.DECISION:
            return words.say("{length} after the decision", length=length)
        case Anchor.EVENT:
            return words.say("{length} after the event", length=length)
        case Anchor.RENEWAL:
            return words.say("{length} after you last renew", length=length)


def _length(period: Period, words: Words) -> str:
    match period.unit:
        case Unit.DAYS:
            return words.count("{n} day", "{n} days", period.length)
        case Unit.MONTHS:
            return words.count("{n} month", "{n} months", period.length)
        case Unit.YEARS:
            return words.count("{n} year", "{n} years", period.length)


def retention_sentences(form: FormDefinition, words: Words) -> list[str]:
    """Say how long data are kept in each state, and for fields with their own end."""
    kept = form.privacy.retention
    lines = [
        words.say(
            "If you do not confirm your email address: {period}.",
            period=retention_sentence(kept.unverified, words),
        ),
        words.say(
            "While we examine your request: {period}.",
            period=retention_sentence(kept.open, words),
        ),
        words.say(
            "If we decline your request: {period}.",
            period=retention_sentence(kept.declined, words),
        ),
        words.say(
            "If you withdraw your request: {period}.",
            period=retention_sentence(kept.withdrawn, words, withdrawn=True),
        ),
        words.say(
            "If we accept your request: {period}.",
            period=retention_sentence(kept.accepted, words),
        ),
    ]
    for asked in form.fields:
        if asked.erase_after:
            period = retention_sentence(asked.erase_after, words)
            lines.append(
                words.say(
                    "The answer to “{label}”: {period}.",
                    label=asked.label,
                    period=period,
                )
            )
    if _counts_from_event(form):
        lines.append(
            words.say(
                "If the event is cancelled, we count from the day it was planned for. "
                "If it is postponed, we count from its new date, or from {length} "
                "after the planned day if there is none.",
                length=_length(POSTPONED_AT_MOST, words),
            )
        )
    return lines


def _counts_from_event(form: FormDefinition) -> bool:
    kept = form.privacy.retention
    periods = [kept.unverified, kept.open, kept.declined, kept.withdrawn, kept.accepted]
    periods += [asked.erase_after for asked in form.fields if asked.erase_after]
    return any(period.after is Anchor.EVENT for period in periods)


def backup_sentence(project: Project, words: Words) -> str:
    """Say how long a backup may still hold what was erased."""
    return words.count(
        "Backup copies may hold the data for {n} more day.",
        "Backup copies may hold the data for {n} more days.",
        project.privacy.backups_days,
    )


def opinion_sentence(words: Words) -> str:
    """Say how long the answers to the question at the end are kept."""
    return words.say(
        "If you tell us what you think of the service, we keep it without your name "
        "for {length}.",
        length=_length(OPINIONS, words),
    )


def short_notice(form: FormDefinition, project: Project, words: Words) -> list[Part]:
    """Return the first layer: who, why, how long, which rights."""
    return [
        Part(words.say("Who uses your data"), [project.privacy.controller]),
        Part(words.say("Why"), list(form.privacy.purposes)),
        Part(words.say("How long we keep it"), retention_sentences(form, words)),
        Part(
            words.say("Your rights"),
            [
                words.say(
                    "You can see, correct and erase your data, and object to its use. "
                    "No decision is made by a machine."
                )
            ],
        ),
    ]


def full_notice(form: FormDefinition, project: Project, words: Words) -> list[Part]:
    """Return the whole notice of GDPR art. 13 for one form."""
    privacy = form.privacy
    return [
        *controllers(project, words),
        Part(words.say("Why we use your data"), list(privacy.purposes)),
        Part(words.say("What allows us to"), list(privacy.legal_basis.paragraphs)),
        Part(words.say("Who receives it"), list(privacy.recipients)),
        Part(
            words.say("How long we keep it"),
            [
                *retention_sentences(form, words),
                opinion_sentence(words),
                backup_sentence(project, words),
            ],
        ),
        Part(
            words.say("If you do not give us the data"),
            list(privacy.why_needed.paragraphs),
        ),
        Part(words.say("Your rights"), _rights(project, words)),
        Part(
            words.say("Automated decisions"),
            [words.say("There are none: a person reads every request.")],
        ),
    ]


def controllers(project: Project, words: Words) -> list[Part]:
    """Say who answers for the data and whom to ask about them."""
    privacy = project.privacy
    return [
        Part(
            words.say("Who uses your data"),
            [
                words.say("The controller is {name}.", name=privacy.controller),
                words.say(
                    "Contact: {contact}.",
                    contact=known(privacy.controller_contact, words),
                ),
            ],
        ),
        Part(
            words.say("Data protection officer"),
            [
                words.say(
                    "Contact: {contact}.", contact=known(privacy.dpo_contact, words)
                )
            ],
        ),
    ]


def _rights(project: Project, words: Words) -> list[str]:
    privacy = project.privacy
    rights = [
        words.say(
            "You can ask to see your data, to correct it, to erase it and to limit its "
            "use, and you can object to its use. Write to the controller."
        )
    ]
    if privacy.complaint_name:
        rights.append(
            words.say(
                "If you think that your data is used against the rules, you can "
                "complain to: {name}.",
                name=" – ".join(filter(None, _authority(project))),
            )
        )
    return rights


def _authority(project: Project) -> tuple[str, str]:
    return project.privacy.complaint_name, project.privacy.complaint_url
