"""The same act on many requests: each alone, as it was read, and taken back whole."""

from functools import partial

import pytest

from citizen import LISTENING
from clerk import log, notes, prove, row, send
from cluster import BROKEN_RULE
from forms_service.store import staff
from forms_service.store.bulk import BulkOutcome
from forms_service.store.events import EventVerb
from forms_service.store.submissions import Status
from forms_service.workflow import bulk, deciding, purging
from forms_service.workflow.bulk import BulkChoice, chosen
from test_undo import service as service  # settles after five minutes

pytest_plugins = ["life"]

DELAY = ("project.yml", "decision_delay: 0", "decision_delay: 5")
NO_LIMIT = (
    "forms/every-type.yml",
    "capacity: {count: people, limit: 10, waiting_list: true, place_hold: 72, "
    "promotion: staff}",
    "capacity: null",
)
ACCEPT, DECLINE, ASSIGN = EventVerb.ACCEPT, EventVerb.DECLINE, EventVerb.ASSIGN
ACT = "0123456789abcdef"


@pytest.fixture
def world(new_world):
    """The world in which a decision can be undone for five minutes."""
    return new_world(DELAY, NO_LIMIT)


def sent(world, number):
    return [world.proven(email=f"p{n}@example.org") for n in range(number)]


def choice(world, submissions):
    return [chosen(world.row(submission)) for submission in submissions]


def outcomes(world):
    act, rows = bulk.outcome(world.context, ACT)
    return act, {row.submission.id: row.outcome for row in rows}


@pytest.mark.parametrize("number", [12, pytest.param(500, marks=pytest.mark.slow)])
def test_what_changed_meanwhile_is_left_out_and_all_is_taken_back(world, number):
    people = sent(world, number)
    changed, withdrawn, erased, noted, *others = people
    world.post()
    read = choice(world, people)
    deciding.add_note(world.context, changed.id, world.clerk.id, "Da richiamare")
    deciding.decide(world.context, withdrawn.id, EventVerb.WITHDRAW, "staff:1")
    deciding.erase(world.context, erased.id, "staff:1")
    before = {one.id: world.row(one) for one in others}
    world.post()

    for _ in range(2):  # pressed twice
        bulk.decide(world.context, ACT, read, ACCEPT, world.clerk.id)

    act, became = outcomes(world)
    assert (act.number, act.verb, len(became)) == (number, ACCEPT, number - 1)
    assert became.pop(changed.id) is became.pop(withdrawn.id) is BulkOutcome.CHANGED
    assert set(became.values()) == {BulkOutcome.DONE}
    assert world.post() == []
    assert {world.row(one).status for one in others} == {Status.ACCEPTED}
    _, rows = bulk.outcome(world.context, ACT)
    until = bulk.undoable_until(world.context, act, rows)
    assert (until - world.clock()).total_seconds() == 300

    deciding.add_note(world.context, noted.id, world.clerk.id, "Già avvisata")
    last = others.pop()
    deciding.erase(world.context, last.id, "staff:1")
    bulk.undo(world.context, ACT, world.clerk.id)
    _, became = outcomes(world)
    assert became.pop(noted.id) is BulkOutcome.KEPT
    assert {became[one.id] for one in others} == {BulkOutcome.UNDONE}
    assert [world.row(one) for one in others] == [before[one.id] for one in others]
    world.clock.advance(minutes=6)
    assert [mail.email for mail in world.post()] == [noted.email]
    assert world.log_is_whole()


def test_only_in_time_and_only_a_decision_can_be_taken_back(world):
    (submission,) = sent(world, 1)
    read = choice(world, [submission])
    bulk.assign(world.context, ACT, read, None, world.clerk.id)
    assert undoable(world) is None
    assert outcomes(world)[1] == {submission.id: BulkOutcome.DONE}
    world.clock.advance(days=31)
    purging.purge(world.context)
    assert bulk.outcome(world.context, ACT) is None
    bulk.decide(world.context, ACT, read, DECLINE, world.clerk.id, "Fuori zona")
    assert undoable(world)
    world.clock.advance(minutes=5)
    assert undoable(world) is None


def undoable(world):
    return bulk.undoable_until(world.context, *bulk.outcome(world.context, ACT))


def test_each_is_sorted_out_before_anything_is_done(new_world):
    world = new_world()
    fits, other, accepted = sent(world, 3)
    deciding.decide(world.context, accepted.id, ACCEPT, "staff:1")
    _, waiting = (world.proven(email="last@example.org", people=6) for _ in "ab")
    read = choice(world, [fits, other, accepted, waiting])
    deciding.add_note(world.context, other.id, world.clerk.id, "Nota")
    read.append(BulkChoice("nobody", 1, None))

    def sorted_out(verb):
        sort = partial(bulk.sort_out, world.context, choice=read, verb=verb)
        found = world.store.read(lambda db: sort(db))
        return {submission.id: outcome for submission, outcome in found}

    assert sorted_out(ACCEPT) == {
        fits.id: BulkOutcome.PENDING,
        other.id: BulkOutcome.CHANGED,
        accepted.id: BulkOutcome.UNFIT,
        waiting.id: BulkOutcome.WAITING,
    }
    assert sorted_out(ASSIGN)[accepted.id] is BulkOutcome.PENDING


def test_what_somebody_took_over_meanwhile_stays_with_them(world):
    mine, taken = people = sent(world, 2)
    bruno = world.store.write(
        lambda db: staff.invite(db, "bruno@example.org", world.clock(), world.clock())
    )
    for member in (world.clerk, bruno):
        world.force("UPDATE staff SET password = 'x' WHERE id = ?", member.id)
    read = choice(world, people)
    world.force("UPDATE submissions SET assignee = ? WHERE id = ?", 2, taken.id)
    bulk.assign(world.context, ACT, read, world.clerk.id, world.clerk.id)
    assert outcomes(world)[1] == {
        mine.id: BulkOutcome.DONE,
        taken.id: BulkOutcome.TAKEN,
    }
    assert [world.row(one).assignee for one in people] == [1, 2]
    blind = world.store.write(
        lambda db: staff.invite(db, "dora@example.org", world.clock(), world.clock())
    )
    again = "f" * 16
    bulk.assign(world.context, again, choice(world, [mine]), blind.id, world.clerk.id)
    (given,) = bulk.outcome(world.context, again)[1]
    assert given.outcome is BulkOutcome.UNABLE


@pytest.mark.engine("sqlite")
def test_after_a_crash_in_the_middle_the_page_says_what_was_done(world):
    people = sent(world, 4)
    world.force(
        "CREATE TRIGGER planted BEFORE UPDATE OF status ON submissions "
        f"WHEN new.number = {people[2].number} "
        "BEGIN SELECT RAISE (ABORT, 'planted'); END"
    )
    read = choice(world, people)
    with pytest.raises(BROKEN_RULE):
        bulk.decide(world.context, ACT, read, ACCEPT, world.clerk.id)
    done, pending = BulkOutcome.DONE, BulkOutcome.PENDING
    assert list(outcomes(world)[1].values()) == [done, done, pending, pending]
    world.force("DROP TRIGGER planted")
    bulk.undo(world.context, ACT, world.clerk.id)
    undone = BulkOutcome.UNDONE
    assert list(outcomes(world)[1].values()) == [undone, undone, pending, pending]


def of_form(page, ending):
    """Return address and values of the form that posts to an address."""
    (form,) = [f for f in page.find("//main//form") if ending in f.get("action")]
    return form.get("action"), page.sent_by(form)


def tick(page, *submissions):
    """Return the values of the boxes of some requests, and how many boxes there are."""
    boxes = page.find("//input[@name='bulk-scelta']/@value")
    ids = [submission.id for submission in submissions]
    return [box for box in boxes if box.partition(":")[0] in ids], len(boxes)


def choose(clerk, page, verb, *submissions, **more):
    address, values = of_form(page, "/insieme")
    boxes, _ = tick(page, *submissions)
    return clerk.post(address, {**values, "fare": verb, "bulk-scelta": boxes, **more})


def test_twelve_are_declined_in_one_go_looked_at_first_and_taken_back(service, clerk):
    people = [
        prove(service, send(service, email=f"p{n}@example.org")) for n in range(9)
    ]
    people += [
        prove(service, send(service, email=f"e{n}@example.org", lang="en"))
        for n in range(2)
    ]
    caller = send(service, "ascolto", **LISTENING)
    page = clerk.get("/staff/")
    assert tick(page)[1] == 12
    assert "Tutte le 12 di questo elenco" in page.text
    nothing = choose(clerk, page, "decline")
    assert (nothing.status, "Scegli almeno una richiesta." in nothing.text) == (
        422,
        True,
    )

    ahead = choose(clerk, page, "decline", tutte="1")
    assert "Non accogliere 12 richieste?" in ahead.text
    assert "Non accogliere e invia 11 email" in ahead.text
    assert "1 persona non ha un’email confermata" in ahead.text
    summaries = ahead.find("//main//details/summary/text()")
    assert [line.partition(", ")[2] for line in summaries] == [
        "Italiano: 9 email così",
        "English: 2 email così",
    ]
    address, values = of_form(ahead, "/decline")
    again = clerk.post(address, values)
    assert again.status == 422
    assert of_form(again, "/decline")[1]["bulk-scelta"] == values["bulk-scelta"]
    deciding.add_note(service.context, people[0].id, 1, "Aspetta")
    done = clerk.post(address, {**values, "motivo": "Fuori zona"})
    assert done.status == 303
    shown = clerk.get(done.location)
    assert "11 richieste non accolte" in shown.text
    assert "nel frattempo è cambiata" in shown.text
    assert f"tel:{caller.phone}" in shown.find("//main//a/@href")
    assert notes(service, people[1]) == ["Fuori zona"]
    assert (
        clerk.post(address, {**values, "motivo": "Fuori zona"}).location
        == done.location
    )

    back = clerk.post(*of_form(shown, "/annulla"))
    assert "11 richieste sono com’erano prima" in clerk.get(back.location).text
    assert row(service, people[1]).status is Status.NEW
    assert clerk.get("/staff/insieme/0000000000000000").status == 404
    for verb in ("erase", "message", "export", "read"):
        assert clerk.post(address.replace("decline", verb), values).status == 404
    nothing = {"fare": "export", "csrf_token": "old"}
    assert "almeno una richiesta" in clerk.post("/staff/insieme", nothing).text


def test_the_choice_outlives_the_end_of_the_session(service, clerk):
    people = [prove(service, send(service, email=f"p{n}@example.org")) for n in "ab"]
    page = clerk.get("/staff/")
    ahead = choose(clerk, page, "accept", *people)
    address, values = of_form(ahead, "/accept")
    service.clock.advance(minutes=31)
    olds = choose(clerk, page, "accept", *people), clerk.post(address, values)
    clerk.sign_in()
    for old in olds:
        assert old.status == 401
        again = clerk.post(*old.button("Avanti, ho fatto l’accesso"))
        assert again.status == 400
        assert "Accogliere 2 richieste?" in again.text
        assert of_form(again, "/accept")[1]["bulk-scelta"] == values["bulk-scelta"]
    done = clerk.post(*of_form(again, "/accept"))
    assert "2 richieste accolte" in clerk.get(done.location).text


def test_many_are_given_to_a_colleague(service, clerk):
    people = [prove(service, send(service, email=f"p{n}@example.org")) for n in "ab"]
    ahead = choose(clerk, clerk.get("/staff/"), "assign", *people)
    address, values = of_form(ahead, "/assign")
    wrong = clerk.post(address, {**values, "chi": "7"})
    assert (wrong.status, "Scegli un collega." in wrong.text) == (422, True)
    done = clerk.post(address, {**values, "chi": "1"})
    assert "2 richieste passate" in clerk.get(done.location).text
    assert {row(service, one).assignee for one in people} == {1}


def test_reasons_of_the_form_are_asked_for_when_all_are_of_it(service, clerk):
    people = [
        prove(service, send(service, "barriere", email=f"{n}@example.org"))
        for n in "ab"
    ]
    ahead = choose(clerk, clerk.get("/staff/"), "decline", *people)
    address, values = of_form(ahead, "/decline")
    wrong = clerk.post(address, values)
    assert "Scegli almeno un motivo" in wrong.text
    done = clerk.post(address, {**values, "perche": ["altrove"]})
    assert "2 richieste non accolte" in clerk.get(done.location).text
    about = [detail for _, verb, detail in log(service) if verb == "decline"]
    assert all('"reasons": ["altrove"]' in detail for detail in about)


def test_a_form_with_reasons_is_not_declined_among_others_without_one(service, clerk):
    reasoned = prove(service, send(service, "barriere", email="a@example.org"))
    call = {"contatto_preferito": "telefono", "telefono": "0564 484111"}
    plain = prove(service, send(service, email="b@example.org", **call))
    ahead = choose(clerk, clerk.get("/staff/"), "decline", reasoned, plain)
    assert "Non accogliere 1 richiesta?" in ahead.text
    assert "per non accogliere serve un motivo" in ahead.text
    assert "1 persona ha chiesto di essere chiamata: dopo l’esito" in ahead.text
    assert ahead.find("//section//a[@href='tel:+390564484111']")
    address, values = of_form(ahead, "/decline")
    both = [*values["bulk-scelta"], bulk.token(reasoned)]
    done = clerk.post(address, {**values, "bulk-scelta": both, "motivo": "Altrove"})
    shown = clerk.get(done.location)
    assert "1 richiesta non accolta" in shown.text
    assert "per non accogliere serve un motivo" in shown.text
    assert "1 persona ha chiesto di essere chiamata: ora va" in shown.text
    assert shown.find("//section//a[@href='tel:+390564484111']")
    assert row(service, reasoned).status is Status.NEW


def test_the_menu_begins_with_what_fits_the_tab_and_nothing_asks_about_nobody(
    service, clerk
):
    accepted = prove(service, send(service, email="a@example.org"))
    deciding.decide(service.context, accepted.id, ACCEPT, "staff:1")
    send(service, email="u@example.org")
    prove(service, send(service, email="n@example.org"))

    def offered(status):
        page = clerk.get(f"/staff/?stato={status}")
        return page, page.find("//select[@name='fare']/option/@value")

    assert offered("new")[1][0] == "accept"
    assert offered("unverified")[1] == ["export", "assign", "read"]
    page, verbs = offered("accepted")
    assert verbs[0] == "message"
    assert not {"accept", "decline"} & {*verbs}
    assert "L’unica di questo elenco" in page.text
    ahead = choose(clerk, page, "accept", accepted)
    said = "Accogli: nessuna delle richieste scelte lo permette"
    assert said in ahead.text
    assert said in ahead.find("//title")[0].text_content()
    assert "0 richieste" not in ahead.text


def test_members_of_a_register_are_chosen_in_its_page(service, clerk):
    for name in "abc":
        one = prove(service, send(service, email=f"{name}@example.org"))
        deciding.decide(service.context, one.id, ACCEPT, "staff:1")
    page = clerk.get("/staff/iscritti/volontari")
    address, values = of_form(page, "/insieme")
    everybody = page.find("//form[@id='scelte']//input[@name='bulk-scelta']/@value")
    values |= {"fare": "message", "bulk-scelta": everybody}
    assert "Scrivere a 3 persone?" in clerk.post(address, values).text


def test_the_chosen_ones_are_printed_and_the_log_tells_of_each(service, clerk):
    people = [prove(service, send(service, email=f"{n}@example.org")) for n in "ab"]
    page = choose(clerk, clerk.get("/staff/"), "read", *people)
    assert "2 richieste da stampare" in page.text
    assert len(page.find("//article[@class='printed']//dl")) > 2
    assert [verb for _, verb, _ in log(service)].count("read") == 2
    gone = {"fare": "read", "bulk-scelta": "nobody:1:0"}
    none = clerk.send(clerk.get("/staff/"), "/insieme", **gone)
    assert "0 richieste da stampare" in none.text
