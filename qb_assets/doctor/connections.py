"""Whether each company's connection lasts, is of the right environment, and works."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from qb_assets.doctor.deployment import Deployment
from qb_assets.doctor.finding import Finding, Level, of_error
from qb_assets.quickbooks.budget import BudgetState, budget_state
from qb_assets.quickbooks.faults import QuickBooksError, WrongEnvironment
from qb_assets.quickbooks.health import Health, token_health
from qb_assets.quickbooks.settings import Environment
from qb_assets.quickbooks.tokens import Connection

CREDENTIALS, BUDGET = "credentials", "budget"

_LEVELS: Mapping[str, Level] = {"ok": "green", "warn": "yellow", "bad": "red", "spent": "red"}
_NEVER_USED = 365.0 * 20
"""Days; a refresh token out of the environment is dated 1970 until it is used."""


def check_credentials(deployment: Deployment) -> Iterator[Finding]:
    """Reads every connection; with `online` also asks QuickBooks, one metered call a company."""
    kept = deployment.kept
    for error in kept.errors:
        yield of_error(CREDENTIALS, error)
    if not kept.connections and not kept.errors:
        yield Finding(
            CREDENTIALS, "yellow", "No company is connected.", "Connect one with: qb-assets connect"
        )
    environment = deployment.settings.environment
    for connection in kept.connections:
        found = environments(connection, environment) or lasting(
            connection.realm, token_health(connection, deployment.now)
        )
        yield found
        if deployment.online and found.level != "red":
            yield _asked(deployment, connection.realm)


def environments(connection: Connection, environment: Environment) -> Finding | None:
    """A finding where a company was connected in the other one of Intuit's two worlds."""
    if connection.environment == environment:
        return None
    error = WrongEnvironment(
        f"it was connected in {connection.environment}, and QB_ENVIRONMENT is {environment}",
        company=connection.realm,
    )
    return of_error(CREDENTIALS, error)


def lasting(realm: str, health: Health) -> Finding:
    """How long a connection will last, and when its token was refreshed."""
    if health.level != "ok":
        message = health.message.partition("; ")[0].rstrip(".")
        fix = f"Connect again with: qb-assets connect --company {realm}"
        return Finding(CREDENTIALS, _LEVELS[health.level], f"{message}.", fix, realm)
    age = (
        "its token was not used yet"
        if health.age_days > _NEVER_USED
        else f"its token is {health.age_days * 24:.0f} h old"
    )
    return Finding(CREDENTIALS, "green", f"{health.message.rstrip('.')}; {age}.", company=realm)


def check_budget(deployment: Deployment) -> Iterator[Finding]:
    """Reads the month's calls from the call book."""
    yield budget(budget_state(deployment.settings, now=deployment.now))


def budget(state: BudgetState) -> Finding:
    """Whether the month's calls stay in the budget."""
    if state.level == "ok":
        return Finding(BUDGET, "green", f"{state}.")
    left = "no call is left" if state.level == "spent" else "little is left"
    return Finding(
        BUDGET,
        _LEVELS[state.level],
        f"{state}: {left}, and beyond the budget calls are refused.",
        "Wait for the next month, raise QB_MONTHLY_CALL_BUDGET, or set QB_FORCE_CALLS=1.",
    )


def _asked(deployment: Deployment, realm: str) -> Finding:
    try:
        info = deployment.quickbooks.client(realm).company_info()
    except QuickBooksError as error:
        return of_error(CREDENTIALS, error)
    return Finding(CREDENTIALS, "green", f"QuickBooks answers ({info.name}).", company=realm)
