"""Where members of a register are looked for and contacted: see `routes`."""

from collections.abc import Sequence

from flask_wtf.csrf import CSRFError

from ... import urls
from ...workflow.renewing import RuleChanged
from ...workflow.rights import Right
from ...workflow.transitions import NotAllowed
from ..core import Route
from ..core.access import post
from . import contacting, register_page
from .guard import words_kept

REGISTER = urls.staff("iscritti/<form_id>")
ONE = urls.staff("richiesta/<submission_id>")
BOTH = ("GET", "POST")
AGAIN = (NotAllowed, CSRFError)


def member_routes() -> Sequence[Route]:
    """Return the register, and what is done with somebody in it."""
    return (
        Route(REGISTER, "register", register_page.register_page, right=Right.READ),
        post(
            f"{REGISTER}/tabella",
            "register_table",
            register_page.take_table,
            words_kept(register_page.register_again),
            (CSRFError,),
            right=Right.EXPORT,
        ),
        Route(
            f"{ONE}/contatto",
            "contact",
            contacting.contact_page,
            BOTH,
            words_kept(contacting.contact_again),
            AGAIN,
            ("motivo",),
            right=Right.DECIDE,
        ),
        post(
            f"{ONE}/resta",
            "confirm_stay",
            contacting.confirm_stay,
            words_kept(contacting.contact_again),
            (*AGAIN, RuleChanged),
            right=Right.DECIDE,
        ),
    )
