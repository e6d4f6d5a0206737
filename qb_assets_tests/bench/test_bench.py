"""The instrument itself: its company, its walker, its comparison and its tables; no timings."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from qb_assets.sandbox.company import load_folder
from qb_assets.sandbox.generate import generate_company
from qb_assets_tests.bench import company
from qb_assets_tests.bench.found import NAIVE, differences, figures
from qb_assets_tests.bench.measure import ChildFailed, Usage, measured
from qb_assets_tests.bench.report import Measured, put, ratios, usages


def test_the_company_has_exactly_its_shape(tmp_path: Path) -> None:
    folder = tmp_path / "company"
    company.write(folder, company.shaped(generate_company(1, 1_000, date(2026, 6, 1)), 1_000))
    company.save(folder, company.walk(folder))
    truth = company.load(folder)
    assert (truth.invoices, truth.lines) == (1_000, 5_050)
    assert (truth.customers, truth.payments) == (100, 500)
    served = load_folder(folder).records
    assert {entity: len(rows) for entity, rows in served.items()} == {
        "Invoice": 1_000,
        "Customer": 100,
        "Payment": 500,
    }
    cents = sum(round(json.loads(row.body)["TotalAmt"] * 100) for row in served["Invoice"])
    assert truth.invoiced == Decimal(cents).scaleb(-2)


def test_a_company_too_small_for_the_shape_is_refused() -> None:
    with pytest.raises(ValueError, match="take 1000 or more"):
        company.shaped(generate_company(1, 30, date(2026, 6, 1)), 30)


def test_the_walker_adds_literals_and_not_floats(tmp_path: Path) -> None:
    lists = {
        "Invoice": [
            {"TotalAmt": "0.1", "Line": '[{"Amount":0.1},{"DetailType":"DescriptionOnly"}]'},
            {"TotalAmt": "0.2", "Line": '[{"Amount":0.2}]'},
        ],
        "Customer": [{"Id": '"1"'}],
        "Payment": [{"TotalAmt": "12345678901234567.89"}],
    }
    for entity, rows in lists.items():
        (tmp_path / f"{entity}.json").write_text("[\n" + ",\n".join(map(_object, rows)) + "\n]\n")
    found = company.walk(tmp_path)
    assert found == company.Figures(
        invoices=2,
        lines=3,
        customers=1,
        payments=1,
        invoiced=Decimal("0.3"),
        on_lines=Decimal("0.3"),
        paid=Decimal("12345678901234567.89"),
    )


def test_a_float_that_is_off_is_told_with_its_difference(tmp_path: Path) -> None:
    database = tmp_path / "loaded.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute('CREATE TABLE invoice AS SELECT unnest([0.1::DOUBLE, 0.2]) "TotalAmt"')
        connection.execute('CREATE TABLE invoice_line AS SELECT 0.3::DECIMAL(9, 2) "Amount"')
        connection.execute("CREATE TABLE customer AS SELECT 1 AS id")
        connection.execute('CREATE TABLE payment AS SELECT 7.5::DOUBLE "TotalAmt"')
    third = Decimal("0.3")
    truth = company.Figures(2, 1, 1, 1, third, third, Decimal("7.5"))
    assert differences(truth, figures(database, NAIVE)) == {"invoiced": Decimal("4E-17")}
    assert differences(replace(truth, lines=2), figures(database, NAIVE))["lines"] == -1


def test_a_child_is_measured_with_its_own_children(tmp_path: Path) -> None:
    told = tmp_path / "told"
    inner = (
        "import pathlib, time; sum(range(3_000_000));"
        f" pathlib.Path({str(told)!r}).write_text(str(time.process_time()))"
    )
    outer = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {inner!r}], check=True)"
    both = measured([sys.executable, "-S", "-c", outer], os.environ)
    assert both.cpu > float(told.read_text()) > 0.01
    assert both.peak > 1
    with pytest.raises(ChildFailed, match="ended with 3"):
        measured([sys.executable, "-c", "raise SystemExit(3)"], os.environ)


def test_tables_tell_what_was_used_besides_the_start() -> None:
    start = Usage(2.0, 2.0, 100.0)
    mine = Measured("mine", Usage(12.0, 20.0, 500.0), start, {})
    other = Measured("other", Usage(52.0, 60.0, 2_000.0), start, {"paid": Decimal("1E-9")})
    assert usages([mine, other]).splitlines()[2:] == [
        "| mine | 10.0 | 2.0 | 12.0 | 20 | 500 | yes |",
        "| other | 50.0 | 2.0 | 52.0 | 60 | 2,000 | no: paid +0.000000001 |",
    ]
    assert ratios([mine], [other]).splitlines()[2] == "| other ÷ mine | 5.0 | 4.3 | 4.0 |"


def test_a_section_is_written_between_its_markers_only(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "Before\n<!-- bench:day -->\nold\n<!-- end of bench:day -->\nAfter\n", encoding="utf-8"
    )
    put(page, "day", r"a \1 table")
    put(page, "day", r"another \1 table")
    assert page.read_text(encoding="utf-8") == (
        "Before\n<!-- bench:day -->\nanother \\1 table\n<!-- end of bench:day -->\nAfter\n"
    )
    with pytest.raises(ValueError, match="no place for load"):
        put(page, "load", "text")


def _object(fields: Mapping[str, str]) -> str:
    return "{" + ",".join(f'"{name}":{text}' for name, text in fields.items()) + "}"
