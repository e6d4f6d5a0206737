"""What tests of the doctor say of its findings."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

from qb_assets.doctor.finding import Finding
from qb_assets_tests.doctor.healthy import CLIENT_SECRET
from qb_assets_tests.quickbooks.conftest import a_token

Examine: TypeAlias = Callable[..., list[Finding]]
"""Examines the deployment anew, and gives what is not green."""


def tells_no_secret(text: str) -> None:
    """Asserts that none of the deployment's secrets are in a text."""
    token = a_token()
    assert not any(each in text for each in (CLIENT_SECRET, token.access, token.refresh))


def only(troubles: Sequence[Finding], check: str, level: str, says: str, fix: str) -> None:
    """Asserts that this is wrong, and nothing else is."""
    [found] = troubles
    assert (found.check, found.level) == (check, level), found
    assert says in found.message, found
    assert fix in found.fix, found
