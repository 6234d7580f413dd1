"""A message to many: one mail each, to proven addresses, in the language of each."""

from dataclasses import replace
from functools import partial

import pytest

from citizen import LISTENING
from clerk import prove, send
from forms_service.mail.compose import compose, preview
from forms_service.store import messages, outbox
from forms_service.store.bulk import BulkOutcome
from forms_service.store.events import EventVerb
from forms_service.store.messages import StaffMessage
from forms_service.store.submissions import NotFound
from forms_service.workflow import (
    bulk,
    deciding,
    mail_delivery,
    messaging,
    purging,
)
from test_bulk import DELAY, NO_LIMIT, choose, of_form
from test_undo import service as service  # settles after five minutes

pytest_plugins = ["life"]

ACT = "fedcba9876543210"
EN = "forms/every-type.en.yml"
NONE = (
    NO_LIMIT[0],
    "purposes:\n  - id: giro\n    label: Un giro\n    subject: Un giro\n",
    "",
)
TEXTS = {"it": "Prima riga.\n\nSeconda riga.", "en": "First line."}


@pytest.fixture
def world(new_world):
    """A world whose form has a purpose to write about, and five minutes to undo."""
    return new_world(DELAY, NO_LIMIT)


def written(world, **changed):
    made = StaffMessage(
        ACT, world.clerk.id, "every-type", "giro", TEXTS, "stato=new", 0, world.clock()
    )
    return replace(made, **changed)


def choice(world, *people):
    return [bulk.chosen(world.row(one)) for one in people]


def outcomes(world):
    _, rows = bulk.outcome(world.context, ACT)
    return {row.submission.id: row.outcome for row in rows}


def kept(world, message_id=ACT):
    return world.store.read(lambda db: messages.get(db, message_id))


def test_each_gets_one_mail_two_seconds_apart_in_a_language_that_was_written(world):
    people = [world.proven(email=f"p{n}@example.org") for n in range(3)]
    people.append(world.proven(email="en@example.org", lang="en"))
    unproven = world.sent(email="u@example.org")
    changed = world.proven(email="c@example.org")
    world.post()
    read = choice(world, *people, unproven, changed)
    deciding.add_note(world.context, changed.id, world.clerk.id, "Nota")
    before = world.row(people[0]).revision

    for _ in range(2):  # pressed twice
        messaging.send(world.context, written(world), read)

    assert set(outcomes(world).values()) == {*BulkOutcome} & {
        BulkOutcome.DONE, BulkOutcome.UNREACHED, BulkOutcome.CHANGED,
    }  # fmt: skip
    assert outcomes(world)[unproven.id] is BulkOutcome.UNREACHED
    assert kept(world) == written(world, number=4)
    # What rests on the answers is not disturbed by a mail.
    assert world.row(people[0]).revision == before
    leaves = [world.mails(one)[-1].not_before for one in people]
    assert (leaves[0] - world.clock()).total_seconds() == 300
    apart = [(b - a).total_seconds() for a, b in zip(leaves, leaves[1:], strict=False)]
    assert apart == [2, 2, 2]
    world.clock.advance(minutes=6)
    said = [world.message(mail, "https://x.example") for mail in world.post()]
    assert [each.subject for each in said] == ["Un giro"] * 3 + ["A walk"]
    italian, english = preview(said[0]).text, preview(said[3]).text
    assert "Prima riga.\n\nSeconda riga.\n" in italian
    assert "First line." in english
    assert people[0].reference in italian
    assert "https://x.example/r/" in italian
    assert compose(said[0], "a@example.org", world.clock())["Subject"] == "Un giro"
    assert world.log_is_whole()


def test_without_a_text_in_their_language_people_read_the_main_one(world):
    person = world.proven(email="en@example.org", lang="en")
    world.post()
    only = written(world, texts={"it": "Solo italiano.", "en": ""})
    messaging.send(world.context, only, choice(world, person))
    world.clock.advance(minutes=6)
    (mail,) = world.post()
    assert "Solo italiano." in preview(world.message(mail)).text
    assert world.message(mail).translator.lang == "it"


def test_what_has_not_left_is_taken_back(world):
    first, second = (world.proven(email=f"{n}@example.org") for n in "ab")
    invented = world.proven(email="1@demo.example.org")
    world.post()
    people = choice(world, first, second, invented)
    messaging.send(world.context, written(world), people)
    world.force(
        "UPDATE outbox SET sent_at = not_before WHERE message IS NOT NULL "
        "AND submission = ?",
        first.id,
    )
    messaging.undo(world.context, ACT, world.clerk.id)
    assert outcomes(world) == {
        first.id: BulkOutcome.KEPT,
        second.id: BulkOutcome.UNDONE,
        invented.id: BulkOutcome.UNDONE,
    }
    assert kept(world).number == 1
    world.clock.advance(days=1)
    assert world.post() == []
    assert world.verbs(second)[-2:] == [EventVerb.MESSAGE, EventVerb.MESSAGE_BACK]


def test_a_message_does_not_leave_to_who_has_withdrawn_or_is_erased_meanwhile(world):
    left, withdrawn, erased, back = (
        world.proven(email=f"{n}@example.org") for n in "abcd"
    )
    world.post()
    people = choice(world, left, withdrawn, erased, back)
    messaging.send(world.context, written(world), people)
    for one in (withdrawn, back):
        deciding.decide(world.context, one.id, EventVerb.WITHDRAW, "citizen")
    deciding.decide(world.context, back.id, EventVerb.REOPEN, "staff:1", reason="x")
    deciding.erase(world.context, erased.id, "citizen")
    world.clock.advance(minutes=6)
    gone = [mail.submission for mail in world.post() if mail.kind == "message"]
    assert gone == [left.id, back.id]
    assert outcomes(world) == {
        left.id: BulkOutcome.DONE,
        withdrawn.id: BulkOutcome.CHANGED,
        back.id: BulkOutcome.DONE,
    }
    assert kept(world).number == 3  # the erased one had been queued


def test_who_had_withdrawn_before_a_message_was_queued_gets_it(world):
    person = world.proven()
    deciding.decide(world.context, person.id, EventVerb.WITHDRAW, "citizen")
    world.clock.advance(minutes=6)
    world.post()
    messaging.send(world.context, written(world), choice(world, person))
    world.clock.advance(minutes=6)
    assert [mail.kind for mail in world.post()] == ["message"]


def test_after_an_outage_no_more_than_thirty_leave_in_any_minute(world):
    people = [world.proven(email=f"p{n}@example.org") for n in range(34)]
    world.post()
    messaging.send(world.context, written(world), choice(world, *people))
    world.clock.advance(hours=3)
    left = {}
    for seconds in (0, 2, 56, 2, 1, 1, 2, 2):
        world.clock.advance(seconds=seconds)
        left[world.clock()] = len(world.post())
    assert [*left.values()] == [30, 0, 0, 1, 0, 1, 1, 1]


def test_who_is_tried_again_waits_in_the_line_no_longer_than_any_mail(world):
    people = [world.proven(email=f"p{n}@d{n}.example") for n in range(33)]
    world.post()
    messaging.send(world.context, written(world), choice(world, *people))
    world.clock.advance(hours=3)
    refused = [mail_delivery.claim(world.context) for _ in range(2)]
    for mail in refused:
        mail_delivery.report_failure(world.context, mail, "450")
    assert len(world.post()) == 30
    world.clock.advance(seconds=16)
    assert world.post() == []
    for mail in refused:
        now = world.store.read(partial(outbox.by_id, mail_id=mail.id))
        assert (now.due_at, now.attempts) == (mail.due_at, 1)
        assert now.not_before > world.clock()


def test_a_trial_goes_to_whoever_writes_it_and_is_soon_forgotten(world):
    trial = written(world, id="trial")
    messaging.try_out(world.context, trial, "carla@comune.example")
    (mail,) = world.post()
    assert (mail.email, mail.submission) == ("carla@comune.example", None)
    said = world.message(mail)
    assert (said.subject, said.reference) == ("Un giro", "")
    assert "Prima riga." in preview(said).text
    world.clock.advance(days=2)
    purging.purge(world.context)
    assert kept(world, "trial") is None
    with pytest.raises(NotFound):
        world.message(mail)


def test_a_message_to_one_person_goes_with_them(world):
    erased, held = world.proven(email="a@example.org"), world.proven()
    world.post()
    for name, person in (("erased", erased), ("held", held)):
        to_one = written(world, id=name)
        messaging.send(world.context, to_one, choice(world, person))
    deciding.erase(world.context, erased.id, "staff:1")
    world.clock.advance(days=2)
    purging.purge(world.context)
    assert kept(world, "erased") is None
    assert kept(world, "held")


def test_a_message_is_kept_for_two_years(world):
    people = [world.proven(email=f"{n}@example.org") for n in "ab"]
    world.post()
    messaging.send(world.context, written(world), choice(world, *people))
    for days, there in ((729, True), (2, False)):
        world.clock.advance(days=days)
        purging.purge(world.context)
        assert bool(kept(world)) is there


def test_people_of_another_form_and_of_one_without_purposes_are_not_written_to(world):
    person, other = (world.proven(email=f"{n}@example.org") for n in "ab")
    find = choice(world, person, other)

    def sorted_out():
        verb = EventVerb.MESSAGE
        found = world.store.read(
            lambda db: bulk.sort_out(world.context, db, find, verb)
        )
        return [outcome for _, outcome in found]

    assert sorted_out() == [BulkOutcome.PENDING] * 2
    world.edit(NONE, (EN, "purposes:\n  - subject: A walk\n", ""))
    assert sorted_out() == [BulkOutcome.UNREACHED] * 2
    messaging.send(world.context, written(world), find)
    assert set(outcomes(world).values()) == {BulkOutcome.UNREACHED}
    world.start(replace(world.context.content, forms={}))
    assert sorted_out() == [BulkOutcome.UNREACHED] * 2


def test_the_page_writes_tries_out_sends_and_takes_back(service, clerk):
    people = [prove(service, send(service, email=f"p{n}@example.org")) for n in "ab"]
    people.append(prove(service, send(service, email="e@example.org", lang="en")))
    send(service, email="unproven@example.org")
    other = prove(service, send(service, "every-type", email="o@example.org"))
    send(service, "ascolto", **LISTENING)
    page = choose(
        clerk, clerk.get("/staff/?stato=tutte&ordine=vecchie"), "message", tutte="1"
    )
    assert "Scrivere a 3 persone?" in page.text
    assert "2 persone non ricevono email" in page.text
    assert "è di un altro modulo" in page.text
    assert other.reference in page.text
    assert "Testo in English (1)" in page.text
    address, values = of_form(page, "/scrivi")
    wrong = clerk.post(address, {**values, "testo_en": "Hello"})
    assert wrong.status == 422
    assert of_form(wrong, "/scrivi")[1]["testo_en"] == ["Hello"]
    typed = {**values, "scopo": "attivita", "testo_it": "Ciao", "testo_en": ""}
    tried = clerk.post(address, {**typed, "prova": "1"})
    assert "La prova arriva a te" in tried.text
    letters = [p.text_content() for p in tried.find("//p[@class='letter__subject']")]
    assert letters == ["Una proposta per te"] * 2
    done = clerk.post(address, typed)
    shown = clerk.get(done.location)
    assert "3 email in partenza" in shown.text
    back = clerk.post(*of_form(shown, "/annulla"))
    assert "3 email annullate" in clerk.get(back.location).text
    assert clerk.get("/staff/insieme/0000000000000000").status == 404
    none = choose(clerk, clerk.get("/staff/?modulo=ascolto"), "message", tutte="1")
    assert "Qui non si può scrivere a nessuno" in none.text


def test_who_of_several_forms_gets_no_mail_is_told_with_the_reason(service, clerk):
    unproven = send(service, "ascolto", **LISTENING)
    none = choose(clerk, clerk.get("/staff/"), "message", unproven)
    assert "A nessuna delle persone scelte si può scrivere" in none.text
    assert "nessuna email confermata" in none.text
    silent = prove(service, send(service, "barriere", email="b@example.org"))
    reader = prove(service, send(service, email="v@example.org"))
    page = clerk.get("/staff/")
    ahead = choose(clerk, page, "message", unproven, silent, reader)
    assert "Scrivere a 1 persona?" in ahead.text
    listed = ahead.find("//section[@aria-labelledby='untold']//li")
    said = [" ".join(line.text_content().split()) for line in listed]
    for one, why in (
        (unproven, "nessuna email confermata"),
        (silent, "per questo modulo non sono previsti messaggi"),
    ):
        assert [line for line in said if one.reference in line and line.endswith(why)]
