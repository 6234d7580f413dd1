"""Another project is another content folder: nothing of the first one shows through."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from functools import cache
from io import BytesIO

import pytest
import yaml
from babel.messages.pofile import read_po
from pypdf import PdfReader

from clerk import signed_in
from forms_service import urls
from forms_service.definition import Role, type_of
from forms_service.i18n import TRANSLATIONS, Translator
from forms_service.mail import kinds
from forms_service.mail.compose import compose
from forms_service.mail.message import Recipient, about, to_staff
from forms_service.store import submissions
from forms_service.store.submissions import Submission
from forms_service.workflow import mail_delivery
from sample_content import OTHER
from service import Service
from this_project.conftest import CONTENT as FIRST

SHORTEST = 12
FORM = "lesepate"


def leaves(tree: object) -> Iterator[str]:
    """Yield every text of a file."""
    if isinstance(tree, dict):
        for value in tree.values():
            yield from leaves(value)
    elif isinstance(tree, list):
        for value in tree:
            yield from leaves(value)
    elif tree is not None:
        yield str(tree)


def folded(text: str) -> str:
    return " ".join(text.split())


def sentences(text: str) -> Iterator[str]:
    """Yield headings, labels and sentences, as they would stand on a page."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)|[*_`#>]+|<[^>]+>", r"\1", text)
    for line in plain.splitlines():
        yield folded(line)
        yield from map(folded, re.split(r"(?<=[.!?:])\s", line))


def product() -> str:
    """Return all words of the product, in every language."""
    words = []
    for file in TRANSLATIONS.rglob("*.po"):
        for message in read_po(BytesIO(file.read_bytes())):
            for text in (message.id, message.string):
                words += [text] if isinstance(text, str) else list(text)
    return "\n".join(map(folded, words))


@cache
def own_words() -> set[str]:
    """Return what only the first project says: its values and its sentences."""
    project = yaml.safe_load((FIRST / "project.yml").read_text("utf-8"))
    values = {value for value in leaves(project) if len(value) > 4}
    said = set()
    for file in FIRST.rglob("*.yml"):
        for text in leaves(yaml.safe_load(file.read_text("utf-8"))):
            said |= {folded(text), *sentences(text)}
    for file in FIRST.rglob("*.md"):
        said |= set(sentences(file.read_text("utf-8").partition("---\n")[2]))
    catalogues = product()
    said = {
        sentence
        for sentence in said
        if len(sentence) >= SHORTEST and sentence not in catalogues
    }
    # What both projects write in their own files, such as names of pages, is shared.
    second = "\n".join(
        folded(file.read_text("utf-8"))
        for kind in ("*.yml", "*.md")
        for file in OTHER.rglob(kind)
    )
    return {
        sentence
        for sentence in values | said
        if sentence not in second and "://" not in sentence
    }


def shows(text: str) -> set[str]:
    """Return the words of the first project that a text shows."""
    found = folded(text)
    technical = {"assets/logo.svg", "assets/owner.svg", "Europe/Rome"}
    return {
        own_word for own_word in own_words() - technical - {"TODO"} if own_word in found
    }


@pytest.fixture
def other(start_service, clock) -> Service:
    clock.now = datetime(2031, 3, 3, 9, 0, tzinfo=UTC)
    return start_service(OTHER)


def typed(service: Service) -> dict[str, list[str]]:
    form = service.context.content.form(FORM)
    own = {Role.EMAIL: "anna@example.org", Role.PHONE: "01 2345678"}
    values = {}
    for field in form.fields:
        values |= type_of(field).sample(
            field, 1, Translator("de", service.context.zone)
        )
        if field.role in own:
            values[field.id] = [own[field.role]]
    return values


def only_row(service: Service) -> Submission:
    [submission] = service.context.store.read(
        lambda db: submissions.by_email(db, "anna@example.org")
    )
    return submission


def citizen_pages(service: Service) -> Iterator[str]:
    """Walk everything a citizen can see, and leave an accepted request behind."""
    show = lambda page: page.body.decode()  # noqa: E731
    values = typed(service)
    yield show(service.get(urls.online_form(FORM, "de")))
    yield show(service.post(urls.summary(FORM, "de"), {}))
    summary = service.post(urls.summary(FORM, "de"), values)
    assert summary.status == 200, summary.text
    yield show(summary)
    done = service.post(urls.confirm(FORM, "de"), summary.controls())
    assert done.status == 303
    yield show(service.get(done.location))
    submission = only_row(service)
    link = mail_delivery.link_for(service.context, submission, kinds.verify)
    page = service.get(link)
    yield show(page)
    yield show(service.post(f"{link}/conferma"))
    yield show(service.post(f"{link}/conferma"))
    submission = only_row(service)
    assert submission.proven
    yield show(
        service.get(mail_delivery.link_for(service.context, submission, kinds.receipt))
    )
    yield show(service.get("/moduli/de/link-perso"))
    yield show(service.get("/moduli/de/nessuno"))


def staff_pages(service: Service) -> Iterator[str]:
    clerk = signed_in(service)
    submission = only_row(service)
    paths = ["", "banco", f"banco/{FORM}", "tabelle", f"tabelle/{FORM}", "profilo"]
    for path in map(urls.staff, paths):
        page = clerk.get(path)
        if page.status == 200:
            yield page.body.decode()
    yield clerk.get(clerk.submission(submission.id)).body.decode()
    for verb in ("accept", "decline", "withdraw"):
        yield clerk.get(clerk.submission(submission.id, f"/esito/{verb}")).body.decode()


def all_mails(service: Service) -> Iterator[str]:
    """Write a mail of every kind about the request, as it would leave."""
    submission, work = only_row(service), service.context
    form, project = work.content.form(FORM), work.content.project
    link, code = "http://x/r/token", "ABC234"
    messages = [
        about(
            kind, submission, form, project, link=link, code=code, key="k", position=2
        )
        for kind in kinds.KINDS.values()
        if kind.to is not Recipient.STAFF
    ]
    messages.append(to_staff(kinds.digest, "carla@example.org", 3, project, link, "k"))
    for message in messages:
        mail = compose(message, "forms@example.org", service.clock())
        yield "\n".join(str(value) for value in mail.values())
        for part in mail.walk():
            if part.get_content_maintype() == "text":
                yield part.get_content()


def test_pages_and_mails_of_another_project_show_nothing_of_the_first(other):
    texts = [*citizen_pages(other), *staff_pages(other), *all_mails(other)]
    assert len(texts) > 40
    assert any("Lesebrücke" in text for text in texts)
    assert shows("\n".join(texts)) == set()


def test_site_and_papers_of_another_project_show_nothing_of_the_first(built_other):
    pages = [
        file.read_text("utf-8")
        for kind in ("*.html", "*.css", "*.xml", "*.txt", "*.ics", "*.js")
        for file in built_other.public.rglob(kind)
    ]
    papers = [
        page.extract_text()
        for file in built_other.public.rglob("*.pdf")
        for page in PdfReader(BytesIO(file.read_bytes())).pages
    ]
    assert papers
    assert shows("\n".join(pages + papers)) == set()


def test_the_search_for_foreign_words_finds_what_is_planted():
    words = own_words()
    assert len(words) > 400
    assert {"We-Ita", "Coeso Società della Salute"} <= words
    assert shows("… Coeso Società della Salute …") == {"Coeso Società della Salute"}
    assert shows("Offri il tuo tempo") == set()
