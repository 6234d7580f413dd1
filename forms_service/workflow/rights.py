"""What each member of staff may do: a role, and the forms that they may see.

Who may do nothing about a form does not learn that it has requests.
"""

from collections.abc import Mapping
from enum import StrEnum

from ..store.staff_rights import StaffRole


class Right(StrEnum):
    """What an address of the staff area needs; each declares one."""

    OPEN = "open"
    """Nobody is signed in yet."""
    ACCOUNT = "account"
    """One's own account."""
    READ = "read"
    DECIDE = "decide"
    EXPORT = "export"
    DISCARD = "discard"
    ADMINISTER = "administer"
    """People, health, log: of no single form, and so of all."""


_OWN = frozenset({Right.OPEN, Right.ACCOUNT})
_READER = _OWN | {Right.READ}
_REVIEWER = _READER | {Right.DECIDE, Right.EXPORT}
RIGHTS: Mapping[StaffRole, frozenset[Right]] = {
    StaffRole.READER: _READER,
    StaffRole.REVIEWER: _REVIEWER,
    StaffRole.ADMINISTRATOR: _REVIEWER | {Right.DISCARD, Right.ADMINISTER},
}


class NotPermitted(Exception):
    """The role of whoever asks does not go so far."""


def check(role: StaffRole, right: Right) -> None:
    """Raise `NotPermitted` unless a role has a right."""
    if right not in RIGHTS[role]:
        raise NotPermitted(right)
