"""Declarations of what was seen: grafted onto any depth, and written into the source."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from qb_assets.catalog import ENTITIES, Kind, column_at, tables_of
from qb_assets.catalog import seen as source
from qb_assets.catalog.promote import FILE, inferred, promote
from qb_assets.catalog.seen import SEEN, Seen, with_seen

INVOICE = ENTITIES["Invoice"]
DEEP = "Invoice.Line[].SalesItemLineDetail.Novelty"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A source tree with the file that is written to."""
    (tmp_path / "pyproject.toml").touch()
    file = tmp_path / FILE
    file.parent.mkdir(parents=True)
    file.write_text(Path(source.__file__).read_text(encoding="utf-8"), encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("path", "at", "table", "column"),
    [
        ("Novelty", ("Novelty",), "invoice", "novelty"),
        ("Foo.Bar", ("Foo", "Bar"), "invoice", "foo_bar"),
        ("BillAddr.Planet", ("BillAddr", "Planet"), "invoice", "bill_addr_planet"),
        (
            "Line[].SalesItemLineDetail.Novelty",
            ("Line", "SalesItemLineDetail", "Novelty"),
            "invoice_line",
            "sales_item_line_detail_novelty",
        ),
        ("Stamps[].Code", ("Stamps", "Code"), "invoice_stamp", "code"),
        ("Line[].Stamps[].Code", ("Line", "Stamps", "Code"), "invoice_line_stamp", "code"),
    ],
)
def test_what_was_seen_is_a_column(path: str, at: tuple[str, ...], table: str, column: str) -> None:
    grown = with_seen(INVOICE, [Seen(f"Invoice.{path}", Kind.DATE), Seen("Bill.X", Kind.FLAG)])
    found, held = column_at(grown, at)
    assert (found.name, held.name, held.kind) == (table, column, Kind.DATE)
    before = {(t.name, c.name) for t in tables_of(INVOICE) for c in t.columns}
    after = {(t.name, c.name) for t in tables_of(grown) for c in t.columns}
    assert after - before == {(table, column)}
    assert before <= after


def test_a_reference_that_was_seen_is_a_reference() -> None:
    seen = [Seen(f"Invoice.MoonRef.{part}", Kind.TEXT) for part in ("value", "name")]
    grown = with_seen(INVOICE, seen)
    assert column_at(grown, ("MoonRef", "value"))[1].name == "moon_id"
    assert column_at(grown, ("MoonRef", "name"))[1].name == "moon_name"


@pytest.mark.parametrize(
    "paths", [["DocNumber"], ["Line"], ["Line.Foo"], ["Foo", "Foo"], ["Foo", "Foo.Bar"]]
)
def test_what_is_declared_already_is_refused(paths: list[str]) -> None:
    with pytest.raises(ValueError, match=r"seen\.py"):
        with_seen(INVOICE, [Seen(f"Invoice.{path}", Kind.TEXT) for path in paths])


@pytest.mark.parametrize(
    ("types", "kind"),
    [
        ({"text"}, Kind.TEXT),
        ({"number"}, Kind.DECIMAL),
        ({"boolean"}, Kind.FLAG),
        ({"date"}, Kind.DATE),
        ({"date-time"}, Kind.INSTANT),
        ({"date", "text"}, Kind.TEXT),
    ],
)
def test_the_kind_is_that_of_all_values(types: set[str], kind: Kind) -> None:
    assert inferred(DEEP, types) == Seen(DEEP, kind)


@pytest.mark.parametrize("types", [{"number", "text"}, {"object"}, {"unknown value"}])
def test_what_no_column_holds_has_no_kind(types: set[str]) -> None:
    with pytest.raises(ValueError, match="no column holds"):
        inferred(DEEP, types)
    with pytest.raises(ValueError, match="single values"):
        inferred("Invoice.Words[]", {"text"})


def test_it_is_written_into_the_source_as_the_formatter_would(tree: Path) -> None:
    long = "Invoice.Line[].SalesItemLineDetail." + "AnExceedinglyLongNameOfAPropertyAndMore9999"
    diff = promote(tree, INVOICE, [Seen(long, Kind.DECIMAL), Seen("Invoice.Foo.Bar", Kind.TEXT)])
    added = [line[1:] for line in diff.splitlines() if line.startswith("+") and line[1] != "+"]
    assert '    Seen("Invoice.Foo.Bar", Kind.TEXT),' in added
    assert f'        "{long}",' in added
    text = (tree / FILE).read_text(encoding="utf-8")
    assert all(line in text for line in added)
    words = [sys.executable, "-m", "ruff", "format", "--line-length", "100", "--check"]
    assert subprocess.run([*words, tree / FILE], check=False).returncode == 0


def test_nothing_is_written_where_it_cannot_be_right(tree: Path, tmp_path: Path) -> None:
    before = (tree / FILE).read_text(encoding="utf-8")
    with pytest.raises(ValueError, match="declared already"):
        promote(tree, INVOICE, [Seen("Invoice.DocNumber", Kind.TEXT)])
    with pytest.raises(ValueError, match="same name"):
        promote(tree, INVOICE, [Seen("Invoice.docNumber", Kind.TEXT)])
    assert (tree / FILE).read_text(encoding="utf-8") == before
    (tmp_path / "pyproject.toml").unlink()
    with pytest.raises(ValueError, match="no source tree"):
        promote(tree, INVOICE, [Seen("Invoice.Foo", Kind.TEXT)])


def test_the_entities_have_what_was_seen_of_them() -> None:
    for each in SEEN:
        name, *path = each.path.replace("[]", "").split(".")
        assert column_at(ENTITIES[name], tuple(path))[1].kind is each.kind
    assert with_seen(replace(INVOICE, name="Other"), [Seen(DEEP, Kind.TEXT)]).fields == (
        INVOICE.fields
    )
