"""What is told of a write to the books."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Operation = Literal["created", "updated", "deleted", "merged", "voided"]


@dataclass(frozen=True, slots=True)
class Write:
    """One record was written `at` a moment; `deleted` is the Id that a merge took away."""

    entity: str
    id: str
    operation: Operation
    at: datetime
    deleted: str = ""


OnWrite = Callable[[Write], None]


def nobody(_: Write) -> None:
    """Nobody is told."""
