"""Mails as they leave: words, language, headers, and what they never say."""

import re
from collections.abc import Mapping
from dataclasses import fields, replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import get_origin, get_type_hints

import pytest
from lxml import html

from forms_service.content import Content, load_content
from forms_service.mail import kinds
from forms_service.mail.compose import compose, preview
from forms_service.mail.kinds import KINDS
from forms_service.mail.message import MailMessage, Recipient, about, to_staff
from forms_service.store.submissions import Seat, Source, Status, Submission
from sample_content import SAMPLE

NOW = datetime(2020, 6, 20, 8, 30, tzinfo=UTC)
LINK = "https://forms.example/r/" + "T" * 120
TO_PEOPLE = [name for name, kind in KINDS.items() if kind.to is not Recipient.STAFF]
LANGUAGES = ["it", "en"]


@pytest.fixture(scope="module")
def content() -> Content:
    return load_content(SAMPLE)


def amina(**changes: object) -> Submission:
    empty = dict.fromkeys(field.name for field in fields(Submission))
    row = {
        **empty,
        "id": "amina",
        "reference": "ABCD2345",
        "source": Source.WEB,
        "status": Status.NEW,
        "place": Seat.NONE,
        "name": "Amina Typed",
        "organisation": "Typed society",
        "email": "amina@example.org",
        "answers": {"nome_completo": "Amina Typed", "note": "WIN http://evil.example"},
        "link_expires_at": NOW + timedelta(days=14),
        "code_expires_at": NOW + timedelta(minutes=30),
        "purge_after": NOW + timedelta(days=30),
        **changes,
    }
    return Submission(**row)


def message(
    content: Content, kind: str, form_id: str = "volontari", lang: str = "it"
) -> MailMessage:
    form, project = content.form(form_id, lang), content.projects[lang]
    submission = amina(status=Status.UNVERIFIED) if kind == "verify" else amina()
    return about(
        KINDS[kind], submission, form, project, link=LINK, code="ABC234", key="k" * 32
    )


def sent(mail_message: MailMessage) -> EmailMessage:
    """Return the mail as the reader's program parses it."""
    written = compose(mail_message, "moduli@example.org", NOW).as_bytes()
    return message_from_bytes(written, policy=default)


def texts(mail: EmailMessage) -> list[str]:
    plain, rich = mail.iter_parts()
    assert plain.get_content_type() == "text/plain"
    assert rich.get_content_type() == "text/html"
    return [
        plain.get_content(),
        html.fromstring(rich.get_content()).body.text_content(),
    ]


def everything(mail: EmailMessage) -> str:
    """Return all readable words of a mail, headers included."""
    headers = [str(value) for name, value in mail.items() if name != "Message-ID"]
    return "\n".join([*headers, *texts(mail)])


def test_what_composes_a_mail_can_hold_no_answer(content):
    held = get_type_hints(MailMessage).values()
    assert not {Submission, dict, Mapping} & {get_origin(hint) or hint for hint in held}
    submission = message(content, "receipt")
    assert "Typed" not in repr(
        [getattr(submission, field.name) for field in fields(submission)]
    )


@pytest.mark.parametrize("kind", TO_PEOPLE)
@pytest.mark.parametrize("lang", LANGUAGES)
def test_a_mail_carries_what_machines_and_people_need(content, kind, lang):
    mail = sent(message(content, kind, lang=lang))

    assert mail["To"] == "amina@example.org"
    assert mail["From"].addresses[0].addr_spec == "moduli@example.org"
    assert mail["From"].addresses[0].display_name.startswith("Orto Aperto – Ass")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Message-ID"] == f"<{'k' * 32}@example.org>"
    assert mail["Date"].datetime == NOW
    assert mail["Content-Language"] == lang
    assert len(mail.as_bytes()) < 20_000
    page = html.fromstring(mail.get_body(("html",)).get_content())
    assert (page.get("lang"), page.get("dir")) == (lang, "ltr")


@pytest.mark.parametrize("kind", TO_PEOPLE)
@pytest.mark.parametrize("form_id", ["volontari", "ascolto"])
def test_no_mail_holds_anything_that_was_typed(content, kind, form_id):
    said = everything(sent(message(content, kind, form_id)))

    assert "Typed" not in said
    assert "evil" not in said


@pytest.mark.parametrize("kind", TO_PEOPLE)
@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("form_id", ["ascolto"])
def test_mails_of_delicate_forms_say_nothing_over_a_shoulder(
    content, kind, lang, form_id
):
    mail = sent(message(content, kind, form_id, lang))

    said = everything(mail).casefold()
    project, form = content.projects[lang], content.form(form_id, lang)
    for telling in (project.name, project.owner.name, form.title, form_id):
        assert telling.casefold() not in said
    assert project.funding.sentence.casefold() not in said
    assert mail["From"] == "moduli@example.org"
    notice = {"it": "messaggio di prova", "en": "test message"}
    assert notice[lang] in said


@pytest.mark.parametrize("kind", TO_PEOPLE)
def test_other_mails_say_who_pays_and_that_this_is_a_demonstration(content, kind):
    project = content.project
    for text in texts(sent(message(content, kind))):
        assert project.funding.sentence in text
        assert text.lstrip().startswith(project.demonstration)


@pytest.mark.parametrize("form_id", ["volontari", "ascolto"])
@pytest.mark.parametrize("kind", TO_PEOPLE)
def test_a_mail_in_a_language_that_nobody_has_checked_says_so(content, kind, form_id):
    shown = "لم يراجع هذه الترجمة بعدُ أي شخص يتكلم هذه اللغة."
    for text in texts(sent(message(content, kind, form_id, "ar"))):
        assert f"{shown} النص المعتمد هو النص باللغة الإيطالية." in text
    original = message(content, kind, form_id)
    assert "ha ancora controllato" not in everything(sent(original))


def test_an_authorised_project_says_nothing_about_a_demonstration(content):
    submission = message(content, "receipt")
    authorised = replace(
        submission, project=replace(submission.project, authorised_by="Atto 1")
    )

    assert "dimostrazione" not in everything(sent(authorised))


@pytest.mark.parametrize(
    "kind", sorted(set(TO_PEOPLE) - {"code", "withdrawn", "address_left"})
)
def test_link_survives_in_both_parts(content, kind):
    mail = sent(message(content, kind))

    page = html.fromstring(mail.get_body(("html",)).get_content())
    assert page.xpath("//a/@href") == [LINK]
    assert LINK in mail.get_body(("plain",)).get_content().splitlines()


def test_verification_says_what_to_do_and_what_if_it_was_not_you(content):
    for text in texts(sent(message(content, "verify"))):
        assert "premi il pulsante" in text
        assert "ABC234" in text
        assert re.search(r"fino al 4 luglio 2020.{1,6}10:30", text)
        assert "Non hai inviato tu la richiesta? Non devi fare niente." in text
        assert "La cancelliamo il 20 luglio 2020" in text


def test_a_new_address_of_ones_own_is_verified_while_the_request_goes_on(content):
    submission = replace(message(content, "verify"), status=Status.NEW)
    for text in texts(sent(submission)):
        assert "Ci hai dato questo indirizzo email per la tua richiesta." in text
        assert "Qualcuno ci ha dato" not in text
        # Staff examine it already, and the page after sending may be gone.
        assert "La cancelliamo" not in text
        assert "ABC234" not in text


def test_receipt_says_reference_what_happens_next_and_when_all_is_erased(content):
    for text in texts(sent(message(content, "receipt"))):
        assert "ABCD2345" in text
        assert "Leggiamo la tua richiesta e ti scriviamo" in text
        assert "il 20 luglio 2020, se non cambia nulla." in text
        assert "copie di sicurezza ancora per 30 giorni" in text


@pytest.mark.parametrize(
    ("kind", "own"), [("accepted", "Ora fai parte"), ("declined", "Non possiamo")]
)
def test_a_decision_is_told_in_the_form_s_own_words(content, kind, own):
    mail = sent(message(content, kind))

    assert own in texts(mail)[0]
    assert mail["Subject"] == "Ci sono novità sulla tua richiesta"


def test_the_waiting_line_is_told_with_the_position(content):
    submission = replace(message(content, "receipt"), place=Seat.WAITING, position=3)

    assert "il tuo numero nella lista è 3" in texts(sent(submission))[0]


def test_a_held_place_is_told(content):
    submission = replace(message(content, "receipt"), place=Seat.HELD)

    assert "Hai un posto." in texts(sent(submission))[0]


def test_what_is_not_translated_keeps_its_language(content):
    submission = message(content, "receipt", lang="en")
    italian = content.form("volontari", "it")
    page = html.fromstring(
        sent(replace(submission, form=italian)).get_body(("html",)).get_content()
    )

    assert "Leggiamo" in page.xpath("string(//span[@lang='it'])")


def test_the_project_s_address_is_where_answers_go(content):
    submission = message(content, "receipt")
    contacts = replace(submission.project.contacts, email="aiuto@example.org")
    reachable = replace(
        submission, project=replace(submission.project, contacts=contacts)
    )

    mail = sent(reachable)

    assert mail["Reply-To"] == "aiuto@example.org"
    assert "scrivi a aiuto@example.org" in texts(mail)[0]


@pytest.mark.parametrize(
    ("address", "wire"),
    [
        ("amina@straße.example", "amina@xn--strae-oqa.example"),
        ("mario.rossi+volontari@example.org", "mario.rossi+volontari@example.org"),
    ],
)
def test_domains_are_written_as_servers_understand_them(content, address, wire):
    mail = sent(replace(message(content, "code"), email=address))

    assert mail["To"].addresses[0].addr_spec == wire
    assert len(mail["To"].addresses) == 1


def test_the_digest_holds_a_count_and_a_link(content):
    link = "https://forms.example/staff/"
    mail = sent(
        to_staff(kinds.digest, "carla@example.org", 3, content.project, link, "d" * 32)
    )

    assert "Ci sono 3 richieste da esaminare." in texts(mail)[0]
    assert link in texts(mail)[0]
    submission = to_staff(
        kinds.digest, "carla@example.org", 1, content.project, link, "d" * 32
    )
    assert "C’è 1 richiesta da esaminare." in texts(sent(submission))[0]


def test_a_preview_is_the_mail_without_the_link(content):
    submission = message(content, "accepted")

    seen = preview(replace(submission, link=""))

    assert seen.subject == sent(submission)["Subject"]
    assert LINK not in seen.text
    written = sent(submission).get_body(("plain",)).get_content()
    expected = written.replace(LINK, "(qui c’è il link personale)")
    assert seen.text.splitlines() == expected.splitlines()


@pytest.mark.parametrize("kind", [*KINDS])
def test_every_sentence_of_ours_is_italian_in_an_italian_mail(content, kind):
    submission = replace(message(content, kind), place=Seat.WAITING, position=1)
    english = replace(
        submission, translator=message(content, kind, lang="en").translator
    )

    ours = set(preview(submission).text.splitlines())
    shared = ours & set(preview(english).text.splitlines())

    own = " ".join(
        [
            *submission.form.texts.waiting.paragraphs,
            *submission.form.texts.receipt.paragraphs,
            *submission.form.texts.accepted.paragraphs,
            *submission.form.texts.declined.paragraphs,
            submission.form.register.question,
            submission.project.demonstration,
            submission.project.funding.sentence,
        ]
    )
    strange = {
        line
        for line in shared
        if line.strip()
        and line not in own
        and " – " not in line
        and line not in (LINK, "    ABC234", "    ABCD2345")
    }
    assert strange == set()
