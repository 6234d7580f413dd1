"""What the product is made of: locked with hashes, listed with licences, audited."""

import json
import subprocess
import sys

from conftest import ROOT

SBOM = ROOT / "requirements" / "sbom.py"


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
