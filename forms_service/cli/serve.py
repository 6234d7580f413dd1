"""`serve`: lock, copy, migrate, compare, listen; workers beside it; a clean stop.

A process for each core; of them the first does what is to be done once.
"""

import ctypes
import gc
import json
import os
import resource
import signal
import sys
from contextlib import suppress
from socket import socket
from types import FrameType
from typing import NoReturn

import click

from .. import cores, wsgi
from ..config import KEY_FILE, LOG_KEY_FILE, Config, ConfigError, local_keys
from ..content import Content
from ..content.page_reading import load_pages
from ..content.pages import Pages
from ..cores import one_core
from ..definition import ContentError
from ..mail.mailbox import mailbox_of
from ..mail.smtp import smtp_transport
from ..mail.transport import FileTransport, Transport
from ..processes import run_together
from ..siblings import Siblings
from ..store import staff as staff_rows
from ..urls import staff as staff_address
from ..urls import staff_setup
from ..workers import MailRoute, Workers
from ..workflow.accounts import AccountExists, first_invitation
from ..workflow.context import WorkflowContext
from .log_queue import log_in_background
from .quick_start import collecting_nothing
from .setup import (
    ServiceRunning,
    Unfit,
    bring_up_to_date,
    content_of,
    lock,
    problem_list,
    settings,
    unfit,
)

OPEN_FILES = 4096
# More of them wait for one another's commits.
MOST_PROCESSES = 4
# M_ARENA_MAX of mallopt(3).
ARENA_MAX, ARENAS = -8, 2
# What the site build leaves beside its pages.
RECORD = ".build.json"
LOCAL_SENDER = "moduli@localhost"


@click.command()
@click.option("--json-log", is_flag=True, help="Write each line of the log as JSON.")
def serve(json_log: bool) -> None:
    """Serve site and forms until Ctrl-C or SIGTERM.

    Copies and migrates the database when its schema is old, compares today's forms with
    what was published, then listens on FORMS_LISTEN. A version is published by the
    first answer of a person; in production by the start. With FORMS_ENV=production it
    refuses to start on an unsafe or incomplete set-up and lists why. Exit code 78:
    settings or content must be mended first.
    """
    try:
        config = settings()
        with collecting_nothing():
            content = content_of(config)
        refuse_unfit(config, content)
    except click.ClickException as error:
        raise Unfit(error.message) from error
    try:
        with lock(config):
            prepare_and_run(config, content, json_log)
    except ServiceRunning as error:
        raise click.ClickException(
            f"the service is running already on the data in {config.data_dir}"
        ) from error


def refuse_unfit(config: Config, content: Content) -> None:
    """End with the whole list of reasons not to serve this in production."""
    site = site_problems(config)
    problems = [*unfit(config, content), *site]
    if problems and config.production:
        raise click.ClickException("\n  ".join(["not fit for production:", *problems]))
    site += at_risk(config)
    for problem in site:
        # The forms work without it; who reads this may wait for the site in vain.
        click.echo(f"Warning: {problem}", err=True)


def at_risk(config: Config) -> list[str]:
    """Say what several processes on one database would not do together."""
    said = []
    if config.database_url and config.production and not config.limits_url:
        said.append(
            "FORMS_LIMITS_URL: without it each process counts limits and repeats alone."
        )
    for own in own_keys(config) if config.database_url else ():
        said.append(
            f"{own}: made in {config.data_dir}; another service on this database would "
            "make its own, and open no link of this one: give both the same."
        )
    return said


def own_keys(config: Config) -> list[str]:
    """Name the settings whose keys were not given, but made in the data folder."""
    made = {
        "FORMS_SECRET_KEYS": (config.secret_keys, config.data_dir / KEY_FILE),
        "FORMS_LOG_KEYS": (config.log_keys, config.data_dir / LOG_KEY_FILE),
    }
    return [
        name
        for name, (keys, file) in made.items()
        if keys and file.exists() and keys == local_keys(file)
    ]


def site_problems(config: Config) -> list[str]:
    """Say when there is no built site, or one made for another address."""
    try:
        record = json.loads((config.site_dir / RECORD).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return [f"FORMS_SITE_DIR: there is no built site in {config.site_dir}."]
    if (built_for := record.get("base_url")) != config.base_url:
        return [
            f"FORMS_BASE_URL: the site was built for another address, {built_for}: "
            "set that one, or build the site again."
        ]
    return []


def prepare_and_run(config: Config, content: Content, json_log: bool) -> None:
    """Make ready what all processes share, under the lock, and serve in each."""
    share_memory()
    if copy := bring_up_to_date(config):
        click.echo(f"The database was copied to {copy} and migrated.")
    try:
        with collecting_nothing():
            pages = load_pages(content)
    except ContentError as error:
        raise Unfit(problem_list(error)) from error
    count = how_many(config)
    try:
        doors = wsgi.doors(config, count)
    except OSError as error:
        host, port = config.listen
        raise click.ClickException(
            f"FORMS_LISTEN: cannot listen on {host}:{port} ({error.strerror})"
        ) from error
    allow_open_files()
    # What is there now stays, in memory that all of them share.
    gc.freeze()

    def run_one(siblings: Siblings) -> None:
        with one_core(), log_in_background(as_json=json_log):
            run(config, pages, doors[siblings.number], siblings)

    if not run_together(count, run_one):
        raise click.ClickException("a process of the service ended by itself")
    click.echo("Stopped.")


def how_many(config: Config) -> int:
    """Return how many are to serve: a server of data is shared by other machines."""
    return config.processes or (
        1 if config.database_url else min(cores.how_many(), MOST_PROCESSES)
    )


def run(config: Config, pages: Pages, door: list[socket], siblings: Siblings) -> None:
    """Serve in one process."""
    siblings.follow()
    try:
        with collecting_nothing():
            app, context = wsgi.build(config, pages=pages, siblings=siblings)
        route = MailRoute(
            transport_of(config),
            sender(config),
            config.base_url,
            mailbox_of(config.bounces),
        )
        alarms = app.extensions["alarms"]
        workers = Workers(context, route, config.data_dir, alarms, siblings)
    except ContentError as error:
        raise Unfit(problem_list(error)) from error
    except ConfigError as error:
        raise Unfit(str(error)) from error
    siblings.begin()
    server = wsgi.server(app, door)
    signal.signal(signal.SIGTERM, _stop)
    refusals: list[str] = []

    def refused(why: str) -> None:
        refusals.append(why)
        os.kill(os.getpid(), signal.SIGTERM)

    workers.start(refused)
    # What is there now stays: the collector need not look at it any more.
    gc.freeze()
    if siblings.first:
        if config.production and (risk := context.store.risk()):
            click.echo(f"Warning: {risk}", err=True)
        # The others start theirs at their first receipt.
        app.extensions["receipts"].start()
        greet(config, context)
    # Ends on Ctrl-C and SIGTERM: waitress catches both and lets running requests end.
    server.run()
    server.close()
    workers.stop()
    app.extensions["receipts"].stop()
    siblings.end()
    context.store.close()
    if refusals:
        raise Unfit(refusals[0])


def _stop(signum: int, frame: FrameType | None) -> NoReturn:
    # It may come from a system that tells each process, and from the first of them.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    sys.exit(0)


def transport_of(config: Config) -> Transport:
    """Return the way mails leave; raise `ConfigError` for an unusable address."""
    if config.smtp_url:
        return smtp_transport(config.smtp_url, sender(config))
    return FileTransport(config.mail_dir, click.echo)


def sender(config: Config) -> str:
    """Return the From address; without a setting one that can never be answered."""
    return config.mail_from or LOCAL_SENDER


def allow_open_files() -> None:
    """Let 2,000 connections be open; many systems allow 1,024 files by default."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = OPEN_FILES if hard == resource.RLIM_INFINITY else min(OPEN_FILES, hard)
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


def share_memory() -> bool:
    """Let all threads take memory from two pools; say whether the system can.

    It has eight for each core, and each stays as large as its busiest moment was.
    """
    with suppress(AttributeError):
        return bool(ctypes.CDLL(None).mallopt(ARENA_MAX, ARENAS))
    return False


def greet(config: Config, context: WorkflowContext) -> None:
    """Say where to look, and let the first staff member in."""
    click.echo(f"Site and forms:  {config.base_url}/")
    click.echo(f"Staff:           {config.base_url}{staff_address()}")
    if not config.smtp_url:
        click.echo(f"Mails become files in {config.mail_dir}; their links show here.")
    if not context.store.read(staff_rows.any_account):
        try:
            link = setup_link(config, first_invitation(context))
        except AccountExists:
            return
        click.echo(
            f"First staff account (this link works once, for 30 minutes):\n  {link}"
        )


def setup_link(config: Config, token: str) -> str:
    """Return the address where an invited person chooses a password."""
    return f"{config.base_url}{staff_setup(token)}"
