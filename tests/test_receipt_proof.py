"""A receipt proves itself: genuine, changed, or of another service."""

import json
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from hashlib import sha256
from io import BytesIO
from typing import Any

import pikepdf
import pypdfium2
import pytest
import zxingcpp

import hostile
from forms_service.intake import reader
from forms_service.intake.filled import LARGEST_RECEIPT, NoReceipt, read_receipt
from forms_service.intake.refusals import Damaged
from forms_service.shapes.pdf import receipt_proof
from forms_service.shapes.pdf.receipt_proof import DATA, SIGNATURE, Verdict, check
from forms_service.tokens import Tokens
from printed_forms import BASE_URL
from test_receipt import KEY, KEYS, TYPED, drawn, job

OTHERS = Tokens(["the key of another service entirely"])


def altered(file: bytes, change: Callable[[Any], None]) -> bytes:
    """Return the file after a change of its properties."""
    with pikepdf.Pdf.open(BytesIO(file)) as document:
        change(document.docinfo)
        target = BytesIO()
        document.save(target)
    return target.getvalue()


def write(key: str, value: str) -> Callable[[Any], None]:
    return lambda properties: properties.__setitem__(key, pikepdf.String(value))


@cache
def proof() -> dict[str, str]:
    found: dict[str, str] = job()["proof"]
    return found


def verdict(data: str | None, signature: str | None, tokens: Tokens = KEYS) -> Verdict:
    return check(data, signature, tokens).verdict


def test_a_receipt_is_genuine_and_says_what_it_says_on_paper() -> None:
    checked = check(*read_receipt(drawn()), KEYS)
    assert checked.verdict is Verdict.GENUINE
    said = checked.content
    assert said is not None
    assert (said.reference, said.form_id, said.lang) == ("7K3M9QXD", "every-type", "it")
    assert said.received.isoformat() == "2030-10-20T21:30:00+00:00"
    assert said.confirmed is not None
    answers = {label: lines for _, rows in said.sections for label, lines in rows}
    assert ("Nguyễn Thị Ánh",) in answers.values()
    assert tuple(TYPED["ente"]) in answers.values()


def test_the_data_are_the_lines_that_the_paper_shows() -> None:
    prepared = job()
    shown = [
        [title[0], [[label, [line[0] for line in lines]] for label, lines, _ in rows]]
        for title, rows in prepared["sections"]
    ]
    assert json.loads(prepared["proof"][DATA])["answers"] == shown


def test_one_character_changed_anywhere_is_noticed() -> None:
    data, signature = proof()[DATA], proof()[SIGNATURE]
    assert verdict(data, signature) is Verdict.GENUINE
    for place in range(0, len(data), 7):
        other = "x" if data[place] != "x" else "y"
        found = verdict(data[:place] + other + data[place + 1 :], signature)
        assert found is Verdict.ALTERED, data[place - 9 : place + 9]


def test_a_changed_file_is_told_from_a_genuine_one() -> None:
    forged = proof()[DATA].replace("7K3M9QXD", "7K3M9QXE")
    checked = check(*read_receipt(altered(drawn(), write(DATA, forged))), KEYS)
    assert checked.verdict is Verdict.ALTERED
    assert checked.content is not None
    assert checked.content.reference == "7K3M9QXE"
    other = write(SIGNATURE, OTHERS.make(receipt_proof.PURPOSE, "x"))
    assert verdict(*read_receipt(altered(drawn(), other))) is Verdict.ALTERED


def test_a_receipt_keeps_its_worth_when_the_key_is_changed() -> None:
    rotated = Tokens([KEY, "a newer one"])
    assert verdict(*proof().values(), rotated) is Verdict.GENUINE


def test_a_receipt_of_another_service_is_not_ours() -> None:
    assert verdict(*proof().values(), OTHERS) is Verdict.NOT_OURS
    facts = json.loads(proof()[DATA])
    theirs = receipt_proof.signed(facts, OTHERS)
    assert verdict(*theirs.values(), OTHERS) is Verdict.GENUINE
    assert verdict(*theirs.values()) is Verdict.NOT_OURS


def test_a_token_of_another_purpose_is_no_signature() -> None:
    digest = KEYS.read(receipt_proof.PURPOSE, proof()[SIGNATURE])
    assert verdict(proof()[DATA], KEYS.make("receipt", digest)) is Verdict.GENUINE
    assert verdict(proof()[DATA], KEYS.make("sent", digest)) is Verdict.ALTERED


@pytest.mark.parametrize(
    ("key", "value", "shown"),
    [("reference", "7K3M9QXE", True), ("reference", "\ud800", False),
     ("received", "9999-12-31T23:59:59+00:00", False),
     ("received", "0001-01-01T00:00:00+14:00", False)],
)  # fmt: skip
def test_what_no_page_can_show_is_not_shown(key: str, value: str, shown: bool) -> None:
    data = json.dumps(json.loads(proof()[DATA]) | {key: value})
    checked = check(data, proof()[SIGNATURE], KEYS)
    assert checked.verdict is Verdict.ALTERED
    assert (checked.content is not None) is shown


@pytest.mark.parametrize(
    "data", [None, "", "{", "[]", "7", '{"receipt":1}', "[" * 9999]
)
def test_what_carries_no_data_of_ours_is_not_ours(data: str | None) -> None:
    theirs = OTHERS.make(receipt_proof.PURPOSE, "x")
    assert check(data, theirs, KEYS) == receipt_proof.Checked(Verdict.NOT_OURS)
    assert verdict(proof()[DATA], None) is Verdict.NOT_OURS


def test_data_of_a_format_to_come_are_not_taken_for_genuine() -> None:
    facts = json.loads(proof()[DATA]) | {"receipt": 2}
    data = json.dumps(facts)
    digest = sha256(data.encode()).hexdigest()
    today = sha256(proof()[DATA].encode()).hexdigest()
    assert today == KEYS.read(receipt_proof.PURPOSE, proof()[SIGNATURE])
    signature = KEYS.make(receipt_proof.PURPOSE, digest)
    assert verdict(data, signature) is Verdict.ALTERED


def test_the_child_reads_what_the_receipt_writes() -> None:
    assert (reader.RECEIPT, reader.SIGNATURE) == (DATA, SIGNATURE)
    found = reader.read(drawn(), None)
    assert found == {"data": proof()[DATA], "signature": proof()[SIGNATURE]}
    assert reader.read(b"%PDF-1.7 nonsense", None) == {"refusal": "damaged"}
    long = altered(drawn(), write(DATA, "x" * (reader.LONGEST_PROOF + 1)))
    assert reader.read(long, None)["data"] is None
    number = altered(drawn(), lambda properties: properties.__delitem__(DATA))
    assert reader.read(number, None)["data"] is None


HOSTILE = (hostile.xfa, hostile.nested_arrays, hostile.truncated, hostile.html_first)


@pytest.mark.parametrize("made", HOSTILE)
def test_a_hostile_file_is_one_sentence_or_not_ours(made: hostile.Hostile) -> None:
    data: str | None = None
    with suppress(NoReceipt, Damaged):
        data, _ = read_receipt(made("every-type:it:1.0:x"))
    assert data is None


@pytest.mark.slow
@pytest.mark.parametrize("made", [*hostile.SMALL, *hostile.LARGE])
def test_no_hostile_file_does_any_harm(made: hostile.Hostile) -> None:
    test_a_hostile_file_is_one_sentence_or_not_ours(made)


def test_what_is_no_receipt_file_is_refused_before_it_is_opened() -> None:
    for data in (b"", b"GIF89a", b"%PDF-" + b" " * LARGEST_RECEIPT):
        with pytest.raises(NoReceipt):
            read_receipt(data)
    with pytest.raises(NoReceipt):
        read_receipt(hostile.locked(drawn()))


def test_the_code_on_a_receipt_leads_to_the_check_and_names_nobody() -> None:
    with pypdfium2.PdfDocument(drawn()) as document:
        pictures = [page.render(scale=150 / 72).to_pil() for page in document]
    codes = [
        code.text for picture in pictures for code in zxingcpp.read_barcodes(picture)
    ]
    assert codes == [f"{BASE_URL}/moduli/it/verifica-ricevuta"]
