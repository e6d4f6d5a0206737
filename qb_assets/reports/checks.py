"""The reports by themselves: their shape, their sums, and whether closed months stay closed."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

import dagster as dg
import duckdb

from qb_assets.catalog.reports import Report
from qb_assets.failures import plain_failures
from qb_assets.findings import Findings, Value
from qb_assets.partitions import Calendar
from qb_assets.reports.arithmetic import differences
from qb_assets.reports.assets import report_key
from qb_assets.reports.columns import RESTATEMENT, SNAPSHOT
from qb_assets.reports.ddl import ensure_tables, relation
from qb_assets.reports.months import months_of
from qb_assets.scope import CheckWindow, asked_scopes
from qb_assets.warehouse.assets import POOL
from qb_assets.warehouse.resource import WarehouseResource

SHAPE, ARITHMETIC, UNCHANGED = "shape", "arithmetic", "closed_months_unchanged"

_OF = "_company = ? AND list_contains(?, month)"

Row = Mapping[str, Value]
Months = tuple[str, Sequence[date]]
"""A company and months of it."""


def checks_of(report: Report) -> list[str]:
    """The names of the checks on a report."""
    return [SHAPE, ARITHMETIC, *([UNCHANGED] if report.restated else [])]


def build_report_checks(
    reports: Sequence[Report], calendar: Calendar
) -> list[dg.AssetChecksDefinition]:
    """One step for all reports."""
    if not reports:
        return []
    by_key = {
        dg.AssetCheckKey(report_key(report), check): (report, check)
        for report in reports
        for check in checks_of(report)
    }

    @dg.multi_asset_check(
        name="report_checks",
        specs=[
            dg.AssetCheckSpec(key.name, asset=key.asset_key, description=_doc(report, check))
            for key, (report, check) in by_key.items()
        ],
        can_subset=True,
        pool=POOL,
    )
    def report_checks(
        context: dg.AssetCheckExecutionContext, config: CheckWindow, warehouse: WarehouseResource
    ) -> Iterator[dg.AssetCheckResult]:
        asked = [by_key[key] for key in by_key if key in context.selected_asset_check_keys]
        scopes = asked_scopes(context, config, calendar)
        with plain_failures(), warehouse.get_connection() as connection:
            ensure_tables(connection, {report: None for report, _ in asked})
            for report, check in asked:
                months = _loaded(connection, report)
                if scopes is not None:
                    months = [(scope.company, months_of(scope.days)) for scope in scopes]
                yield _CHECKS[check](connection, report, months)

    return [report_checks]


def _loaded(connection: duckdb.DuckDBPyConnection, report: Report) -> list[Months]:
    """The months of each company that the warehouse has of a report."""
    found = connection.execute(
        f"SELECT _company, list(DISTINCT month ORDER BY month) FROM {relation(SNAPSHOT)}"
        " WHERE report = ? GROUP BY _company ORDER BY _company",
        [report.table],
    )
    return found.fetchall()


def check_shape(
    connection: duckdb.DuckDBPyConnection, report: Report, scope: Iterable[Months]
) -> dg.AssetCheckResult:
    """Whether the answers had every column they must have, and every posting its day and kind."""
    findings = Findings()
    for company, months in scope:
        rows = connection.execute(
            "SELECT month, accounting_method, missing_columns, rows"
            f" FROM {relation(SNAPSHOT)} WHERE {_OF} AND report = ? AND current"
            " ORDER BY month, accounting_method",
            [company, list(months), report.table],
        ).fetchall()
        findings.looked_at += sum(row[-1] for row in rows)
        for month, method, missing, _ in rows:
            if missing:
                findings.add(_key(company, month, method, problem=f"has no column {missing}"))
        if report.kind == "detail":
            for month, method, number in connection.execute(
                f"SELECT month, accounting_method, row_number FROM {relation(report.table)}"
                f" WHERE {_OF} AND row_kind = 'posting' AND (txn_date IS NULL OR txn_type IS NULL)"
                " ORDER BY ALL",
                [company, list(months)],
            ).fetchall():
                problem = f"row {number} has no date or no type of transaction"
                findings.add(_key(company, month, method, problem=problem))
    return findings.result(
        report_key(report),
        SHAPE,
        right=f"Every {report.name} had the columns and the rows that it must have.",
        wrong=(
            f"{findings.wrong} columns or rows of {report.name} are not as they must be: QuickBooks"
            " may have changed the report; see the snapshot in the lake."
        ),
    )


def check_arithmetic(
    connection: duckdb.DuckDBPyConnection, report: Report, scope: Iterable[Months]
) -> dg.AssetCheckResult:
    """Whether sums, debits and credits, and balances agree within the report."""
    findings = Findings()
    for company, months in scope:
        row = connection.execute(
            f"SELECT count(*) FROM {relation(report.table)} WHERE {_OF}", [company, list(months)]
        ).fetchone()
        findings.looked_at += row[0] if row else 0
        findings.add_all(differences(connection, report, company, months))
    return findings.result(
        report_key(report),
        ARITHMETIC,
        right=f"Every {report.name} adds up.",
        wrong=(
            f"{findings.wrong} figures of {report.name} do not agree with the rows they are made"
            " of: materialize those months again; the books may have been edited meanwhile."
        ),
    )


def check_unchanged(
    connection: duckdb.DuckDBPyConnection, report: Report, scope: Iterable[Months]
) -> dg.AssetCheckResult:
    """Whether the last fetch of a closed month said what the one before had said.

    A warning: the report is right as it is now, and what was built on it before was right then.
    """
    findings = Findings()
    for company, months in scope:
        rows = connection.execute(
            "SELECT count(DISTINCT month || accounting_method)"
            f" FROM {relation(SNAPSHOT)} WHERE {_OF} AND report = ? AND closed",
            [company, list(months), report.table],
        ).fetchone()
        findings.looked_at += rows[0] if rows else 0
        findings.add_all(_restated(connection, report, company, months))
    return findings.result(
        report_key(report),
        UNCHANGED,
        right=f"The last fetch of {report.name} changed no closed month.",
        wrong=(
            f"{findings.wrong} accounts of closed months have another figure in {report.name} than"
            " before: ask who changed these transactions. reports.restatement keeps them all."
        ),
        severity=dg.AssetCheckSeverity.WARN,
    )


def _restated(
    connection: duckdb.DuckDBPyConnection, report: Report, company: str, months: Sequence[date]
) -> Iterator[Row]:
    """What the last fetch found; when a month is fetched again as it is now, that is settled."""
    found = connection.execute(
        "SELECT r.month, r.accounting_method, r.account_id, r.before, r.after, r.difference,"
        f" r.txn_ids, r.since FROM {relation(RESTATEMENT)} r JOIN {relation(SNAPSHOT)} s"
        " ON s._company = r._company AND s.report = r.report AND s.month = r.month"
        " AND s.accounting_method = r.accounting_method AND s._fetched_at = r.found_at"
        " WHERE r._company = ? AND list_contains(?, r.month) AND r.report = ? AND s.current"
        " AND s.seen_at = s._fetched_at ORDER BY r.month, r.accounting_method, r.account_id",
        [company, list(months), report.table],
    ).fetchall()
    for month, method, account, before, after, difference, txns, since in found:
        yield {
            **_key(company, month, method),
            "account_id": account,
            "before": None if before is None else f"{before:f}",
            "after": None if after is None else f"{after:f}",
            "difference": f"{difference:f}",
            "transactions": txns,
            "since": since.isoformat(),
        }


_CHECKS = {SHAPE: check_shape, ARITHMETIC: check_arithmetic, UNCHANGED: check_unchanged}


def _key(company: str, month: date, method: str, **more: Value) -> dict[str, Value]:
    return {
        "company": company,
        "month": f"{month:%Y-%m}",
        "accounting_method": method,
        **more,
    }


def _doc(report: Report, check: str) -> str:
    return {
        SHAPE: f"{report.name} has every column that it must have, and each row what it must say.",
        ARITHMETIC: f"Within {report.name} sums, debits and credits, and balances agree.",
        UNCHANGED: (
            f"The last fetch of {report.name} says of every closed month what the one before said."
        ),
    }[check]
