"""Where staff sign in and out, and look after their account."""

from collections.abc import Sequence

from flask_wtf.csrf import CSRFError

from ... import urls
from ...workflow.rights import Right
from ..core import Route
from ..core.access import post
from . import audit, factor, people, sign_in
from .guard import words_kept

PROFILE = urls.staff("profilo")
PEOPLE = urls.staff("persone")
PERSON = f"{PEOPLE}/<int:staff_id>"
BOTH = ("GET", "POST")


def account_routes() -> Sequence[Route]:
    """Return where staff sign in."""
    return (
        Route(
            urls.staff("accedi"),
            "sign_in",
            sign_in.sign_in,
            BOTH,
            sign_in.sign_in_again,
            (CSRFError,),
            ("email",),
            right=Right.OPEN,
        ),
        Route(
            urls.STAFF_SETUP_PATTERN,
            "setup",
            sign_in.setup,
            BOTH,
            words_kept(sign_in.setup_again),
            (CSRFError,),
            ("email",),
            right=Right.OPEN,
        ),
        Route(
            urls.staff("password-dimenticata"),
            "forgotten",
            sign_in.forgotten,
            BOTH,
            sign_in.forgotten_again,
            (CSRFError,),
            ("email",),
            right=Right.OPEN,
        ),
        Route(
            urls.staff("accedi/codice"),
            "step",
            factor.step,
            BOTH,
            factor.step_again,
            (CSRFError,),
            right=Right.OPEN,
        ),
    )


def own_routes() -> Sequence[Route]:
    """Return where staff look after their own account."""
    return (
        Route(
            f"{PROFILE}/secondo-fattore",
            "factor",
            factor.set_up,
            BOTH,
            right=Right.ACCOUNT,
        ),
        post(urls.staff("esci"), "sign_out", sign_in.sign_out, right=Right.ACCOUNT),
        Route(PROFILE, "profile", sign_in.profile, right=Right.ACCOUNT),
        post(f"{PROFILE}/posta", "want_mail", sign_in.want_mail, right=Right.ACCOUNT),
        post(f"{PROFILE}/tasti", "want_keys", sign_in.want_keys, right=Right.ACCOUNT),
        post(
            f"{PROFILE}/password",
            "password",
            sign_in.change_password,
            right=Right.ACCOUNT,
        ),
        post(
            f"{PROFILE}/sessione",
            "end_session",
            sign_in.end_session,
            right=Right.ACCOUNT,
        ),
        post(
            f"{PROFILE}/esci",
            "sign_out_all",
            sign_in.sign_out_everywhere,
            right=Right.ACCOUNT,
        ),
    )


def people_routes() -> Sequence[Route]:
    """Return where administrators look after the accounts of others."""
    again = words_kept(people.person_again)
    errors = (CSRFError, *people.REFUSALS)
    return (
        Route(
            urls.staff("attivita"), "audit", audit.audit_page, right=Right.ADMINISTER
        ),
        Route(PEOPLE, "people", people.people_page, right=Right.ADMINISTER),
        post(
            PEOPLE,
            "invite",
            people.invite,
            words_kept(people.invite_again),
            (CSRFError,),
            ("email",),
            right=Right.ADMINISTER,
        ),
        Route(
            PERSON,
            "person",
            people.person_page,
            BOTH,
            again,
            errors,
            right=Right.ADMINISTER,
        ),
        *(
            post(f"{PERSON}/{path}", name, view, again, errors, right=Right.ADMINISTER)
            for path, name, view in (
                ("invito", "remind", people.remind),
                ("sessioni", "end_sessions", people.end_sessions),
                ("fattore", "reset_factor", people.reset_factor),
                ("togli", "remove", people.remove),
            )
        ),
    )
