"""Roles and forms: what one may not see is not there, on every page of the staff."""

import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from io import BytesIO

import pytest

from clerk import PASSWORD, join, prove, send
from forms_service.moving_window import in_memory
from forms_service.store import (
    attachments,
    counts,
    factors,
    feedback,
    messages,
    queue,
    replies,
    staff,
    staff_rights,
    submissions,
)
from forms_service.store.filters import Filter
from forms_service.store.messages import StaffMessage
from forms_service.store.replies import Reply
from forms_service.store.staff_rights import EVERYTHING, Grant, StaffRole
from forms_service.store.visibility import VisibleForms
from forms_service.web.staff import guard
from forms_service.web.staff.routes import routes
from forms_service.workflow import (
    accounts,
    bulk,
    mail_delivery,
    mail_queue,
    members,
    messaging,
    sessions,
    signing_in,
)
from forms_service.workflow.rights import RIGHTS, NotPermitted, Right, check
from photos import photo
from service import Clock

pytest_plugins = ["life"]

VISIBLE, HIDDEN = "volontari", "every-type"
NAMES = {VISIBLE: "Vera Visibile", HIDDEN: "Nadia Nascosta"}
ROUTES = {route.endpoint: route for route in routes()}
# The scan that one has just chosen is no request's.
OWN = {"waiting_picture": {"scan_id"}}
# Only the form that is hidden has places.
COURSE = {"meetings", "sheet", "sheet_pdf"}
# Only who is accepted is in the register.
MEMBERS = {"contact"}
ROWS = "//li[@class='request']"
SIGN_OUT = re.compile(rb'<header.*action="/staff/esci".*</header>', re.S)
PART = re.compile(r"<(?:\w+:)?(\w+)>")


@pytest.fixture
def clock():
    """The day on which both forms are open."""
    return Clock(datetime(2030, 3, 1, 9, 0, tzinfo=UTC))


def granted(role, *forms):
    return Grant(role, VisibleForms(frozenset(forms)))


@pytest.fixture
def two_forms(service, clerk):
    """A request with a scan for each of two forms, a reply and an opinion on it."""
    rows = {}
    for form_id, name in NAMES.items():
        field = "nome_completo" if form_id == VISIBLE else "nome"
        typed = {field: name, "email": f"{form_id}@example.org"}
        rows[form_id] = prove(service, send(service, form_id, **typed))
        page = clerk.get(clerk.submission(rows[form_id].id))
        scan = [(BytesIO(photo()), "foto.jpg")]
        assert clerk.send(page, "/scansione", file=scan).status == 303
        reply = Reply(rows[form_id].id, "", "", "", f"Da {name}", service.clock())
        service.context.store.write(
            lambda db, form_id=form_id, reply=reply: (
                replies.add(db, form_id, reply),
                feedback.add(db, form_id, form_id, 5, date(2030, 3, 1)),
            )
        )
    return rows


def parts_of(service, row):
    """Return what stands in the addresses about a request and its form."""
    (scan,) = service.context.store.read(
        lambda db: attachments.of_submission(db, row.id)
    )
    return {
        "submission_id": row.id,
        "form_id": row.form_id,
        "scan_id": scan.id,
        "number": "0",
        "verb": "accept",
    }


def answers(clerk, parts):
    """Ask every address of the staff but those without a session; yield what comes."""
    token = clerk.get("/staff/profilo").controls()["csrf_token"]
    for route in ROUTES.values():
        # What ends the session comes at no place in this list.
        if route.right is Right.OPEN or route.endpoint.startswith("sign_out"):
            continue
        path = PART.sub(lambda part: parts.get(part[1], "1"), route.pattern)
        for method in route.methods:
            typed = {"csrf_token": token, "revision": "0"}
            page = clerk.get(path) if method == "GET" else clerk.post(path, typed)
            yield route, method, page


@pytest.mark.parametrize(
    "role",
    [
        StaffRole.REVIEWER,
        pytest.param(StaffRole.READER, marks=pytest.mark.slow),
        pytest.param(StaffRole.ADMINISTRATOR, marks=pytest.mark.slow),
    ],
)
@pytest.mark.promise(
    "P24",
    "somebody of the staff asks every address about a form of others",
    without=(
        "views get everything",
        "web/staff/guard.py",
        "if right_of(route) is Right.ADMINISTER:",
        "if right_of(route):",
    ),
)
def test_each_address_answers_by_role_and_by_form(
    service, new_clerk, two_forms, role, figure
):
    rita = new_clerk("rita@example.org", granted(role, VISIBLE))
    rita.sign_in()
    wrong = []
    for form_id, row in two_forms.items():
        parts = parts_of(service, row)
        for route, method, page in answers(rita, parts):
            named = {*PART.findall(route.pattern)}
            status = page.status
            about = named & {"submission_id", "form_id"}
            if form_id == HIDDEN and about and route.right is not Right.ADMINISTER:
                fits = status == 404
            elif route.right not in RIGHTS[role]:
                fits = status == 403
            elif (
                method == "GET"
                and named <= parts.keys()
                and route.endpoint not in OWN.keys() | COURSE | MEMBERS
            ):
                fits = status == 200
            else:
                fits = status < 500 and status not in (401, 403)
            if status != 303 and b"<h1" in page.body and not SIGN_OUT.search(page.body):
                fits = False
            if (
                route.right is not Right.ADMINISTER
                and NAMES[HIDDEN].encode() in page.body
            ):
                fits = False
            if not fits:
                wrong.append((method, route.endpoint, form_id, status))
    assert wrong == []
    figure(f"{len(ROUTES)} addresses, three roles: none tells of it")


def test_lists_search_and_counts_know_no_other_form(service, new_clerk, two_forms):
    rita = new_clerk("rita@example.org", granted(StaffRole.REVIEWER, VISIBLE))
    rita.sign_in()
    hidden = two_forms[HIDDEN]

    listed = rita.get("/staff/?stato=tutte")
    assert NAMES[VISIBLE] in listed.text
    assert len(listed.find(ROWS)) == 1
    assert listed.find("//select[@name='modulo']/option/@value") == ["", VISIBLE]
    assert "Tutte 1" in listed.text
    for named in (HIDDEN, f"{VISIBLE}&modulo={HIDDEN}"):
        assert rita.get(f"/staff/?modulo={named}").status == 404
    for words in (NAMES[HIDDEN], hidden.email, hidden.reference, hidden.reference[:5]):
        assert rita.find(words).find(ROWS) == []
    assert NAMES[VISIBLE] in rita.find(NAMES[VISIBLE]).text
    decided = rita.get(f"/staff/?deciso={hidden.id}&esito=accept")
    assert NAMES[HIDDEN] not in decided.text

    titles = [service.context.content.form(form).title for form in (VISIBLE, HIDDEN)]
    for page in ("inserisci", "tabelle", "pareri", "registro"):
        text = rita.get(f"/staff/{page}").text
        assert [title in text for title in titles] == [True, False], page
    text = rita.get("/staff/posta").text
    assert [f"Da {NAMES[form]}" in text for form in (VISIBLE, HIDDEN)] == [True, False]


def test_an_act_on_many_and_its_message_tell_of_no_other_form(
    service, new_clerk, two_forms
):
    context, both = service.context, [bulk.chosen(one) for one in two_forms.values()]
    bulk.assign(context, "a" * 16, both[1:], 1, 1)
    bulk.assign(context, "b" * 16, both, 1, 1)
    told = StaffMessage(
        "c" * 16, 1, HIDDEN, "giro", {"it": "Da noi"}, "", 0, service.clock()
    )
    messaging.send(context, told, both)
    everything = new_clerk()
    everything.sign_in()
    for act in "abc":
        assert everything.get(f"/staff/insieme/{act * 16}").status == 200
    rita = new_clerk("rita@example.org", granted(StaffRole.REVIEWER, VISIBLE))
    rita.sign_in()
    assert rita.get(f"/staff/insieme/{'a' * 16}").status == 404
    for act in "bc":
        page = rita.get(f"/staff/insieme/{act * 16}").text
        assert two_forms[VISIBLE].reference in page
        assert two_forms[HIDDEN].reference not in page
        assert "cancellat" not in page
        assert "Da noi" not in page
    assert (
        context.store.of(VisibleForms(frozenset({VISIBLE}))).read(
            lambda db: messages.get(db, told.id)
        )
        is None
    )


def test_a_reader_finds_no_button_and_no_menu_of_what_is_not_theirs(
    new_clerk, two_forms
):
    rita = new_clerk("rita@example.org", granted(StaffRole.READER, VISIBLE))
    rita.sign_in()
    page = rita.get(rita.submission(two_forms[VISIBLE].id))
    assert page.find("//main//form[@method='post']") == []
    assert page.find("//main//div[@class='buttons']") == []
    menu = page.find("//nav[@class='desk-bar__menu']//a/@href")
    assert menu[0] == "/staff/"
    assert not {"/staff/inserisci", "/staff/tabelle"} & set(menu)
    assert page.find("//header//a[@href='/staff/registro']")
    assert not page.find("//a[@href='/staff/persone']")
    refused = rita.get("/staff/salute")
    assert refused.status == 403
    assert "Chiedi a un amministratore" in refused.text


def test_each_refusal_is_in_the_log_once_a_minute(service, new_clerk, two_forms):
    rita = new_clerk("rita@example.org", granted(StaffRole.READER, VISIBLE))
    rita.sign_in()
    hidden, visible = two_forms[HIDDEN], two_forms[VISIBLE]
    for _ in range(2):
        assert rita.get("/staff/salute").status == 403
        assert rita.get(rita.submission(hidden.id)).status == 404
        assert rita.get(f"/staff/?modulo={HIDDEN}").status == 404
    # What is nowhere, and what one may see, is refused to nobody.
    assert rita.get("/staff/?modulo=nowhere").status == 404
    assert rita.get(rita.submission("nothing")).status == 404
    assert rita.get(rita.submission(visible.id)).status == 200

    rows = service.context.store.read(
        lambda db: db.execute(
            "SELECT detail FROM events WHERE verb = 'refused' ORDER BY id"
        ).fetchall()
    )
    pages = ["health", "submission", "queue"]
    assert [json.loads(row[0])["page"] for row in rows] == pages


@pytest.mark.slow
def test_whoever_may_see_no_form_signs_in_to_an_empty_list(new_clerk, two_forms):
    rita = new_clerk("rita@example.org", Grant())
    assert rita.sign_in().status == 303
    assert "Tutte 0" in rita.get("/staff/?stato=tutte").text
    assert rita.get(rita.submission(two_forms[VISIBLE].id)).status == 404


def test_each_address_of_the_staff_declares_what_it_needs():
    undeclared = replace(ROUTES["queue"], right=None)
    with pytest.raises(ValueError, match="queue declares no right"):
        guard.guarded(undeclared)
    # Reading changes nothing; only what was searched for is kept with the session.
    writes = {
        name
        for name, route in ROUTES.items()
        if route.right is Right.READ and "POST" in route.methods
    }
    assert writes == {"find"}


def test_accounts_from_before_are_told_once_what_they_have_become(service, new_clerk):
    rita = new_clerk("rita@example.org")
    service.context.store.write(lambda db: db.execute("UPDATE staff SET untold = 1"))
    rita.sign_in()
    assert "il tuo accesso è amministratore" in rita.get("/staff/").text
    rita.send(rita.get("/staff/"), "/esci")
    rita.sign_in()
    assert "amministratore" not in rita.get("/staff/").text


def asked_of_programs(world):
    return world.sql("SELECT number FROM oldest_program")[0][0]


def test_a_program_that_knows_no_rights_or_factors_serves_neither(world):
    rita = join(world.context)
    world.store.write(lambda db: db.execute("UPDATE oldest_program SET number = 21"))
    factor = factors.Factor(rita.id, "sealed", world.clock(), world.clock())
    world.store.write(lambda db: factors.put(db, factor, []))
    assert asked_of_programs(world) == staff_rights.MIGRATION
    world.store.write(lambda db: db.execute("UPDATE oldest_program SET number = 21"))
    world.store.write(lambda db: staff_rights.grant(db, rita.id, EVERYTHING))
    assert asked_of_programs(world) == 21
    world.store.write(lambda db: staff_rights.grant(db, rita.id, Grant()))
    assert asked_of_programs(world) == staff_rights.MIGRATION


def test_a_store_of_some_forms_finds_no_row_of_another(world):
    row = world.proven()
    seen = {
        forms: world.store.of(VisibleForms(frozenset(forms)))
        for forms in ((), (VISIBLE,), (VISIBLE, HIDDEN), ("*",))
    }
    found = {
        forms: (
            store.read(lambda db: len(queue.queue(db, Filter(), 9))),
            store.write(lambda db: queue.id_of(db, row.reference)),
            store.read(lambda db: len(counts.of_status(db))),
        )
        for forms, store in seen.items()
    }
    assert found == {
        (): (0, "", 0),
        (VISIBLE,): (0, "", 0),
        (VISIBLE, HIDDEN): (1, row.id, 1),
        ("*",): (1, row.id, 1),
    }
    with pytest.raises(submissions.NotFound):
        seen[VISIBLE,].write(lambda db: submissions.get(db, row.id))
    assert seen[VISIBLE, HIDDEN].write(lambda db: submissions.get(db, row.id)) == row


def test_a_session_knows_what_its_member_may_do_as_it_is_now(world):
    member = join(world.context, grant=None)
    opened = signing_in.sign_in(
        world.context, in_memory(world.clock), member.email, PASSWORD, "192.0.2.0/24"
    )
    assert sessions.session_of(world.context, opened.secret).grant == Grant()
    given = granted(StaffRole.REVIEWER, VISIBLE, HIDDEN)
    accounts.invite(world.context, member.email, grant=given)
    found = sessions.session_of(world.context, opened.secret)
    assert found.grant == given
    # A new link, for who has forgotten the password, changes nothing of it.
    accounts.invite(world.context, member.email)
    assert sessions.session_of(world.context, opened.secret).grant == given
    check(found.grant.role, Right.DECIDE)
    with pytest.raises(NotPermitted):
        check(found.grant.role, Right.ADMINISTER)


def test_who_is_removed_may_do_nothing_and_who_was_there_before_is_told(world):
    member = join(world.context, grant=granted(StaffRole.REVIEWER, VISIBLE))
    assert not world.store.write(lambda db: staff_rights.note_told(db, member.id))
    world.store.write(lambda db: db.execute("UPDATE staff SET untold = 1"))
    assert world.store.write(lambda db: staff_rights.note_told(db, member.id))
    accounts.remove(world.context, member.email)
    forms = world.store.read(lambda db: staff_rights.forms_of(db, [member.id]))
    assert forms == {member.id: VisibleForms()}
    assert world.store.read(staff.administrators) == []


def test_the_hourly_mail_counts_what_its_reader_may_see(world):
    seeing = join(world.context, grant=granted(StaffRole.READER, HIDDEN))
    blind = join(
        world.context, "bruno@comune.example", granted(StaffRole.READER, VISIBLE)
    )
    for member in (seeing, blind):
        accounts.want_mail(world.context, member.id, True)
    world.proven()
    world.post()
    assert mail_queue.queue_digests(world.context) == 1
    mail = mail_delivery.claim(world.context)
    assert (mail.email, world.message(mail).waiting) == (seeing.email, 1)


def test_what_a_member_may_do_changes_at_once_but_one_administrator_stays(world):
    chief = join(world.context)
    member = join(world.context, "bruno@comune.example", None)
    members.change_grant(world.context, member.id, EVERYTHING, "staff:2")
    members.change_grant(world.context, chief.id, Grant(), "staff:3")
    (told,) = world.sql(
        "SELECT detail FROM events WHERE verb = 'grant' AND actor = ?", "staff:3"
    )
    assert json.loads(told[0]) == {"staff": chief.id, "role": "reader", "forms": []}

    with pytest.raises(accounts.LastAdministrator):
        members.change_grant(world.context, member.id, Grant(), "staff:3")
    forms = world.store.read(lambda db: staff_rights.forms_of(db, [member.id]))
    assert forms[member.id].all
    accounts.remove(world.context, chief.email)
    for gone in (chief.id, 99):
        with pytest.raises(accounts.NoSuchMember):
            members.change_grant(world.context, gone, EVERYTHING, "staff:3")
