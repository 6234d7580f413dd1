"""Answers that are the same for everybody, kept for the second they were made in.

Any cache on the way may keep a `public` answer for its max-age (RFC 9111). This one,
before Flask, keeps it for a second, which is what nginx calls microcaching: form
pages, static files and pages of the site are made once a second, however many ask.
"""

import logging
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import perf_counter, time
from typing import Any

from flask import Response, request
from werkzeug.http import parse_etags, remove_entity_headers

from ...caches import Cache
from ...clock import Clock

# Every answer counted and logged by the pattern of its address, never the address.
log = logging.getLogger("forms_service.web")
LINE = "%s %s %d %.0f ms"
# What `log.info` would look for in each line: no format of ours names file or thread.
_LINE = vars(log.makeRecord(log.name, logging.INFO, "", 0, LINE, (), None))


class AccessLog:
    """Lines of the log, and how often each pattern was answered with each status."""

    def __init__(self) -> None:
        self.answered: Counter[tuple[str, int]] = Counter()

    def write(self, method: str, pattern: str, code: int, begun: float) -> None:
        """Log an answer that is about to be sent."""
        self.answered[pattern, code] += 1
        if log.isEnabledFor(logging.INFO):
            taken = (perf_counter() - begun) * 1000
            values, now = (method, pattern, code, taken), time()
            line = logging.LogRecord.__new__(logging.LogRecord)
            vars(line).update(_LINE, args=values, created=now, msecs=now % 1 * 1000)
            log.handle(line)


def url_pattern() -> str:
    """Return the pattern of the address that was asked for, never the address."""
    rule = request.url_rule
    return rule.rule if rule else "(no route)"


Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]
Headers = list[tuple[str, str]]
_Key = tuple[str, str]

# A larger body is read from the disk each time.
LARGEST = 64 * 1024
# The version that is asked for, and no other: rare, so never answered from memory.
_IF_MATCH = "forms.if_match"
# What a browser may ask otherwise of the same address; Flask reads it.
_ASKS_OTHERWISE = ("HTTP_RANGE", "HTTP_IF_MODIFIED_SINCE")


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer, and the one to who has it already; `pattern` is for the log."""

    second: int
    pattern: str
    tag: str
    headers: Headers
    headers_unchanged: Headers
    body: bytes


class Microcache:
    """WSGI in front of an application: what this second has brought is sent again."""

    def __init__(self, app: Application, clock: Clock, log: AccessLog) -> None:
        self._app, self._clock, self._log = app, clock, log
        self.kept: Cache[Kept] = Cache("public answers")

    def __call__(
        self, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        """Answer from memory, or let the application answer."""
        begun = environ["forms.begun"] = perf_counter()
        if "HTTP_IF_MATCH" in environ:
            # werkzeug takes "*" for a tag, and forgets If-None-Match beside it.
            environ[_IF_MATCH] = environ.pop("HTTP_IF_MATCH")
        kept = self._find(environ)
        if kept is None:
            return self._app(environ, start_response)
        tag = environ.get("HTTP_IF_NONE_MATCH")
        # Headers that are handed over may be changed by whom they are given to.
        if not tag and not any(name in environ for name in _ASKS_OTHERWISE):
            start_response("200 OK", [*kept.headers])
            self._log.write("GET", kept.pattern, 200, begun)
            return [kept.body]
        if tag and tag == kept.tag:
            start_response("304 NOT MODIFIED", [*kept.headers_unchanged])
            self._log.write("GET", kept.pattern, 304, begun)
            return []
        return self._app(environ, start_response)

    def finish(self, response: Response) -> Response:
        """Log the answer to a request, and keep one that anybody may have; after it."""
        environ, pattern = request.environ, url_pattern()
        method = environ["REQUEST_METHOD"]
        if _IF_MATCH in environ:
            _require_match(environ[_IF_MATCH], method, response)
        code = response.status_code
        self._log.write(method, pattern, code, environ["forms.begun"])
        if code == 200 and (key := _key(environ)) and _for_all(response):
            self._keep(key, pattern, response, environ)
        return response

    def _keep(
        self, key: _Key, pattern: str, response: Response, environ: Environ
    ) -> None:
        headers = response.get_wsgi_headers(environ).to_wsgi_list()
        unchanged = list(headers)
        remove_entity_headers(unchanged)
        tag = response.headers.get("ETag", "")
        answer = (headers, unchanged, response.get_data())
        self.kept.put(key, Kept(self._second(), pattern, tag, *answer))

    def _find(self, environ: Environ) -> Kept | None:
        key = _key(environ)
        kept = self.kept.find(key) if key else None
        return kept if kept and kept.second == self._second() else None

    def _second(self) -> int:
        return int(self._clock().timestamp())


def _require_match(if_match: str, method: str, response: Response) -> None:
    """Refuse with 412 who asked for another version (RFC 9110, 13.1.1)."""
    tag, weak = response.get_etag()
    answers = method in ("GET", "HEAD") and response.status_code < 400
    if tag is None or not answers:
        return
    tags = parse_etags(if_match)
    if tags.star_tag or (tags.is_strong(tag) and not weak):
        return
    response.status_code = 412
    response.set_data(b"")
    remove_entity_headers(response.headers)
    # Caches know an answer by its address, whatever was asked of it.
    response.headers["Cache-Control"] = "no-store"


def _for_all(response: Response) -> bool:
    """Say whether anybody may have it, and whether there is room for it."""
    return "public" in response.headers.get("Cache-Control", "") and (
        (response.calculate_content_length() or 0) <= LARGEST
    )


def _key(environ: Environ) -> _Key | None:
    """Return what tells an answer from others; None for what is never kept."""
    plain = not (environ.get("QUERY_STRING") or _IF_MATCH in environ)
    if environ["REQUEST_METHOD"] != "GET" or not plain:
        return None
    return environ["PATH_INFO"], environ.get("HTTP_ACCEPT_ENCODING", "")
