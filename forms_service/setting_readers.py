"""How the text of a setting becomes its value; `ValueError` says what to write."""

from email.errors import MessageError
from email.headerregistry import Address
from ipaddress import IPv4Network, IPv6Network, ip_network
from urllib.parse import urlsplit

Network = IPv4Network | IPv6Network
# One turn in each minute whose turns an hour can see used (`pace`).
LEAST_HOURLY = 72


def sender(text: str) -> str:
    """Read one address, or none."""
    try:
        email = Address(addr_spec=text) if text else None
    except (MessageError, ValueError, IndexError):
        email = Address()
    if email and not (email.username and email.domain):
        raise ValueError(f"write one address, not {text!r}")
    return text


def listen(text: str) -> tuple[str, int]:
    """Read an address and a port."""
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or int(port) > 65535:
        raise ValueError(f"write address:port, not {text!r}")
    return host.strip("[]"), int(port)


def base_url(text: str) -> str:
    """Read http(s)://host, with or without a slash at the end."""
    try:
        parts = urlsplit(text.rstrip("/"))
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path:
        raise ValueError(f"write http(s)://host, not {text!r}")
    return text.rstrip("/")


def networks(text: str) -> tuple[Network, ...]:
    """Read networks separated by commas."""
    return tuple(ip_network(part.strip()) for part in text.split(",") if part)


def keys(text: str) -> tuple[str, ...]:
    """Read words separated by commas or spaces."""
    return tuple(text.replace(",", " ").split())


def number(text: str) -> int:
    """Read a whole number."""
    if not text.isdecimal():
        raise ValueError(f"write a whole number, not {text!r}")
    return int(text)


def hourly_limit(text: str) -> int:
    """Read how many may send in an hour; 0 says nothing."""
    limit = number(text)
    if 0 < limit < LEAST_HOURLY:
        raise ValueError(f"write at least {LEAST_HOURLY}: fewer let nobody send")
    return limit


def database_url(text: str) -> str:
    """Read the address of a PostgreSQL, or nothing."""
    if text and not text.startswith(("postgresql://", "postgres://")):
        raise ValueError("write postgresql://user:password@host/database")
    return text


def limits_url(text: str) -> str:
    """Read the address of a Valkey or Redis, or nothing."""
    if text and not text.startswith(("valkey", "redis")):
        raise ValueError("write valkey://:password@host:6379, or redis://")
    return text


def production(text: str) -> bool:
    """Read whether this is production."""
    if text not in ("", "production"):
        raise ValueError(f"write production, or nothing, not {text!r}")
    return text == "production"
