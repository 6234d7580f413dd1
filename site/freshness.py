"""When the site must be built again: a date passed, or a file changed."""

import json
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from event_view import next_changes
from forms_service.clock import from_utc_text, start_of_day, utc_text
from forms_service.definition.form_dates import opening_changes
from plan import Plan

# Lies in the site, so that both are swapped at once; it tells nothing private.
RECORD = ".build.json"


def next_change(plan: Plan) -> datetime | None:
    """Return the next moment at which a page says something else by itself."""
    content = plan.content
    zone = content.project.zone
    moments = [
        moment
        for form_id in content.forms
        for moment in opening_changes(content.form(form_id), zone)
    ]
    for event_id in content.events:
        moments += next_changes(content.event(event_id), plan)
    moments += [start_of_day(day, zone) for day in plan.later]
    return min((moment for moment in moments if moment > plan.now), default=None)


def fingerprint(places: Sequence[Path]) -> str:
    """Return a hash of names and contents of some files and all files in folders."""
    total = sha256()
    for place in places:
        for file in [place] if place.is_file() else sorted(place.rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                name = str(file.relative_to(place.parent))
                total.update(name.encode() + b"\0" + file.read_bytes() + b"\0")
    return total.hexdigest()


def write_record(file: Path, plan: Plan, sources: str) -> None:
    """Write what this build was made from and when it grows old."""
    change = next_change(plan)
    record = {
        "base_url": plan.base_url,
        "built_at": utc_text(plan.now),
        "next_change": utc_text(change) if change else None,
        "sources": sources,
    }
    file.write_text(json.dumps(record, indent=2) + "\n", encoding="utf-8")


def outdate(file: Path) -> None:
    """Let the next build be due: some pages are no longer as it would make them."""
    with suppress(OSError):
        record = json.loads(file.read_text(encoding="utf-8"))
        file.write_text(json.dumps({**record, "sources": ""}), encoding="utf-8")


def is_due(file: Path, plan: Plan, sources: str) -> bool:
    """Say whether this plan would give another site than the recorded one."""
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        change = record["next_change"]
        return bool(
            record["base_url"] != plan.base_url
            or record["sources"] != sources
            or (change and plan.now >= from_utc_text(change))
            or plan.now < from_utc_text(record["built_at"])
        )
    except (OSError, ValueError, KeyError, TypeError):
        return True
