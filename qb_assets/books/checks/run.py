"""Runs a check of the books."""

from __future__ import annotations

import duckdb

from qb_assets.books.build import build_models
from qb_assets.books.checks.outcome import BookCheck, Mismatch, Outcome
from qb_assets.books.inputs import held, standing_in
from qb_assets.books.model import SCHEMA, Relation
from qb_assets.books.registry import models
from qb_assets.reports.columns import SNAPSHOT
from qb_assets.reports.ddl import SCHEMA as REPORTS_SCHEMA
from qb_assets.warehouse.upkeep import transaction

_COMPARED = "compared_figures"

# What makes an account's balance another: documents that disagree with the ledger on the account,
# or else postings to it of just the amount that differs.
_WRONG = f"""
    WITH suspect AS (
        SELECT
            _company, account_id,
            string_agg(DISTINCT txn_type || ':' || txn_id, ', ' ORDER BY txn_type || ':' || txn_id)
                AS txn_ids
        FROM books.ledger_difference
        WHERE reason <> 'not_exposed'
        GROUP BY _company, account_id
    ),

    wrong AS (
        SELECT
            _company, subject, CAST(account_id AS VARCHAR) AS account_id, as_of,
            CAST(ours AS DECIMAL(38, 10)) AS ours, CAST(theirs AS DECIMAL(38, 10)) AS theirs,
            CAST(txn_ids AS VARCHAR) AS txn_ids
        FROM {_COMPARED}
        WHERE ours <> theirs
    ),

    fitting AS (
        SELECT
            wrong._company, wrong.account_id, abs(wrong.ours - wrong.theirs) AS amount,
            string_agg(
                DISTINCT ledger.txn_type || ':' || ledger.txn_id, ', '
                ORDER BY ledger.txn_type || ':' || ledger.txn_id
            ) AS txn_ids
        FROM wrong
        JOIN books.general_ledger AS ledger
            ON
                ledger._company = wrong._company
                AND ledger.account_id = wrong.account_id
                AND abs(ledger.amount) = abs(wrong.ours - wrong.theirs)
        GROUP BY wrong._company, wrong.account_id, abs(wrong.ours - wrong.theirs)
    )

    SELECT
        wrong._company, wrong.subject, wrong.as_of, wrong.ours, wrong.theirs,
        coalesce(wrong.txn_ids, suspect.txn_ids, fitting.txn_ids) AS txn_ids
    FROM wrong
    LEFT JOIN suspect
        ON suspect._company = wrong._company AND suspect.account_id = wrong.account_id
    LEFT JOIN fitting
        ON
            fitting._company = wrong._company
            AND fitting.account_id = wrong.account_id
            AND fitting.amount = abs(wrong.ours - wrong.theirs)
    ORDER BY ALL
"""

# The months between the first and the last that the ledger was fetched of, without a report.
_NOT_FETCHED = """
    WITH months AS (
        SELECT months._company, months.month
        FROM books.fiscal_month AS months
        JOIN (
            SELECT _company, min(month) AS first_month
            FROM reports.snapshot
            WHERE current
            GROUP BY _company
        ) AS spans ON spans._company = months._company AND months.month >= spans.first_month
    ),

    missing AS (
        SELECT months._company, months.month
        FROM months
        ANTI JOIN (
            SELECT _company, month
            FROM reports.snapshot
            WHERE report = $report AND contains($method, accounting_method) AND current
        ) AS snapshot ON snapshot._company = months._company AND snapshot.month = months.month
        UNION ALL
        SELECT _company, NULL
        FROM books.company
        WHERE _company NOT IN (SELECT _company FROM months)
    )

    SELECT _company, string_agg(strftime(month, '%Y-%m'), ', ' ORDER BY month)
    FROM missing
    GROUP BY _company
    ORDER BY _company
"""


def make_missing(connection: duckdb.DuckDBPyConnection) -> None:
    """Makes the models that are not there yet, so that every check has what it compares.

    Raises:
        WarehouseError: a table of an entity does not fit the catalog.
    """
    there = held(connection)
    missing = [name for name in models() if Relation(SCHEMA, name) not in there]
    if missing:
        build_models(connection, missing)


def run_check(connection: duckdb.DuckDBPyConnection, check: BookCheck) -> Outcome:
    """Compares the books of all companies; the models are there.

    Raises:
        WarehouseError: a table of an entity does not fit the catalog.
    """
    outcome = check.function(connection) if check.function else _compared(connection, check)
    with transaction(connection), standing_in(connection, [Relation(REPORTS_SCHEMA, SNAPSHOT)]):
        outcome.not_looked_at = _not_fetched(connection, check)
    return outcome


def _compared(connection: duckdb.DuckDBPyConnection, check: BookCheck) -> Outcome:
    with transaction(connection), standing_in(connection, check.as_model.inputs):
        connection.execute(f"CREATE OR REPLACE TEMP TABLE {_COMPARED} AS {check.statement}")
        row = connection.table(_COMPARED).count("*").fetchone()
        wrong = connection.execute(_WRONG).fetchall()
        connection.execute(f"DROP TABLE {_COMPARED}")
    assert row is not None
    return Outcome(row[0], [Mismatch(*each) for each in wrong])


def _not_fetched(connection: duckdb.DuckDBPyConnection, check: BookCheck) -> list[str]:
    found: list[str] = []
    for report, methods in check.reports.items():
        for method in methods:
            rows = connection.execute(_NOT_FETCHED, {"report": report, "method": method}).fetchall()
            for company, months in rows:
                found.append(f"{report}, {method}, company {company}: {months or 'all months'}")
    return found
