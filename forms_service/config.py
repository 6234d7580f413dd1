"""Settings: what the environment says, read once into one frozen `Config`.

Every setting is declared once in `SETTINGS`, which also feeds the README's table.
Only the command line and the WSGI entry read the environment; all else gets values.
"""

import os
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from difflib import get_close_matches
from email.errors import MessageError
from email.headerregistry import Address
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from urllib.parse import urlsplit

Network = IPv4Network | IPv6Network
KEY_FILE = "secret.keys"
PREFIXES = ("FORMS_", "SITE_NOW")
# What all names share would make any two look alike.
PREFIX = 5
# Settings that may be given as the name of a file that holds them.
SECRETS = ("FORMS_SECRET_KEYS", "FORMS_SMTP_URL")
# Read by the scripts in deploy/, which start us with their own environment.
OF_SCRIPTS = frozenset({"FORMS_BIN", "FORMS_SERVICE"})
# The staff session: how long without use, and how long at most.
STAFF_IDLE = timedelta(minutes=30)
STAFF_LONGEST = timedelta(hours=8)


def staff_cookie(base_url: str) -> str:
    """Return the name of the one cookie of the service, the staff session's.

    With https its prefix keeps other hosts from setting it (RFC 6265bis, 4.1.3.2).
    """
    return "__Host-staff" if base_url.startswith("https://") else "staff"


class ConfigError(Exception):
    """A setting cannot be used; the message names it and says what to write."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One environment variable: its default and one sentence for the README."""

    name: str
    default: str
    meaning: str


SETTINGS = (
    Setting("FORMS_DATA_DIR", "var", "Folder for database, key file and mail files."),
    Setting("FORMS_CONTENT_DIR", "content", "Folder with the project's words."),
    Setting("FORMS_SITE_DIR", "build/public", "Folder of the built public site."),
    Setting(
        "FORMS_BASE_URL",
        "http://127.0.0.1:8000",
        "Public address of site and service, without a slash at the end.",
    ),
    Setting("FORMS_LISTEN", "127.0.0.1:8000", "Address and port to listen on."),
    Setting(
        "FORMS_SECRET_KEYS",
        "",
        "Signing keys separated by commas or spaces, newest last; outside production a "
        "key file is made in FORMS_DATA_DIR. FORMS_SECRET_KEYS_FILE reads a file.",
    ),
    Setting(
        "FORMS_SMTP_URL",
        "",
        "smtp://user:password@host:587 (STARTTLS) or smtps://host:465; empty: mails "
        "become files in FORMS_DATA_DIR/mail. FORMS_SMTP_URL_FILE reads a file.",
    ),
    Setting("FORMS_MAIL_FROM", "", "Sender address of every mail."),
    Setting(
        "FORMS_TRUSTED_PROXIES",
        "",
        "Networks (CIDR, comma-separated) whose X-Forwarded-For is believed.",
    ),
    Setting("FORMS_ENV", "", "`production` refuses an unsafe or incomplete set-up."),
    Setting(
        "SITE_NOW",
        "",
        "Site build only: preview the site at this moment of the project's zone.",
    ),
)


@dataclass(frozen=True, slots=True)
class Config:
    """All settings of one run."""

    data_dir: Path
    content_dir: Path
    site_dir: Path
    base_url: str
    host: str
    port: int
    secret_keys: tuple[str, ...] = field(repr=False)
    smtp_url: str = field(repr=False)
    mail_from: str
    trusted_proxies: tuple[Network, ...]
    production: bool
    site_now: str

    @property
    def database(self) -> Path:
        """The one SQLite file."""
        return self.data_dir / "forms.sqlite"

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
        read = _Reader(environment)
        data_dir = Path(read("FORMS_DATA_DIR"))
        host, port = _listen(read("FORMS_LISTEN"))
        production = _production(read("FORMS_ENV"))
        keys = tuple(read.secret("FORMS_SECRET_KEYS").replace(",", " ").split())
        return cls(
            data_dir=data_dir,
            content_dir=Path(read("FORMS_CONTENT_DIR")),
            site_dir=Path(read("FORMS_SITE_DIR")),
            base_url=_base_url(read("FORMS_BASE_URL")),
            host=host,
            port=port,
            secret_keys=keys or (() if production else local_keys(data_dir)),
            smtp_url=read.secret("FORMS_SMTP_URL"),
            mail_from=_sender(read("FORMS_MAIL_FROM")),
            trusted_proxies=_networks(read("FORMS_TRUSTED_PROXIES")),
            production=production,
            site_now=read("SITE_NOW"),
        )

    def production_problems(self) -> list[str]:
        """Say what makes these settings unfit for production, one sentence each."""
        problems = []
        if not self.secret_keys or min(map(len, self.secret_keys)) < 32:
            problems.append("FORMS_SECRET_KEYS: set at least one key of 32 characters.")
        if not self.base_url.startswith("https://"):
            problems.append("FORMS_BASE_URL: must begin with https://.")
        if not self.smtp_url:
            problems.append("FORMS_SMTP_URL: name a mail server.")
        if not self.mail_from:
            problems.append("FORMS_MAIL_FROM: set the sender address.")
        if self.site_now:
            problems.append("SITE_NOW: remove it, it is for previews only.")
        return problems


class _Reader:
    """Look settings up by name, with the defaults of `SETTINGS`."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = environment
        self._defaults = {setting.name: setting.default for setting in SETTINGS}

    def __call__(self, name: str) -> str:
        return self._environment.get(name) or self._defaults[name]

    def secret(self, name: str) -> str:
        file = self._environment.get(f"{name}_FILE")
        if not file:
            return self(name)
        try:
            return Path(file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigError(
                f"{name}_FILE: cannot read {file} ({error.strerror})"
            ) from error


def refuse_unknown(environment: Mapping[str, str]) -> None:
    """Raise `ConfigError` for a name of ours that no setting has: it does nothing."""
    known = [setting.name for setting in SETTINGS]
    known += [f"{name}_FILE" for name in SECRETS]
    for name in sorted(environment.keys() - {*known, *OF_SCRIPTS}):
        if name.startswith(PREFIXES):
            near = get_close_matches(name[PREFIX:], [one[PREFIX:] for one in known], 1)
            meant = f": did you mean {name[:PREFIX]}{near[0]}?" if near else ""
            raise ConfigError(f"{name} is no setting{meant}")


def local_keys(data_dir: Path) -> tuple[str, ...]:
    """Return the keys of the local key file, made at first use, owner-readable only.

    Raise `ConfigError` when the file holds no key, or the folder cannot be used.
    """
    file = data_dir / KEY_FILE
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            _write_once(file, secrets.token_urlsafe(32) + "\n")
        keys = tuple(file.read_text(encoding="utf-8").split())
    except OSError as error:
        raise ConfigError(unusable(data_dir, error)) from error
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


def _production(text: str) -> bool:
    if text not in ("", "production"):
        raise ConfigError(f"FORMS_ENV: write production, or nothing, not {text!r}")
    return text == "production"


def _sender(text: str) -> str:
    try:
        address = Address(addr_spec=text) if text else None
    except (MessageError, ValueError, IndexError):
        address = Address()
    if address and not (address.username and address.domain):
        raise ConfigError(f"FORMS_MAIL_FROM: write one address, not {text!r}")
    return text


def _listen(text: str) -> tuple[str, int]:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise ConfigError(f"FORMS_LISTEN: write address:port, not {text!r}")
    return host.strip("[]"), int(port)


def _base_url(text: str) -> str:
    try:
        parts = urlsplit(text.rstrip("/"))
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path:
        raise ConfigError(f"FORMS_BASE_URL: write http(s)://host, not {text!r}")
    return text.rstrip("/")


def _networks(text: str) -> tuple[Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part)
    except ValueError as error:
        raise ConfigError(f"FORMS_TRUSTED_PROXIES: {error}") from error
