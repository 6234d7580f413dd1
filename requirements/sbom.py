"""Write what the service and its build are made of, as CycloneDX 1.5, from the locks.

    python requirements/sbom.py build/sbom.cdx.json

Names, versions and hashes are those of requirements/*.txt; licences are what the
installed packages say of themselves. With `--licences` they are listed instead.
"""

import json
import re
import sys
from importlib.metadata import PackageNotFoundError, metadata
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
LOCKS = ("runtime", "build")
_PIN = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.M)
_HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")


def locked() -> dict[tuple[str, str], list[str]]:
    """Return the hashes of every locked package, by name and version."""
    found: dict[tuple[str, str], list[str]] = {}
    for lock in LOCKS:
        text = (HERE / f"{lock}.txt").read_text(encoding="utf-8")
        pins = list(_PIN.finditer(text))
        ends = [pin.start() for pin in pins[1:]] + [len(text)]
        for pin, end in zip(pins, ends, strict=True):
            found[pin[1], pin[2]] = _HASH.findall(text, pin.end(), end)
    return dict(sorted(found.items()))


def licence_of(name: str) -> str:
    """Return what an installed package says of its licence; else that it is unknown."""
    try:
        about = metadata(name)
    except PackageNotFoundError:
        return "not installed here"
    classified = [
        line.rpartition(" :: ")[2]
        for line in about.get_all("Classifier") or []
        if line.startswith("License ::")
    ]
    short = (about.get("License") or "").strip().splitlines()
    said = about.get("License-Expression") or " AND ".join(classified)
    return said or (short[0] if short else "not stated")


def component(name: str, version: str, hashes: list[str]) -> dict[str, Any]:
    """Return a package as CycloneDX describes it."""
    return {
        "type": "library",
        "bom-ref": f"pkg:pypi/{name.lower()}@{version}",
        "name": name,
        "version": version,
        "purl": f"pkg:pypi/{name.lower()}@{version}",
        "licenses": [{"license": {"name": licence_of(name)}}],
        # One of a release's files is installed, which of them depends on the machine.
        "properties": [{"name": "sha256", "value": value} for value in hashes],
    }


def main(arguments: list[str]) -> None:
    """Write the list to the file that is named, or the licences to the terminal."""
    packages = locked()
    if arguments == ["--licences"]:
        for name, version in packages:
            sys.stdout.write(f"{name} {version}: {licence_of(name)}\n")
        return
    target = Path(arguments[0])
    target.parent.mkdir(parents=True, exist_ok=True)
    parts = [component(*pin, hashes) for pin, hashes in packages.items()]
    bom = {"bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1}
    target.write_text(json.dumps({**bom, "components": parts}, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
