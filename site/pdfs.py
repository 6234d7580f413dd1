"""The blank PDFs of all forms, drawn again only when something in them changed.

A PDF takes half a second to press; they are pressed on all cores at once, and on the
day of an event nobody waits for forty.
"""

from collections.abc import Iterator
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path

from forms_service.content import Content
from forms_service.definition import FormDefinition
from forms_service.i18n import TRANSLATIONS, Translator
from forms_service.shapes.pdf.blank import blank_pdf
from forms_service.shapes.pdf.paper import Edition
from process import on_all_cores, with_bar

# What has a say in the bytes of a PDF beside our own files.
LIBRARIES = ("weasyprint", "pydyf", "pikepdf", "fonttools", "segno", "babel")

Key = tuple[str, str]


def blank_pdfs(
    content: Content, base_url: str, closed: frozenset[str], cache: Path
) -> dict[Key, bytes]:
    """Return the PDF of every form in every language it has.

    Forms named in `closed` are stamped. `cache` keeps what was pressed before.
    """
    cache.mkdir(parents=True, exist_ok=True)
    common = _fingerprint_of(makers(content))
    files = {}
    for form in (form for found in content.forms.values() for form in found.values()):
        own = _fingerprint_of(content.folder.glob(f"forms/{form.id}*.yml"))
        shut = str(form.id in closed)
        facts = (common, own, form.id, form.lang, base_url, shut)
        name = sha256(chr(0).join(facts).encode()).hexdigest()
        files[form.id, form.lang] = cache / f"{name}.pdf"
    if missing := [key for key, file in files.items() if not file.exists()]:

        def press(key: Key) -> None:
            form = content.forms[key[0]][key[1]]
            partial = files[key].with_suffix(".part")
            partial.write_bytes(_blank_pdf(content, form, base_url, key[0] in closed))
            partial.replace(files[key])

        for _ in with_bar(on_all_cores(press, missing), "PDFs", len(missing)):
            continue
    for old in set(cache.iterdir()) - set(files.values()):
        old.unlink()
    return {key: file.read_bytes() for key, file in files.items()}


def _blank_pdf(
    content: Content, form: FormDefinition, base_url: str, closed: bool
) -> bytes:
    project = content.projects.get(form.lang, content.project)
    main = content.form(form.id)
    original = Edition(main, content.project, Translator(main.lang, project.zone))
    return blank_pdf(
        form,
        project,
        Translator(form.lang, project.zone),
        base_url,
        closed,
        prevailing=None if form.lang == main.lang else original,
        folder=content.folder,
    )


def makers(content: Content) -> Iterator[Path]:
    """Yield every file that has a say in how a PDF looks, forms aside."""
    package = TRANSLATIONS.parent
    yield from package.glob("*.py")
    for part in ("content", "definition", "shapes", "translations"):
        yield from (package / part).rglob("*")
    yield from content.folder.glob("project*.yml")
    for part in ("assets", "data"):
        yield from (content.folder / part).rglob("*")


def _fingerprint_of(files: Iterator[Path]) -> str:
    total = sha256("".join(map(version, LIBRARIES)).encode())
    # In an order that does not change with the folder in which the content lies.
    for file in sorted(files, key=lambda file: (file.name, file.parent.name)):
        if file.is_file() and file.suffix != ".pyc":
            total.update(file.name.encode() + b"\0" + file.read_bytes())
    return total.hexdigest()
