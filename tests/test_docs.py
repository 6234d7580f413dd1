"""The README keeps up: every command, setting, dependency, target and picture."""

import re
from collections import Counter
from pathlib import Path
from resource import RLIMIT_AS, RLIMIT_CPU

import click
import pytest

from conftest import ROOT
from forms_service.cli import main
from forms_service.config import SETTINGS
from forms_service.intake import filled, reader, scan, scanner
from forms_service.intake.confined import LIMITS
from forms_service.staff_session import STAFF_IDLE, STAFF_LONGEST
from forms_service.web.core.access import TYPED_LIMIT
from forms_service.workflow import (
    accounts,
    attaching,
    mail_queue,
    passwords,
    verification,
)

README = (ROOT / "README.md").read_text(encoding="utf-8")
GROUPS = sorted((ROOT / "requirements").glob("*.in"))


def commands(group: click.Group = main, path: str = "forms-service") -> list[str]:
    found, context = [], click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        here = f"{path} {name}"
        inner = isinstance(command, click.Group)
        found += commands(command, here) if inner else [here]
    return found


@pytest.mark.parametrize("command", commands())
def test_every_command_is_in_the_readme(command):
    assert re.search(rf"^\| `{command}( [A-Z]+)?` \| .", README, re.MULTILINE)


def test_the_readme_names_no_command_that_is_not_there():
    named = re.findall(r"^\| `(forms-service [a-z -]+?)(?: [A-Z]+)?` \|", README, re.M)

    assert sorted(named) == sorted(commands())


@pytest.mark.parametrize("setting", SETTINGS, ids=lambda setting: setting.name)
def test_every_setting_is_in_the_readme_with_default_and_meaning(setting):
    default = f"`{setting.default}`" if setting.default else ""

    assert f"| `{setting.name}` | {default} | {setting.meaning} |" in README


def test_the_readme_names_no_setting_that_is_not_there():
    known = {setting.name for setting in SETTINGS}
    named = set(re.findall(r"\b(?:FORMS|SITE)_[A-Z_]+\b", README))

    assert {name.removesuffix("_FILE") for name in named} == known


def packages(group: Path) -> list[str]:
    lines = group.read_text(encoding="utf-8").splitlines()
    field = [line for line in lines if line and not line.startswith(("-", "#"))]
    return [re.split(r"[=<>\[ ]", line)[0] for line in field]


def test_no_reason_is_given_for_what_is_not_there():
    reasons = README[README.index("## Why each dependency") :]
    field = {package for group in GROUPS for package in packages(group)}

    assert set(re.findall(r"^\| `(.+?)` \|", reasons, re.MULTILINE)) == field


def test_every_make_target_that_the_readme_names_is_there():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", makefile, re.MULTILINE))
    named = set(re.findall(r"\bmake ([a-z-]+)", README))

    assert {"run", "test", "site", "preview"} <= named <= targets


def test_every_file_that_the_readme_names_is_there():
    named = re.findall(r"`((?:forms_service|tests|LICENSES)/[\w./-]+)`", README)
    linked = re.findall(r"\]\((docs/[\w.-]+)\)", README)

    assert len(linked) == 5
    assert [name for name in named + linked if not (ROOT / name).exists()] == []


def test_pictures_are_small_and_described():
    for alt, name in re.findall(r"!\[(.*?)\]\((docs/[\w.-]+)\)", README):
        assert len(alt) > 20
        assert (ROOT / name).stat().st_size < 150_000


@pytest.mark.parametrize("page", ["change.md", "weasyprint-tags.md"])
def test_every_file_that_a_page_of_docs_names_is_there(page):
    text = (ROOT / "docs" / page).read_text(encoding="utf-8")
    roots = "forms_service|site|tests|content|deploy|docs"
    named = set(re.findall(rf"`((?:{roots})/[^`<*]*)`", text))
    assert named
    assert {path for path in named if not (ROOT / path).exists()} == set()


def test_the_requirements_of_asvs_are_counted():
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+\.\d+\.\d+) \| ([a-z ]+) \| \S", text, re.M)
    found = Counter(state for _, state in rows)
    # Two chapters apply to nothing here.
    found["not applicable"] += sum(
        map(int, re.findall(r"Not applicable, all (\d+)", text))
    )
    assert len(rows) == len({number for number, _ in rows})
    counted = f"Of {found.total()}: " + ", ".join(
        f"{found[state]} {state}" for state in ("met", "not applicable", "not met")
    )
    assert counted.startswith("Of 253: ")
    assert f"{counted}." in text


def test_what_asvs_asks_to_be_written_down_fits_the_code():
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")

    def minutes(span):
        return int(span.total_seconds()) // 60

    mib = 1 << 20
    for said in (
        f"| our PDF | {filled.LARGEST // mib} MiB, {reader.MOST_PAGES} pages |",
        f"| our PDF | {filled.LARGEST_RECEIPT // mib} MiB |",
        f"{scan.LARGEST // mib} MiB, {scan.MOST_PAGES} pages, JPEG of "
        f"{scanner.MOST_PIXELS['jpeg'] // 10**6} and PNG of "
        f"{scanner.MOST_PIXELS['png'] // 10**6} million pixels, {attaching.MOST} a",
        f"| text | {TYPED_LIMIT // mib} MiB |",
        f"within {LIMITS[RLIMIT_AS] // mib} MiB and {LIMITS[RLIMIT_CPU]} seconds",
        f"ends after {minutes(STAFF_IDLE)} minutes without a page and "
        f"{minutes(STAFF_LONGEST) // 60} hours in all",
        f"has {passwords.LEAST} to\n{passwords.MOST} characters",
        f"scores below {passwords.STRONG} of 4",
        f"| {minutes(mail_queue.CODE_LIFE)} minutes, {verification.CODE_TRIES} tries",
        f"link, {mail_queue.LINK_LIFE.days} days until",
        f"({minutes(accounts.MAILED_LIFE) // 60} hours by mail, "
        f"{minutes(accounts.SETUP_LIFE)} minutes from",
        "argon2id, 19 MiB, 2 passes",
    ):
        assert said in text, said
    # Every secret is a key or an address with a password in it.
    keys = text[text.index("### Keys") : text.index("### Packages")]
    for setting in SETTINGS:
        assert (f"`{setting.name}`" in keys) == setting.secret, setting.name


def test_each_requirement_that_is_called_met_names_a_test_that_is_there():
    text = (ROOT / "docs" / "security.md").read_text(encoding="utf-8")
    met = re.findall(r"^\| [\d.]+ \| met \| (.*) \|$", text, re.M)
    assert len(met) > 50
    for reason in met:
        named = re.findall(r"`(tests/\w+\.py)(?:::(\w+))?`", reason)
        assert named, reason
        for file, name in named:
            code = (ROOT / file).read_text(encoding="utf-8")
            assert f"def {name}(" in code if name else "def test_" in code, reason
