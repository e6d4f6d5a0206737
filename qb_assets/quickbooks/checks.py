"""QuickBooks itself as an asset that Dagster looks at but does not make, and the checks on it."""

from collections.abc import Iterator, Sequence

import dagster as dg

from qb_assets.faces import CONNECTION, KIND_TAG, OWNERS, QUICKBOOKS
from qb_assets.failures import plain_failures
from qb_assets.findings import Findings
from qb_assets.partitions import Calendar
from qb_assets.quickbooks.budget import budget_state, calls_this_month
from qb_assets.quickbooks.health import token_health
from qb_assets.quickbooks.resource import QuickBooksResource
from qb_assets.scope import CheckWindow, asked_scopes, connected

TOKEN, BUDGET = "token", "budget"

_DOCS = {
    TOKEN: "Each company's connection lasts: it warns 14 days before it ends for want of use, and"
    " 60 days before the end of its 5 years.",
    BUDGET: "The month's metered calls stay below QB_MONTHLY_CALL_BUDGET; it warns from 80 % on.",
}


def connection_spec() -> dg.AssetSpec:
    """How QuickBooks presents itself at the beginning of the graph."""
    return dg.AssetSpec(
        CONNECTION,
        group_name=QUICKBOOKS,
        kinds={"quickbooks"},
        owners=OWNERS,
        tags={KIND_TAG: "connection"},
        description=(
            "The connections to QuickBooks Online, one a company. `qb-assets connect` adds one and"
            " `qb-assets companies` lists them."
        ),
        metadata={
            "limits": dg.MetadataValue.url(
                "https://developer.intuit.com/app/developer/qbo/docs/learn/rest-api-features"
            )
        },
    )


def build_connection_checks(calendar: Calendar) -> list[dg.AssetChecksDefinition]:
    """The checks on the connections, in one step that makes no call."""

    @dg.multi_asset_check(
        name="connection_checks",
        specs=[
            dg.AssetCheckSpec(name, asset=CONNECTION, description=doc)
            for name, doc in _DOCS.items()
        ],
        can_subset=True,
    )
    def connection_checks(
        context: dg.AssetCheckExecutionContext, config: CheckWindow, quickbooks: QuickBooksResource
    ) -> Iterator[dg.AssetCheckResult]:
        scopes = asked_scopes(context, config, calendar)
        companies = (
            connected(context.instance) if scopes is None else [each.company for each in scopes]
        )
        asked = {key.name for key in context.selected_asset_check_keys}
        with plain_failures():
            if TOKEN in asked:
                yield _token(quickbooks, companies)
            if BUDGET in asked:
                yield _budget(quickbooks)

    return [connection_checks]


def _token(quickbooks: QuickBooksResource, companies: Sequence[str]) -> dg.AssetCheckResult:
    store = quickbooks.token_store()
    healths = {company: token_health(store.load(company)) for company in companies}
    found = Findings(looked_at=len(healths))
    for company, health in healths.items():
        if health.level != "ok":
            found.add({"company": company, "level": health.level, "what_to_do": health.message})
    rows = [
        {
            "company": company,
            "days_until_unused_end": _whole(health.refresh_days_left),
            "days_until_last_end": _whole(health.hard_days_left),
        }
        for company, health in healths.items()
    ]
    return found.result(
        CONNECTION,
        TOKEN,
        right="Every connection lasts.",
        wrong=" ".join(f"Company {key['company']}: {key['what_to_do']}" for key in found.keys),
        severity=_severity(any(health.level == "bad" for health in healths.values())),
        tables={"companies": rows},
    )


def _budget(quickbooks: QuickBooksResource) -> dg.AssetCheckResult:
    settings = quickbooks.settings()
    state = budget_state(settings)
    found = Findings(looked_at=state.used, notes={"budget": state.budget, "month": state.month})
    if state.level != "ok":
        found.add({"month": state.month, "used": state.used, "budget": state.budget})
    rows = [
        {"company": company, "calls": calls}
        for company, calls in sorted(calls_this_month(settings).items())
    ]
    return found.result(
        CONNECTION,
        BUDGET,
        right=f"{state}.",
        wrong=f"{state}. Beyond the budget calls are refused, unless QB_FORCE_CALLS=1.",
        severity=_severity(state.level == "spent"),
        tables={"companies": rows},
    )


def _severity(bad: bool) -> dg.AssetCheckSeverity:
    return dg.AssetCheckSeverity.ERROR if bad else dg.AssetCheckSeverity.WARN


def _whole(days: float | None) -> int | None:
    return None if days is None else int(days)
