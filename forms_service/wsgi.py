"""The service as a WSGI application and as a server; the only reader of settings here.

`app` is for any WSGI server and is built at its first request; `server` is what
`forms-service serve` runs.
"""

import logging
import os
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager
from copy import copy
from functools import partial
from socket import (
    AF_INET6,
    IPPROTO_IPV6,
    IPV6_V6ONLY,
    SO_REUSEADDR,
    SO_REUSEPORT,
    SOCK_STREAM,
    SOL_SOCKET,
    socket,
)
from threading import Lock
from typing import Any

from flask import Flask
from waitress.adjustments import Adjustments
from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser
from waitress.server import create_server
from waitress.task import WSGITask
from werkzeug.exceptions import HTTPException
from werkzeug.routing import MapAdapter

from .clock import Clock, system_clock
from .config import Config
from .content import load_content
from .content.page_reading import load_pages
from .content.pages import Pages
from .request_threads import RequestThreads
from .siblings import ALONE, Siblings
from .store.connection import StorageUnavailable
from .store.data_folder import DataFolder
from .store.database import Store
from .tokens import Tokens
from .web.app import create_app
from .web.core import FILES_LIMIT
from .workflow import erasing, publishing, second_factor, timekeeping
from .workflow.context import WorkflowContext, context_of

# A batch of the writer is no larger than the threads that wait for it.
THREADS = 64
CONNECTIONS = 2000
# Who knocks before the service is ready waits for it.
BACKLOG = 1024
# A larger body for an address that takes none is not read; for a smaller one the page
# about the error is told.
UNWANTED = 64 * 1024
# A file that is too large is read, to be refused in words; beyond this it is not.
MOST_BYTES = 2 * FILES_LIMIT
log = logging.getLogger(__name__)
_building = Lock()
_built: list[tuple[Flask, WorkflowContext]] = []


def build(
    config: Config,
    clock: Clock = system_clock,
    pages: Pages | None = None,
    siblings: Siblings = ALONE,
) -> tuple[Flask, WorkflowContext]:
    """Open the data, compare today's forms with it and return app and verbs.

    The schema is up to date already: `serve` migrates under its lock. Content and pages
    that are not given are read from their folder. Raise `ContentError` if it cannot be
    published.
    """
    pages = pages or load_pages(load_content(config.content_dir))
    store = Store(config.database, may_lead=siblings.first)
    try:
        return _built_on(store, config, clock, pages, siblings)
    except BaseException:
        # `app` builds again at the next request.
        store.close()
        raise


def _built_on(
    store: Store, config: Config, clock: Clock, pages: Pages, siblings: Siblings
) -> tuple[Flask, WorkflowContext]:
    tokens = Tokens(config.secret_keys)
    folder = DataFolder(config.data_dir, config.log_keys)
    context = context_of(config.production, store, pages.content, tokens, folder, clock)
    with _without_room():
        # Of many processes, one will lead and keep the time.
        leads = store.leading and not config.database_url
        timekeeping.tick(context, leads)
    if siblings.first:
        # Not without room: what was erased is never served again.
        erasing.erase_again(context)
        with _without_room():
            publishing.start(context, publish=config.production)
            second_factor.seal_again(context)
    return create_app(context, config, pages, siblings=siblings), context


@contextmanager
def _without_room() -> Iterator[None]:
    """Begin on a full disk too: who reads is served, who sends is told to wait.

    The clock is kept a minute later, and a version is published by its first answer.
    """
    try:
        yield
    except StorageUnavailable as error:
        log.warning("begun without a write, restart when there is room: %s", error)


def doors(config: Config, processes: int = 1) -> list[list[socket]]:
    """Return bound sockets for `server`, for each process its own.

    The kernel shares out those who knock, so that each process has as many: who had to
    be quicker would have them all. Raise `OSError` where somebody listens already.
    """
    host, port = config.listen
    first = [_bound(*where) for where in Adjustments(host=host, port=port).listen]
    if processes > 1:
        # Two services could share a door that was opened to others from the beginning.
        where = [(s.family, SOCK_STREAM, s.proto, s.getsockname()) for s in first]
        for opened in first:
            opened.close()
        first = [_bound(*each, shared=True) for each in where]
    for opened in first:
        opened.listen(BACKLOG)
    others = [
        [
            _bound(s.family, SOCK_STREAM, s.proto, s.getsockname(), shared=True)
            for s in first
        ]
        for _ in range(1, processes)
    ]
    return [first, *others]


def _bound(
    family: int, kind: int, protocol: int, where: Any, shared: bool = False
) -> socket:
    opened = socket(family, kind, protocol)
    opened.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1)
    if shared:
        opened.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1)
    if family == AF_INET6:
        opened.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 1)
    opened.setblocking(False)
    try:
        opened.bind(where)
    except OSError:
        opened.close()
        raise
    return opened


def server(app: Flask, door: list[socket]) -> Any:
    """Return a waitress server that listens; `run()` serves, `close()` ends it.

    Bodies are read before a thread is taken, so slow senders keep nobody waiting.
    """
    logging.getLogger("waitress").addFilter(_without_address)
    sockets: dict[int, Any] = {}
    made = create_server(
        app,
        map=sockets,
        sockets=door,
        _dispatcher=RequestThreads(THREADS),
        connection_limit=CONNECTIONS,
        channel_timeout=20,
        asyncore_use_poll=True,
        max_request_body_size=MOST_BYTES,
        # Who reads a long table slowly gets it slowly: it piles up nowhere, and never
        # in a file on disk.
        outbuf_high_watermark=1 << 20,
        outbuf_overflow=2 << 20,
        # The app itself believes only the proxies that the settings name.
        clear_untrusted_proxy_headers=False,
        ident=None,
    )
    taking = partial(_takes_body, app.url_map.bind(""))

    class RefusingChannel(AnsweringChannel):
        parser_class = staticmethod(partial(EarlyRefusal, taking))

    for listener in list(sockets.values()):
        listener.channel_class = RefusingChannel
        listener.handle_accept = partial(_accept_all, listener.handle_accept, sockets)
    return made


class WholeAnswer(WSGITask):  # type: ignore[misc]
    """An answer whose head and body are sent in one go where both are there."""

    wrote_header = False

    def write(self, data: bytes) -> None:
        """Send a part, with the first one the head."""
        whole = data and self.has_body and self.content_length == len(data)
        if self.wrote_header or not whole:
            super().write(data)
            return
        self.wrote_header = True
        self.channel.write_soon(self.build_response_header() + data)
        self.content_bytes_written += len(data)


class AnsweringChannel(HTTPChannel):  # type: ignore[misc]
    """A connection whose answer is sent by the thread that makes it."""

    task_class = WholeAnswer

    def writable(self) -> bool:
        """Take part in sending only what that thread leaves, or waits for.

        While it sends it holds the lock of the buffer. A loop that asks again and again
        for the lock never lets it have the interpreter, and everybody waits.
        """
        left = self.total_outbufs_len
        if self.requests and left <= self.adj.outbuf_high_watermark:
            left = 0
        return bool(left or self.will_close or self.close_when_flushed)


class EarlyRefusal(HTTPRequestParser):  # type: ignore[misc]
    """Read the head of a request; refuse there a body that no address takes."""

    adj: Any

    def __init__(self, taking: Callable[[str, str], bool], adjustments: Any) -> None:
        super().__init__(adjustments)
        self._taking = taking

    def parse_header(self, header_plus: bytes) -> None:
        """Lower the limit, which the base class applies to what is still to come."""
        super().parse_header(header_plus)
        large = self.chunked or self.content_length >= UNWANTED
        if large and not self._taking(self.command, self.path):
            self.adj = copy(self.adj)
            self.adj.max_request_body_size = UNWANTED
            # "Go on" would be the wrong answer.
            self.expect_continue = False


def _takes_body(addresses: MapAdapter, method: str, path: str) -> bool:
    try:
        addresses.match(path.encode("latin-1").decode("utf-8", "replace"), method)
    except HTTPException:
        return False
    return method == "POST"


def _accept_all(accept_one: Callable[[], None], sockets: Sized) -> None:
    """Take all connections that wait, while there is room for them.

    waitress takes one, then answers all who are here already: in a crowd the last to
    come would wait for a hundred such rounds.
    """
    before = -1
    while before < len(sockets) < CONNECTIONS:
        before = len(sockets)
        accept_one()


def _without_address(record: logging.LogRecord) -> bool:
    """Cut the path from waitress's messages: it may hold a link's token."""
    record.msg = str(record.msg).partition(" serving ")[0]
    return True


def app(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """Answer one request, building the application at the first."""
    with _building:
        if not _built:
            _built.append(build(Config.from_environment(os.environ)))
    return _built[0][0](environ, start_response)
