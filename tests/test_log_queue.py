"""The log of a serving process: whole while there is room, and it says what is not."""

import io
import json
import logging
import re
import threading
from datetime import datetime, timedelta
from select import PIPE_BUF

from forms_service.cli.log_queue import log_in_background

log = logging.getLogger("forms_service.web")


class Slow(io.StringIO):
    """A terminal that somebody has stopped."""

    def __init__(self):
        super().__init__()
        self.asked, self.go = threading.Event(), threading.Event()

    def write(self, text):
        self.asked.set()
        assert self.go.wait(60)
        return super().write(text)


def test_every_line_is_written_in_order_by_another_thread():
    stream = io.StringIO()
    with log_in_background(stream):
        for number in range(100):
            log.info("%s %s %d", "GET", "/moduli/<lang>", number)
    lines = stream.getvalue().splitlines()
    assert lines == [
        f"INFO forms_service.web GET /moduli/<lang> {number}" for number in range(100)
    ]
    log.info("after the end")
    assert "after" not in stream.getvalue()


def test_what_is_written_at_once_is_no_more_than_a_pipe_keeps_together():
    written = []

    class Pipe(io.StringIO):
        def write(self, text):
            written.append(text.encode())
            return super().write(text)

    with log_in_background(Pipe()):
        for number in range(1000):
            log.info("ж" * (number % 100))
        log.info("x" * 2 * PIPE_BUF)
    *whole, long = written
    assert sum(piece.count(b"\n") for piece in whole) == 1000
    assert all(piece.endswith(b"\n") and len(piece) <= PIPE_BUF for piece in whole)
    # A line is never parted, however long it is.
    assert long.count(b"\n") == 1
    assert len(long) > PIPE_BUF


def test_each_line_can_be_written_as_json():
    stream = io.StringIO()
    with log_in_background(stream, as_json=True):
        log.warning("%s: “%s”\nand more", "x", "y")
        log.info("second")
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert datetime.fromisoformat(first.pop("time")).utcoffset() == timedelta(0)
    assert first == {
        "level": "WARNING",
        "logger": "forms_service.web",
        "message": "x: “y”\nand more",
    }
    assert second["message"] == "second"


def test_a_request_never_waits_for_the_log_and_what_is_missing_is_counted():
    stream = Slow()
    with log_in_background(stream, size=10) as lines:
        for number in range(50):
            log.info("line %d", number)
        # As many again may be in the hands of the thread that writes.
        assert 30 <= lines.dropped <= 40
        log.error("a fault")
        stream.go.set()
    written = stream.getvalue().splitlines()
    # The count may have been read while lines were still dropped: several notes.
    notes = [re.match(r"WARNING log (\d+) lines? of the log", line) for line in written]
    assert sum(int(note[1]) for note in notes if note) == lines.dropped
    kept = [line for line in written if line.startswith("INFO")]
    assert len(kept) == 50 - lines.dropped
    assert written[-1] == "ERROR forms_service.web a fault"


def test_what_comes_while_others_are_written_at_the_end_is_written():
    stream = Slow()
    with log_in_background(stream):
        log.info("first")
        assert stream.asked.wait(60)
        log.info("last")
        threading.Timer(0.2, stream.go.set).start()
    written = stream.getvalue().splitlines()
    assert [line.rpartition(" ")[2] for line in written] == ["first", "last"]


def test_a_line_with_a_fault_in_it_takes_no_other_along():
    stream = io.StringIO()
    with log_in_background(stream) as lines:
        wrong = {"name": "library", "msg": "%d of them", "args": ("none",)}
        lines.handle(logging.makeLogRecord(wrong))
        log.info("after it")
    assert stream.getvalue().splitlines() == [
        "ERROR log library: TypeError",
        "INFO forms_service.web after it",
    ]


def test_a_stream_that_nobody_reads_ends_nothing():
    stream = io.StringIO()
    stream.close()
    with log_in_background(stream) as lines:
        log.info("to nobody")
    assert lines.dropped == 1
