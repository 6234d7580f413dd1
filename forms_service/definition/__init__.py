"""What a form is: frozen objects, their types of field, their rules and versions.

Everything else is a shape of these objects. Nothing here reads files or knows
HTML, SQL or mail.
"""

from .cleaning import KEPT, Cleaned, applicable, clean, find_slips, raw_of
from .field_type import Answer, Control, FieldType, Raw
from .fingerprint import FormDocument
from .form import (
    Channel,
    Choice,
    Field,
    FormDefinition,
    Role,
    Section,
)
from .form_dates import EventStatus
from .options import Capacity, Promotion, Purpose
from .problems import ContentError, Problem
from .retention import Anchor, Period, Retention, purge_after
from .texts import Text
from .types import TYPES, exported, register, shown, type_of

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
    "Channel",
    "Problem",
    "Promotion",
    "Purpose",
    "Raw",
    "Retention",
    "Role",
    "Section",
    "FormDocument",
    "Text",
    "applicable",
    "clean",
    "find_slips",
    "exported",
    "purge_after",
    "raw_of",
    "register",
    "shown",
    "type_of",
]
