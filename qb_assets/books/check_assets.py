"""The checks of the books in Dagster, and the list of mismatches that they fill."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timezone

import dagster as dg

from qb_assets.books.assets import BOOK_TAGS, BOOKS, books_key
from qb_assets.books.checks.outcome import BookCheck, Mismatch, Outcome
from qb_assets.books.checks.registry import checks
from qb_assets.books.checks.run import make_missing, run_check
from qb_assets.books.model import SCHEMA
from qb_assets.books.reconciliation import COLUMNS, DOC, NAME, record
from qb_assets.books.registry import models
from qb_assets.faces import OWNERS
from qb_assets.failures import plain_failures
from qb_assets.findings import Findings, Value
from qb_assets.warehouse.assets import POOL
from qb_assets.warehouse.resource import WarehouseResource


def check_key(check: BookCheck) -> dg.AssetCheckKey:
    """The check's key in Dagster: the model's asset and the name."""
    return dg.AssetCheckKey(books_key(check.model), check.name)


def reconciliation_spec() -> dg.AssetSpec:
    """How the list of mismatches presents itself, which the checks fill."""
    columns = [dg.TableColumn(name, kind, doc) for name, (kind, doc) in COLUMNS.items()]
    return dg.AssetSpec(
        books_key(NAME),
        deps=[books_key(model) for model in models()],
        group_name=BOOKS,
        kinds={"duckdb", "table"},
        owners=OWNERS,
        tags=BOOK_TAGS,
        description=DOC,
        metadata={
            "dagster/column_schema": dg.TableSchema(columns),
            "dagster/table_name": f"{SCHEMA}.{NAME}",
        },
    )


def build_books_checks() -> list[dg.AssetChecksDefinition]:
    """One step for all checks of the books, of all companies, after each run of the models."""
    by_key = {check_key(check): check for check in checks().values()}

    @dg.multi_asset_check(
        name="book_checks",
        specs=[
            dg.AssetCheckSpec(key.name, asset=key.asset_key, description=check.doc)
            for key, check in by_key.items()
        ],
        can_subset=True,
        pool=POOL,
    )
    def book_checks(
        context: dg.AssetCheckExecutionContext, warehouse: WarehouseResource
    ) -> Iterator[dg.AssetCheckResult]:
        asked = [by_key[key] for key in by_key if key in context.selected_asset_check_keys]
        with plain_failures(), warehouse.get_connection() as connection:
            make_missing(connection)
            outcomes = {check.key: run_check(connection, check) for check in asked}
            now = datetime.now(timezone.utc)
            record(connection, outcomes, run_id=context.run.run_id, at=now)
        for check in asked:
            yield check_result(check, outcomes[check.key])

    return [book_checks]


def check_result(check: BookCheck, outcome: Outcome) -> dg.AssetCheckResult:
    """What the UI shows: how many figures were compared, and those that differ, both sides."""
    findings = Findings(looked_at=outcome.looked_at)
    findings.add_all(_key(each) for each in outcome.mismatches)
    missing = len(outcome.not_looked_at)
    says = ""
    if missing:
        findings.notes["not_looked_at"] = "; ".join(outcome.not_looked_at)
        says = f" {missing} reports were not fetched of all months: see not_looked_at."
    right = check.right if outcome.looked_at else "There was nothing to compare."
    return findings.result(
        books_key(check.model),
        check.name,
        right=f"{right}{says}",
        wrong=f"{findings.wrong} {check.wrong}{says}",
        severity=dg.AssetCheckSeverity[check.severity],
    )


def _key(mismatch: Mismatch) -> Mapping[str, Value]:
    return {
        "company": mismatch.company,
        "subject": mismatch.subject,
        "as_of": mismatch.as_of.isoformat() if mismatch.as_of else None,
        "ours": f"{mismatch.ours:f}",
        "theirs": f"{mismatch.theirs:f}",
        "difference": f"{mismatch.difference:f}",
        "transactions": mismatch.txn_ids,
    }
