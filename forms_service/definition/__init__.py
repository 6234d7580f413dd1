"""What a form is: files of the content folder as frozen objects, and their rules.

Everything else is a shape of these objects. Nothing here knows HTML, SQL or mail.
"""

from .cleaning import KEPT, Cleaned, applicable, clean, raw_of
from .content import Content
from .content_reading import load_content
from .event import Event, Moment
from .fingerprint import Source
from .form import (
    Capacity,
    Choice,
    Field,
    FormDefinition,
    Place,
    Promotion,
    Role,
    Section,
    Text,
)
from .form_reading import stored_form
from .problems import ContentError, Problem
from .project import TODO, Project
from .retention import Anchor, Period, Retention, purge_after
from .types import (
    TYPES,
    Answer,
    Control,
    FieldType,
    Raw,
    exported,
    register,
    shown,
    type_of,
)

__all__ = [
    "KEPT",
    "TODO",
    "TYPES",
    "Anchor",
    "Answer",
    "Capacity",
    "Choice",
    "Cleaned",
    "Content",
    "ContentError",
    "Control",
    "Event",
    "Field",
    "FieldType",
    "FormDefinition",
    "Moment",
    "Period",
    "Place",
    "Problem",
    "Project",
    "Promotion",
    "Raw",
    "Retention",
    "Role",
    "Section",
    "Source",
    "Text",
    "applicable",
    "clean",
    "exported",
    "load_content",
    "purge_after",
    "raw_of",
    "register",
    "shown",
    "stored_form",
    "type_of",
]
