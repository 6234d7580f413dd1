"""The privacy notice: complete, and the same periods in every place."""

from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from forms_service.content.project import Authority
from forms_service.definition import Anchor, Period, Text, type_of
from forms_service.definition.retention import Unit
from forms_service.i18n import Translator
from forms_service.shapes.notice import (
    NoticeSection,
    full_notice,
    retention_sentence,
    retention_sentences,
    short_notice,
)
from forms_service.shapes.processing import record_of_processing
from printed_forms import EVERY, EVERY_EN, edition, editions, named

ITALIAN = Translator("it", ZoneInfo("Europe/Rome"))


@pytest.mark.parametrize(
    ("period", "sentence"),
    [
        ((30, Unit.DAYS, Anchor.SENDING), "30 giorni da quando mandi il modulo"),
        ((1, Unit.MONTHS, Anchor.DECISION), "1 mese dopo l’esito"),
        ((2, Unit.YEARS, Anchor.EVENT), "2 anni dopo l’evento"),
        ((1, Unit.YEARS, Anchor.RENEWAL), "1 anno dall’ultimo rinnovo"),
    ],
)
def test_a_period_is_said_in_words(
    period: tuple[int, Unit, Anchor], sentence: str
) -> None:
    assert retention_sentence(Period(*period), ITALIAN) == sentence


def test_a_withdrawal_counts_from_the_day_a_person_withdraws() -> None:
    period = Period(30, Unit.DAYS, Anchor.DECISION)
    assert retention_sentence(period, ITALIAN, withdrawn=True) == (
        "30 giorni da quando la ritiri"
    )


def test_every_state_and_every_field_with_its_own_end_has_a_sentence() -> None:
    mine = edition(EVERY)
    lines = retention_sentences(mine.form, mine.translator)
    assert len(lines) == 7
    assert lines[4] == "Se accogliamo la tua richiesta: 30 giorni dopo l’evento."
    assert lines[5] == "La risposta a “Data di nascita”: 30 giorni dopo l’evento."
    assert lines[6].startswith("Se l’evento è annullato, contiamo dal giorno in cui")
    assert "oppure da 12 mesi dopo il giorno previsto" in lines[6]


@pytest.mark.parametrize("key", editions(), ids=named)
def test_a_full_notice_holds_what_the_law_asks_for(key: tuple[str, str, str]) -> None:
    mine = edition(key)
    form, project = mine.form, mine.project
    notice = full_notice(form, project, mine.translator)
    shown = " ".join(text for part in notice for text in part.paragraphs)
    for fact in (
        project.privacy.controller,
        project.privacy.complaint.name,
        *form.privacy.purposes,
        *form.privacy.recipients,
        *form.privacy.legal_basis.paragraphs,
        *form.privacy.why_needed.paragraphs,
        *retention_sentences(form, mine.translator),
        mine.translator.format_number(project.privacy.backups_days),
    ):
        assert fact in shown
    assert all(part.heading and part.paragraphs for part in notice)


def test_what_nobody_has_given_yet_is_said_to_be_missing() -> None:
    mine = edition(EVERY)
    privacy = replace(
        mine.project.privacy,
        dpo_contact="TODO",
        complaint=Authority(Text("", "it"), ""),
    )
    project = replace(mine.project, privacy=privacy)
    notice = full_notice(mine.form, project, mine.translator)
    assert NoticeSection(
        "Responsabile della protezione dei dati", ["Contatto: da confermare."]
    ) in list(notice)
    assert "TODO" not in str(notice)
    assert "reclamo" not in str(notice)


def test_the_short_notice_and_the_record_repeat_the_same_periods() -> None:
    mine = edition(EVERY_EN)
    lines = retention_sentences(mine.form, mine.translator)
    for parts in (
        short_notice(mine.form, mine.project, mine.translator),
        full_notice(mine.form, mine.project, mine.translator),
        record_of_processing(mine.form, mine.project, mine.translator),
    ):
        [kept] = [p for p in parts if p.heading == "How long we keep it"]
        assert kept.paragraphs[: len(lines)] == lines


def test_the_record_names_the_data_that_a_form_asks_for() -> None:
    mine = edition(EVERY)
    record = record_of_processing(mine.form, mine.project, mine.translator)
    [data] = [part.paragraphs for part in record if part.heading == "Dati"]
    fields = [f.label for f in mine.form.fields if type_of(f).asks]
    assert data == fields


def test_a_form_with_places_says_that_attendance_is_written_down() -> None:
    mine = edition(EVERY)
    said = "Se ci sono incontri, segniamo chi era presente."
    for form, there in ((mine.form, True), (replace(mine.form, capacity=None), False)):
        notice = full_notice(form, mine.project, ITALIAN)
        record = record_of_processing(form, mine.project, ITALIAN)
        assert [said in str(notice), said in str(record)] == [there, there]
