"""Signing in, access before every page, the session in the browser."""

import re

import pytest

from clerk import CARLA, PASSWORD, Clerk, join, log, send
from forms_service import urls
from forms_service.store import staff
from forms_service.store.staff_rights import EVERYTHING
from forms_service.workflow import accounts
from service import VisitedPage

OPEN = {"staff.sign_in", "staff.setup", "staff.forgotten", "staff.step"}


def routes(service, method):
    """Return endpoint and address of every route that takes a method."""
    values = {
        "submission_id": "x",
        "verb": "accept",
        "form_id": "volontari",
        "token": "t",
    }
    values |= {"scan_id": "s", "number": 0}
    found = []
    with service.app.test_request_context():
        adapter = service.app.url_map.bind("localhost")
        for rule in service.app.url_map.iter_rules():
            if method in rule.methods and rule.rule.startswith(urls.STAFF):
                needed = {name: values.get(name, 1) for name in rule.arguments}
                path = adapter.build(rule.endpoint, needed, method=method)
                found.append((rule.endpoint, path))
    return found


def cookie_of(answer: VisitedPage) -> str:
    """Return the session cookie that an answer sets."""
    cookies = answer.headers.getlist("Set-Cookie")
    (cookie,) = [c for c in cookies if not re.match(r"(__Host-)?browser=", c)]
    return cookie


def test_every_page_leads_an_anonymous_visitor_to_the_sign_in(service):
    closed = [r for r in routes(service, "GET") if r[0] not in OPEN]
    assert len(closed) > 5
    for _, path in closed:
        answer = service.get(path)
        assert (answer.status, answer.location[:13]) == (303, "/staff/accedi"), path


def test_every_post_of_an_anonymous_visitor_is_refused_and_changes_nothing(service):
    send(service)
    before = service.rows()
    closed = [r for r in routes(service, "POST") if r[0] not in OPEN]
    assert len(closed) > 5
    for _, path in closed:
        assert service.post(path).status == 401, path
    assert service.rows() == before


def test_every_post_without_a_token_is_400_and_changes_nothing(service, clerk):
    # Where a table of the register is refused, its page is shown: a look that is kept.
    apart = ("staff.enter", "staff.register_table")
    posts = [r for r in routes(service, "POST") if r[0] not in apart]
    before = service.rows()
    assert {endpoint for endpoint, _ in posts} > {"staff.sign_in", "staff.decision"}
    for _, path in posts:
        # Of a form without meetings none is found, whatever the token.
        refused = 404 if "/volontari/1" in path else 400
        assert clerk.post(path).status == refused, path
        assert clerk.post(path, {"csrf_token": "guessed"}).status == refused, path
    assert service.rows() == before


def test_a_token_of_another_session_is_refused(service, clerk, new_clerk):
    token = clerk.get("/staff/profilo").controls()["csrf_token"][0]
    dario = new_clerk("dario@example.org")
    dario.sign_in()
    answer = dario.post("/staff/profilo/posta", {"csrf_token": token})
    assert answer.status == 400


def test_a_post_from_another_site_is_refused_even_with_a_token(service, clerk):
    token = clerk.get("/staff/profilo").controls()["csrf_token"][0]
    answer = clerk.post(
        "/staff/esci", {"csrf_token": token}, headers={"Sec-Fetch-Site": "cross-site"}
    )
    assert answer.status == 403
    assert clerk.get("/staff/").status == 200


def test_a_new_address_of_the_staff_half_is_closed_until_it_is_named(start_service):
    service = start_service()
    service.app.add_url_rule("/staff/nuova", "staff.new", lambda: "secret")
    assert service.get("/staff/nuova").status == 303


def test_staff_pages_are_italian_private_and_have_a_title(clerk):
    page = clerk.get("/staff/")
    assert page.find("/html/@lang") == ["it"]
    assert page.title.startswith("Richieste")
    assert page.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Robots-Tag"] == "noindex"


def test_citizens_pages_set_no_cookie(service):
    for path in ("/moduli/it/volontari", "/moduli/stato.json", "/healthz"):
        assert "Set-Cookie" not in service.get(path).headers


def test_the_first_account_is_set_up_through_the_pages(service):
    token = accounts.first_invitation(service.context)
    browser = Clerk(service)
    page = browser.get(urls.staff_setup(token))

    wrong = browser.send(page, token, email="carla@", password="corta", again="corta")
    order = wrong.find("//div[@role='alert']//a/@href")
    assert order == ["#email", "#password"], "as they stand on the page"
    done = browser.send(page, token, email=CARLA, password=PASSWORD, again=PASSWORD)

    assert (done.status, done.location) == (303, "/staff/accedi")
    assert "Il tuo account è pronto" in browser.get("/staff/accedi").text
    assert browser.sign_in().location == "/staff/"
    assert browser.get(urls.staff_setup(token)).status == 410


def test_opening_a_set_up_link_changes_nothing(service):
    token = accounts.invite(service.context, CARLA, grant=EVERYTHING)
    before = service.rows()
    page = service.get(urls.staff_setup(token))
    assert CARLA in page.text
    assert service.client.head(urls.staff_setup(token)).status_code == 200
    assert service.rows() == before


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"password": "corta", "again": "corta"}, "Usa almeno 12 caratteri."),
        ({"password": PASSWORD, "again": "altra"}, "Scrivi due volte"),
        ({"email": "carla@", "password": PASSWORD, "again": PASSWORD}, "nome@esempio"),
    ],
)
def test_what_is_wrong_at_set_up_is_said_and_the_link_stays(service, typed, said):
    token = accounts.first_invitation(service.context)
    browser = Clerk(service)
    page = browser.get(urls.staff_setup(token))

    again = browser.send(page, token, **{"email": CARLA, **typed})

    assert again.status == 422
    assert again.title.startswith("Errore:")
    assert said in again.text
    assert typed["password"] not in again.body.decode()
    done = browser.send(again, token, email=CARLA, password=PASSWORD, again=PASSWORD)
    assert done.status == 303


def test_a_damaged_set_up_link_is_a_page_with_a_next_step(service):
    page = service.get("/staff/benvenuto/damaged")
    assert page.status == 404
    assert page.find("//main//a[@class]")


def test_passwords_are_hidden_may_be_pasted_and_have_no_questions(service, clerk):
    boxes = {}
    pages = {
        service: ["accedi", "password-dimenticata"],
        clerk: ["profilo", "profilo/secondo-fattore"],
    }
    for who, paths in pages.items():
        for path in paths:
            page = who.get(f"/staff/{path}")
            assert page.find("//*[@onpaste or @oncopy]") == []
            for box in page.find("//main//input[not(@type='hidden')]"):
                if box.get("type") not in ("checkbox", "radio"):
                    boxes[path, box.get("name")] = (
                        box.get("type"),
                        box.get("autocomplete"),
                    )
    hidden = ("password", "current-password")
    new = ("password", "new-password")
    assert boxes == {
        ("accedi", "email"): ("email", "username"),
        ("accedi", "password"): hidden,
        ("password-dimenticata", "email"): ("email", "username"),
        ("profilo", "old"): hidden,
        ("profilo", "password"): new,
        ("profilo", "again"): new,
        ("profilo/secondo-fattore", "password"): hidden,
        ("profilo/secondo-fattore", "code"): ("text", "one-time-code"),
    }


def test_a_wrong_password_keeps_the_address_and_says_nothing_more(service, clerk):
    browser = Clerk(service)
    for email in (CARLA, "nobody@example.org"):
        browser.email = email
        page = browser.sign_in("not the password")
        assert page.status == 422
        assert page.controls()["email"] == [email]
        assert "Indirizzo o password non corretti." in page.text
        assert "not the password" not in page.body.decode()


def test_who_is_delayed_reads_429_and_a_known_browser_goes_on(service, clerk, clock):
    browser = Clerk(service)
    statuses = [browser.sign_in("wrong").status for _ in range(4)]
    assert statuses == [422] * 3 + [429]
    refused = browser.sign_in()
    assert (refused.status, "Aspetta un minuto" in refused.text) == (429, True)
    clerk.send(clerk.get("/staff/"), "/esci")
    assert clerk.sign_in().status == 303
    fresh = Clerk(service)
    assert fresh.sign_in().status == 303


@pytest.mark.slow
def test_one_network_may_not_try_for_ever(service, clerk):
    browser = Clerk(service)
    page = browser.get("/staff/accedi")
    tried = [
        browser.send(page, "/accedi", email=f"guess{n}@example.org", password="wrong")
        for n in range(60)
    ]
    # The first of sixty was the clerk's.
    assert [tried[58].status, tried[59].status] == [422, 429]
    assert int(tried[59].headers["Retry-After"]) > 0
    # Whoever has got hold of a session may not guess the password with it either.
    own = clerk.get("/staff/profilo")
    typed = {
        "old": "wrong",
        "password": f"{PASSWORD} nuove",
        "again": f"{PASSWORD} nuove",
    }
    assert clerk.send(own, "/profilo/password", **typed).status == 429


def test_after_signing_in_the_asked_page_opens(service, clerk):
    browser = Clerk(service)
    field = browser.get("/staff/inserisci/volontari?x=1")
    page = browser.get(field.location)
    done = browser.send(page, "/accedi", email=CARLA, password=PASSWORD)
    assert done.location == "/staff/inserisci/volontari?x=1"


@pytest.mark.parametrize(
    "onward",
    ["https://evil.example/staff/", "//evil.example/staff/", "/\\evil.example/staff/",
     "/moduli/it/volontari", "javascript:alert(1)", "/staff/\\\\evil", ""],
)  # fmt: skip
def test_signing_in_never_leads_out_of_the_staff_half(service, clerk, onward):
    browser = Clerk(service)
    assert browser.sign_in(next=onward).location == "/staff/"


def test_who_is_signed_in_already_goes_straight_on(clerk):
    assert clerk.get("/staff/accedi?next=/staff/profilo").location == "/staff/profilo"


def test_the_cookie_is_a_session_cookie_out_of_reach_of_scripts(service, clerk):
    browser = Clerk(service)
    cookie = cookie_of(browser.sign_in())
    assert cookie.startswith("staff=")
    for part in ("HttpOnly", "SameSite=Lax", "Path=/staff"):
        assert part in cookie
    assert "Expires" not in cookie
    assert "Max-Age" not in cookie


def test_over_https_the_cookie_is_secure_and_of_this_host_alone(start_service):
    service = start_service(base_url="https://forms.example.org")
    join(service.context)
    there = {"base_url": "https://forms.example.org"}
    page = service.get("/staff/accedi", **there)
    values = {**page.controls(), "email": CARLA, "password": PASSWORD}
    origin = {"Referer": "https://forms.example.org/staff/accedi"}

    answer = service.post("/staff/accedi", values, headers=origin, **there)

    cookie = cookie_of(answer)
    assert cookie.startswith("__Host-staff=")
    assert "Secure" in cookie
    assert "Path=/;" in f"{cookie};"
    assert "Domain" not in cookie
    assert service.get("/staff/", **there).status == 200


def test_a_second_cookie_knows_the_browser_again_for_half_a_year(service, clerk):
    cookies = Clerk(service).sign_in().headers.getlist("Set-Cookie")
    (cookie,) = [found for found in cookies if found.startswith("browser=")]
    for part in ("HttpOnly", "SameSite=Lax", "Path=/staff", "Max-Age=15552000"):
        assert part in cookie
    opened = Clerk(service)
    opened.client.set_cookie("browser", cookie.split(";")[0][8:], path="/staff")
    assert opened.get("/staff/").status == 303, "it opens nothing"


def test_signing_in_changes_what_is_in_the_cookie(service, clerk):
    browser = Clerk(service)
    browser.get("/staff/accedi")
    before = browser.client.get_cookie("staff", path="/staff").value
    browser.sign_in()
    assert browser.client.get_cookie("staff", path="/staff").value != before


def test_signing_out_is_a_post_and_ends_the_session(service, clerk):
    stolen = clerk.client.get_cookie("staff", path="/staff").value
    assert clerk.get("/staff/esci").status in (404, 405)
    assert clerk.get("/staff/").status == 200

    done = clerk.send(clerk.get("/staff/"), "/esci")

    assert "Uscita riuscita" in clerk.get(done.location).text
    assert "Uscita riuscita" not in clerk.get("/staff/accedi").text
    assert clerk.get("/staff/").status == 303
    other = Clerk(service)
    other.client.set_cookie("staff", stolen, path="/staff")
    assert other.get("/staff/").status == 303


def test_a_session_ends_after_thirty_idle_minutes(clerk, clock):
    clock.advance(minutes=29, seconds=59)
    assert clerk.get("/staff/").status == 200
    clock.advance(minutes=30)
    assert clerk.get("/staff/").status == 303


def test_a_session_ends_after_eight_hours(clerk, clock):
    for _ in range(19):
        clock.advance(minutes=25)
        assert clerk.get("/staff/").status == 200
    clock.advance(minutes=5)
    assert clerk.get("/staff/").status == 303


def test_a_post_after_the_session_says_how_to_lose_nothing(clerk, clock):
    page = clerk.get("/staff/inserisci/volontari")
    clock.advance(minutes=31)
    answer = clerk.send(page, "/volontari")
    assert answer.status == 401
    assert "un’altra scheda" in answer.text


def test_a_member_changes_the_password_and_other_browsers_are_out(service, clerk):
    other = Clerk(service)
    other.sign_in()
    new = "una frase del tutto nuova"
    page = clerk.get("/staff/profilo")

    done = clerk.send(page, "/password", old=PASSWORD, password=new, again=new)

    assert done.location == "/staff/profilo"
    assert clerk.get("/staff/").status == 200
    assert other.get("/staff/").status == 303
    assert other.sign_in().status == 422
    assert other.sign_in(new).status == 303


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"old": "wrong"}, "Questa non è la tua password attuale."),
        ({"password": "corta", "again": "corta"}, "Usa almeno 12 caratteri."),
        ({"again": "different"}, "Scrivi due volte la stessa password."),
    ],
)
def test_a_wrong_change_of_password_is_said_at_its_field(clerk, typed, said):
    values = {
        "old": PASSWORD,
        "password": "una frase del tutto nuova",
        "again": "una frase del tutto nuova",
    }
    page = clerk.send(clerk.get("/staff/profilo"), "/password", **{**values, **typed})
    assert page.status == 422
    assert said in page.text
    assert page.find("//input[@aria-invalid='true']")


def test_a_member_turns_the_hourly_mail_on_and_off(service, clerk):
    def wants():
        return service.context.store.read(lambda db: staff.get(db, 1)).wants_mail

    clerk.send(clerk.get("/staff/profilo"), "/posta")
    assert wants()
    clerk.send(clerk.get("/staff/profilo"), "/posta")
    assert not wants()


def test_a_member_turns_the_keys_off_and_on(service, clerk):
    def script(page):
        return page.find("//script[contains(@src, 'desk_keys.js')]")

    for on in (True, False, True):
        page = clerk.get("/staff/profilo")
        assert bool(script(page)) is on
        clerk.send(page, "/tasti")


def test_signing_out_everywhere_ends_all_sessions(service, clerk):
    other = Clerk(service)
    other.sign_in()
    clerk.send(clerk.get("/staff/profilo"), "/profilo/esci")
    assert clerk.get("/staff/").status == 303
    assert other.get("/staff/").status == 303


def test_the_log_knows_who_came_and_went_but_no_address(service, clerk):
    Clerk(service).sign_in("wrong")
    clerk.send(clerk.get("/staff/"), "/esci")
    verbs = [(actor, verb) for actor, verb, _ in log(service)]
    assert verbs[-3:] == [
        ("staff:1", "sign_in"),
        ("visitor", "sign_in_failed"),
        ("staff:1", "sign_out"),
    ]
    assert not any("@" in "".join(entry) for entry in log(service))
