"""The files of the content folder: what nobody reads, what nobody can use.

A file in the wrong place is silently lost; a picture as it comes from the camera is
paid for by every reader.
"""

from collections.abc import Iterator
from pathlib import Path

from PIL import Image, ImageFile

from ..definition.problems import Problem, relative
from .folder import Content
from .page_reading import FRONT_MATTER
from .pages import NEWS
from .yaml_faults import cut_sentences

# In octets. A phone on a slow network waits ten seconds for the one.
MOST_PICTURE, MOST_FILE = 2_000_000, 25_000_000
# A telephone keeps some 200 MB in memory to show so many, whatever the file weighs.
MOST_PIXELS = 50_000_000
_PICTURES = {
    ".png": (b"\x89PNG\r\n\x1a\n",),
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".gif": (b"GIF8",),
    ".webp": (b"RIFF",),
    ".avif": (b"\0\0\0",),
}
_SMALLER = "make it 1600 pixels wide and save it as JPEG with quality 80"
_BEGINNINGS = {**_PICTURES, ".pdf": (b"%PDF-",)}
_UNSEEN = frozenset({".heic", ".heif", ".tif", ".tiff", ".bmp", ".psd", ".raw", ".eps"})
_PROGRAMS = frozenset({".html", ".htm", ".xhtml", ".js", ".mjs", ".css", ".php"})
_READ = frozenset({".md", ".markdown", ".yml", ".yaml"})
_FOLDERS = ("assets", "data", "events", "forms")


def misplaced(content: Content) -> Iterator[Problem]:
    """Yield the texts that no part of the site reads, and files of no use on it."""
    for file in _files(content.folder):
        name = relative(file, content.folder)
        if file.is_relative_to(content.folder / "assets"):
            if advice := _unusable(file):
                yield Problem(name, "", advice)
        elif file.suffix.lower() in _READ and (advice := _unread(file, content)):
            yield Problem(name, "", advice)


def unused(content: Content) -> Iterator[Problem]:
    """Yield pictures that nothing shows, and other files that nobody reads."""
    texts = [f for f in _files(content.folder) if f.suffix in _READ]
    said = "".join(f.read_text(encoding="utf-8", errors="replace") for f in texts)
    for file in _files(content.folder / "assets"):
        if file.relative_to(content.folder).as_posix() not in said:
            advice = "nothing shows this file: link to it, or take it away"
            yield Problem(relative(file, content.folder), "", advice)
    known = [content.folder / name for name in _FOLDERS]
    for file in _files(content.folder):
        if file.suffix.lower() in _READ or file.stem.lower() in ("readme", "license"):
            continue
        if not any(file.is_relative_to(folder) for folder in known):
            advice = "nobody reads this file: move it to assets/, or take it away"
            yield Problem(relative(file, content.folder), "", advice)


def cut_texts(content: Content) -> Iterator[Problem]:
    """Yield sentences after which # begins a comment: perhaps it was to be read."""
    for file in _files(content.folder):
        if file.suffix not in _READ:
            continue
        text = file.read_text(encoding="utf-8-sig")
        if file.suffix == ".md":
            parts = FRONT_MATTER.fullmatch(text)
            # The empty line stands for the first ---.
            text = f"\n{parts[1]}" if parts else ""
        for line, comment in cut_sentences(text):
            advice = (
                f"readers do not see “{comment}”: if it belongs to the text, put the "
                "whole text in quotes"
            )
            yield Problem(relative(file, content.folder), "", advice, line)


def _files(folder: Path) -> Iterator[Path]:
    """Yield what an editor has put there, not what a program hides."""
    for file in sorted(folder.rglob("*")):
        inside = file.relative_to(folder)
        if file.is_file() and not any(part.startswith(".") for part in inside.parts):
            yield file


def _unread(file: Path, content: Content) -> str:
    """Say where a text belongs that is not read where it lies; else nothing."""
    place, *rest = file.relative_to(content.folder).parts
    languages = content.project.languages
    if file.suffix == ".md":
        if place in languages and len(rest) == 1:
            return ""
        if place in languages and len(rest) == 2 and rest[0] == NEWS:
            return ""
        if place in languages:
            return f"pages in folders are not read: move it to {place}/{file.name}"
        if rest and len(place) in (2, 3):
            return f"“{place}” is not in languages of project.yml, so nobody reads it"
        if file.stem.lower() in ("readme", "license"):
            return ""
        return f"nobody reads this file: move it to {languages[0]}/{file.name}"
    if file.suffix.lower() == ".markdown" or file.suffix == ".MD":
        return "rename the file: its name ends in .md"
    if place in ("events", "forms") and len(rest) == 1:
        return ""  # told by whoever reads the folder
    if not rest and file.name.split(".")[0] == "project":
        end = file.name.removeprefix("project.")
        return "" if end.endswith("yml") else "rename the file: its name ends in .yml"
    return "nobody reads this file: forms are in forms/, events in events/"


def _unusable(file: Path) -> str:
    """Say why a file is of no use on the site; else nothing."""
    kind, octets = file.suffix.lower(), file.stat().st_size
    if kind in _UNSEEN:
        return f"browsers do not show {kind}: save it as JPEG or PNG"
    if kind in _PROGRAMS or kind in _READ:
        return f"{kind} is not for assets/: pages are .md files in a language’s folder"
    if not octets:
        return "the file is empty"
    if (kind in _PICTURES or kind == ".svg") and octets > MOST_PICTURE:
        return (
            f"the picture has {_megabytes(octets)} MB, at most "
            f"{_megabytes(MOST_PICTURE)} are shown: {_SMALLER}"
        )
    if octets > MOST_FILE:
        most = _megabytes(MOST_FILE)
        return f"the file has {_megabytes(octets)} MB, at most {most}: make it smaller"
    wrong = _other_kind(file, kind)
    return _damage(file) if kind in _PICTURES and not wrong else wrong


def _damage(file: Path) -> str:
    """Say why a picture cannot be shown whole; else nothing."""
    # WeasyPrint bids Pillow take the missing part for grey.
    before, ImageFile.LOAD_TRUNCATED_IMAGES = ImageFile.LOAD_TRUNCATED_IMAGES, False
    try:
        with Image.open(file) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                return f"the picture has too many pixels: {_SMALLER}"
            picture.load()
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError):
        return "the picture is damaged or cut off: copy it here again, or save it anew"
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = before
    return ""


def _other_kind(file: Path, kind: str) -> str:
    with file.open("rb") as opened:
        begins = opened.read(4096)
    if kind == ".svg":
        return "" if b"<svg" in begins else "this is no SVG drawing: save it as one"
    if begins.startswith(_BEGINNINGS.get(kind, (b"",))):
        return ""
    really = (end for end, first in _BEGINNINGS.items() if begins.startswith(first))
    named = next(really, "")
    return (
        f"this is a {named} file: rename it to {file.stem}{named}"
        if named
        else f"this is no {kind} file: save it as one"
    )


def _megabytes(octets: int) -> str:
    return f"{octets / 1_000_000:.1f}".removesuffix(".0")
