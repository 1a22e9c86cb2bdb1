"""Runs a part of the tool in a process of its own, with the time and memory it may use.

What exceeds them is ended by the system: the test then sees a signal, not a slow answer.
"""

from __future__ import annotations

import os
import pickle
import resource
import signal
from collections.abc import Callable
from typing import TypeVar

#: Seconds of a processor. A file has two for its evaluation, and some for its parsing.
SECONDS = 30
#: Bytes beyond what this process has mapped already.
MEMORY = 1 << 30

Answer = TypeVar("Answer")


def confined(work: Callable[[], Answer], *, memory: int = MEMORY, seconds: int = SECONDS) -> Answer:
    """Return what ``work`` returns, from a process that is killed if it takes too much."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        status = 1
        try:
            os.close(read)
            with open("/proc/self/statm", encoding="ascii") as statistics:
                mapped = int(statistics.read().split()[0]) * resource.getpagesize()
            resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
            resource.setrlimit(resource.RLIMIT_AS, (mapped + memory, mapped + memory))
            resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
            signal.signal(signal.SIGXCPU, signal.SIG_DFL)
            answer = pickle.dumps(work())
            with open(write, "wb") as pipe:
                pipe.write(answer)
            status = 0
        finally:
            os._exit(status)
    os.close(write)
    with open(read, "rb") as pipe:
        answer = pipe.read()
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status == 0, f"ended with {signal.Signals(-status).name if status < 0 else status}"
    result: Answer = pickle.loads(answer)
    return result
