"""What a receipt says, signed: its data travel inside the PDF beside the text.

The keys stay with the service; whoever has the file can have it checked. A mark of
the key tells a receipt of another service from one of ours that was changed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from ...clock import from_utc_text
from ...tokens import TokenInvalid, Tokens

PURPOSE, MARK = "receipt", "receipt-key"
# In the document properties of the PDF.
DATA, SIGNATURE = "/ReceiptData", "/ReceiptSignature"
FORMAT = 1
# A question and the lines of its answer.
Row = tuple[str, tuple[str, ...]]


class Verdict(StrEnum):
    """What a check found."""

    GENUINE = "genuine"
    ALTERED = "altered"
    NOT_OURS = "not_ours"


@dataclass(frozen=True, slots=True)
class ReceiptContent:
    """What the data of a receipt say; `sections` are titles with their rows."""

    lang: str
    project: str
    owner: str
    reference: str
    form_id: str
    title: str
    version: str
    dated: date
    received: datetime
    corrected: datetime | None
    confirmed: datetime | None
    sections: tuple[tuple[str, tuple[Row, ...]], ...]


@dataclass(frozen=True, slots=True)
class Checked:
    """A verdict and what the file says; None where that cannot even be read."""

    verdict: Verdict
    content: ReceiptContent | None = None


def signed(facts: Mapping[str, Any], tokens: Tokens) -> dict[str, str]:
    """Return the data as canonical JSON and their signature, by key of the PDF."""
    marked = {**facts, "receipt": FORMAT, "key": tokens.code(MARK, "")}
    data = json.dumps(marked, sort_keys=True, separators=(",", ":"))
    return {DATA: data, SIGNATURE: tokens.make(PURPOSE, _digest(data))}


def _digest(data: str) -> str:
    return sha256(data.encode("utf-8", "surrogatepass")).hexdigest()


def check(data: str | None, signature: str | None, tokens: Tokens) -> Checked:
    """Say what data and signature from a PDF are worth to whoever holds the keys."""
    if not data or not signature:
        return Checked(Verdict.NOT_OURS)
    try:
        genuine = tokens.read(PURPOSE, signature) == _digest(data)
        ours = True
    except TokenInvalid:
        genuine = ours = False
    try:
        facts = json.loads(data)
        content = _content(facts)
        ours = ours or tokens.matches(MARK, "", facts["key"])
    # Whatever is wrong with data that somebody changed, they were changed.
    except (
        ValueError,
        TypeError,
        KeyError,
        AttributeError,
        OverflowError,
        RecursionError,
    ):
        return Checked(Verdict.ALTERED if ours else Verdict.NOT_OURS)
    if genuine:
        return Checked(Verdict.GENUINE, content)
    return Checked(Verdict.ALTERED, content) if ours else Checked(Verdict.NOT_OURS)


def _content(facts: Any) -> ReceiptContent:
    """Read data of this format; raise one of many errors for any other."""
    if facts["receipt"] != FORMAT:
        raise ValueError("a receipt of another format")
    # Half a character can be written in JSON, but on no page.
    json.dumps(facts, ensure_ascii=False).encode()
    form = facts["form"]
    confirmed, corrected = facts["confirmed"], facts.get("corrected")
    return ReceiptContent(
        lang=str(facts["lang"]),
        project=str(facts["project"]),
        owner=str(facts["owner"]),
        reference=str(facts["reference"]),
        form_id=str(form["id"]),
        title=str(form["title"]),
        version=str(form["version"]),
        dated=date.fromisoformat(form["dated"]),
        received=_moment(facts["received"]),
        corrected=_moment(corrected) if corrected else None,
        confirmed=_moment(confirmed) if confirmed else None,
        sections=tuple(
            (str(title), tuple(_row(label, lines) for label, lines in rows))
            for title, rows in facts["answers"]
        ),
    )


def _moment(text: str) -> datetime:
    """Read a time that every zone can tell."""
    moment = from_utc_text(text)
    if moment.year in (MINYEAR, MAXYEAR):
        raise ValueError(f"{text!r} is at the end of the calendar")
    return moment


def _row(label: Any, lines: Any) -> Row:
    return str(label), tuple(map(str, lines))
