"""What both halves of the web stand on: pages, errors, the gate, limits, routes."""

from .errors import ERRORS, Step, Trouble, told, trouble_of
from .gate import FILES_LIMIT, CrossSite, Half, client_address
from .rate_limits import TooOften
from .rendering import Page
from .routes import Route

__all__ = [
    "ERRORS",
    "FILES_LIMIT",
    "CrossSite",
    "Half",
    "Page",
    "Route",
    "Step",
    "TooOften",
    "Trouble",
    "client_address",
    "told",
    "trouble_of",
]
