"""What the sources say and what the message files translate, for `test_i18n.py`."""

import io
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes

from forms_service.i18n import TRANSLATIONS
from sample_content import ROOT

KEYWORDS = {"gettext": None, "_": None, "N_": None, "ngettext": (1, 2)}
ENVIRONMENT = Environment(autoescape=True)

Ids = Iterator[tuple[str, str]]


def sources(root: Path = ROOT) -> list[Path]:
    """Return every file that may say something."""
    folders = [root / "forms_service", root / "site"]
    return sorted(
        file
        for folder in folders
        for ending in ("*.py", "*.html", "*.txt")
        for file in folder.rglob(ending)
    )


def spoken(files: Iterable[Path], root: Path = ROOT) -> dict[str, str]:
    """Return every message id that the files say, with the first place of each."""
    found: dict[str, str] = {}
    for file in files:
        read = in_code if file.suffix == ".py" else in_template
        for msgid, line in read(file.read_text(encoding="utf-8")):
            found.setdefault(msgid, f"{file.relative_to(root)}:{line}")
    return found


def in_code(source: str) -> Ids:
    """Yield the ids that Python code says, marks or counts; a plural as its first."""
    lines = io.BytesIO(source.encode())
    for line, message, _, _ in extract("python", lines, keywords=KEYWORDS):
        yield (message if isinstance(message, str) else message[0]), str(line)


def in_template(source: str) -> Ids:
    """Yield the ids that a template says, by whatever name it knows the words."""
    for call in ENVIRONMENT.parse(source).find_all(nodes.Call):
        called = call.node
        name = getattr(called, "attr", None) or getattr(called, "name", "")
        if name in KEYWORDS and call.args:
            for constant in constants(call.args[0]):
                yield constant, str(call.lineno)


def constants(argument: nodes.Node) -> Iterator[str]:
    """Yield the texts an argument may be: one, or one of two by a condition."""
    if isinstance(argument, nodes.Const) and isinstance(argument.value, str):
        yield argument.value
    elif isinstance(argument, nodes.CondExpr) and argument.expr2:
        yield from constants(argument.expr1)
        yield from constants(argument.expr2)


def message_files(lang: str, folder: Path = TRANSLATIONS) -> dict[str, Catalog]:
    """Return the catalogues of a language by file name."""
    catalogues = {}
    for file in sorted((folder / lang).glob("*.po")):
        with file.open("rb") as lines:
            catalogues[file.name] = read_po(lines, locale=lang)
    return catalogues


def singular(msgid: str | tuple[str, ...]) -> str:
    """Return the id by which a message is looked up."""
    return msgid if isinstance(msgid, str) else msgid[0]
