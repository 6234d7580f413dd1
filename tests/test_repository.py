"""What the repository may contain, and what it must say about itself."""

import os
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from conftest import ROOT

MADE_BY_TOOLS = {".git", ".venv", "build", "var", "__pycache__"}
BINARY = {".woff", ".woff2", ".ttf", ".otf", ".png", ".jpg", ".pdf", ".ico", ".mo"}
BINARY |= {".sqlite"}
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))

# Put together here so that this file does not contain what it looks for.
HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("deb", "debian", "org"),
    )
]
# Every server has the folder that deploy/ installs into.
MACHINE_PATH = re.compile(r"(?<![\w.~-])/(?:work|opt/(?!forms)|root|home/\w+)/")


def repository_files() -> Iterator[Path]:
    """Yield every file that is kept, without what tools make."""
    for folder, folders, names in os.walk(ROOT):
        folders[:] = [
            name
            for name in folders
            if name not in MADE_BY_TOOLS
            and not name.endswith(("_cache", ".egg-info"))
            and name != ".hypothesis"
        ]
        # In a linked work tree `.git` is a file.
        yield from (Path(folder) / name for name in names if name != ".git")


def is_binary(file: Path) -> bool:
    return file.suffix in BINARY or file.name.endswith(".min.js")


def workplace_words(text: str) -> list[str]:
    """Return the registry hosts and paths of one machine that a text names."""
    return [host for host in HOSTS if host in text] + MACHINE_PATH.findall(text)


def test_no_file_names_a_registry_or_a_path_of_one_machine():
    found = {
        str(file.relative_to(ROOT)): words
        for file in repository_files()
        if not is_binary(file)
        and (words := workplace_words(file.read_text(encoding="utf-8")))
    }
    assert found == {}


def test_a_registry_and_a_path_of_one_machine_are_seen():
    assert workplace_words(f"get it from {HOSTS[0]}") == [HOSTS[0]]
    assert workplace_words("see " + "/".join(("", "work", "main"))) != []
    assert workplace_words("content/work/day") == []


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_a_lock_holds_versions_and_hashes_and_no_address(lock):
    text = lock.read_text(encoding="utf-8")
    pins = re.findall(r"^[a-z0-9][\w.-]*==\S+.*? \\$", text, re.MULTILINE)
    assert "://" not in text
    assert len(pins) == len(re.findall(r"^[^\s#]", text, re.MULTILINE))
    assert text.count("--hash=sha256:") >= len(pins)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_a_lock_is_not_older_than_its_wishes(lock):
    text = lock.read_text(encoding="utf-8")
    pinned = {name.lower() for name in re.findall(r"^([\w.-]+)==", text, re.MULTILINE)}
    assert set(wishes(lock.with_suffix(".in"))) <= pinned


def wishes(file: Path) -> list[str]:
    """Return the libraries that a group asks for by name."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return [re.split(r"[=<>\[]", line)[0] for line in lines if line[:1].isalnum()]


def test_the_readme_gives_a_reason_for_each_library():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    reasons = dict(re.findall(r"^\| `([\w.-]+)` \| (.{15,}?) \|", readme, re.MULTILINE))
    field = {name for lock in LOCKS for name in wishes(lock.with_suffix(".in"))}
    assert field - set(reasons) == set()


def test_an_installed_copy_has_every_file_that_the_program_reads():
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = settings["tool"]["setuptools"]["package-data"]["*"]
    left_out = {
        file.name
        for file in repository_files()
        if file.is_relative_to(ROOT / "forms_service")
        and file.suffix not in (".py", ".sh")
        and not any(file.match(pattern) for pattern in patterns)
    }
    assert left_out == set()


def test_publiccode_has_what_the_standard_requires():
    facts = yaml.safe_load((ROOT / "publiccode.yml").read_text(encoding="utf-8"))
    assert facts["publiccodeYmlVersion"] == "0.4"
    assert facts["name"]
    assert facts["platforms"]
    assert facts["developmentStatus"] in ("concept", "development", "beta", "stable")
    assert facts["softwareType"] == "standalone/web"
    assert facts["legal"]["license"] == "EUPL-1.2"
    assert facts["maintenance"]["type"] in ("none", "internal", "contract", "community")
    assert facts["localisation"]["localisationReady"] is True
    assert set(facts["description"]) <= set(facts["localisation"]["availableLanguages"])


@pytest.mark.parametrize("lang", ["it", "en"])
def test_publiccode_describes_the_software_within_the_limits(lang):
    facts = yaml.safe_load((ROOT / "publiccode.yml").read_text(encoding="utf-8"))
    words = facts["description"][lang]
    assert len(words["shortDescription"]) <= 150
    assert 150 <= len(words["longDescription"]) <= 10_000
    assert words["features"]


def test_each_licence_text_is_named_in_the_table_of_licences():
    table = (ROOT / "LICENSES" / "README.md").read_text(encoding="utf-8")
    texts = {file.name for file in (ROOT / "LICENSES").glob("*.txt")}
    assert texts == set(re.findall(r"`([\w.-]+\.txt)`", table))


def test_each_shipped_binary_and_font_is_listed_with_its_licence():
    table = (ROOT / "LICENSES" / "README.md").read_text(encoding="utf-8")
    listed = set(re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE))
    shipped = {
        str(file.relative_to(ROOT)) for file in repository_files() if is_binary(file)
    }
    assert listed == shipped
