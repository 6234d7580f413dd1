"""What both halves of the web stand on: pages, errors, the gate, limits, routes."""

from .error_pages import ErrorPage, describe
from .gate import FILES_LIMIT, CrossSite, Half, client_address
from .rate_limits import TooOften
from .rendering import Page
from .routes import Route

__all__ = [
    "FILES_LIMIT",
    "CrossSite",
    "ErrorPage",
    "Half",
    "Page",
    "Route",
    "TooOften",
    "client_address",
    "describe",
]
