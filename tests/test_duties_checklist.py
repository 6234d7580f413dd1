"""The list that a person signs at each release leaves no kind of page out."""

import re

import pytest

from conftest import ROOT

LIST = ROOT / "docs" / "accessibility-checklist.md"
TEMPLATES = ROOT / "forms_service" / "web" / "templates"
# What other templates are made of: nobody ever comes to them.
PARTS = {"base.html", "layout.html", "parts.html"}


def section(title):
    text = LIST.read_text(encoding="utf-8")
    return text.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def kinds():
    """Return what stands in the last column of the table of pages."""
    rows = [line.split("|") for line in section("Every kind of page").splitlines()]
    return {
        name for row in rows[3:] if row[1:] for name in re.findall(r"`(.+?)`", row[3])
    }


def test_every_template_of_the_service_is_looked_at():
    templates = {file.name for file in TEMPLATES.rglob("*.html")} - PARTS
    assert {name for name in kinds() if name.endswith(".html")} == templates


def test_every_layout_of_the_site_is_looked_at(built):
    layouts = {
        page.find("body").get("class").removeprefix("layout-")
        for page in built.pages().values()
    }
    assert {name for name in kinds() if not name.endswith(".html")} == layouts


@pytest.mark.parametrize(
    "way",
    [
        "Keyboard only",
        "NVDA",
        "VoiceOver",
        "TalkBack",
        "zoom 200 %",
        "zoom 400 %",
        "forced colours",
        "Reduced motion",
        "Print",
        "RTL",
    ],
)
def test_every_way_to_meet_a_page_has_its_steps(way):
    assert way in section("Set up") + section("Steps")


def test_every_step_says_what_to_expect_and_has_room_for_the_result():
    for line in section("Steps").splitlines():
        if line.startswith("| ") and "---" not in line:
            step, expected, result = line.strip("|").split("|")
            assert step.strip(), line
            assert expected.strip(), line
            assert result.strip() in ("", "result"), line
