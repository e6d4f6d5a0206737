"""The report assets: fetched by the month, kept as snapshots, loaded into the warehouse."""

from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any

import dagster as dg

from qb_assets.catalog.reports import Method, Report
from qb_assets.clock import utc_now
from qb_assets.faces import (
    CONNECTION,
    KIND_TAG,
    OWNERS,
    PartitionFigures,
    arrow_columns,
    rows_name,
)
from qb_assets.failures import plain_failures
from qb_assets.lake.resource import LakeResource
from qb_assets.partitions import Calendar, company_days
from qb_assets.quickbooks.resource import QuickBooksResource
from qb_assets.quickbooks.usage import Figures
from qb_assets.raw.extract import extract_id
from qb_assets.raw.tags import charge
from qb_assets.reports.columns import (
    RESTATEMENT,
    RESTATEMENT_DOCS,
    RESTATEMENT_SCHEMA,
    SNAPSHOT,
    SNAPSHOT_DOCS,
    SNAPSHOT_SCHEMA,
    table_docs,
    table_schema,
)
from qb_assets.reports.ddl import REPORT_SQL_TYPES, SCHEMA
from qb_assets.reports.fetch import Fetched, Fetcher
from qb_assets.reports.load import Loaded, ReportLoader, Seen
from qb_assets.reports.months import month_key, month_partitions, months_of
from qb_assets.warehouse.assets import POOL
from qb_assets.warehouse.resource import WarehouseResource

REPORTS_GROUP = "reports"
REPORT_TAGS = {KIND_TAG: "report"}
_REFERENCE = "https://developer.intuit.com/app/developer/qbo/docs/api/accounting/report-entities/"


def report_key(report: Report) -> dg.AssetKey:
    """`reports/<report>`."""
    return dg.AssetKey([REPORTS_GROUP, report.table])


def report_spec(report: Report) -> dg.AssetSpec:
    """How a report's asset presents itself."""
    bases = " and ".join(report.methods).lower()
    if report.preferred_basis:
        bases = "on the basis that the company prefers"
    grain = "posting" if report.kind == "detail" else "cell"
    return dg.AssetSpec(
        report_key(report),
        deps=[CONNECTION],
        group_name=REPORTS_GROUP,
        kinds={"quickbooks", "duckdb", "table"},
        owners=OWNERS,
        tags={**REPORT_TAGS, "grain": grain},
        description=(
            f"{report.description} QuickBooks' own {report.name} report ({bases}), one row a"
            f" {grain}. Each answer that says something new is kept in the lake as it came."
        ),
        metadata={
            "dagster/column_schema": arrow_columns(
                table_schema(report), table_docs(report), REPORT_SQL_TYPES
            ),
            "dagster/table_name": f"{SCHEMA}.{report.table}",
            "snapshots": f"reports/{report.table}",
            "documentation": dg.MetadataValue.url(_REFERENCE + report.name.lower()),
        },
    )


def report_table_specs(reports: Sequence[Report]) -> list[dg.AssetSpec]:
    """How the tables of snapshots and of restatements present themselves, which the loads fill."""
    tables = [
        (
            SNAPSHOT,
            SNAPSHOT_SCHEMA,
            SNAPSHOT_DOCS,
            "Every snapshot of a report that was loaded: one row a report, basis and month, those"
            " without any rows, too.",
        ),
        (
            RESTATEMENT,
            RESTATEMENT_SCHEMA,
            RESTATEMENT_DOCS,
            "What reports of closed months said otherwise when they were fetched again: one row an"
            " account, with the transactions that changed.",
        ),
    ]
    return [
        dg.AssetSpec(
            dg.AssetKey([REPORTS_GROUP, name]),
            deps=[report_key(report) for report in reports],
            group_name=REPORTS_GROUP,
            kinds={"duckdb", "table"},
            owners=OWNERS,
            tags=REPORT_TAGS,
            description=f"{doc} The loads of the reports fill it.",
            metadata={
                "dagster/column_schema": arrow_columns(schema, docs, REPORT_SQL_TYPES),
                "dagster/table_name": f"{SCHEMA}.{name}",
            },
        )
        for name, schema, docs, doc in tables
        if reports
    ]


def build_report_assets(
    reports: Sequence[Report], calendar: Calendar
) -> list[dg.AssetsDefinition | dg.AssetSpec]:
    """One multi-asset with an output for every report; any subset can be materialized."""
    if not reports:
        return []
    by_key = {report_key(report): report for report in reports}

    @dg.multi_asset(
        name="fetch_reports",
        specs=[report_spec(report) for report in reports],
        partitions_def=month_partitions(calendar),
        backfill_policy=dg.BackfillPolicy.single_run(),
        can_subset=True,
        pool=POOL,
    )
    def fetch_reports(
        context: dg.AssetExecutionContext,
        quickbooks: QuickBooksResource,
        lake: LakeResource,
        warehouse: WarehouseResource,
    ) -> Iterator[dg.MaterializeResult[Any]]:
        asked = [by_key[key] for key in by_key if key in context.selected_asset_keys]
        now = utc_now()
        extract = extract_id(now, context.run.run_id)
        figures = ReportFigures(context)
        for scope in company_days(context.partition_keys):
            months = months_of(scope.days)
            with plain_failures():
                client = quickbooks.client(scope.company)
                before = client.usage.snapshot()
                try:
                    fetcher = Fetcher(
                        client, lake.open(), calendar, extract, now, progress=context.log.info
                    )
                    fetched, left_out = fetcher.fetch(asked, months)
                finally:
                    figures.spent(scope.company, (client.usage.snapshot() - before).total)
                figures.fetched(fetched, left_out)
                fresh, seen = _rows(fetched), _seen(fetched)
                with warehouse.get_connection() as connection:
                    loader = ReportLoader(
                        connection, lake.open(), scope.company, fresh=fresh, seen=seen
                    )
                    for report in asked:
                        figures.loaded(report, scope.company, loader.load(report, months))
        for report in asked:
            yield figures.result(report, now)

    return [fetch_reports, *report_table_specs(reports)]


def _rows(fetched: Sequence[Fetched]) -> dict[tuple[str, date, str], Any]:
    return {
        (each.snapshot.report.name, each.snapshot.month, each.snapshot.name): each.rows
        for each in fetched
        if each.rows is not None
    }


def _seen(fetched: Sequence[Fetched]) -> dict[tuple[str, date, Method], Seen]:
    return {
        (each.snapshot.report.name, each.snapshot.month, each.snapshot.method): Seen(
            each.snapshot.name, each.seen_at, each.closed_until
        )
        for each in fetched
    }


class ReportFigures:
    """What a run's materializations say: sums over companies, and figures of each partition."""

    def __init__(self, context: dg.AssetExecutionContext) -> None:
        self._context = context
        self._sums: dict[str, Counter[str]] = defaultdict(Counter)
        self._left_out: dict[str, str] = {}
        self._of_month: dict[str, PartitionFigures] = defaultdict(PartitionFigures)
        self._total = Figures()

    def spent(self, company: str, usage: Figures) -> None:
        """Notes what a company's fetch came to, however it ended."""
        self._total += usage
        charge(self._context.instance, self._context.run.run_id, usage, company)

    def fetched(self, fetched: Sequence[Fetched], left_out: dict[str, str]) -> None:
        """Takes in what one company's fetch brought."""
        self._left_out |= left_out
        for each in fetched:
            new = each.rows is not None
            self._sums[each.snapshot.report.name] += Counter(
                answers=1,
                snapshots=int(new),
                parts=each.snapshot.parts if new else 0,
                bytes=each.bytes,
            )

    def loaded(self, report: Report, company: str, loaded: Loaded) -> None:
        """Takes in what one company's load of a report did."""
        self._sums[report.name] += Counter(
            rows=sum(loaded.rows.values()), replaced=loaded.replaced, restated=loaded.restated
        )
        for month, rows in loaded.rows.items():
            self._of_month[report.name].add(month_key(company, month), rows=rows)

    def result(self, report: Report, at: datetime) -> dg.MaterializeResult[Any]:
        """The materialization of one report's asset."""
        sums = self._sums[report.name]
        self._of_month[report.name].report(self._context, report_key(report))
        metadata: dict[str, Any] = {
            rows_name(self._context): sums["rows"],
            "reports_fetched": sums["answers"],
            "new_snapshots": sums["snapshots"],
            "parts_of_new_snapshots": sums["parts"],
            "months_replaced": sums["replaced"],
            "accounts_restated": sums["restated"],
            "written_bytes": sums["bytes"],
            "calls_of_the_run": self._total.metered,
            "as_of": dg.MetadataValue.timestamp(at),
        }
        if report.name in self._left_out:
            metadata["not_offered"] = self._left_out[report.name]
        return dg.MaterializeResult(asset_key=report_key(report), metadata=metadata)
