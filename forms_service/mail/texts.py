"""What each kind of mail says, as a subject and parts; how it looks is not here.

Subjects never name the form or the outcome: they show on locked screens. The texts
of accepted and declined are the form's own.
"""

from collections.abc import Callable, Iterable, Iterator

from ..definition import TODO
from ..shapes.notice import backup_sentence
from ..shapes.sentences import unreviewed_sentence
from ..store.submissions import Seat, Status
from ..words import N_
from .draft import DIGEST, Draft
from .parts import (
    Part,
    appointment,
    day,
    event_changed,
    link_of,
    personal,
    reference,
    reminder,
)
from .proofs import address_check, address_left, verify

Body = Callable[[Draft], Iterator[Part]]

_NEWS = N_("There is news about your request")
SUBJECTS = {
    "verify": N_("Confirm your email address"),
    "address_check": N_("Confirm your email address"),
    "address_left": N_("A change of email address"),
    "lost_link": N_("Your personal link"),
    "code": N_("Your code"),
    "receipt": N_("We have received your request"),
    "accepted": _NEWS,
    "declined": _NEWS,
    "correction_asked": _NEWS,
    "promoted": _NEWS,
    "reminder": N_("A reminder of your appointment"),
    "event_changed": N_("News about your appointment"),
    "withdrawn": N_("Your request has been withdrawn"),
    DIGEST: N_("There are requests to examine"),
}


def subject(draft: Draft) -> str:
    """Return the subject of a mail."""
    return draft.words.say(SUBJECTS[draft.kind])


def parts(draft: Draft) -> list[Part]:
    """Return all that a mail says, in order."""
    return [*_opening(draft), *_BODIES[draft.kind](draft), *_closing(draft)]


def _opening(draft: Draft) -> Iterator[Part]:
    if draft.project.is_demonstration:
        say = draft.words.say
        yield Part(
            say("Test message") if draft.delicate else draft.project.demonstration
        )
    yield Part(draft.words.say("Good morning,"))


def _closing(draft: Draft) -> Iterator[Part]:
    say, project = draft.words.say, draft.project
    review = draft.form.review if draft.form else project.review
    if said := unreviewed_sentence(review, draft.words, project.main_language):
        yield Part(said)
    contact = project.contacts.email
    if draft.delicate or draft.form is None or contact in ("", TODO):
        yield Part(say("This is an automatic message: nobody reads the replies."))
    else:
        yield Part(
            say(
                "This is an automatic message. If you need help, write to {address}.",
                address=contact,
            )
        )
    if not draft.delicate:
        yield Part(" – ".join([project.name, project.owner.name]))
        if project.funding.sentence:
            yield Part(project.funding.sentence)


def _lost_link(draft: Draft) -> Iterator[Part]:
    say = draft.words.say
    yield Part(say("You asked for a new link to the page of your request."))
    yield reference(draft)
    yield from personal(draft)
    yield Part(say("The links we sent you before no longer work."))
    yield Part(
        say("Did you not ask for it? Keep this message: only you have received it.")
    )


def _code(draft: Draft) -> Iterator[Part]:
    say = draft.words.say
    yield Part(say("Type this code in the page that asks for it:"), code=draft.code)
    if draft.code_until:
        until = draft.words.hour(draft.code_until)
        yield Part(say("The code works until {hour}.", hour=until))
    yield Part(say("Give it to nobody. We never ask for it by phone or by email."))
    yield Part(
        say(
            "Did you not ask for it? Do not use it. Somebody may have your personal "
            "link: ask for a new one and the old one ends."
        )
    )


def _receipt(draft: Draft) -> Iterator[Part]:
    say = draft.words.say
    if draft.form and not draft.delicate:
        yield Part(say("We have received your form “{title}”.", title=draft.form.title))
    else:
        yield Part(say("We have received your request."))
    yield reference(draft)
    yield from _place(draft)
    if draft.form and draft.status is Status.NEW:
        yield from _own(draft.form.texts.receipt.paragraphs)
    yield from personal(draft)
    yield from appointment(draft)
    yield from _erasure(draft)


def _place(draft: Draft) -> Iterator[Part]:
    say = draft.words.say
    if draft.place is Seat.HELD:
        yield Part(say("You have a place."))
    elif draft.place is Seat.WAITING:
        yield Part(say("All places are taken: you are on the waiting list."))
        if draft.position:
            n = draft.words.number(draft.position)
            yield Part(say("Today you are number {n} in the line.", n=n))
        if draft.form:
            yield from _own(draft.form.texts.waiting.paragraphs)


def _accepted(draft: Draft) -> Iterator[Part]:
    if draft.form:
        yield from _own(draft.form.texts.accepted.paragraphs)
    yield from _standing(draft)


def _declined(draft: Draft) -> Iterator[Part]:
    if draft.form:
        yield from _own(draft.form.texts.declined.paragraphs)
    yield from _standing(draft)


def _correction_asked(draft: Draft) -> Iterator[Part]:
    say = draft.words.say
    yield Part(say("We have read your request. Something in it has to be corrected."))
    yield Part(say("Your personal page says what to do."))
    yield from _standing(draft)


def _promoted(draft: Draft) -> Iterator[Part]:
    yield Part(draft.words.say("A place has become free, and it is yours."))
    yield reference(draft)
    yield from personal(draft)
    yield from appointment(draft)
    yield from _erasure(draft)


def _withdrawn(draft: Draft) -> Iterator[Part]:
    say = draft.words.say
    yield Part(say("Your request has been withdrawn: we do not go on with it."))
    yield reference(draft)
    yield Part(say("Was it not you? Tell us, and say the reference number."))
    yield from _erasure(draft)


def _standing(draft: Draft) -> Iterator[Part]:
    yield reference(draft)
    yield from personal(draft)
    yield from _erasure(draft)


def _digest(draft: Draft) -> Iterator[Part]:
    yield Part(
        draft.words.count(
            "{n} request is waiting to be examined.",
            "{n} requests are waiting to be examined.",
            draft.waiting,
        )
    )
    yield Part(draft.words.say("Sign in to read them:"), link=link_of(draft))
    yield Part(
        draft.words.say(
            "You get this message at most once an hour. You can turn it off in your "
            "account."
        )
    )


def _erasure(draft: Draft) -> Iterator[Part]:
    if draft.erased_on is None:
        return
    erased = draft.words.say(
        "We erase your request on {day}, if nothing changes.",
        day=day(draft, draft.erased_on),
    )
    yield Part(f"{erased} {backup_sentence(draft.project, draft.words)}")


def _own(paragraphs: Iterable[str]) -> Iterator[Part]:
    yield from map(Part, paragraphs)


_BODIES: dict[str, Body] = {
    "verify": verify,
    "address_check": address_check,
    "address_left": address_left,
    "lost_link": _lost_link,
    "code": _code,
    "receipt": _receipt,
    "accepted": _accepted,
    "declined": _declined,
    "correction_asked": _correction_asked,
    "promoted": _promoted,
    "withdrawn": _withdrawn,
    "reminder": reminder,
    "event_changed": event_changed,
    DIGEST: _digest,
}
