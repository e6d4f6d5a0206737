"""Runs all checks, each to its end, whatever the others find."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict
from typing import TypeAlias

from qb_assets.doctor.books import BOOKS_CHECK, REPORTS_CHECK, check_books, check_reports
from qb_assets.doctor.clock import NAME as CLOCK
from qb_assets.doctor.clock import check_clock
from qb_assets.doctor.connections import BUDGET, CREDENTIALS, check_budget, check_credentials
from qb_assets.doctor.days import FRESHNESS, PARTITIONS, check_freshness, check_partitions
from qb_assets.doctor.deployment import Deployment
from qb_assets.doctor.finding import Finding, of_error, worst
from qb_assets.doctor.orchestration import (
    DAEMON,
    DAGSTER,
    SCHEDULES,
    check_daemon,
    check_dagster,
    check_schedules,
)
from qb_assets.doctor.packages import NAME as PACKAGES
from qb_assets.doctor.packages import check_packages
from qb_assets.doctor.settings import (
    CALENDAR,
    SECRETS,
    SETTINGS,
    check_calendar,
    check_secrets,
    check_settings,
)
from qb_assets.doctor.stores import (
    DISK,
    LAKE,
    QUARANTINE,
    WAREHOUSE,
    check_disk,
    check_lake,
    check_quarantine,
    check_warehouse,
)
from qb_assets.doctor.webhooks import WEBHOOKS, check_webhooks

Check: TypeAlias = Callable[[Deployment], Iterable[Finding]]

CHECKS: Sequence[tuple[str, Check]] = (
    (PACKAGES, check_packages),
    (SETTINGS, check_settings),
    (CALENDAR, check_calendar),
    (SECRETS, check_secrets),
    (CLOCK, check_clock),
    (CREDENTIALS, check_credentials),
    (BUDGET, check_budget),
    (LAKE, check_lake),
    (QUARANTINE, check_quarantine),
    (WAREHOUSE, check_warehouse),
    (DISK, check_disk),
    (DAGSTER, check_dagster),
    (DAEMON, check_daemon),
    (SCHEDULES, check_schedules),
    (PARTITIONS, check_partitions),
    (FRESHNESS, check_freshness),
    (REPORTS_CHECK, check_reports),
    (BOOKS_CHECK, check_books),
    (WEBHOOKS, check_webhooks),
)
"""All checks by name, in the order in which one rests on those before it."""


def examine(deployment: Deployment) -> list[Finding]:
    """What every check finds. What hinders several of them is told of once."""
    findings: list[Finding] = []
    for name, check in CHECKS:
        try:
            findings.extend(check(deployment))  # what it found before an error stays
        except Exception as error:  # a doctor that stumbles over one fault would hide the others
            found = of_error(name, error)
            if all(found.message != each.message for each in findings):
                findings.append(found)
    return findings


def as_json(findings: Sequence[Finding]) -> str:
    """The findings for programs: `{"level": "red", "findings": [{"check": "clock", …}]}`."""
    found = {"level": worst(findings), "findings": [asdict(each) for each in findings]}
    return json.dumps(found, indent=2)
