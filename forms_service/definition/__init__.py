"""What a form is: frozen objects, their types of field, their rules and versions.

Everything else is a shape of these objects. Nothing here reads files or knows
HTML, SQL or mail.
"""

from .cleaning import KEPT, Cleaned, applicable, clean, raw_of
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
from .form_dates import EventStatus
from .problems import ContentError, Problem
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
    "TYPES",
    "Anchor",
    "Answer",
    "Capacity",
    "Choice",
    "Cleaned",
    "ContentError",
    "Control",
    "EventStatus",
    "Field",
    "FieldType",
    "FormDefinition",
    "Period",
    "Place",
    "Problem",
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
    "purge_after",
    "raw_of",
    "register",
    "shown",
    "type_of",
]
