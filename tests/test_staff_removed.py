"""A member of staff who leaves: out at once, forgotten by address, known by number."""

import pytest

from clerk import PASSWORD, join
from forms_service.moving_window import in_memory
from forms_service.store import notes as note_rows
from forms_service.store import outbox, staff
from forms_service.workflow import accounts, deciding, mail_queue, sessions, signing_in

pytest_plugins = ["life"]

CARLA = "carla@comune.example"
NETWORK = "192.0.2.0/24"


def sign_in(world):
    return signing_in.sign_in(
        world.context, in_memory(world.context.clock), CARLA, PASSWORD, NETWORK
    ).secret


def test_who_is_removed_is_out_at_once_and_cannot_come_back(world):
    join(world.context, CARLA, None)
    secret = sign_in(world)
    link = accounts.invite(world.context, CARLA)

    accounts.remove(world.context, CARLA.upper())

    assert sessions.session_of(world.context, secret) is None
    with pytest.raises(signing_in.SignInRefused):
        sign_in(world)
    with pytest.raises(accounts.SetupOver):
        accounts.set_up(world.context, link, PASSWORD)
    with pytest.raises(accounts.NoSuchMember):
        accounts.remove(world.context, CARLA)
    assert accounts.everyone(world.context) == []


@pytest.mark.engine("sqlite")
def test_nothing_keeps_the_address_of_who_is_removed(world):
    member = join(world.context, CARLA, None)
    accounts.want_mail(world.context, member.id, True)
    world.proven(people=1)
    assert mail_queue.queue_digests(world.context) == 1
    name = CARLA.partition("@")[0].encode()
    assert name in world.path.read_bytes() + wal(world)

    accounts.remove(world.context, CARLA)

    assert name not in world.path.read_bytes() + wal(world)
    assert not world.store.read(lambda db: outbox.waits(db, "digest", CARLA))
    world.clock.advance(hours=2)
    world.proven(people=1)
    assert mail_queue.queue_digests(world.context) == 0


def wal(world):
    file = world.path.with_name(f"{world.path.name}-wal")
    return file.read_bytes() if file.exists() else b""


def test_what_a_former_member_did_stays_and_is_nobody_elses(world):
    member = join(world.context, CARLA, None)
    submission = world.proven(people=1)
    deciding.add_note(world.context, submission.id, member.id, "Called back")

    accounts.remove(world.context, CARLA)
    again = join(world.context, CARLA, None)

    assert again.id != member.id
    assert sign_in(world)
    (note,) = world.store.read(lambda db: note_rows.of_submission(db, submission.id))
    assert (note.author, note.text) == ("", "Called back")
    assert world.events(submission)[-1].actor == f"staff:{member.id}"
    removal = world.sql("SELECT actor, detail FROM events WHERE verb = 'remove_staff'")
    assert [tuple(row) for row in removal] == [("command", '{"staff": 1}')]
    assert world.log_is_whole()


def test_a_password_is_not_stored_again_behind_a_removal(world):
    member = join(world.context, CARLA, None)
    accounts.remove(world.context, CARLA)
    world.store.write(lambda db: staff.rehash(db, member.id, "hash"))
    assert world.store.read(lambda db: staff.get(db, member.id)).password is None
