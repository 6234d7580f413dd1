"""Sending on a disk that takes 5 ms longer for each fsync."""

from .load import Party, burst
from .people import single
from .place import Place
from .results import Results

# The slowest that bare commits can be if the library works: 200 a second, less.
FASTEST = 200
PEOPLE, SECONDS = 64, 4.0


def measure(place: Place, results: Results) -> None:
    """Compare 64 people at once with one commit after the other."""
    bare = place.commits(2.0, slow_disk=True)
    if bare > FASTEST:
        raise RuntimeError(f"the disk is not slow: {bare:.0f} commits a second")
    party = Party(single("store", place.people().confirm, b"303"), PEOPLE)
    with place.service("slow", slow_disk=True) as service:
        burst(service, party, seconds=0.5)
        seen = burst(service, party, seconds=SECONDS)[0]
    results.figure("slow_disk", seen.a_second / bare)
    rows = [
        ["bare three-row commits", 1, bare, "", ""],
        [
            "store",
            PEOPLE,
            seen.a_second,
            seen.latency.part(0.5),
            seen.latency.part(0.99),
        ],
    ]
    columns = ["what", "clients", "a second", "p50 ms", "p99 ms"]
    results.table("Slow disk: 5 ms more for each fsync", columns, rows)
