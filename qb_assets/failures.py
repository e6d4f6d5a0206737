"""How the product's own errors become Dagster failures: one line, and no run that tries again."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import dagster as dg

from qb_assets.lake.errors import LakeError
from qb_assets.quickbooks.faults import QuickBooksError
from qb_assets.warehouse.errors import WarehouseError


class Cancelled(Exception):
    """A run was stopped by Ctrl+C or SIGTERM. Its text says what it left, and how to go on."""


EXPECTED = (QuickBooksError, LakeError, WarehouseError, Cancelled)
"""Errors that say what happened and what to do; anything else is a defect and keeps its trace."""


@contextmanager
def plain_failures() -> Generator[None, None, None]:
    """Turns an expected error into a Dagster failure whose description is the error's one line.

    The calls have been retried where that is safe, so the step is not run again.
    """
    try:
        yield
    except EXPECTED as error:
        raise dg.Failure(description=str(error), allow_retries=False) from None
