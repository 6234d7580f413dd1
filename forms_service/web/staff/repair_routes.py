"""Where staff mend a request, reach who sent it, and serve them with their data."""

from collections.abc import Sequence

from flask_wtf.csrf import CSRFError

from ... import urls
from ...workflow.rights import Right
from ...workflow.transitions import NotAllowed, RevisionConflict
from ..core import Route
from ..core.access import ANSWERS, post
from . import own_data, person, repair, submission
from .guard import words_kept

ONE = urls.staff("richiesta/<submission_id>")
BOTH = ("GET", "POST")
AGAIN = (RevisionConflict, NotAllowed, CSRFError)


def repair_routes() -> Sequence[Route]:
    """Return where what is wrong is mended, and nothing decided."""
    return (
        Route(
            f"{ONE}/correggi",
            "repair",
            repair.repair_page,
            BOTH,
            words_kept(repair.repair_again),
            AGAIN,
            ANSWERS,
            right=Right.DECIDE,
        ),
        Route(
            f"{ONE}/indirizzo",
            "mend_address",
            person.address_page,
            BOTH,
            words_kept(person.address_again),
            AGAIN,
            ("email",),
            right=Right.DECIDE,
        ),
        post(
            f"{ONE}/persona",
            "reach",
            person.reach,
            words_kept(submission.shown_again),
            AGAIN,
            right=Right.DECIDE,
        ),
        Route(
            f"{ONE}/copia",
            "copy",
            own_data.copy_page,
            BOTH,
            words_kept(own_data.copy_again),
            (CSRFError,),
            right=Right.EXPORT,
        ),
        Route(
            f"{ONE}/cancella",
            "erase_request",
            own_data.erase_page,
            BOTH,
            words_kept(own_data.erase_again),
            (CSRFError,),
            right=Right.DECIDE,
        ),
    )
