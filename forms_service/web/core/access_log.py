"""Every answer counted and logged by the pattern of its address, never the address."""

import logging
from collections import Counter
from time import perf_counter

from flask import Response, request

log = logging.getLogger("forms_service.web")
LINE = "%s %s %d %.0f ms"


class AccessLog:
    """Lines of the log, and how often each pattern was answered with each status."""

    def __init__(self) -> None:
        self.answered: Counter[tuple[str, int]] = Counter()

    def write(self, method: str, pattern: str, code: int, begun: float) -> None:
        """Log an answer that is about to be sent."""
        self.answered[pattern, code] += 1
        if log.isEnabledFor(logging.INFO):
            taken = (perf_counter() - begun) * 1000
            values = (method, pattern, code, taken)
            # As `log.info` does, without asking for the file and line of this one.
            log.handle(
                log.makeRecord(log.name, logging.INFO, "", 0, LINE, values, None)
            )

    def answer(self, response: Response) -> Response:
        """Log the answer to this request; after it."""
        begun = request.environ["forms.begun"]
        self.write(request.method, url_pattern(), response.status_code, begun)
        return response


def url_pattern() -> str:
    """Return the pattern of the address that was asked for, never the address."""
    return request.url_rule.rule if request.url_rule else "(no route)"
