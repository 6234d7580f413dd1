"""Lighthouse on a phone: home, a form's page and the seminar, on an authorised copy.

    make audit

The project's own content is a demonstration and asks search engines to stay away, so
the copy says that it is authorised. Accessibility, best practices and SEO must be 100,
and a first visit may ask for eight files of 60 KiB together; speed depends on the
machine and is only told. Reports stay in build/audit.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
REPORTS = ROOT / "build" / "audit"
LIGHTHOUSE = REPORTS / "node_modules" / "lighthouse" / "cli" / "index.js"
PAGES = {"home": "/", "form": "/partecipa/albo/", "seminar": "/seminario/"}
MUST_BE_100 = ("accessibility", "best-practices", "seo")
MOST_REQUESTS = 8
MOST_OCTETS = 60 * 1024
CHROMIUM = ("chromium", "chromium-headless-shell", "google-chrome")


def main() -> int:
    """Audit every page; return 1 if one is not as good as it must be."""
    wrong = []
    with TemporaryDirectory() as folder, served(Path(folder)) as address:
        print(
            "page     access. practices SEO  speed    bytes  requests  1st text  done"
        )
        for name, path in PAGES.items():
            report = measured(name, address + path)
            print(row(name, report))
            wrong += [f"{name}: {fault}" for fault in faults(report)]
    if wrong:
        print(*wrong, sep="\n")
    return 1 if wrong else 0


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Build and serve an authorised copy of the content; yield its address."""
    content = Path(shutil.copytree(ROOT / "content", folder / "content"))
    project = content / "project.yml"
    text = project.read_text(encoding="utf-8")
    said = 'authorised_by: ""'
    assert said in text
    project.write_text(text.replace(said, "authorised_by: A test"), encoding="utf-8")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        listen = f"127.0.0.1:{free.getsockname()[1]}"
    environment = os.environ | {
        "FORMS_CONTENT_DIR": str(content),
        "FORMS_SITE_DIR": str(folder / "public"),
        "FORMS_DATA_DIR": str(folder / "var"),
        "FORMS_BASE_URL": f"http://{listen}",
        "FORMS_LISTEN": listen,
        "FORMS_ENV": "",
        "SITE_NOW": "",
    }
    build = [sys.executable, str(ROOT / "site" / "build.py")]
    subprocess.run(build, env=environment, check=True)
    serve = [sys.executable, "-m", "forms_service.cli", "serve"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(serve, env=environment, **quiet) as service:
        try:
            wait_for(f"http://{listen}/healthz")
            yield f"http://{listen}"
        finally:
            service.terminate()


def wait_for(address: str) -> None:
    """Return once the service answers."""
    for _ in range(150):
        with suppress(OSError), urllib.request.urlopen(address):  # noqa: S310
            return
        time.sleep(0.2)
    raise SystemExit("the service did not start")


def measured(name: str, address: str) -> dict[str, Any]:
    """Run Lighthouse as on a phone with slow 4G; keep and return its report."""
    report = REPORTS / f"{name}.json"
    flags = "--headless=new" + (" --no-sandbox" if os.geteuid() == 0 else "")
    chromium = next(filter(None, map(shutil.which, CHROMIUM)), "")
    command = ["node", str(LIGHTHOUSE), address, "--quiet", "--output=json"]
    command += [f"--output-path={report}", f"--chrome-flags={flags}"]
    command += ["--no-enable-error-reporting"]
    environment = os.environ | {"CHROME_PATH": chromium}
    subprocess.run(command, env=environment, check=True)
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf-8"))
    return found


def row(name: str, report: dict[str, Any]) -> str:
    """Return the figures of one page as a line."""
    audits, requests_ = report["audits"], requests(report)
    scores = [score(report, name) for name in (*MUST_BE_100, "performance")]
    first = audits["first-contentful-paint"]["displayValue"]
    done = audits["interactive"]["displayValue"]
    figures = "{:7} {:9} {:5} {:6}".format(*scores)
    weight = f"{sum(requests_.values()):8} {len(requests_):9}"
    return f"{name:8} {figures} {weight}  {first:>10} {done:>6}"


def requests(report: dict[str, Any]) -> dict[str, int]:
    """Return the octets of each file that the page asked for."""
    octets: dict[str, int] = {}
    for item in report["audits"]["network-requests"]["details"]["items"]:
        if item["url"].startswith("http"):
            octets[item["url"]] = octets.get(item["url"], 0) + item["transferSize"]
    return octets


def score(report: dict[str, Any], category: str) -> int:
    """Return the score of a category in per cent."""
    return round((report["categories"][category]["score"] or 0) * 100)


def faults(report: dict[str, Any]) -> list[str]:
    """Return each finding that keeps a category below 100, with what it found."""
    found = []
    for category in MUST_BE_100:
        if score(report, category) == 100:
            continue
        for part in report["categories"][category]["auditRefs"]:
            audit = report["audits"][part["id"]]
            if part["weight"] and audit["score"] not in (None, 1):
                items = json.dumps(audit.get("details", {}).get("items", []))
                found.append(f"{category}: {audit['title']}: {items[:600]}")
        found = found or [f"{category}: {score(report, category)}"]
    requests_ = requests(report)
    if len(requests_) > MOST_REQUESTS or sum(requests_.values()) > MOST_OCTETS:
        found.append(f"too heavy: {json.dumps(requests_, indent=1)}")
    return found


if __name__ == "__main__":
    sys.exit(main())
