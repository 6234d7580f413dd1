"""The JSON Schemas of content files, for editors that complete and check as one types.

`python -m forms_service.content.schema` writes them again. The readers themselves make
them: each reads a file that notes what is asked of it. Rules between keys are told only
when a file is checked.
"""

import json
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from ..definition.conditions import GRAMMAR
from ..definition.fingerprint import FormDocument
from ..definition.problems import Problems
from .event import read_event
from .formats import LIST, TEXT, Schema, TextFormat
from .node import Choice, Node
from .project import read_project
from .reading import form_from

FOLDER = Path(__file__).parent / "schemas"
# Stands for every key that an editor may name.
ANY = "*"


class Recorder(Node):
    """An empty mapping that notes every key asked for, and what may stand there."""

    def __init__(self, branch: str = "") -> None:
        super().__init__(None, Problems(""), "")
        self.branches: tuple[str, ...] = (branch,)
        self.branch_key = ""
        self._keys: dict[str, Schema] = {}
        self._required: set[str] = set()
        self._optional: set[str] = set()
        self._either: list[str] = []
        self._names: Schema = {}
        self._parts: dict[str, Recorder] = {}
        self._items_of: dict[str, list[Recorder]] = {}

    def raw(
        self, key: str, kind: Schema, required: bool = False, about: str = ""
    ) -> None:
        super().raw(key, kind, required, about)
        description = (
            {"description": f"{about[0].upper()}{about[1:]}."} if about else {}
        )
        self._keys[key] = {**kind, **description}
        self._required |= {key} if required else set()

    def has(self, key: str) -> bool:
        """Look at every part; one that may be absent is not required."""
        self._optional.add(key)
        return True

    def branch(self, key: str, names: Collection[str]) -> str:
        """Take one branch, and leave the others to the next items of the list."""
        super().branch(key, names)
        self.branch_key = key
        if self.branches == ("",):
            self.branches = tuple(names)
        return self.branches[0]

    def only(self, names: Iterable[Choice], advice: str) -> Choice | None:
        self._either = list(names)
        return None

    def node(self, key: str, about: str = "") -> Node:
        super().node(key, about)
        return self._parts.setdefault(key, Recorder())

    def nodes(self, key: str) -> Iterator[Node]:
        return self._read_items(key, required=False)

    def named(self, key: str, translations: Node | None) -> Iterator[Node]:
        return self._read_items(key, required=True)

    def _read_items(self, key: str, required: bool) -> Iterator[Node]:
        self.raw(key, LIST, required)
        items = self._items_of[key] = [Recorder()]
        yield items[0]
        for branch in items[0].branches[1:]:
            items.append(Recorder(branch))
            yield items[-1]

    def keys(self, written: TextFormat | None = None) -> list[str]:
        self._names = {"propertyNames": written.schema} if written else {}
        return [ANY]

    def schema(self) -> Schema:
        """Return the JSON Schema of this mapping."""
        keys = {key: self._schema_of(key, kind) for key, kind in self._keys.items()}
        needed = [key for key in keys if key in self._required - {ANY}]
        either = [{"required": [key]} for key in self._either]
        return {
            "type": "object",
            "additionalProperties": keys.pop(ANY, False),
            **({"properties": keys} if keys else {}),
            **({"required": needed} if needed else {}),
            **({"oneOf": either} if either else {}),
            **self._names,
        }

    def _schema_of(self, key: str, kind: Schema) -> Schema:
        if part := self._parts.get(key):
            kind = {**kind, **part.schema()}
            if not {"required", "oneOf"}.isdisjoint(kind) and key not in self._optional:
                self._required.add(key)
        if items := self._items_of.get(key):
            kind = {**kind, "items": _united(items)}
        if key in self._required:
            return _not_empty(kind)
        return kind if key in self._either else _or_null(kind)


def _united(items: list[Recorder]) -> Schema:
    """Join mappings that are read alike, but for the keys that a branch requires."""
    schemas = [item.schema() for item in items]
    if len(schemas) == 1:
        return schemas[0]
    always = set[str].intersection(*(set(schema["required"]) for schema in schemas))
    properties: Schema = {}
    strict: Schema = {}
    cases: dict[str, list[str]] = {}
    for branch, schema in zip(items[0].branches, schemas, strict=True):
        for key, kind in schema["properties"].items():
            if key in {*schema["required"]} - always:
                strict[key] = kind
                cases.setdefault(key, []).append(branch)
            else:
                properties[key] = kind
    return {
        **schemas[0],
        "properties": properties,
        "required": [key for key in schemas[0]["required"] if key in always],
        "allOf": [
            {
                "if": {"properties": {items[0].branch_key: {"enum": branches}}},
                "then": {"properties": {key: strict[key]}, "required": [key]},
            }
            for key, branches in cases.items()
        ],
    }


def _not_empty(kind: Schema) -> Schema:
    if kind.get("type") == "array":
        return {**kind, "minItems": 1}
    return {**kind, "minLength": 1} if kind.get("type") == TEXT["type"] else kind


def _or_null(kind: Schema) -> Schema:
    """Let null stand where a key may be absent."""
    if "enum" in kind:
        return {**kind, "enum": [*kind["enum"], None]}
    if "oneOf" in kind or "type" not in kind:
        return {"anyOf": [kind, {"type": "null"}]}
    types = kind["type"] if isinstance(kind["type"], list) else [kind["type"]]
    return {**kind, "type": [*types, "null"]}


def schemas() -> dict[str, Schema]:
    """Return the schemas by the name of their file."""
    form, event, project = Recorder(), Recorder(), Recorder()
    form_from(form, FormDocument("", {}, "", (), ""))
    read_event("", event, "", (), ())
    read_project(project)
    return {
        "form": _titled("A form: content/forms/<id>.yml", form)
        | {"$defs": {"when": GRAMMAR}},
        "event": _titled("An event: content/events/<id>.yml", event),
        "project": _titled("The project: content/project.yml", project),
    }


def _titled(title: str, recorder: Recorder) -> Schema:
    dialect = "https://json-schema.org/draft/2020-12/schema"
    return {"$schema": dialect, "title": title, **recorder.schema()}


def as_text(schema: Schema) -> str:
    """Return a schema as its file holds it."""
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for name, schema in schemas().items():
        (FOLDER / f"{name}.json").write_text(as_text(schema), encoding="utf-8")
