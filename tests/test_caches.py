"""What the process keeps: by name, bounded, and nothing of anybody who came."""

import ast
import gc
import tracemalloc
from dataclasses import fields, is_dataclass

import pytest

from citizen import VOLUNTEER, Citizen
from conftest import ROOT
from forms_service import caches
from forms_service.caches import BOUNDS, Cache, remembered
from forms_service.i18n import Translator

MIB = 1 << 20
WARM = 60


def test_a_cache_holds_no_more_than_its_bound_and_forgets_the_longest_unused():
    cache = Cache("site policies")
    for number in range(4):
        assert cache.get(number, lambda n=number: n * n) == number * number
    cache.get(0, lambda: pytest.fail("it was there"))
    cache.get(4, lambda: 16)
    assert [key for key, _ in cache.entries()] == [2, 3, 0, 4]
    assert cache.bound == len(cache.entries()) == BOUNDS["site policies"]


def test_what_a_function_returned_is_remembered_by_its_arguments():
    asked = []

    @remembered("directions")
    def square(number, power=2):
        asked.append(number)
        return number**power

    assert [square(3), square(3), square(3, power=3)] == [9, 9, 27]
    assert asked == [3, 3]


def test_what_failed_is_not_remembered():
    cache = Cache("site policies")

    def fail():
        raise KeyError("planted")

    with pytest.raises(KeyError, match="planted"):
        cache.get("x", fail)
    assert cache.get("x", lambda: 1) == 1


def test_a_cache_that_is_not_in_the_table_cannot_be_made():
    with pytest.raises(KeyError):
        Cache("of my own")


def unlisted(source):
    """Return the lines of a module that keep what functions return by other means."""
    names = {"lru_cache", "cache"}
    return [
        node.lineno
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef)
        for mark in node.decorator_list
        if getattr(getattr(mark, "func", mark), "id", "") in names
    ]


def test_no_module_keeps_anything_past_the_table():
    modules = sorted((ROOT / "forms_service").rglob("*.py"))
    assert {str(m): found for m in modules if (found := unlisted(m.read_text()))} == {}
    assert unlisted("@lru_cache(maxsize=9)\ndef f(): ...\n@cache\ndef g(): ...") == [
        2,
        4,
    ]


def parts(thing):
    """Return what hangs on a value: the parts of a container, the fields of ours."""
    if isinstance(thing, dict):
        return [*thing.keys(), *thing.values()]
    if isinstance(thing, (list, tuple, set, frozenset)):
        return list(thing)
    if is_dataclass(thing) and not isinstance(thing, type):
        return [getattr(thing, part.name) for part in fields(thing)]
    own = type(thing).__module__.startswith("forms_service")
    return list(vars(thing).values()) if own else []


def said(thing, seen):
    """Yield every text that hangs on a key or a value of a cache."""
    if id(thing) in seen:
        return
    seen[id(thing)] = thing
    if isinstance(thing, (str, bytes)):
        yield thing if isinstance(thing, str) else thing.decode(errors="replace")
    for part in parts(thing):
        yield from said(part, seen)


def kept_of(secrets):
    """Return which caches hold one of these texts, in a key or a value."""
    texts = [
        (cache.name, text)
        for cache in caches.caches()
        for entry in cache.entries()
        for text in said(entry, {})
    ]
    assert any(name == "headers and footers" for name, _ in texts)
    return {(name, s) for name, text in texts for s in secrets if s in text}


def journey(service, number):
    """Send, look, prove, and come back; return what only this person may know."""
    service.client.environ_base["REMOTE_ADDR"] = f"10.{number // 250}.{number % 250}.9"
    typed = {
        "nome_completo": f"Canary{number}",
        "email": f"canary{number}@example.org",
        "competenze": f"Kanarienvogel{number}.",
    }
    if number % 10 == 0:
        wrong = (
            VOLUNTEER | typed | {"comune": "Atlantide", "email": typed["email"][:-4]}
        )
        for path in ("", "/riepilogo"):
            page = service.client.post(f"/moduli/ar/volontari{path}", data=wrong)
            assert typed["competenze"] in page.text
    citizen = Citizen(service, "volontari", VOLUNTEER | typed)
    assert citizen.page().status == 200
    link = citizen.take_mail().link
    assert service.get(link).status == 200
    assert service.post(f"{link}/conferma").status == 200
    personal = citizen.take_mail().link
    assert service.get(personal).status == 200
    links = (citizen.here, link, personal)
    return [*typed.values(), *(text.rpartition("/")[2] for text in links)]


def memory():
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def growth(service, number):
    """Return the memory kept for each journey beyond the first ones, and canaries."""
    secrets = [word for n in range(WARM) for word in journey(service, n)]
    tracemalloc.start()
    before = memory()
    secrets += [w for n in range(WARM, WARM + number) for w in journey(service, n)]
    after = memory()
    tracemalloc.stop()
    own = sum(map(len, secrets)) + 80 * len(secrets)
    return (after - before - own) / number, secrets


def held(service, number):
    each, secrets = growth(service, number)
    assert kept_of(secrets) == set()
    assert all(len(c.entries()) <= c.bound for c in caches.caches())
    return each * 1000 / MIB


@pytest.mark.no_cover
def test_journeys_leave_nothing_in_memory(service):
    assert held(service, 60) < 2


@pytest.mark.engine("sqlite")
@pytest.mark.slow
def test_three_thousand_journeys_leave_nothing_in_memory(start_service):
    # All in one second: turns of an hour are the matter of `test_pace`.
    assert held(start_service(hourly_limit=10**8), 3000 - WARM) < 2


def test_a_token_in_a_cache_would_be_found(service):
    words = Translator("it", service.context.zone)
    leaks = Cache("headers and footers")
    leaks.get(("it", "/r/planted-token"), lambda: (words, {"to": b"ann@example.org"}))
    found = kept_of(["planted-token", "ann@example.org", "never-planted"])
    assert {secret for _, secret in found} == {"planted-token", "ann@example.org"}
