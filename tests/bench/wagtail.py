"""The same questions on a form page of Wagtail: a part of `make bench-long`."""

import json
import shutil
from functools import partial
from pathlib import Path

from forms_service.definition import Channel, Field, FormDefinition, type_of

from .load import Burst, Party, burst, ratio, repeated, whole
from .people import single
from .place import ROOT, Place
from .processes import Server, free_port
from .results import Results
from .sending import forms

PYTHON = ROOT / "build" / "wagtail" / "bin" / "python"
APP = Path(__file__).with_name("wagtail_form")
ROUNDS, PEOPLE, SECONDS = 3, 16, 2.0
KINDS = {
    "email": "email",
    "textarea": "multiline",
    "select": "dropdown",
    "radio": "radio",
    "checkboxes": "checkboxes",
    "declaration": "checkbox",
    "acknowledgement": "checkbox",
}


def question(field: Field) -> dict[str, object]:
    """Return a question as a field of Wagtail, whose label becomes its name."""
    return {
        "label": field.id,
        "help_text": str(field.label)[:255],
        "field_type": KINDS.get(field.type, "singleline"),
        "required": field.required,
        "choices": "\n".join(choice.id for choice in field.choices),
    }


def start(place: Place, form: FormDefinition) -> Server:
    """Start the page of Wagtail; raise `FileNotFoundError` when it is not installed."""
    if not PYTHON.exists():
        raise FileNotFoundError("Wagtail is not installed")
    folder = place.folder / "wagtail"
    # It makes its migrations beside its models.
    shutil.copytree(APP, folder / APP.name)
    asked = [question(f) for f in form.at(Channel.WEB) if type_of(f).asks]
    questions = folder / "questions.json"
    questions.write_text(json.dumps(asked), encoding="utf-8")
    port = free_port()
    command = [str(PYTHON), "-m", APP.name, str(port), str(folder), str(questions)]
    log = place.folder / "wagtail.log"
    return Server(command, {"PYTHONPATH": str(folder)}, port, log, "/form/")


def measure(place: Place, results: Results) -> None:
    """Compare what a stored answer costs."""
    people = place.people()

    def ask(server: Server, party: Party) -> Burst:
        return burst(server, party, seconds=SECONDS)[0]

    with place.service("beside-wagtail") as service, start(place, people.form) as peer:
        store = Party(single("store", people.confirm, b"303"), PEOPLE)
        journeys = forms(peer, people, "/form/", "csrfmiddlewaretoken", b"200")
        asked = [
            partial(ask, service, store),
            partial(ask, peer, Party(journeys, PEOPLE)),
        ]
        repeated(1, *asked)
        ours, theirs = repeated(ROUNDS, *asked)
    results.figure(
        "wagtail", ratio([b.cpu_each for b in theirs], [b.cpu_each for b in ours])
    )
    rows = [
        [name, whole(seen).a_second, whole(seen).cpu_each]
        for name, seen in (("the service", ours), ("Wagtail", theirs))
    ]
    columns = ["POST that stores, 16 clients", "a second", "CPU µs each"]
    results.table("Beside Wagtail", columns, rows)
