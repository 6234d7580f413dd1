"""What the product is made of: locked with hashes, listed with licences, audited."""

import importlib.util
import json
import subprocess
import sys

import pytest

from conftest import ROOT

SBOM = ROOT / "requirements" / "sbom.py"


def package(name, *ids):
    found = [{"id": one, "fix_versions": ["2.1", "3.0"]} for one in ids]
    return {"name": name, "version": "2.0", "vulns": found}


UNKNOWN = {"name": "private", "skip_reason": "Dependency not found on PyPI"}


def run(*arguments):
    done = subprocess.run(
        [sys.executable, str(SBOM), *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def test_the_list_of_parts_names_each_locked_package_once_with_hashes(tmp_path):
    run(str(tmp_path / "made" / "sbom.json"))
    bom = json.loads((tmp_path / "made" / "sbom.json").read_text())
    assert (bom["bomFormat"], bom["specVersion"]) == ("CycloneDX", "1.5")
    parts = {part["purl"]: part for part in bom["components"]}
    assert len(parts) == len(bom["components"]) > 40
    flask = next(part for part in parts.values() if part["name"] == "flask")
    assert flask["licenses"] == [{"license": {"name": "BSD-3-Clause"}}]
    assert all(part["properties"] for part in parts.values())


def test_every_licence_is_stated():
    listed = run("--licences").splitlines()
    assert len(listed) > 40
    assert [line for line in listed if line.endswith("not stated")] == []


@pytest.mark.parametrize(
    ("packages", "said", "well"),
    [
        ([UNKNOWN, UNKNOWN], "nothing was compared", True),
        (
            [package("flask")],
            "1 compared, 0 unknown to the feed; advisories: none",
            True,
        ),
        ([package("flask"), UNKNOWN], "1 compared, 1 unknown", True),
        (
            [package("flask", "CVE-1", "CVE-2")],
            "advisories: 2\n  flask 2.0: CVE-1",
            False,
        ),
    ],
)
def test_an_audit_says_how_many_packages_were_really_compared(packages, said, well):
    spec = importlib.util.spec_from_file_location(
        "advisories", SBOM.parent / "advisories.py"
    )
    advisories = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(advisories)
    report = json.dumps({"dependencies": packages, "fixes": []})
    words, good = advisories.verdict(report, "")
    assert said in words
    assert good is well
    words, good = advisories.verdict("", "ConnectionError: Max retries exceeded")
    assert "nothing was compared" in words
    assert good
    assert advisories.verdict("", "invalid lock") == ("invalid lock", False)
