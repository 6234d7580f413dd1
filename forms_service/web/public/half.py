"""Every address of the citizens' half, in one table."""

from flask import Blueprint

from ... import addresses
from ..page import Half, Page, Route
from ..page.routes import register
from . import plain, site

ROUTES = (
    Route(addresses.STATIC_PATTERN, "static_file", plain.static_file),
    Route(addresses.STATE, "state", plain.state),
    Route(addresses.HEALTH, "health", plain.health),
    Route(addresses.METRICS, "metrics", plain.metrics),
    Route("/", "site_home", site.site_page),
    Route("/<path:path>", "site_page", site.site_page),
)


def public_half(page: Page) -> Half:
    """Return the half that is open to everybody."""
    blueprint = Blueprint("public", __name__)
    register(blueprint, page, ROUTES)
    return Half(blueprint, frozenset(f"public.{route.endpoint}" for route in ROUTES))
