"""Publishing: the first answer of a person freezes the version that it answers.

In production the start of the service does: somebody may print before anybody answers.
"""

from collections.abc import Sequence
from itertools import chain

from ..content import Content
from ..definition import TYPES, ContentError, FormDefinition, Problem, type_of
from ..definition.contact import INVENTED
from ..definition.publishing import (
    PublishedVersion,
    compare,
    document_json,
    overlay_json,
)
from ..store import definitions
from ..store.connection import Connection
from ..store.definitions import KeptVersion
from .context import WorkflowContext
from .newest_content import is_beside_newer


def start(context: WorkflowContext, publish: bool) -> None:
    """Make the views of today's forms, and publish them if asked.

    Content that was served before, and is served beside a newer one, changes nothing.
    Raise `ContentError` for a change that would make published answers unreadable.
    """
    if is_beside_newer(context):
        return
    known = context.store.read(definitions.published)
    if problems := compared(context.content, known):
        raise ContentError(problems)

    def job(db: Connection) -> None:
        db.hold("views")
        for by_lang in context.content.forms.values():
            for form in by_lang.values() if publish else ():
                _keep(context, db, form, invented=False)
            rebuild_view(db, by_lang[context.content.main_language])

    context.store.write(job)


def compared(content: Content, known: Sequence[KeptVersion]) -> list[Problem]:
    """Return what in today's forms would make published versions unreadable."""
    main = content.main_language
    versions = [
        PublishedVersion(k.form_id, k.version, k.fingerprint, k.document) for k in known
    ]
    return compare([s[main] for s in content.sources.values()], versions)


def keep_answered(
    context: WorkflowContext, db: Connection, form: FormDefinition, email: str | None
) -> None:
    """Keep the version that a row answers, in the transaction that stores the row.

    It is published, unless the row is invented (`forms-service demo`).
    """
    _keep(context, db, form, invented=(email or "").endswith(INVENTED))


def _keep(
    context: WorkflowContext, db: Connection, form: FormDefinition, invented: bool
) -> None:
    main, known = context.content.main_language, (form.id, form.fingerprint)
    sources = context.content.sources.get(form.id)
    if sources is None:
        # It has left the content: its version was kept with the first answer.
        return
    moment = None if invented else context.clock()
    if not definitions.is_published(db, *known):
        document = document_json(sources[main])
        definitions.keep(db, *known, form.version, document, moment)
    source, text = sources.get(form.lang), (*known, form.lang, form.text_hash)
    overlay = source.overlay if source else None
    # Nearly always it is kept: to write it again takes longer than the row.
    if overlay is not None and not definitions.has_text(db, *text):
        definitions.keep_text(db, *text, overlay_json(overlay), moment)


def rebuild_view(db: Connection, form: FormDefinition) -> None:
    """Give the view of a form the fields of all its versions, in order."""
    ids: dict[str, None] = {f.id: None for f in form.fields if type_of(f).asks}
    for version in definitions.kept(db):
        if version.form_id == form.id:
            fields = chain(*(part["fields"] for part in version.document["sections"]))
            ids |= {f["id"]: None for f in fields if TYPES[f["type"]].asks}
    # An index over lists of ticks would help no search for one of them.
    single = [f for f in form.fields if f.filterable and not type_of(f).multiple]
    definitions.rebuild_view(db, form.id, list(ids), [f.id for f in single])
