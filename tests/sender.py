"""A program to be killed: at each line of input a child that sends without end.

`sender.py DATABASE CONTENT`. A child prints a reference after its commit and never
before; the parent prints `child PID` when one begins and `dead` when it has ended.
"""

import os
import sys
import threading
import time
from itertools import count
from pathlib import Path

from forms_service.clock import system_clock
from forms_service.content import Content, load_content
from forms_service.store.data_folder import DataFolder
from forms_service.store.database import Store
from forms_service.tokens import Tokens
from forms_service.workflow import log_sealing, sending
from forms_service.workflow.context import WorkflowContext

FORM = "every-type"


def send_forever(work: WorkflowContext, name: str) -> None:
    form = work.content.form(FORM)
    for number in count():
        answers = {"nome": "Ánh", "email": f"{name}-{number}@example.org", "persone": 1}
        key = sending.read_form_key(work, sending.new_form_key(work, form))
        sent = sending.send(work, form, answers, key)
        os.write(1, f"{sent.submission.reference}\n".encode())


def seal_forever(work: WorkflowContext) -> None:
    while True:
        log_sealing.seal_log(work)
        time.sleep(0.005)


def child(path: Path | str, content: Content) -> None:
    work = WorkflowContext(
        Store(path), content, Tokens(["k" * 32]), system_clock,
        DataFolder(Path(sys.argv[2]).parent, ["k" * 32]),
    )  # fmt: skip
    name = f"p{os.getpid()}"
    other = threading.Thread(target=send_forever, args=[work, f"{name}b"], daemon=True)
    other.start()
    threading.Thread(target=seal_forever, args=[work], daemon=True).start()
    send_forever(work, name)


def main() -> None:
    path: Path | str = sys.argv[1] if "://" in sys.argv[1] else Path(sys.argv[1])
    content = load_content(Path(sys.argv[2]))
    for _ in sys.stdin:
        if (pid := os.fork()) == 0:
            child(path, content)
        os.write(1, f"child {pid}\n".encode())
        os.waitpid(pid, 0)
        os.write(1, b"dead\n")


if __name__ == "__main__":
    main()
