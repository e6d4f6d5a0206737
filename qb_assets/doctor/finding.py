"""What the doctor finds: what is so, how bad that is, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from qb_assets.lake.errors import LakeError
from qb_assets.quickbooks.faults import QuickBooksError
from qb_assets.warehouse.errors import WarehouseError

Level: TypeAlias = Literal["green", "yellow", "red"]
"""green: as it should be; yellow: it works, and somebody should look; red: something fails."""

_LEVELS: tuple[Level, ...] = ("green", "yellow", "red")


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at. What is not green has a `fix`."""

    check: str
    level: Level
    message: str
    fix: str = ""
    company: str | None = None


def worst(findings: Iterable[Finding]) -> Level:
    """The level of the worst finding; green where there is none."""
    return _LEVELS[max((_LEVELS.index(each.level) for each in findings), default=0)]


def of_error(check: str, error: Exception) -> Finding:
    """What an error of the product tells, with its remedy apart.

    Of an error that is neither the product's nor the disk's only the type is told: its text may
    hold a secret.
    """
    company = error.company if isinstance(error, QuickBooksError) else None
    if isinstance(error, QuickBooksError):
        message = str(error).removesuffix(error.what_to_do).strip()
        message = message.removeprefix(f"company {company}: ")
        fix = error.what_to_do
    elif isinstance(error, LakeError):
        message, fix = _parts(str(error), ": ")
    elif isinstance(error, WarehouseError):
        message, fix = _parts(str(error), ". ")
    elif type(error) is ValueError:  # ours; those of others are of classes below it
        message, fix = _parts(str(error), "; ")
    elif isinstance(error, OSError) and error.filename:
        message = f"{error.filename}: {error.strerror}"
        fix = "Make it readable and writable for this user."
    else:
        message = f"The check itself failed ({type(error).__name__})."
        fix = "Run the command that needs it, and look at what that says."
    return Finding(check, "red", _sentence(message), _sentence(fix), company)


def _parts(text: str, separator: str) -> tuple[str, str]:
    """What happened and what to do, as the lake's and the warehouse's errors put it in a line."""
    message, found, fix = text.rpartition(separator)
    return (message, fix) if found else (text, text)


def _sentence(text: str) -> str:
    """With a capital at the beginning and a full stop; not after a command, which is copied."""
    begun = text[:1].upper() + text[1:]
    is_command = "qb-assets " in begun.rpartition(": ")[2]
    return begun if not begun or begun.endswith(".") or is_command else f"{begun}."
