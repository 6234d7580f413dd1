"""The staff session: how long it lasts, and the names of its cookies."""

from datetime import timedelta

# Without use, and at most.
STAFF_IDLE = timedelta(minutes=30)
STAFF_LONGEST = timedelta(hours=8)


def staff_cookie(base_url: str) -> str:
    """Return the name of the cookie of the staff session.

    With https its prefix keeps other hosts from setting it (RFC 6265bis, 4.1.3.2).
    """
    return "__Host-staff" if base_url.startswith("https://") else "staff"


def browser_cookie(base_url: str) -> str:
    """Return the name of the cookie by which a browser of staff is known again."""
    return "__Host-browser" if base_url.startswith("https://") else "browser"
