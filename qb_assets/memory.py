"""Memory that the libraries of this process keep for later, given back to the system."""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

import pyarrow as pa


def give_back() -> None:
    """Gives back what Arrow and the C library hold and do not use, after a step is done.

    Each has an allocator of its own, as polars and DuckDB have, and none can use what another one
    keeps. A fetch leaves about 50 MB of the C library's, which frees by itself no more than the
    end of what it has. It takes a few milliseconds; without glibc only Arrow's is given back.
    """
    pa.default_memory_pool().release_unused()
    libc = _libc()
    if libc is not None:
        libc.malloc_trim(0)


@cache
def _libc() -> Any:
    """The C library where it is glibc, which has `malloc_trim`."""
    try:
        libc = ctypes.CDLL(None)
        libc.malloc_trim.argtypes = [ctypes.c_size_t]
    except (OSError, TypeError, AttributeError):
        return None
    return libc
