"""The table of docs/speed.md and the picture beside it, made from the JSON of a run."""

import json
import math
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

from .targets import LONG, MET, MISSED, TARGETS, Target, shown, verdicts

BEGIN, END = "<!-- figures: written by make bench -->", "<!-- end of the figures -->"
LONG_RUN = "With a million rows, two million on PostgreSQL, and beside Wagtail"
COLOURS = {MET: "#1d6b3c", MISSED: "#a3123a"}
ROW, LEFT, WIDTH, RIGHT = 24, 430, 420, 250
TOP = 60
# The picture goes from a sixteenth of what is wanted to sixteen times it.
FARTHEST = 4.0


def figures(results: Mapping[str, Any]) -> str:
    """Return everything between the marks of docs/speed.md."""
    parts = [_measured(results, TARGETS, "###")]
    if long := results.get("long"):
        parts += [f"### {LONG_RUN}", _measured(long, LONG, "####")]
    return "\n\n".join(parts)


def _measured(results: Mapping[str, Any], lines: Sequence[Target], heading: str) -> str:
    """Return the day, the lines, the notes and the tables of a run."""
    machine = ", ".join(
        f"{value} {name}" if name == "cores" else f"{name} {value}"
        for name, value in results["machine"].items()
    )
    verdict = [
        [target.what, shown(figure, target.unit), target.wanted, said]
        for target, figure, said in verdicts(results["figures"], lines)
    ]
    parts = [
        f"Measured on {results['day']}: {machine}.",
        grid(["what", "measured", "wanted", "verdict"], verdict),
        "\n".join(f"- {what}: {shown(value)}" for _, what, value in results["notes"]),
    ]
    for table in results["tables"]:
        cells = grid(table["columns"], table["rows"])
        parts.append(f"{heading} {table['title']}\n\n{cells}")
    return "\n\n".join(filter(None, parts))


def grid(columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Return a table in Markdown."""
    head = [f"| {' | '.join(columns)} |", "|---" * len(columns) + "|"]
    return "\n".join([*head, *(f"| {' | '.join(map(cell, row))} |" for row in rows)])


def cell(value: Any) -> str:
    """Return a cell as people read it."""
    return shown(value) if isinstance(value, int | float) else str(value)


def written_into(page: str, results: Mapping[str, Any]) -> str:
    """Return a page with the figures between its marks renewed."""
    before, _, rest = page.partition(BEGIN)
    after = rest.partition(END)[2]
    return f"{before}{BEGIN}\n\n{figures(results)}\n\n{END}{after}"


def picture(results: Mapping[str, Any]) -> str:
    """Return a drawing of how far each figure is from what is wanted."""
    lines = verdicts(results["figures"])
    height = TOP + ROW * len(lines) + 20
    met = sum(said == MET for _, _, said in lines)
    title = f"{met} of {len(lines)} targets are met"
    said = "; ".join(
        f"{target.what}: {shown(figure, target.unit)}, wanted {target.wanted}: {word}"
        for target, figure, word in lines
    )
    middle = LEFT + WIDTH // 2
    bars = "\n".join(bar(line, TOP + ROW * n) for n, line in enumerate(lines))
    return f"""<svg xmlns="http://www.w3.org/2000/svg" role="img" \
aria-labelledby="title desc" viewBox="0 0 {LEFT + WIDTH + RIGHT} {height}" \
font-family="sans-serif" font-size="13">
<title id="title">{escape(title)}</title>
<desc id="desc">{escape(said)}</desc>
<rect width="100%" height="100%" fill="#fff"/>
<text x="{LEFT}" y="30" fill="#222">worse than wanted</text>
<text x="{LEFT + WIDTH}" y="30" text-anchor="end" fill="#222">better</text>
<text x="{middle}" y="30" text-anchor="middle" fill="#222">wanted</text>
{bars}
<path d="M{middle} 40V{height - 20}" stroke="#222" stroke-dasharray="4 3"/>
</svg>
"""


def bar(line: tuple[Target, Any, str], top: int) -> str:
    """Return one row: what, a bar from what is wanted to what was measured, both."""
    target, figure, said = line
    middle, reach = LEFT + WIDTH / 2, 0.0
    if isinstance(figure, int | float):
        reach = length(target.share(figure)) * WIDTH / 2
    colour = COLOURS.get(said, "#555")
    text = f"{shown(figure, target.unit)} ({target.wanted}) {said.partition(':')[0]}"
    return (
        f'<text x="{LEFT - 10}" y="{top + 15}" text-anchor="end" fill="#222">'
        f"{escape(target.what)}</text>\n"
        f'<rect x="{middle + min(reach, 0):.1f}" y="{top + 4}" '
        f'width="{abs(reach):.1f}" height="14" fill="{colour}"/>\n'
        f'<text x="{LEFT + WIDTH + 10}" y="{top + 15}" fill="{colour}">'
        f"{escape(text)}</text>"
    )


def length(share: float) -> float:
    """Return how long a bar is, from -1 to 1: each doubling is as wide."""
    if share <= 0:
        return -1.0
    return max(-1.0, min(1.0, math.log2(share) / FARTHEST))


def merged(before: Mapping[str, Any], run: Mapping[str, Any], long: bool) -> Any:
    """Return what is known after a run: a short one keeps the last long one."""
    return {**before, "long": run} if long else {**run, "long": before.get("long")}


def write(results: Mapping[str, Any], folder: Path, long: bool) -> None:
    """Write JSON, table and picture of a run into the folder of the documents."""
    file = folder / "speed.json"
    results = merged(json.loads(file.read_text(encoding="utf-8")), results, long)
    text = json.dumps(results, indent=1, ensure_ascii=False)
    file.write_text(text + "\n", encoding="utf-8")
    (folder / "speed.svg").write_text(picture(results), encoding="utf-8")
    page = folder / "speed.md"
    page.write_text(
        written_into(page.read_text(encoding="utf-8"), results), encoding="utf-8"
    )
