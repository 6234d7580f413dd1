"""Where a child process begins that opens a stranger's file: it gives up its rights.

    python -I -B confined.py reader.py  <order and file  >answer

It stands alone as the scripts do that it becomes: no module of the project, no parser
is loaded before the limits hold, and none of them can be taken back.
"""

import resource
import runpy
import sys

# Bytes of memory, seconds of computing; no file, no core dump, no other process.
LIMITS = {
    resource.RLIMIT_AS: 600 << 20,
    resource.RLIMIT_CPU: 3,
    resource.RLIMIT_FSIZE: 0,
    resource.RLIMIT_CORE: 0,
    resource.RLIMIT_NOFILE: 16,
    resource.RLIMIT_NPROC: 0,
}


def confine() -> None:
    """Give up what no child needs, for good; a narrower limit of the machine stays."""
    for kind, most in LIMITS.items():
        hard = resource.getrlimit(kind)[1]
        allowed = most if hard == resource.RLIM_INFINITY else min(most, hard)
        resource.setrlimit(kind, (allowed, allowed))


if __name__ == "__main__":
    confine()
    runpy.run_path(sys.argv[1], run_name="__main__")
