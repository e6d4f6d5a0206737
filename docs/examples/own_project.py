"""The assets of qb_assets in a Dagster project of your own, with an asset and a check after them.

Load it with `dagster dev -f docs/examples/own_project.py`; the settings are those of .env.example.
"""

import dagster as dg

from qb_assets.catalog import ENTITIES
from qb_assets.definitions import build_definitions
from qb_assets.warehouse.resource import WarehouseResource

OPEN_RECEIVABLES = dg.AssetKey(["finance", "open_receivables"])

# A few entities bring their child tables with them; without `entities` all 39 come. Resources that
# are not replaced here read the environment.
quickbooks = build_definitions(
    entities=[ENTITIES[name] for name in ("Customer", "Invoice", "Payment")],
    resources={"warehouse": WarehouseResource(wait_seconds=60)},
)


@dg.asset(
    key=OPEN_RECEIVABLES,
    deps=[dg.AssetKey(["warehouse", "invoice"])],
    pool="warehouse",  # DuckDB has one writer
    automation_condition=dg.AutomationCondition.eager(),
    kinds={"duckdb"},
    description="What each customer owes: one row a company, customer and currency.",
)
def open_receivables(warehouse: WarehouseResource) -> dg.MaterializeResult:
    """Makes the table anew from the invoices as they are now."""
    with warehouse.get_connection() as connection:
        connection.execute("CREATE SCHEMA IF NOT EXISTS finance")
        connection.execute(
            """
            CREATE OR REPLACE TABLE finance.open_receivables AS
            SELECT _company, customer_id, any_value(customer_name) AS customer_name,
                currency_id, sum(balance) AS open, min(due_date) AS due_first
            FROM quickbooks.invoice
            WHERE NOT _deleted AND balance <> 0
            GROUP BY ALL
            """
        )
        found = connection.execute("SELECT count(*) FROM finance.open_receivables").fetchone()
    return dg.MaterializeResult(metadata={"dagster/row_count": found[0] if found else 0})


@dg.asset_check(asset=OPEN_RECEIVABLES, description="They add up to the invoices' balances.")
def adds_up(warehouse: WarehouseResource) -> dg.AssetCheckResult:
    """Compares both sums, as exact decimals."""
    with warehouse.get_connection() as connection:
        figures = connection.execute(
            "SELECT (SELECT coalesce(sum(open), 0) FROM finance.open_receivables),"
            " (SELECT coalesce(sum(balance), 0) FROM quickbooks.invoice WHERE NOT _deleted)"
        ).fetchone()
    ours, theirs = figures or (None, None)
    return dg.AssetCheckResult(
        passed=ours == theirs, metadata={"ours": str(ours), "invoices": str(theirs)}
    )


defs = dg.Definitions.merge(
    quickbooks, dg.Definitions(assets=[open_receivables], asset_checks=[adds_up])
)
