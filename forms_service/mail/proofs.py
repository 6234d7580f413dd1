"""Mails about an address itself: they ask for its proof, or say that it was left."""

from collections.abc import Iterator

from ..store.submissions import Status
from .draft import Draft
from .parts import Part, day, link_of, reference


def verify(draft: Draft) -> Iterator[Part]:
    say = draft.words.say
    if draft.status is not Status.UNVERIFIED:
        yield from _new_address(draft)
        return
    if draft.form and not draft.delicate:
        yield Part(say("You sent the form “{title}”.", title=draft.form.title))
    else:
        yield Part(say("You sent us a request."))
    yield Part(say("One step is missing: confirm that this address is yours."))
    yield _proof_link(draft)
    yield Part(
        say("Or type this code in the page that you saw after sending:"),
        code=draft.code,
    )
    if draft.link_until:
        until = draft.words.moment(draft.link_until)
        yield Part(say("Link and code work until {moment}.", moment=until))
    yield Part(say("Was it not you? You do not need to do anything."))
    if draft.erased_on:
        yield Part(
            say(
                "Without your confirmation nobody reads the request, and we erase it "
                "on {day}.",
                day=day(draft, draft.erased_on),
            )
        )


def _new_address(draft: Draft) -> Iterator[Part]:
    """Ask who changed the address of a request that we examine already."""
    say = draft.words.say
    yield Part(say("You gave us this email address for your request."))
    yield Part(say("One step is missing: confirm that this address is yours."))
    yield from _proof_alone(draft)


def address_check(draft: Draft) -> Iterator[Part]:
    say = draft.words.say
    yield Part(say("Somebody gave us this email address to be contacted."))
    yield Part(say("Is it yours? Then confirm it, and we can write to you here."))
    yield from _proof_alone(draft)


def address_left(draft: Draft) -> Iterator[Part]:
    """Tell who read us until now; no link, for the mailbox may be another's."""
    say = draft.words.say
    yield Part(
        say(
            "The email address of a request has been changed: from now on we do not "
            "write to this one any more."
        )
    )
    yield reference(draft)
    yield Part(say("Did you change it? You do not need to do anything."))
    yield Part(
        say("Did you not change it? Tell us at once, and say the reference number.")
    )


def _proof_alone(draft: Draft) -> Iterator[Part]:
    say = draft.words.say
    yield _proof_link(draft)
    if draft.link_until:
        until = draft.words.moment(draft.link_until)
        yield Part(say("The link works until {moment}.", moment=until))
    yield Part(
        say(
            "Is it a mistake? You do not need to do anything. Without your "
            "confirmation we do not write to you about it."
        )
    )


def _proof_link(draft: Draft) -> Part:
    text = draft.words.say("Open this page and press the button:")
    return Part(text, link=link_of(draft))
