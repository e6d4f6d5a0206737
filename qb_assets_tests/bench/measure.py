"""What a child process uses: processor seconds, wall seconds, peak memory."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Usage:
    """What a process and the children it waited for used.

    `cpu` is user and system time of all of them in seconds. `peak` is the largest resident set of
    any one of them, in MB of 1,000,000 bytes.
    """

    cpu: float
    wall: float
    peak: float


class ChildFailed(RuntimeError):
    """A measured process did not end well; it says why on its standard error."""


def measured(
    words: Sequence[str], environment: Mapping[str, str], told: Mapping[str, str] | None = None
) -> Usage:
    """Run a program to its end; `told` is given to it as JSON on its standard input.

    Raises ChildFailed where it ends with another code than 0.
    """
    started = time.monotonic()
    child = subprocess.Popen(
        words, env=dict(environment), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    )
    if child.stdin is not None:
        child.stdin.write(json.dumps(told or {}).encode())
        child.stdin.close()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise ChildFailed(f"{' '.join(words[1:])} ended with {child.returncode}")
    unit = 1 if sys.platform == "darwin" else 1024
    wall = time.monotonic() - started
    return Usage(used.ru_utime + used.ru_stime, wall, used.ru_maxrss * unit / 1e6)


def usual(times: int, run: Callable[[], Usage]) -> Usage:
    """The run with the middle processor time of so many."""
    return sorted((run() for _ in range(times)), key=lambda used: used.cpu)[times // 2]
