"""What both areas of the web stand on: pages, errors, access, limits, routes."""

from .access import FILES_LIMIT, Area, CrossSite, Route, TooOften, client_address
from .context import WebContext
from .error_page import ErrorPage
from .error_sentences import describe

__all__ = [
    "FILES_LIMIT",
    "CrossSite",
    "ErrorPage",
    "Area",
    "WebContext",
    "Route",
    "TooOften",
    "client_address",
    "describe",
]
