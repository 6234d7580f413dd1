"""Compare every locked version with the advisories; say how many were compared.

    python requirements/advisories.py PIP-AUDIT

Ends with 1 if one has an advisory. A feed that cannot be reached, or that knows none of
the packages as mirrors do, is told: it is no fault of the locks.
"""

import json
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
LOCKS = ("runtime", "build", "test")
NOTHING = (
    "no advisory feed answers about these packages from here: nothing was compared"
)


_UNREACHED = re.compile(
    "Connection|ServiceError|Max retries|Failed to connect|HTTPError"
)


def verdict(report: str, errors: str) -> tuple[str, bool]:
    """Return in words what a report of pip-audit says, and whether all is well."""
    if not report.startswith("{"):
        unreached = _UNREACHED.search(errors) is not None
        return (NOTHING, True) if unreached else (errors, False)
    packages = json.loads(report)["dependencies"]
    compared = [package for package in packages if "vulns" in package]
    if not compared:
        return NOTHING, True
    found = [
        f"\n  {package['name']} {package['version']}: {vulnerability['id']},"
        f" mended in {', '.join(vulnerability['fix_versions']) or 'no version yet'}"
        for package in compared
        for vulnerability in package["vulns"]
    ]
    unknown = len(packages) - len(compared)
    said = f"{len(compared)} compared, {unknown} unknown to the feed; advisories: "
    return said + (f"{len(found)}{''.join(found)}" if found else "none"), not found


def main(pip_audit: str) -> int:
    """Print a line per lock, and return 1 if one has an advisory."""
    well = True
    for lock in LOCKS:
        done = subprocess.run(
            [
                *(pip_audit, "--progress-spinner", "off", "--disable-pip"),
                *("--require-hashes", "--format", "json", "--desc", "off"),
                *("-r", str(HERE / f"{lock}.txt")),
            ],
            capture_output=True,
            text=True,
        )
        said, good = verdict(done.stdout, done.stderr)
        sys.stdout.write(f"{lock}: {said}\n")
        well = well and good
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
