"""How long an editor waits: from saving a page to reading it in the preview."""

import shutil
import sys
from pathlib import Path
from statistics import median
from time import perf_counter

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "site"))

from forms_service.config import Config  # noqa: E402
from incremental import IncrementalBuild  # noqa: E402

EDITS = 7


def seconds(folder: Path) -> float:
    """Return the median of some edits of one page of the whole project."""
    folder.mkdir()
    content = Path(shutil.copytree(ROOT / "content", folder / "content"))
    settings = {
        "FORMS_CONTENT_DIR": str(content),
        "FORMS_SITE_DIR": str(folder / "public"),
        "FORMS_DATA_DIR": str(folder / "var"),
    }
    (folder / "public").mkdir()
    quick = IncrementalBuild(Config.from_environment(settings))
    quick.refresh()
    waited = []
    page = next(file for file in sorted(content.glob("*/progetto.md")))
    for number in range(EDITS):
        with page.open("a", encoding="utf-8") as text:
            text.write(f"\n{number}\n")
        begun = perf_counter()
        if quick.refresh() != 1:
            raise RuntimeError("not one page was made")
        waited.append(perf_counter() - begun)
    return median(waited)
