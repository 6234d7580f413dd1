"""The content folder read: files as frozen objects, all their problems at once.

Nothing here knows HTML, SQL or mail.
"""

from .event import Event, Moment
from .folder import Content
from .loading import load_content
from .project import TODO, Project
from .reading import stored_form

__all__ = [
    "TODO",
    "Content",
    "Event",
    "Moment",
    "Project",
    "load_content",
    "stored_form",
]
