"""Measure everything, in turn, in one run: `make bench`, `make bench-long`.

A part that fails leaves its reason in the table, and the others go on. Nothing is
asked beyond this machine, and no program that is started outlives the run.
"""

import signal
import sys
from collections.abc import Callable
from time import perf_counter
from types import FrameType

from . import (
    postgres,
    receipts,
    report,
    scale,
    sending,
    site_build,
    slow_disk,
    staff,
    targets,
    wagtail,
)
from .place import ROOT, Place
from .results import Results
from .targets import Target, shown, verdicts

Part = Callable[[Place, Results], None]

# Each part, the seconds after which it is left, and the lines that it fills.
PARTS: tuple[tuple[Part, int, tuple[Target, ...]], ...] = (
    (site_build.measure, 300, targets.SITE),
    (sending.measure, 200, targets.SENDING),
    (slow_disk.measure, 60, targets.SLOW_DISK),
    (receipts.measure, 90, targets.RECEIPTS),
    (postgres.measure, 120, targets.POSTGRES),
    (postgres.measure_rows, 300, targets.POSTGRES_ROWS),
    (staff.measure, 300, targets.STAFF),
)
LONG_PARTS: tuple[tuple[Part, int, tuple[Target, ...]], ...] = (
    (postgres.measure_two_million, 1800, targets.POSTGRES_ROWS),
    (staff.measure_a_million, 1800, targets.STAFF),
    (wagtail.measure, 300, targets.LONG[-1:]),
)


def attempt(part: Part, seconds: int, place: Place, results: Results) -> str:
    """Measure a part; return why it failed, or nothing. It never takes for ever."""
    signal.alarm(seconds)
    try:
        part(place, results)
    except Exception as error:
        return f"{type(error).__name__}: {error}".partition("\n")[0][:200]
    finally:
        signal.alarm(0)
    return ""


def leave(signum: int, frame: FrameType | None) -> None:
    """Leave a part that takes too long; what it has started ends on the way."""
    raise TimeoutError("it took too long")


def tell(results: Results, lines: tuple[Target, ...]) -> None:
    """Print each line with its verdict."""
    for target, figure, said in verdicts(results.data["figures"], lines):
        measured = shown(figure, target.unit)
        print(f"{target.what:58} {measured:>12} {target.wanted:>14}  {said}")


def main() -> None:
    """Measure, tell, write."""
    signal.signal(signal.SIGALRM, leave)
    place, results, long = Place.make(), Results(), "--long" in sys.argv
    for part, seconds, lines in LONG_PARTS if long else PARTS:
        began = perf_counter()
        reason = attempt(part, seconds, place, results)
        results.fail(lines, reason or "no figure")
        name = part.__module__.rpartition(".")[2]
        print(f"{name}: {perf_counter() - began:.0f} s {reason}", file=sys.stderr)
    tell(results, targets.LONG if long else targets.TARGETS)
    report.write(results.data, ROOT / "docs", long)
    if not long:
        scale.write(results.data, ROOT / "docs")
    print("Written: docs/speed.md and .json; after `make bench` speed.svg, scale.md")


if __name__ == "__main__":
    main()
