"""`doctor`: everything that can be wrong with a set-up, looked at once, line by line.

It changes nothing and sends nothing. Each examination says what it found, or raises
`Ill` with what to do.
"""

import os
import shutil
import stat
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import click

from ..clock import kernel_synchronised, system_clock
from ..config import KEY_FILE, LOG_KEY_FILE, SETTINGS, Config
from ..content import load_content
from ..definition import ContentError
from ..store import (
    alarms,
    counts,
    erasures,
    factors,
    log_check,
    staff,
)
from ..store import backup as copies
from ..store.alarms import RaisedAlarm
from ..store.connection import BackupDamaged, StorageUnavailable
from ..store.data_folder import DataFolder
from ..store.database import exists, looked_into
from ..store.factors import Factor
from ..store.schema import pending
from ..tokens import TokenInvalid, Tokens
from ..workflow import second_factor
from ..workflow.alarm_watch import LAST_COPY
from .doctor_mail import bounces_of, mails_of, server_of
from .serve import at_risk, site_problems
from .setup import Ill, clock_doubt, counted, refusal, settings, unfit

MIB = 1 << 20
# Below this a busy day, its log and a copy before a migration may not fit.
LEAST_FREE = 500 * MIB
OTHERS = stat.S_IRWXG | stat.S_IRWXO

NEED_DATABASE = ("log", "ledger", "mails", "clock", "factors")


@click.command()
def doctor() -> None:
    """Look at settings, content, data, disk, mail, copies, site, keys; 1 if one is ill.

    The alarms that the service has raised follow. Nothing is changed and no mail is
    sent; the service may run meanwhile.
    """
    config = settings()
    ill = []
    for name, examine in EXAMINATIONS.items():
        if name in NEED_DATABASE and "database" in ill:
            continue
        try:
            click.echo(f"ok   {name}: {examine(config)}")
        except Ill as error:
            ill.append(name)
            click.echo(f"ILL  {name}: {error}")
    raised = [] if "database" in ill else alarms_of(config)
    for alarm in raised:
        where = f" ({alarm.source})" if alarm.source else ""
        happened = alarm.kind.happened.format(**alarm.detail)
        click.echo(
            f"ALARM {alarm.kind}{where}: since {alarm.since:%Y-%m-%d %H:%M}Z. "
            f"{happened} {alarm.kind.todo}"
        )
    if ill or raised:
        raise click.exceptions.Exit(1)


def settings_of(config: Config) -> str:
    """Say what the settings are for."""
    if config.production:
        if problems := config.production_problems():
            raise Ill(" ".join(problems))
        return " ".join(["fit for production", *at_risk(config)])
    tried = "for trying out (FORMS_ENV is not production)"
    return " ".join([tried, *at_risk(config)])


def content_of(config: Config) -> str:
    """Read the content folder."""
    try:
        content = load_content(config.content_dir)
    except ContentError as error:
        raise Ill(
            f"{counted(len(error.problems), 'problem')}: forms-service check lists them"
        ) from error
    if problems := unfit(config, content):
        raise Ill(f"not fit for production: {problems[0]} (and more: see check)")
    return f"{counted(len(content.forms), 'form')}, no problem"


def database_of(config: Config) -> str:
    """Check the whole database and its schema."""
    database = config.database
    try:
        if not exists(database):
            return "none yet: serve makes it"
        if isinstance(database, Path):
            copies.check(database)
        if steps := pending(database):
            raise Ill(f"its schema is older ({steps[0]}): the next serve migrates it")
        with looked_into(database) as db:
            number = sum(counts.of_status(db).values())
            miscounted = counts.miscounted(db)
    except (BackupDamaged, StorageUnavailable) as error:
        todo = "" if config.database_url else ": restore a copy"
        raise Ill(f"damaged or out of reach: {refusal(error)}{todo}") from error
    if miscounted:
        raise Ill(f"the rows of {miscounted[0]} are miscounted: restore a copy of it")
    return f"whole, {counted(number)}"


def log_of(config: Config) -> str:
    """Look through the whole log, and compare it with the head beside the database."""
    if not exists(config.database):
        return "none yet"
    folder = DataFolder(config.data_dir, config.log_keys)
    with looked_into(config.database) as db:
        report = log_check.check(
            db, folder.log_keys, folder.head.read(), system_clock()
        )
    if not report.whole:
        raise Ill("; ".join(map(str, report.findings[:3])))
    return f"whole, {report.head.number} entries"


def ledger_of(config: Config) -> str:
    """Look whether erasures can be kept where no restore undoes them."""
    if not exists(config.database):
        return "none yet"
    ledger = DataFolder(config.data_dir, config.log_keys).ledger
    if why := ledger.unusable():
        raise Ill(f"nothing can be erased: {why}")
    if not ledger.path.exists():
        with looked_into(config.database) as db:
            if erasures.logged(db):
                raise Ill(f"{ledger.path} is missing: serve makes it from the log")
    return f"{counted(len(ledger.ids()), 'erasure')} kept in {ledger.path}"


def disk_of(config: Config) -> str:
    """Ask how much room is left where the data are."""
    folder = config.data_dir.absolute()
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    if free < LEAST_FREE:
        raise Ill(f"only {free // MIB} MiB are free in {folder}: make room")
    return f"{free // MIB} MiB free"


def clock_of(config: Config) -> str:
    """Compare the system clock with running time, as it was last kept."""
    if not config.production:
        return "believed, outside production"
    if not exists(config.database):
        return "none yet"
    if doubt := clock_doubt(config):
        raise Ill(doubt)
    said = "" if kernel_synchronised() else "not "
    return f"{said}synchronised, as the kernel says"


def copies_of(config: Config) -> str:
    """Say when the last copy was made; in production there has to be one of a file."""
    file = config.data_dir / LAST_COPY
    if file.exists():
        made = datetime.fromtimestamp(file.stat().st_mtime, UTC)
        return f"the last was made {made:%Y-%m-%d %H:%M}Z"
    if config.production and isinstance(config.database, Path):
        raise Ill("none was made yet: make one now, and look that it can be restored")
    return "none was made here"


def site_of(config: Config) -> str:
    """Compare the built site with the settings."""
    if problems := site_problems(config):
        raise Ill(" ".join(problems))
    return f"built for {config.base_url}"


def keys_of(config: Config) -> str:
    """Look who may read the keys and the data."""
    named = [
        os.environ.get(f"{setting.name}_FILE") for setting in SETTINGS if setting.secret
    ]
    secret = [Path(name) for name in named if name]
    if isinstance(config.database, Path):
        secret.append(config.database)
    local = [config.data_dir / name for name in (KEY_FILE, LOG_KEY_FILE)]
    for file in [*secret, *local]:
        if file.exists() and file.stat().st_mode & OTHERS:
            raise Ill(f"others may read {file}: chmod 600 {file}")
    if not config.secret_keys:
        raise Ill("FORMS_SECRET_KEYS: set at least one key")
    return f"{counted(len(config.secret_keys), 'key')}, readable by their owner only"


def factors_of(config: Config) -> str:
    """Look whether the keys open what they, or keys before them, have sealed."""
    if not exists(config.database) or not config.secret_keys:
        return "none yet"
    tokens = Tokens(config.secret_keys)

    def opens(factor: Factor) -> bool:
        with suppress(TokenInvalid):
            tokens.unseal(second_factor.purpose(factor.staff), factor.secret)
            return True
        return False

    with looked_into(config.database) as db:
        sealed = factors.everyone(db)
        shut = {factor.staff for factor in sealed if not opens(factor)}
        named = [member.email for member in staff.everyone(db) if member.id in shut]
    if named:
        raise Ill(
            f"the key that sealed the second factor of {', '.join(named)} is not "
            "given: put it back, or forms-service staff reset-factor EMAIL"
        )
    return f"{len(sealed)}, all opened by the keys"


def alarms_of(config: Config) -> list[RaisedAlarm]:
    """Return what the service has raised and not found to be over."""
    if not exists(config.database):
        return []
    with looked_into(config.database) as db:
        return alarms.raised(db)


EXAMINATIONS: dict[str, Callable[[Config], str]] = {
    "settings": settings_of,
    "content": content_of,
    "database": database_of,
    "log": log_of,
    "ledger": ledger_of,
    "disk": disk_of,
    "server": server_of,
    "mails": mails_of,
    "bounces": bounces_of,
    "clock": clock_of,
    "copies": copies_of,
    "site": site_of,
    "keys": keys_of,
    "factors": factors_of,
}
