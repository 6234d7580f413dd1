"""What staff alone read when something about an account cannot be done."""

from collections.abc import Mapping

from ...i18n import N_
from ...workflow.accounts import LastAdministrator
from ...workflow.rights import NotPermitted
from ...workflow.signing_in import CodeTooLate
from .error_page import ErrorPage

STAFF_ERRORS: Mapping[type[Exception], ErrorPage] = {
    NotPermitted: ErrorPage(
        403,
        N_("Your account does not go so far"),
        N_("Ask an administrator of the service, who can change it."),
    ),
    CodeTooLate: ErrorPage(
        403,
        N_("The code comes too late"),
        N_("Sign in with your password again: after it there are ten minutes."),
    ),
    LastAdministrator: ErrorPage(
        409,
        N_("One administrator has to stay"),
        N_("Make somebody else an administrator first: nobody could do it afterwards."),
    ),
}
