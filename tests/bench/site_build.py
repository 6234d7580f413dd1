"""The site: built clean, built again, and an edit shown in the preview."""

import os
import subprocess
import sys
from pathlib import Path
from statistics import median
from time import perf_counter, sleep

from .place import ROOT, Place
from .processes import WITH_PARENT, Server, free_port, get
from .results import Results

BUILD = ROOT / "site" / "build.py"
EDITS = 5
EDIT_SECONDS = 60.0


def build(place: Place) -> tuple[float, float]:
    """Build the site; return seconds by the clock and of the processor."""
    used, began = os.times(), perf_counter()
    done = subprocess.run(
        [*WITH_PARENT, sys.executable, str(BUILD)],
        env={**os.environ, **place.settings("build")},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(done.stderr.strip()[-500:])
    took, now = perf_counter() - began, os.times()
    cpu = now.children_user - used.children_user
    return took, cpu + now.children_system - used.children_system


def measure(place: Place, results: Results) -> None:
    """Build twice, then edit a page while the preview runs."""
    rows = []
    for name in ("clean", "again"):
        took, cpu = build(place)
        results.figure(f"site_{name}", took)
        rows.append([name, took, cpu])
    results.table("Site", ["build", "seconds", "CPU seconds"], rows)
    results.figure("site_edit", median(edits(place)))


def edits(place: Place) -> list[float]:
    """Return how long each edit of a page takes to be read in the preview."""
    port = free_port()
    command, log = (
        [sys.executable, str(BUILD), "--preview"],
        place.folder / "preview.log",
    )
    settings = place.settings("build", port)
    page = next(place.folder.glob("content/*/progetto.md"))
    with Server(command, settings, port, log) as preview:
        path = address(page)
        return [edit(preview.port, page, path, number) for number in range(EDITS)]


def address(page: Path) -> str:
    """Return where the preview shows a page of the content."""
    lang = page.parent.name
    return f"/{page.stem}/" if lang == "it" else f"/{lang}/{page.stem}/"


def edit(port: int, page: Path, path: str, number: int) -> float:
    """Write something into a page and look until it is there."""
    sleep(0.5)
    mark = f"edit-{number}-{port}"
    with page.open("a", encoding="utf-8") as text:
        text.write(f"\n{mark}\n")
    began = perf_counter()
    while mark.encode() not in get(port, path)[1]:
        if perf_counter() > began + EDIT_SECONDS:
            raise TimeoutError("an edit was never shown")
        sleep(0.01)
    return perf_counter() - began
