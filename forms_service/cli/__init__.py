"""The command line: what whoever runs the service can do with it.

Exit codes: 0 done, 1 refused or something is wrong (said on standard error), 2 a
mistake in the command itself; 78 settings or content must be mended before `serve`.
"""

import errno
import os
from typing import Any

import click

from .quick_start import collecting_nothing

with collecting_nothing():
    from ..store.connection import StorageUnavailable, UnfitDatabase
    from .setup import Unfit, refusal


class Commands(click.Group):
    """Commands that say in one sentence what the disk or the database refuses."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name all commands."""
        from .commands import COMMANDS

        return [*COMMANDS]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Load `serve` alone, or all: who serves keeps no other command in memory."""
        if cmd_name == "serve":
            with collecting_nothing():
                from .serve import serve

            return serve
        from .commands import COMMANDS

        return COMMANDS.get(cmd_name) or super().get_command(ctx, cmd_name)

    def invoke(self, ctx: click.Context) -> Any:
        """Run one command."""
        try:
            return super().invoke(ctx)
        except StorageUnavailable as error:
            said = f"no database can be used: {refusal(error)}"
            raise click.ClickException(said) from error
        except UnfitDatabase as error:
            raise Unfit(str(error)) from error
        except OSError as error:
            if error.errno == errno.EPIPE:
                # Whoever read has seen enough: click ends quietly.
                raise
            where = f"{error.filename}: " if error.filename else ""
            reason = error.strerror or error
            raise click.ClickException(f"not done: {where}{reason}") from error


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="forms-service")
def main() -> None:
    """Serve the forms of a project and look after what people send.

    Settings are environment variables (FORMS_DATA_DIR, FORMS_CONTENT_DIR and so on):
    README.md explains each.
    """
    # What is written holds personal data: nobody else on this machine reads it.
    os.umask(0o077)
