"""All commands by their names."""

import click

from .quick_start import collecting_nothing

with collecting_nothing():
    from .check import check
    from .data import backup, export, move, purge, restore
    from .demo import demo
    from .doctor import doctor
    from .mail import mail
    from .serve import serve
    from .staff import readers, staff
    from .verify import audit, clock, receipt

COMMANDS: dict[str, click.Command] = {
    "audit": audit,
    "backup": backup,
    "check": check,
    "clock": clock,
    "demo": demo,
    "doctor": doctor,
    "export": export,
    "mail": mail,
    "move": move,
    "purge": purge,
    "readers": readers,
    "receipt": receipt,
    "restore": restore,
    "serve": serve,
    "staff": staff,
}
