"""`qb-assets quarantine` and `qb-assets schema`: the upkeep of data and catalog, without a call."""

from collections.abc import Iterator
from dataclasses import replace

import duckdb
import pytest
from typer.testing import CliRunner, Result

from qb_assets import definitions
from qb_assets.automation.headless import run_checks
from qb_assets.catalog import ENTITIES
from qb_assets.catalog.fields import array, text
from qb_assets.cli_quarantine import app as quarantine
from qb_assets.cli_schema import app as schema
from qb_assets.definitions import build_definitions
from qb_assets.lake import parquet
from qb_assets.sandbox.process import start
from qb_assets.sandbox.settings import Settings
from qb_assets_tests.pipeline.surroundings import Pipeline, pipeline, red

TERM = ENTITIES["Term"]
OLD_TERM = replace(
    TERM,
    fields=tuple(array("Name", text("Word")) if f.name == "Name" else f for f in TERM.fields),
)
"""The entity in a catalog that is wrong about one property."""

STAMP = '"MetaData": {"LastUpdatedTime": "2026-03-04T10:00:00-08:00"}'
KEYLESS = f'{{"Type": "Secret & Co", {STAMP}}}'
ODD = f'{{"Id": "5", "Name": "Net 30", "DueDays": 30, "Novelty": {{"Code": 7}}, {STAMP}}}'
RIGHT = f'{{"Id": "6", "Active": true, {STAMP}}}'


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pipeline]:
    folder = tmp_path_factory.mktemp("quarantine-commands")
    books = folder / "books"
    books.mkdir()
    (books / "Term.json").write_text(f"[{KEYLESS}, {ODD}, {RIGHT}]", encoding="utf-8")
    free = Settings(requests_per_minute=0, concurrent=0)
    with (
        start(company_dir=books, settings=free) as sandbox,
        pipeline(folder, sandbox, [OLD_TERM], "2026-11-20") as made,
    ):
        yield made


def command(*words: str) -> Result:
    return CliRunner().invoke(quarantine, words)


def metered(made: Pipeline) -> int:
    calls: int = made.sandbox.admin("stats")["metered"]
    return calls


def test_from_the_run_to_the_last_word(made: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "Nothing is in quarantine" in command("list").output
    outcome = made.run()
    assert outcome.failures == []
    found = red(outcome)
    assert set(found) == {"normalized/term:quarantine", "warehouse/term:rows"}
    again = made.run()
    raw = [m for m in again.materializations if m.asset_key.path == ["raw", "term"]]
    assert raw
    assert not any(each.metadata["new_versions"].value for each in raw)

    monkeypatch.setenv("COLUMNS", "400")
    listed = command("list", "--entity", "Term", "--company", made.company)
    assert listed.exit_code == 0, listed.output
    for said in ("without its Id", "Name: text in place of array", made.company, "2026-11-20"):
        assert said in listed.output
    assert "Secret" not in listed.output
    assert "Net 30" not in listed.output
    assert command("show", "term", "5").stdout == f"{ODD}\n"

    calls = metered(made)
    _retry_with_another_catalog(made, monkeypatch)
    assert metered(made) == calls
    with made.surroundings.warehouse() as warehouse:
        assert {row["id"] for row in warehouse.rows("term")} == {"5", "6"}

    [keyless] = [word for word in command("list").output.split() if word.startswith("~")]
    assert command("show", "Term", keyless).stdout == f"{KEYLESS}\n"
    said = ("accept", "Term", keyless, "--company", made.company, "--reason")
    assert isinstance(command(*said, " ").exception, ValueError)
    assert command(*said, "made in 2014").output.startswith("Accepted Term ~")
    assert command(*said, "made in 2014").output.startswith("It was accepted before")
    assert "Nothing is in quarantine" in command("list").output
    assert "accepted" in command("list", "--all").output
    defs = definitions.defs
    [quarantine] = [
        each
        for each in run_checks(defs, made.instance, select=["normalized/term"]).checks
        if each.check_name == "quarantine"
    ]
    assert quarantine.passed
    assert quarantine.metadata["accepted"].value == 1


def _retry_with_another_catalog(made: Pipeline, monkeypatch: pytest.MonkeyPatch) -> None:
    """Retries in vain, and then with a catalog that is right about the property."""
    of_old = build_definitions(entities=[OLD_TERM], calendar=made.calendar)
    monkeypatch.setattr(definitions, "defs", of_old)
    vain = command("retry")
    assert vain.exit_code == 1, vain.output
    assert f"Term 5 of company {made.company}, 2026-11-20: still aside" in vain.output
    of_new = build_definitions(entities=[TERM], calendar=made.calendar)
    monkeypatch.setattr(definitions, "defs", of_new)
    retried = command("retry", "--entity", "Term")
    assert retried.exit_code == 1, retried.output  # one is without its Id
    assert f"Term 5 of company {made.company}, 2026-11-20: landed" in retried.output


def test_a_warehouse_of_another_catalog_is_migrated_on_request(
    made: Pipeline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "400")
    of_today = build_definitions(entities=[TERM], calendar=made.calendar)
    monkeypatch.setattr(definitions, "defs", of_today)
    with duckdb.connect(str(made.surroundings.warehouse_file)) as warehouse:
        warehouse.execute("ALTER TABLE quickbooks.term ALTER due_days TYPE VARCHAR")
        warehouse.execute("ALTER TABLE quickbooks.term ADD COLUMN gone VARCHAR")
        warehouse.execute("UPDATE quickbooks.term SET gone = 'x'")
    for each in made.lake.list("normalized/term"):
        rows = parquet.decode(made.lake.read(each.path)).drop_columns(["due_days"])
        made.lake.replace(each.path, parquet.encode(rows))
    found = CliRunner().invoke(schema, ["diff"])
    assert found.exit_code == 0, found.output
    for said in ("due_days", "added", "retyped", "gone", "removed", "schema migrate --drop"):
        assert said in found.output

    calls = metered(made)
    refused = CliRunner().invoke(schema, ["migrate", "--entity", "Term"])
    assert refused.exit_code == 1
    assert "--drop" in refused.output
    with made.surroundings.warehouse() as warehouse:
        assert {row["gone"] for row in warehouse.rows("term")} == {"x"}
    done = CliRunner().invoke(schema, ["migrate", "--entity", "Term", "--drop"])
    assert done.exit_code == 0, done.output
    assert metered(made) == calls
    with made.surroundings.warehouse() as warehouse:
        rows = {row["id"]: row for row in warehouse.rows("term")}
    assert (rows["5"]["due_days"], rows["6"]["due_days"]) == (30, None)
    assert "gone" not in rows["5"]
    assert rows["5"]["_unmodeled"] == '{"Novelty":{"Code": 7}}'
    again = CliRunner().invoke(schema, ["diff", "--entity", "Term"])
    assert "Term.Novelty.Code" in again.output
    assert "another" not in again.output


@pytest.mark.usefixtures("made")
def test_what_was_not_seen_is_not_promoted() -> None:
    for path in ("Term.Nothing", "Term", "Term.Name", "Nothing.Else"):
        found = CliRunner().invoke(schema, ["promote", path])
        assert isinstance(found.exception, ValueError), path
