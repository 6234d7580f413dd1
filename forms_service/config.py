"""Settings: what the environment says, read once into one frozen `Config`.

Every setting is declared once, as a field of `Config`: name, reader, default, meaning.
Only the command line and the WSGI entry read the environment; all else gets values.
"""

import os
import secrets
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, fields, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from . import setting_readers as readers
from .setting_readers import Network

KEY_FILE = "secret.keys"
LOG_KEY_FILE = "log.keys"
PREFIXES = ("FORMS_", "SITE_NOW")
# What all names share would make any two look alike.
PREFIX = 5
# Read by the scripts in deploy/, which start us with their own environment.
OF_SCRIPTS = frozenset({"FORMS_BIN", "FORMS_SERVICE"})


class ConfigError(Exception):
    """A setting cannot be used; the message names it and says what to write."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable; `read` raises `ValueError` for what cannot be used."""

    name: str
    read: Callable[[str], Any]
    default: str
    meaning: str
    """One sentence, which is also the README's."""
    secret: bool = False
    """It may be given as the name of a file that holds it, in NAME_FILE."""

    def of(self, environment: Mapping[str, str]) -> Any:
        """Return the value in an environment; raise `ConfigError` with the name."""
        file = environment.get(f"{self.name}_FILE") if self.secret else None
        try:
            if file:
                return self.read(Path(file).read_text(encoding="utf-8").strip())
            return self.read(environment.get(self.name) or self.default)
        except OSError as error:
            problem = f"{self.name}_FILE: cannot read {file} ({error.strerror})"
            raise ConfigError(problem) from error
        except ValueError as error:
            raise ConfigError(f"{self.name}: {error}") from error


def _setting(*declared: Any) -> Any:
    setting = Setting(*declared)
    return field(repr=not setting.secret, metadata={"setting": setting})


@dataclass(frozen=True, slots=True)
class Config:
    """All settings of one run, each declared here and nowhere else."""

    data_dir: Path = _setting(
        "FORMS_DATA_DIR", Path, "var", "Folder for database, key file and mail files."
    )
    content_dir: Path = _setting(
        "FORMS_CONTENT_DIR", Path, "content", "Folder with the project's words."
    )
    site_dir: Path = _setting(
        "FORMS_SITE_DIR", Path, "build/public", "Folder of the built public site."
    )
    base_url: str = _setting(
        "FORMS_BASE_URL",
        readers.base_url,
        "http://127.0.0.1:8000",
        "Public address of site and service, without a slash at the end.",
    )
    listen: tuple[str, int] = _setting(
        "FORMS_LISTEN",
        readers.listen,
        "127.0.0.1:8000",
        "Address and port to listen on.",
    )
    secret_keys: tuple[str, ...] = _setting(
        "FORMS_SECRET_KEYS",
        readers.keys,
        "",
        "Signing keys separated by commas or spaces, newest last; outside production a "
        "key file is made in FORMS_DATA_DIR. FORMS_SECRET_KEYS_FILE reads a file.",
        True,
    )
    log_keys: tuple[str, ...] = _setting(
        "FORMS_LOG_KEYS",
        readers.keys,
        "",
        "Keys that seal the log, written as those above and never the same: who writes "
        "the database must not read them. FORMS_LOG_KEYS_FILE reads a file.",
        True,
    )
    database_url: str = _setting(
        "FORMS_DATABASE_URL",
        readers.database_url,
        "",
        "postgresql://user:password@host/database, with whatever libpq knows; empty: "
        "one SQLite file in FORMS_DATA_DIR. FORMS_DATABASE_URL_FILE reads a file.",
        True,
    )
    limits_url: str = _setting(
        "FORMS_LIMITS_URL",
        readers.limits_url,
        "",
        "valkey:// or redis://:password@host:6379, where several machines count; "
        "empty: each counts limits alone. FORMS_LIMITS_URL_FILE reads a file.",
        True,
    )
    processes: int = _setting(
        "FORMS_PROCESSES",
        readers.number,
        "0",
        "Processes that serve, each on a core of its own; 0: as many as there are "
        "cores, at most 4, but with FORMS_DATABASE_URL one.",
    )
    smtp_url: str = _setting(
        "FORMS_SMTP_URL",
        str,
        "",
        "smtp://user:password@host:587 (STARTTLS) or smtps://host:465; empty: mails "
        "become files in FORMS_DATA_DIR/mail. FORMS_SMTP_URL_FILE reads a file.",
        True,
    )
    mail_from: str = _setting(
        "FORMS_MAIL_FROM", readers.sender, "", "Sender address of every mail."
    )
    bounces: str = _setting(
        "FORMS_BOUNCES",
        str,
        "",
        "Mailbox of FORMS_MAIL_FROM, to which refused mails come back: the folder of a "
        "Maildir, or imaps://user:password@host/INBOX; empty: nobody reads them. "
        "FORMS_BOUNCES_FILE reads a file.",
        True,
    )
    trusted_proxies: tuple[Network, ...] = _setting(
        "FORMS_TRUSTED_PROXIES",
        readers.networks,
        "",
        "Networks (CIDR, comma-separated) whose X-Forwarded-For is believed.",
    )
    hourly_limit: int = _setting(
        "FORMS_HOURLY_LIMIT",
        readers.hourly_limit,
        "0",
        "Requests that all together may send in an hour; 0: so many that the free disk "
        "of FORMS_DATA_DIR lasts a day, so in production not with FORMS_DATABASE_URL.",
    )
    summary_seconds: int = _setting(
        "FORMS_SUMMARY_SECONDS",
        readers.number,
        "2",
        "Seconds before answers that were just read may be sent: nobody reads faster. "
        "0 is for measurements, and refused in production.",
    )
    production: bool = _setting(
        "FORMS_ENV",
        readers.production,
        "",
        "`production` refuses an unsafe or incomplete set-up.",
    )
    site_now: str = _setting(
        "SITE_NOW",
        str,
        "",
        "Site build only: preview the site at this moment of the project's zone.",
    )

    @property
    def database(self) -> Path | str:
        """The one SQLite file, or the address of a PostgreSQL."""
        return self.database_url or self.data_dir / "forms.sqlite"

    @property
    def database_name(self) -> str:
        """Where the data are, in words that may be shown."""
        return "FORMS_DATABASE_URL" if self.database_url else str(self.data_dir)

    @property
    def lock_file(self) -> Path:
        """The file whose lock `serve` holds while it runs."""
        return self.data_dir / "serve.lock"

    @property
    def mail_dir(self) -> Path:
        """Where mails are written while no mail server is named."""
        return self.data_dir / "mail"

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> "Config":
        """Read all settings; raise `ConfigError` for the first unusable one."""
        refuse_unknown(environment)
        config = cls(*(setting.of(environment) for setting in SETTINGS))
        if config.production:
            return config
        folder = config.data_dir
        return replace(
            config,
            secret_keys=config.secret_keys or local_keys(folder / KEY_FILE),
            log_keys=config.log_keys or local_keys(folder / LOG_KEY_FILE),
        )

    def production_problems(self) -> list[str]:
        """Say what makes these settings unfit for production, one sentence each."""
        problems = []
        if not self.secret_keys or min(map(len, self.secret_keys)) < 32:
            problems.append("FORMS_SECRET_KEYS: set at least one key of 32 characters.")
        if not self.log_keys or min(map(len, self.log_keys)) < 32:
            problems.append("FORMS_LOG_KEYS: set at least one key of 32 characters.")
        if set(self.log_keys) & set(self.secret_keys):
            problems.append("FORMS_LOG_KEYS: must not be those of FORMS_SECRET_KEYS.")
        if not self.base_url.startswith("https://"):
            problems.append("FORMS_BASE_URL: must begin with https://.")
        if not self.smtp_url:
            problems.append("FORMS_SMTP_URL: name a mail server.")
        if not self.mail_from:
            problems.append("FORMS_MAIL_FROM: set the sender address.")
        if self.database_url and not self.hourly_limit:
            problems.append("FORMS_HOURLY_LIMIT: set it, PostgreSQL's disk is unknown.")
        if not self.summary_seconds:
            problems.append("FORMS_SUMMARY_SECONDS: remove it, programs would pass.")
        if self.site_now:
            problems.append("SITE_NOW: remove it, it is for previews only.")
        return problems


SETTINGS: tuple[Setting, ...] = tuple(
    declared.metadata["setting"] for declared in fields(Config)
)


def refuse_unknown(environment: Mapping[str, str]) -> None:
    """Raise `ConfigError` for a name of ours that no setting has: it does nothing."""
    known = [setting.name for setting in SETTINGS]
    known += [f"{setting.name}_FILE" for setting in SETTINGS if setting.secret]
    for name in sorted(environment.keys() - {*known, *OF_SCRIPTS}):
        if name.startswith(PREFIXES):
            near = get_close_matches(
                name[PREFIX:], [item[PREFIX:] for item in known], 1
            )
            meant = f": did you mean {name[:PREFIX]}{near[0]}?" if near else ""
            raise ConfigError(f"{name} is no setting{meant}")


def local_keys(file: Path) -> tuple[str, ...]:
    """Return the keys of a local key file, made at first use, owner-readable only.

    Raise `ConfigError` when the file holds no key, or its folder cannot be used.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            _write_once(file, secrets.token_urlsafe(32) + "\n")
        keys = tuple(file.read_text(encoding="utf-8").split())
    except OSError as error:
        raise ConfigError(unusable(file.parent, error)) from error
    if not keys:
        raise ConfigError(f"{file} is empty: delete it, and a new key is made")
    return keys


def unusable(data_dir: Path, error: OSError) -> str:
    """Say that the data folder cannot be made or written to, and why."""
    return f"FORMS_DATA_DIR: cannot use {data_dir} ({error.strerror})"


def _write_once(file: Path, text: str) -> None:
    """Make a file whole or not at all; of two processes the first one wins."""
    draft = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="utf-8") as target:
        target.write(text)
        target.flush()
        os.fsync(target.fileno())
    with suppress(FileExistsError):
        os.link(draft, file)
    draft.unlink()
