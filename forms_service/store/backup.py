"""Copies of the database: made while the service runs, checked, and put back.

A copy is one file, readable by its owner only: of a file SQLite's own, without a log
beside it, of a PostgreSQL what pg_dump makes (`postgres_backup`). It holds what was
erased later, so copies made automatically end with the promised days.
"""

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from . import announcements, counts, erasures, events, search, stopped
from .connection import BackupDamaged, Connection
from .data_folder import DataFolder, fsync_path
from .events import EventVerb
from .schema import migrate
from .sqlite import connect, passing_faults

Progress = Callable[[int, int], None]

PAGES_A_STEP = 2000
# Beside the database: made before a migration, and the file that a restore replaced.
BEFORE, REPLACED = "before", "replaced"
_LOGS = ("-wal", "-shm")
# How a file begins that pg_dump has made.
_DUMP = b"PGDMP"


def _ignore(done: int, total: int) -> None:
    """Show no progress."""


def beside(database: Path | str, data_dir: Path) -> Path:
    """Return beside which name automatic copies stand."""
    return database if isinstance(database, Path) else data_dir / "forms.dump"


def backup(database: Path | str, target: Path, progress: Progress = _ignore) -> int:
    """Copy the database as it is at one moment; return the number of submissions.

    `progress` is called with pages or tables done and how many there are. Raise
    `BackupDamaged` when the copy does not pass the check, `UnfitDatabase` without the
    tools of a server: then `target` is left as it was.
    """
    part = target.with_name(f"{target.name}.part")
    part.unlink(missing_ok=True)
    os.close(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        if isinstance(database, Path):
            with passing_faults():
                _copy(database, part, progress)
        else:
            from . import postgres_backup

            postgres_backup.dump(database, part, progress)
        number = check(part)
        fsync_path(part)
        part.replace(target)
        fsync_path(target.parent)
    except sqlite3.DatabaseError as error:
        raise BackupDamaged(f"the database itself: {error}") from error
    finally:
        part.unlink(missing_ok=True)
    return number


def _copy(database: Path, part: Path, progress: Progress) -> None:
    with (
        closing(connect(database, read_only=True)) as source,
        closing(sqlite3.connect(part, isolation_level=None)) as copy,
    ):
        # Inside a transaction of the source the copy is of one moment; without it
        # every write of the service would make the copying start again.
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_master").fetchone()
        source.backup(
            copy,
            pages=PAGES_A_STEP,
            progress=lambda _, left, total: progress(total - left, total),
        )
        source.execute("COMMIT")
        copy.execute("PRAGMA journal_mode = DELETE")


def check(file: Path) -> int:
    """Return the number of submissions in a copy; raise `BackupDamaged`."""
    if _of_server(file):
        from . import postgres_backup

        return postgres_backup.check(file)
    try:
        with closing(connect(file, read_only=True)) as copy:
            if copy.execute("PRAGMA integrity_check").fetchone()[0] != "ok":
                raise BackupDamaged("the integrity check failed")
            if copy.execute("PRAGMA foreign_key_check").fetchone() is not None:
                raise BackupDamaged("a row refers to one that is missing")
            row = copy.execute("SELECT count(*) FROM submissions").fetchone()
            return int(row[0])
    except sqlite3.DatabaseError as error:
        raise BackupDamaged(str(error)) from error


def _of_server(file: Path) -> bool:
    with file.open("rb") as copy:
        return copy.read(len(_DUMP)) == _DUMP


def restore(
    copy: Path, database: Path | str, now: datetime, folder: DataFolder
) -> Path | None:
    """Put a copy in the place of the database; return where the old one is kept.

    It is migrated, and mails that had not left are held: nobody knows which of them
    have left since the copy was made. What the ledger knows is erased again, and the
    log says which head it has replaced. The caller holds the lock on `serve.lock`.
    What a server held is kept in `folder`.
    Raise `BackupDamaged` before anything is changed, and `UnfitDatabase` where a
    PostgreSQL is served, or has not the tools.
    """
    if _of_server(copy) != isinstance(database, str):
        raise BackupDamaged("it is of the other kind of database: restore it there")
    check(copy)
    if isinstance(database, str):
        return _restore_server(copy, database, now, folder)
    database.parent.mkdir(parents=True, exist_ok=True)
    part = database.with_name(f"{database.name}.part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT, 0o600), "wb") as target:
        with copy.open("rb") as source:
            shutil.copyfileobj(source, target)
    migrate(part)
    with passing_faults(), closing(connect(part)) as restored:
        restored.execute("BEGIN IMMEDIATE")
        _quieten(restored, now, folder)
        restored.execute("COMMIT")
    fsync_path(part)
    kept = _set_aside(database, now) if database.exists() else None
    part.replace(database)
    fsync_path(database.parent)
    return kept


def _restore_server(
    copy: Path, url: str, now: datetime, folder: DataFolder
) -> Path | None:
    """Replace all tables of a server; until the end nobody serves what is there."""
    from . import postgres_backup

    kept = None
    if postgres_backup.in_use(url):
        kept = copy_name(beside(url, folder.path), REPLACED, now)
        backup(url, kept)
        # Another service may have erased what the ledger of this one does not know yet.
        folder.ledger.learn(postgres_backup.erased(url))
    postgres_backup.put_back(copy, url)
    migrate(url)
    with postgres_backup.last_steps(url) as restored:
        _quieten(restored, now, folder)
    return kept


def _quieten(restored: Connection, now: datetime, folder: DataFolder) -> None:
    """Let nobody come back who was erased, and no mail leave that may have left."""
    back = erasures.back_again(restored, folder.ledger.ids())
    erasures.erase_again(restored, back, now)
    while search.untidy(restored):
        search.tidy(restored)
    about: dict[str, Any] = {"held": stopped.hold(restored, now)}
    if back:
        about["erased"] = len(back)
    if head := folder.head.read():
        about["replaced"] = str(head[0])
    announcements.forget(restored)
    if counts.miscounted(restored):
        counts.count_again(restored)
    events.record(restored, now, "command", EventVerb.RESTORE, None, about)


def _set_aside(database: Path, now: datetime) -> Path:
    """Give the old database a second name, its log folded in where that is possible.

    A log must never meet another database than its own.
    """
    kept = copy_name(database, REPLACED, now)
    try:
        with closing(connect(database)) as old:
            old.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    except (sqlite3.DatabaseError, OSError):
        # Too damaged to be opened: kept as it is, with its log.
        for ending in _LOGS:
            with suppress(FileNotFoundError):
                Path(f"{database}{ending}").replace(f"{kept}{ending}")
    os.link(database, kept)
    for ending in _LOGS:
        Path(f"{database}{ending}").unlink(missing_ok=True)
    return kept


def copy_name(database: Path, why: str, now: datetime) -> Path:
    """Return the name of an automatic copy: `forms.before-20200701T100000.sqlite`."""
    stamp = f"{now.astimezone(UTC):%Y%m%dT%H%M%S}"
    return database.with_name(f"{database.stem}.{why}-{stamp}{database.suffix}")


def drop_copies(database: Path, made_before: datetime) -> int:
    """Delete automatic copies that are older than promised; return how many."""
    old = [
        copy
        for why in (BEFORE, REPLACED)
        for copy in database.parent.glob(f"{database.stem}.{why}-*{database.suffix}*")
        if copy.stat().st_mtime < made_before.timestamp()
    ]
    for copy in old:
        copy.unlink()
    return len(old)
