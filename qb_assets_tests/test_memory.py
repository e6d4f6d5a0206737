"""Memory that was freed goes back to the system when it is asked to."""

import platform
from pathlib import Path

import pytest

from qb_assets.memory import give_back

MB = 1024**2


def resident() -> int:
    """Bytes of this process in memory (proc(5), statm), in pages of 4 KB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="malloc_trim is glibc's")
def test_what_lies_free_below_something_used_is_given_back() -> None:
    give_back()
    payloads = [b"x" * size for size in range(1000, 5000) for _ in range(5)]
    last = payloads[-1]  # what lies above it glibc would give back by itself
    payloads.clear()
    before = resident()
    give_back()
    assert before - resident() > 40 * MB
    assert len(last) == 4999
