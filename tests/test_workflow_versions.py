"""Published versions: a row is always shown with the version it answered."""

from dataclasses import replace
from datetime import date

import pytest

from forms_service.definition import ContentError
from forms_service.store import definitions
from forms_service.store.submissions import Proof, Source
from forms_service.workflow import correcting, exporting, publishing
from forms_service.workflow.desk_entry import DeskEntry, enter

pytest_plugins = ["life"]

FILE = "forms/every-type.yml"
NEXT = (
    (FILE, 'version: "1.0"', 'version: "1.1"'),
    (FILE, "Nome e cognome", "Come ti chiami"),
    (FILE, "retired: {", 'retired: {accompagnatore: "1.0", '),
    (
        FILE,
        """      - id: accompagnatore
        type: text
        label: Chi ti accompagna
        when: {any: [{field: interessi, includes: orto}, {field: aiuto, is: true}]}
        purpose: Provare le condizioni.
""",
        "",
    ),
    (
        "forms/every-type.en.yml",
        "  accompagnatore: {label: Who comes with you, purpose: To test conditions.}\n",
        "",
    ),
)


def form_of(world, submission, lang=None):
    return world.store.read(lambda db: world.context.form_of(db, submission, lang))


def test_an_old_row_keeps_its_questions_when_a_new_version_comes(world):
    old = world.proven(accompagnatore="Zia Pina")
    world.edit(*NEXT)
    new = world.proven()
    assert form_of(world, old).version == "1.0"
    assert form_of(world, old) is form_of(world, old)
    assert str(form_of(world, old).field("nome").label) == "Nome e cognome"
    assert str(form_of(world, old).field("accompagnatore").label)
    assert form_of(world, new) is world.form()
    assert str(form_of(world, new).field("nome").label) == "Come ti chiami"


def test_a_view_keeps_the_columns_of_all_versions(world):
    world.sent(accompagnatore="Zia Pina")
    world.edit(*NEXT)
    (row,) = world.sql('SELECT * FROM "form_every-type"')
    assert row["answer_accompagnatore"] == "Zia Pina"
    assert "answer_avviso" not in row.keys()


def test_a_view_has_the_columns_of_its_own_form_only(world):
    world.edit((FILE, "summary: Un modulo", "summary: Il modulo"))
    forms = world.folder / "content" / "forms"
    other = (forms / "every-type.yml").read_text(encoding="utf-8")
    (forms / "secondo.yml").write_text(
        other.replace("id: note", "id: appunti"), encoding="utf-8"
    )
    world.edit((FILE, "summary: Il modulo", "summary: Un modulo"))
    # A row of nothing, because nobody has answered.
    row = 'SELECT * FROM (SELECT 1) AS one LEFT JOIN "form_{}" ON true'
    columns = {
        view: set(world.sql(row.format(view))[0].keys())
        for view in ("every-type", "secondo")
    }
    assert columns["secondo"] - columns["every-type"] == {"answer_appunti"}
    assert columns["every-type"] - columns["secondo"] == {"answer_note"}


def test_a_row_in_english_is_shown_in_english_and_to_staff_in_italian(world):
    submission = world.sent(lang="en")
    assert form_of(world, submission) is world.form("en")
    assert form_of(world, submission, "it") is world.form()
    world.edit(*NEXT)
    english, italian = form_of(world, submission), form_of(world, submission, "it")
    assert (english.lang, english.version) == ("en", "1.0")
    assert (italian.lang, italian.version) == ("it", "1.0")
    assert str(english.title) != str(italian.title)
    assert english.country == "it"


def test_a_better_translation_leaves_old_rows_with_the_words_they_met(world):
    submission = world.sent(lang="en")
    old = str(form_of(world, submission).field("nome").label)
    world.edit(("forms/every-type.en.yml", old, "What should we call you"))
    assert str(form_of(world, submission).field("nome").label) == old
    assert str(form_of(world, world.sent(lang="en")).field("nome").label) == (
        "What should we call you"
    )


def test_words_around_the_questions_are_todays(world):
    submission = world.proven()
    world.edit((FILE, "La richiesta di prova è accolta.", "Ti aspettiamo."))
    assert str(form_of(world, submission).texts.accepted).startswith("Ti aspettiamo.")
    assert len(world.store.read(definitions.published)) == 1


@pytest.mark.parametrize(
    "change",
    [
        # Other questions under the same number.
        (FILE, "Nome e cognome", "Come ti chiami"),
        # A field that was published is simply gone.
        (FILE, "retired: {soprannome: \"0.9\"}", "retired: {}"),
    ],
)  # fmt: skip
def test_a_change_that_would_make_old_rows_unreadable_is_refused(world, change):
    world.sent()
    before = world.store.read(definitions.published)
    with pytest.raises(ContentError):
        world.edit(change)
    assert len(before) == 1
    assert world.store.read(definitions.published) == before


ASKED_ANEW = (FILE, "Nome e cognome", "Come ti chiami")
ANSWERS = {
    "sent": lambda world: world.sent(),
    "typed at the desk": lambda world: enter(
        world.context,
        world.form(),
        world.answers(),
        DeskEntry(Source.PAPER, date(2030, 3, 1), Proof.SIGNATURE),
        "staff:1",
    ),
}


@pytest.mark.parametrize("answer", ANSWERS)
def test_a_form_may_change_under_its_number_until_the_first_answer(world, answer):
    assert world.store.read(definitions.published) == []
    world.edit(ASKED_ANEW)
    ANSWERS[answer](world)
    (known,) = world.store.read(definitions.published)
    assert known.fingerprint == world.form().fingerprint
    with pytest.raises(ContentError, match="the texts have changed"):
        world.edit((FILE, "Come ti chiami", "Chi sei"))


def test_invented_rows_are_shown_as_they_were_and_freeze_nothing(world):
    invented = world.sent("one@demo.example.org")
    world.edit(ASKED_ANEW)
    assert world.store.read(definitions.published) == []
    assert str(form_of(world, invented).field("nome").label) == "Nome e cognome"
    (before,) = exporting_versions(world)
    assert before.fingerprint == invented.fingerprint


def test_a_person_who_answers_what_was_only_tried_publishes_it(world):
    world.sent("one@demo.example.org")
    world.clock.advance(hours=1)
    world.sent()
    world.sent("two@demo.example.org")
    (known,) = world.store.read(definitions.published)
    assert known.version == "1.0"
    with pytest.raises(ContentError):
        world.edit(ASKED_ANEW)


def test_in_production_the_start_publishes(world):
    publishing.start(world.context, publish=True)
    assert len(world.store.read(definitions.published)) == 1
    with pytest.raises(ContentError):
        world.edit(ASKED_ANEW)


def exporting_versions(world):
    return world.store.read(
        lambda db: exporting.earlier_versions(world.context, db, world.form())
    )


def test_a_version_that_was_never_published_is_a_loud_mistake(world):
    submission = world.sent()
    stranger = replace(submission, fingerprint="f" * 64)
    with pytest.raises(LookupError, match="never published"):
        form_of(world, stranger)


def test_a_correction_is_stored_with_the_version_it_answers(world):
    submission = world.proven(accompagnatore="Zia Pina")
    world.edit(*NEXT)
    answers = world.answers()
    changed = correcting.correct(world.context, world.form(), submission.id, answers)
    assert changed.fingerprint == world.form().fingerprint
    assert form_of(world, changed) is world.form()
    (kept,) = world.sql("SELECT fingerprint FROM revisions")
    assert kept["fingerprint"] == submission.fingerprint
