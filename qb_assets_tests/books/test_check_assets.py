"""The checks of the books in Dagster: with the models' run and by themselves."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from qb_assets.automation.jobs import build_books_job, build_checks_job
from qb_assets.books.assets import build_books_assets
from qb_assets.books.check_assets import build_books_checks, check_key
from qb_assets.books.checks.registry import checks
from qb_assets.definitions import build_definitions
from qb_assets.sandbox.generate import generate_books
from qb_assets.warehouse.resource import WarehouseResource
from qb_assets_tests.books.reported import reported_warehouse


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company whose reports of two months are fetched, all but the trial balance of May."""
    path = tmp_path_factory.mktemp("books") / "warehouse.duckdb"
    made = generate_books(4, 12, date(2026, 6, 1), 150)
    with reported_warehouse([made], 2, database=str(path)) as connection:
        connection.execute(
            "DELETE FROM reports.snapshot WHERE report = 'trial_balance'"
            " AND month = '2026-05-01' AND accounting_method = 'Cash'"
        )
        connection.execute(
            "DELETE FROM reports.trial_balance WHERE month = '2026-05-01'"
            " AND accounting_method = 'Cash'"
        )
    return path


Evaluations = dict[str, dg.AssetCheckEvaluation]


def run(database: Path, job: str) -> Evaluations:
    """A run of the models with their checks, or of the checks alone; the results by check."""
    definitions = dg.Definitions(
        assets=build_books_assets(),
        asset_checks=build_books_checks(),
        jobs=[build_books_job(), build_checks_job()],
        resources={"warehouse": WarehouseResource(database=f"duckdb:///{database}")},
    )
    result = definitions.resolve_job_def(job).execute_in_process()
    assert result.success
    return {
        f"{each.asset_key.path[-1]}.{each.check_name}": each
        for each in result.get_asset_check_evaluations()
    }


@pytest.fixture(scope="module")
def found(database: Path) -> Evaluations:
    return run(database, "books")


def test_every_check_runs_with_the_models_and_finds_them_right(found: Evaluations) -> None:
    assert set(found) == set(checks())
    assert {key for key, each in found.items() if not each.passed} == set()
    looked_at = {key for key, each in found.items() if each.metadata["looked_at"].value}
    assert set(found) - looked_at == {
        "general_ledger.closed_months_unchanged",  # of which nothing was restated
        "general_ledger.equals_foreign_amounts",  # of a company with one currency
    }


def test_what_was_not_fetched_is_told(found: Evaluations) -> None:
    said = found["trial_balance.equals_report"]
    assert said.passed
    missing = str(said.metadata["not_looked_at"].value)
    assert missing.startswith("trial_balance, Cash, company ")
    assert missing.endswith(": 2026-05")
    assert "not fetched" in str(said.description)


def test_a_mismatch_is_red_and_names_the_document(found: Evaluations, database: Path) -> None:
    assert found
    with duckdb.connect(str(database)) as connection:
        row = connection.execute(
            "UPDATE books.posting SET amount = amount + 0.01 WHERE rowid ="
            " (SELECT min(rowid) FROM books.posting WHERE role = 'line' AND txn_type = 'Invoice')"
            " RETURNING txn_type || ':' || txn_id"
        ).fetchone()
    assert row is not None
    after = run(database, "checks")
    red = {key for key, each in after.items() if not each.passed}
    assert red >= {"posting.entries_balance", "general_ledger.ledger_balances"}
    each = after["posting.entries_balance"]
    assert each.severity is dg.AssetCheckSeverity.ERROR
    assert row[0] in str(each.metadata["keys"])
    with duckdb.connect(str(database)) as connection:
        listed = connection.execute(
            "SELECT DISTINCT difference, txn_ids, resolved_at FROM books.reconciliation"
            " WHERE \"check\" = 'posting.entries_balance'"
        ).fetchall()
    assert listed == [(Decimal("0.01"), row[0], None)]


def test_the_code_location_has_all_checks() -> None:
    graph = build_definitions().resolve_asset_graph()
    assert {check_key(check) for check in checks().values()} <= set(graph.asset_check_keys)
