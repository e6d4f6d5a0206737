"""The parent's object says which columns of it and its children have values."""

from pathlib import Path

from qb_assets.catalog import ENTITIES, tables_of
from qb_assets.catalog.fields import Kind
from qb_assets.lake import layout, parquet
from qb_assets.normalized.filled import FILLED, filled_by
from qb_assets.normalized.read import read_objects
from qb_assets_tests.normalized.landed import Normalized
from qb_assets_tests.normalized.test_stored import TERM, with_days

INVOICE = ENTITIES["Invoice"]
LINE = {"Id": "1", "Amount": 3.5, "DetailType": "SalesItemLineDetail"}


def parents(books: Normalized) -> dict[str, bytes]:
    found = layout.all_objects(books.lake, layout.NORMALIZED, books.entity.table, "7")
    return {each.path: books.lake.read(each.path) for each in found}


def test_what_is_said_is_what_the_statistics_tell(tmp_path: Path) -> None:
    books = Normalized(tmp_path, INVOICE)
    books.land({"Id": "1", "DocNumber": "A"}, {"Id": "2", "Line": [LINE]})
    books.land({"Id": "3", "TotalAmt": 3.5})
    objects = parents(books)
    said = filled_by(INVOICE, objects.values())
    assert said is not None
    found = read_objects(books.lake, INVOICE, objects)
    for table in tables_of(INVOICE):
        filled: set[str] = set()
        for _, data in found[table.name]:
            filled |= {*parquet.read_schema(data).names} - parquet.void_columns(data)
        assert said[table.name] == filled
    assert {"doc_number", "total_amt", "_deleted"} <= said["invoice"]
    assert {"id", "amount", "position"} <= said["invoice_line"]
    assert not said["invoice_tax_line"]
    assert "private_note" not in said["invoice"]


def test_nothing_is_known_where_an_object_does_not_say_it(tmp_path: Path) -> None:
    books = Normalized(tmp_path, INVOICE)
    books.land({"Id": "1"})
    [data] = parents(books).values()
    metadata = parquet.read_metadata(data)
    silent = {name: value for name, value in metadata.items() if name != FILLED}
    before = parquet.encode(parquet.decode(data), metadata=silent)
    assert filled_by(INVOICE, [data]) is not None
    assert filled_by(INVOICE, [data, before]) is None


def test_nothing_is_known_of_what_another_catalog_made(tmp_path: Path) -> None:
    books = Normalized(tmp_path, with_days(Kind.TEXT))
    books.land({"Id": "1"})
    assert filled_by(books.entity, parents(books).values()) is not None
    assert filled_by(TERM, parents(books).values()) is None
