"""The arrows of ARCHITECTURE.md: who may import whom, read from that page."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

from conftest import ROOT
from sample_content import SAMPLE

# Libraries behind a wall: the only entries or modules that may import them.
WALLS = {
    "flask": ("web", "wsgi", "cli"),
    "flask_wtf": ("web", "wsgi", "cli"),
    "werkzeug": ("web", "wsgi", "cli"),
    "wtforms": ("web",),
    "sqlite3": ("store",),
    "sqlite_utils": ("store",),
    "psycopg": (
        "store.postgres",
        "store.postgres_engine",
        "store.postgres_watch",
    ),
    "psycopg_pool": ("store.postgres_engine",),
    "smtplib": ("mail.smtp", "mail.smtp_conversation"),
    "itsdangerous": ("tokens",),
    "cryptography": ("tokens",),
    "pyotp": ("workflow.second_factor",),
    "limits": ("web", "workflow", "moving_window", "pace"),
    "weasyprint": ("shapes",),
}
MODULE_LINES = 300
FUNCTION_LINES = 60

Floors = list[list[str]]


def read_floors(page: str) -> Floors:
    """Return the rows of the block that starts with `cli`, highest first."""
    block = re.search(r"^```\n(cli\n.*?)^```", page, re.DOTALL | re.MULTILINE)
    assert block, "ARCHITECTURE.md has no block of floors"
    return [
        [entry.strip().replace("site/", "site.") for entry in row.split("|")]
        for row in block[1].strip().splitlines()
    ]


def find_modules(root: Path) -> dict[str, Path]:
    """Return every module by its name inside the package; scripts as `site.name`."""
    found = {}
    for file in sorted((root / "forms_service").rglob("*.py")):
        parts = file.relative_to(root / "forms_service").with_suffix("").parts
        found[".".join(p for p in parts if p != "__init__")] = file
    for file in sorted((root / "site").rglob("*.py")):
        parts = file.relative_to(root).with_suffix("").parts
        found[".".join(parts)] = file
    return found


def imported_names(name: str, file: Path) -> Iterator[str]:
    """Yield every import in full, hidden ones inside functions included."""
    package = name if file.name == "__init__.py" else name.rpartition(".")[0]
    here = ["forms_service", *package.split(".")] if package else ["forms_service"]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = here[: len(here) - node.level + 1] if node.level else []
            base = ".".join([*above, *([node.module] if node.module else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Call) and called(node) in HIDDEN:
            yield f"{called(node)}()"


HIDDEN = {"__import__", "import_module"}


def called(node: ast.Call) -> str:
    """Return the last name of what is called: `importlib.import_module` is found."""
    return getattr(node.func, "attr", "") or getattr(node.func, "id", "")


def ours(target: str, modules: dict[str, Path]) -> str | None:
    """Return the module of ours that an import reaches, if it is one."""
    head, _, inside = target.partition(".")
    if head != "forms_service":
        target = f"site.{target}"
        inside = target
    while inside and inside not in modules:
        inside = inside.rpartition(".")[0]
    return inside if inside or head == "forms_service" else None


def entry_of(module: str, floors: Floors) -> str | None:
    """Return the entry of the floors that a module belongs to."""
    for row in floors:
        for entry in row:
            if module == entry or module.startswith(f"{entry}."):
                return entry
    return None


def layer_problems(root: Path, floors: Floors) -> list[str]:
    """Return every broken rule of the floors, one sentence each."""
    modules = find_modules(root)
    problems = []
    inside: dict[str, dict[str, set[str]]] = {}
    for module, file in modules.items():
        entry = entry_of(module, floors)
        targets = list(imported_names(module, file))
        if entry is None:
            # A package that only holds entries may have an empty __init__.
            if targets or file.name != "__init__.py":
                problems.append(f"{module or 'forms_service'} is in no row")
            continue
        for target in targets:
            problems += wall_problems(module, target)
        for reached in filter(None, (ours(target, modules) for target in targets)):
            other = entry_of(reached, floors)
            if other == entry:
                inside.setdefault(entry, {}).setdefault(module, set()).add(reached)
            elif other and other not in reachable(entry, floors):
                problems.append(f"{module} imports {reached}, not below it")
    return problems + [p for graph in inside.values() for p in cycles(graph)]


def reachable(entry: str, floors: Floors) -> set[str]:
    """Return the entries that an entry may import."""
    row = next(number for number, names in enumerate(floors) if entry in names)
    lower = {name for names in floors[row + 1 :] for name in names}
    if not entry.startswith("site."):
        return lower
    # The site is built from its sources and below, and from its own scripts.
    scripts = {name for name in lower if name.startswith("site.")}
    return scripts | {"sources"} | reachable("sources", floors)


def wall_problems(module: str, target: str) -> list[str]:
    """Return what is wrong with importing a library here."""
    if target.endswith("()"):
        return [f"{module} hides an import in {target}"]
    allowed = WALLS.get(target.partition(".")[0])
    if allowed and not any(f"{module}.".startswith(f"{name}.") for name in allowed):
        return [f"{module} imports {target}, kept behind a wall"]
    return []


def cycles(graph: dict[str, set[str]]) -> list[str]:
    """Return a sentence if the modules of one entry import each other in a circle."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return [f"a circle: {' <- '.join(error.args[1])}"]
    return []


def length_problems(root: Path) -> list[str]:
    """Return the modules and functions that hide a missing noun."""
    problems = []
    for module, file in find_modules(root).items():
        text = file.read_text(encoding="utf-8")
        lines = len(text.splitlines())
        if lines > MODULE_LINES:
            problems.append(f"{module} has {lines} lines")
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                lines = (node.end_lineno or 0) - node.lineno + 1
                if lines > FUNCTION_LINES:
                    problems.append(f"{module}.{node.name} has {lines} lines")
    return problems


# Words that say nothing of what they hold: no parameter has them for a name.
BARE_WORDS = {"one", "told", "asked", "address"}
# Modules of the same name in several entries, and the one concept they share.
SAME_CONCEPT = {
    "bulk": "the same act on many submissions: kept, done, chosen",
    "context": "what a layer hands to each of its functions",
    "draft": "the half-filled form as a PDF: drawn, and downloaded",
    "feedback": "stars and opinions: stored, counted, asked for",
    "figures": "numbers of a period: counted, worked out, shown",
    "reports": "reports for the funder: drawn up, stored, shown",
    "mail": "mails: composed and sent, counted and retried by command",
    "links": "links between pages: read from content, checked in the built site",
    "meetings": "meetings of a course and who was there: stored, ruled, shown",
    "pages": "the pages of the site: read from content, built",
    "paper": "the printed form: drawn, and downloaded",
    "possible_duplicates": "requests that may be the same person's: found, shown",
    "publishing": "published versions: compared, and stored",
    "queue": "the list of requests that staff work through",
    "receipt": "the receipt of a request: drawn, read back, checked",
    "schema": "a description of what may stand in files, or in tables",
    "search": "finding requests by words: in the index, and on the page of staff",
    "staff": "the members of staff",
}
# What public and staff pages have each of their own.
PER_AREA = dict.fromkeys(("fixed_forms", "routes"), "one for each area of the web")


def name_problems(root: Path) -> list[str]:
    """Return classes and modules that share a name, and parameters with a bare one."""
    classes: dict[str, str] = {}
    entries: dict[str, set[str]] = {}
    problems = []
    for module, file in find_modules(root).items():
        entry = entry_of(module, FLOORS) or module
        entries.setdefault(module.rpartition(".")[2], set()).add(entry)
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                other = classes.setdefault(node.name, module)
                if other != module:
                    problems.append(f"{module}.{node.name} is in {other} too")
            elif isinstance(node, ast.arg) and node.arg in BARE_WORDS:
                problems.append(f"{module} calls a parameter {node.arg}")
    return problems + [
        f"{name} is a module of {', '.join(sorted(found))}"
        for name, found in entries.items()
        if len(found) > 1 and name not in SAME_CONCEPT | PER_AREA
    ]


FLOORS = read_floors((ROOT / "ARCHITECTURE.md").read_text(encoding="utf-8"))


def test_imports_go_downwards_only():
    assert layer_problems(ROOT, FLOORS) == []


def test_no_module_or_function_is_too_long():
    assert length_problems(ROOT) == []


def test_a_long_module_and_a_long_function_are_seen(tmp_path):
    source = tmp_path / "forms_service" / "clock.py"
    source.parent.mkdir()
    source.write_text("def tick():\n" + "    print()\n" * MODULE_LINES)
    assert length_problems(tmp_path) == [
        f"clock has {MODULE_LINES + 1} lines",
        f"clock.tick has {MODULE_LINES + 1} lines",
    ]


def test_a_name_means_one_thing():
    assert name_problems(ROOT) == []


@pytest.mark.parametrize(
    ("first", "second", "problem"),
    [
        ("class Page: ...", "class Page: ...", "store.a.Page is in mail.b too"),
        ("class _Row: ...", "class _Row: ...", None),
        ("", "def read(one): ...", "store.a calls a parameter one"),
        ("", "def read(*, told): ...", "store.a calls a parameter told"),
        ("", "read = lambda asked: asked", "store.a calls a parameter asked"),
        ("", "def read(address): ...", "store.a calls a parameter address"),
        ("", "def read(submission): ...", None),
    ],
)
def test_a_name_with_two_meanings_is_seen(tmp_path, first, second, problem):
    plant(
        tmp_path,
        {"forms_service/mail/b.py": first, "forms_service/store/a.py": second},
    )
    assert name_problems(tmp_path) == ([problem] if problem else [])


@pytest.mark.parametrize(
    ("name", "problems"),
    [("opening", ["opening is a module of mail, store"]), ("receipt", [])],
)
def test_a_module_name_with_two_meanings_is_seen(tmp_path, name, problems):
    plant(
        tmp_path,
        {f"forms_service/{folder}/{name}.py": "" for folder in ("mail", "store")},
    )
    assert name_problems(tmp_path) == problems


GOOD_TREE = {
    "forms_service/__init__.py": '"""Nothing."""',
    "forms_service/clock.py": "import datetime",
    "forms_service/definition/__init__.py": "from .form import Form",
    "forms_service/definition/form.py": "from ..clock import now",
    "forms_service/store/rows.py": "import sqlite3\nfrom ..definition import Form",
    "forms_service/shapes/pdf.py": "def draw():\n    import weasyprint",
    "forms_service/web/__init__.py": "",
    "forms_service/web/core/access.py": "import flask",
    "site/stage.py": "from forms_service.shapes import pdf",
    "site/build.py": "import stage",
}


@pytest.mark.parametrize(
    ("file", "source", "problem"),
    [
        ("i18n.py", "from .clock import now", "i18n imports clock"),
        ("clock.py", "from . import tokens", "clock imports tokens"),
        ("intake/a.py", "import forms_service.mail", "intake.a imports mail"),
        ("store/a.py", "from ..workflow import send", "store.a imports workflow"),
        ("store/a.py", "def f():\n    from .. import cli", "store.a imports cli"),
        ("web/staff.py", "from .public import x", "web.staff imports web.public"),
        ("strange.py", "", "strange is in no row"),
        ("web/__init__.py", "import flask", "web is in no row"),
        ("__init__.py", "from .clock import now", "forms_service is in no row"),
        ("definition/form.py", "from . import Form", "a circle"),
        ("workflow.py", "import sqlite3", "workflow imports sqlite3"),
        ("mail/compose.py", "from smtplib import SMTP", "mail.compose imports smtplib"),
        ("workflow.py", "from flask import g", "workflow imports flask"),
        ("tokens_of_day.py", "import itsdangerous", "tokens_of_day is in no row"),
        ("config.py", "import itsdangerous", "config imports itsdangerous"),
        ("web/core/a.py", "import weasyprint", "web.core.a imports weasyprint"),
        ("clock.py", "import importlib\nimportlib.import_module('x')", "clock hides"),
        (
            "../site/stage.py",
            "import postprocess",
            "site.stage imports site.postprocess",
        ),
        (
            "../site/stage.py",
            "from forms_service.store import rows",
            "site.stage imports store.rows",
        ),
        ("../site/stage.py", "import flask", "site.stage imports flask"),
    ],
)
def test_a_broken_rule_is_seen(tmp_path, file, source, problem):
    others = {
        "cli.py": "",
        "mail/__init__.py": "",
        "tokens.py": "",
        "web/public.py": "",
        "workflow.py": "",
        "../site/postprocess.py": "",
    }
    tree = GOOD_TREE | {f"forms_service/{name}": text for name, text in others.items()}
    plant(tmp_path, tree)
    assert layer_problems(tmp_path, FLOORS) == []

    plant(tmp_path, {f"forms_service/{file}": source})
    found = layer_problems(tmp_path, FLOORS)
    assert len(found) == 1
    assert found[0].startswith(problem)


def plant(root: Path, tree: dict[str, str]) -> None:
    for name, text in tree.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")


def test_the_site_folder_is_neither_a_package_nor_what_mkdocs_overwrites():
    # MkDocs empties its output folder, and that is `site/` unless it is told another.
    assert not (ROOT / "site" / "__init__.py").exists()
    mkdocs = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert re.search(r"^site_dir: build/", mkdocs, re.MULTILINE)


def loaded_after(importing: str, folder: Path) -> set[str]:
    """Return the top-level modules a fresh interpreter has after some imports."""
    listing = subprocess.run(
        [sys.executable, "-c", f"{importing}\nimport sys\nprint(*sys.modules)"],
        env=os.environ
        | {
            "FORMS_CONTENT_DIR": str(SAMPLE),
            "FORMS_DATA_DIR": str(folder / "var"),
        },
        cwd=folder,
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.partition(".")[0] for name in listing.stdout.split()}


def test_the_serving_process_never_loads_weasyprint(tmp_path):
    loaded = loaded_after(
        "import forms_service.wsgi, forms_service.workers, forms_service.cli.serve",
        tmp_path,
    )
    assert "flask" in loaded
    assert "weasyprint" not in loaded
    # Each is loaded by the first who needs it: together 15 MiB.
    assert loaded.isdisjoint({"fontTools", "icalendar", "pikepdf", "PIL", "xlsxwriter"})


def test_the_package_itself_loads_nothing(tmp_path):
    before = loaded_after("", tmp_path)
    assert loaded_after("import forms_service", tmp_path) - before == {"forms_service"}


def test_what_the_site_is_built_from_loads_no_web_framework_and_no_store(tmp_path):
    loaded = loaded_after(
        "import forms_service.content, forms_service.shapes", tmp_path
    )
    assert loaded.isdisjoint({"flask", "wtforms", "sqlite_utils", "itsdangerous"})


def test_at_most_a_quarter_of_the_store_is_about_one_database():
    """Its modules are called after it; a function in another may still name one."""
    lines = {
        file.name: len(file.read_text(encoding="utf-8").splitlines())
        for file in (ROOT / "forms_service" / "store").glob("*.py")
    }
    about_one = [n for name, n in lines.items() if name.startswith(("sqlite", "postg"))]
    assert 0.1 < sum(about_one) / sum(lines.values()) <= 0.25
