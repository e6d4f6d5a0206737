"""The example of another project's definitions loads, runs, and adds up."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import dagster as dg
import duckdb
import pytest

from qb_assets.catalog import ENTITIES
from qb_assets.warehouse.upkeep import ensure_tables
from qb_assets_tests.docs.pages import DOCS

FILE = DOCS / "examples" / "own_project.py"
ROWS = [("1", "7", "12.50", False), ("2", "7", "0.01", False), ("3", "8", "4", True)]


@pytest.fixture(scope="module")
def example() -> ModuleType:
    """The example as Dagster loads it: by its file."""
    spec = importlib.util.spec_from_file_location("own_project", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def warehouse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A warehouse with a few invoices, one of them deleted."""
    file = tmp_path / "warehouse.duckdb"
    monkeypatch.setenv("QB_WAREHOUSE_URL", f"duckdb:///{file}")
    with duckdb.connect(str(file)) as connection:
        ensure_tables(connection, ENTITIES["Invoice"])
        for row in ROWS:
            connection.execute(
                "INSERT INTO quickbooks.invoice (id, customer_id, balance, _deleted, _company,"
                " _updated_on, _extracted_at, _state) VALUES (?, ?, ?, ?, '1', '2026-01-01',"
                " '2026-01-02', 'live')",
                row,
            )
    return file


def test_it_has_the_assets_of_both(example: ModuleType) -> None:
    defs: dg.Definitions = example.defs
    keys = {key.to_user_string() for key in defs.resolve_asset_graph().get_all_asset_keys()}
    assert {"finance/open_receivables", "warehouse/invoice", "raw/payment"} <= keys
    assert "raw/bill" not in keys
    assert {job.name for job in defs.resolve_all_job_defs()} >= {"sync", "checks"}


def test_its_table_adds_up(example: ModuleType, warehouse: Path) -> None:
    own = [example.open_receivables, example.adds_up]
    result = dg.materialize(own, resources={"warehouse": example.WarehouseResource()})
    assert result.success
    [check] = result.get_asset_check_evaluations()
    assert check.passed
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        rows = connection.execute("SELECT customer_id, open FROM finance.open_receivables")
        assert [(customer, str(due)) for customer, due in rows.fetchall()] == [
            ("7", "12.5100000000")
        ]
