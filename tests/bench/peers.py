"""What the service is measured beside, each a program of its own.

    python -m bench.peers hello|tutorial PORT FOLDER
    python -m bench.peers commits FOLDER SECONDS

`hello` is Flask's first page, on the server and with the settings of the service.
`tutorial` is the same form as a tutorial of Flask-WTF would write it, with a session
against forgery and sqlite-utils: it stores as durably as the service, and as many rows.
`commits` only commits such rows, one transaction after the other.
"""

import json
import os
import sqlite3
import sys
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from time import perf_counter
from typing import Any

import wtforms
from flask import Flask, redirect, render_template_string
from flask_wtf import FlaskForm
from sqlite_utils import Database
from werkzeug.wrappers import Response
from wtforms import validators

from forms_service import wsgi
from forms_service.cli.serve import how_many
from forms_service.config import Config
from forms_service.cores import one_core
from forms_service.definition import Channel, Field, FormDefinition, type_of
from forms_service.processes import run_together
from forms_service.siblings import Siblings

from .people import open_form
from .processes import cpu_seconds

KINDS: dict[str, type[wtforms.Field]] = {
    "email": wtforms.EmailField,
    "phone": wtforms.TelField,
    "textarea": wtforms.TextAreaField,
    "select": wtforms.SelectField,
    "radio": wtforms.RadioField,
    "checkboxes": wtforms.SelectMultipleField,
    "declaration": wtforms.BooleanField,
    "acknowledgement": wtforms.BooleanField,
}
PAGE = """<!doctype html><title>Form</title><form method="post">{{ form.csrf_token }}
{% for field in form if field.name != "csrf_token" %}
<p>{{ field.label }} {{ field() }}
{% for error in field.errors %}<em>{{ error }}</em>{% endfor %}</p>
{% endfor %}<button>Send</button></form>"""
TABLES = """
PRAGMA journal_mode = WAL;
CREATE TABLE submissions (id INTEGER PRIMARY KEY, email TEXT, answers TEXT);
CREATE INDEX submissions_email ON submissions (email);
CREATE TABLE outbox (id INTEGER PRIMARY KEY, submission INTEGER, address TEXT,
    kind TEXT, due_at TEXT);
CREATE TABLE events (id INTEGER PRIMARY KEY, submission INTEGER, verb TEXT, at TEXT,
    hash TEXT);
"""


def hello() -> Flask:
    """Return the application of the first page of Flask's manual."""
    app = Flask("hello")
    app.add_url_rule("/", view_func=lambda: "Hello, World!")
    return app


def control(field: Field) -> Any:
    """Return the control of WTForms for a question."""
    kind = KINDS.get(field.type, wtforms.StringField)
    checks: list[Any] = [
        validators.DataRequired() if field.required else validators.Optional()
    ]
    if kind is wtforms.EmailField:
        checks.append(validators.Email())
    choices = [(choice.id, str(choice.label)) for choice in field.choices]
    options = {"choices": choices} if choices else {}
    return kind(str(field.label), checks, **options)


def tutorial(form: FormDefinition, database: Path) -> Flask:
    """Return the application that asks the same questions."""
    app = Flask("tutorial")
    app.secret_key = "a key that is long enough"
    asked = [field for field in form.at(Channel.WEB) if type_of(field).asks]
    controls = {field.id: control(field) for field in asked}
    mailbox = next(field.id for field in asked if field.role == "email")
    kind = type("TutorialForm", (FlaskForm,), controls)
    connections = threading.local()

    def database_of_thread() -> Database:
        if not hasattr(connections, "db"):
            connections.db = Database(sqlite3.connect(database, timeout=30))
        return connections.db

    @app.route("/", methods=["GET", "POST"])
    def page() -> str | Response:
        typed = kind()
        if not typed.validate_on_submit():
            return render_template_string(PAGE, form=typed)
        answers = {name: typed[name].data for name in controls}
        keep(database_of_thread(), answers[mailbox], json.dumps(answers))
        return redirect("/", 303)

    return app


def keep(db: Database, email: str, answers: str) -> None:
    """Store a request with its mail and its event, unless it is there already."""
    db.conn.execute("BEGIN IMMEDIATE")
    with db.conn:
        if list(db["submissions"].rows_where("email = ?", [email])):
            return
        row = {"email": email, "answers": answers}
        number = db["submissions"].insert(row).last_pk
        mail = {"submission": number, "address": email, "kind": "verify"}
        db["outbox"].insert(mail | {"due_at": "2020-01-01T00:00:00Z"})
        event = {"submission": number, "verb": "send", "hash": "0" * 64}
        db["events"].insert(event | {"at": "2020-01-01T00:00:00Z"})


def commits(folder: Path, seconds: float) -> dict[str, float]:
    """Commit three rows again and again; return how often, and at what cost."""
    db = sqlite3.connect(made(folder / "bare.sqlite"), isolation_level=None)
    db.execute("PRAGMA synchronous = FULL")
    count, answers, began = 0, "x" * 600, perf_counter()
    used = cpu_seconds(0)
    while perf_counter() < began + seconds:
        db.execute("BEGIN IMMEDIATE")
        row = db.execute(
            "INSERT INTO submissions (email, answers) VALUES (?, ?)",
            [f"p{count}@example.org", answers],
        )
        number = row.lastrowid
        db.execute(
            "INSERT INTO outbox (submission, address, kind, due_at) "
            "VALUES (?, ?, 'verify', '2020-01-01T00:00:00Z')",
            [number, f"p{count}@example.org"],
        )
        db.execute(
            "INSERT INTO events (submission, verb, at, hash) "
            "VALUES (?, 'send', '2020-01-01T00:00:00Z', ?)",
            [number, "0" * 64],
        )
        db.execute("COMMIT")
        count += 1
    took = perf_counter() - began
    return {"count": count, "seconds": took, "cpu": cpu_seconds(0) - used}


def made(database: Path) -> Path:
    """Make a database with the three tables, if it is not there."""
    if not database.exists():
        db = sqlite3.connect(database)
        db.executescript(TABLES)
        db.close()
    return database


def serve(what: str, port: int, folder: Path) -> None:
    """Serve a peer as the service is served."""
    config = Config.from_environment(os.environ)
    config = replace(config, listen=("127.0.0.1", port))
    applications: dict[str, Callable[[], Flask]] = {
        "hello": hello,
        "tutorial": lambda: tutorial(
            open_form(config), made(folder / "tutorial.sqlite")
        ),
    }
    count = how_many(config)
    doors = wsgi.doors(config, count)

    def run(siblings: Siblings) -> None:
        with one_core(what):
            siblings.follow()
            app = applications[what]()
            siblings.begin()
            wsgi.server(app, doors[siblings.number]).run()

    run_together(count, run)


if __name__ == "__main__":
    if sys.argv[1] == "commits":
        print(json.dumps(commits(Path(sys.argv[2]), float(sys.argv[3]))))
    else:
        serve(sys.argv[1], int(sys.argv[2]), Path(sys.argv[3]))
