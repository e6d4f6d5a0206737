"""Which process holds a lease, and whether it still runs."""

from __future__ import annotations

import hashlib
import os
import socket
import sys
from functools import cache
from pathlib import Path

import msgspec

_DEAD = -1
"""The beginning of a process that has ended, though its parent has not asked how."""


class Owner(msgspec.Struct, frozen=True, array_like=True):
    """A process: a name of its machine, its number there, and when it began (0: not known).

    The machine's name is a hash. Processes share it only when each can see the other's number, so
    containers with process numbers of their own have names of their own.
    """

    machine: str
    pid: int
    began: int


def this_process() -> Owner:
    """The owner of what this process begins; right in a forked process too."""
    pid = os.getpid()
    return Owner(_machine(), pid, _began(pid))


def is_gone(owner: Owner) -> bool:
    """Whether the process has surely ended; False for what cannot be told from here."""
    # On Windows os.kill would end the process instead of asking for it.
    if owner.machine != _machine() or os.name == "nt":
        return False
    try:
        os.kill(owner.pid, 0)
    except ProcessLookupError:
        return True
    except OSError:
        return False
    began = _began(owner.pid)
    return began == _DEAD or (0 not in (began, owner.began) and began != owner.began)


def _began(pid: int) -> int:
    """When a process began, in ticks since the boot (Linux); 0 where that is not known."""
    if sys.platform != "linux":
        return 0
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        fields = stat[stat.rindex(")") + 2 :].split()  # the name before may hold anything
        return _DEAD if fields[0] in "ZX" else int(fields[19])
    except (OSError, ValueError, IndexError):
        return 0


@cache
def _machine() -> str:
    name = socket.gethostname()
    if sys.platform == "linux":
        try:
            boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
            name = f"{boot} {Path('/proc/self/ns/pid').readlink()}"
        except OSError:
            pass
    return hashlib.sha256(name.encode()).hexdigest()[:16]
