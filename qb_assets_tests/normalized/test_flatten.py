"""Random documents, flattened, against a walk over their JSON that knows nothing of Arrow."""

import json
from collections.abc import Iterator
from datetime import date, datetime, timezone
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from qb_assets.catalog import ENTITIES, Entity, Kind, Table, tables_of
from qb_assets.normalized.flatten import flatten
from qb_assets.normalized.parse import parse
from qb_assets_tests.normalized.documents import document

UNHURRIED = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]
NAMES = ["Invoice", "JournalEntry", "Payment", "Customer", "TaxCode", "Preferences", "Bill"]


def walked(
    tables: dict[str | None, list[Table]], record: Any, own: Table, keys: tuple[Any, ...]
) -> Iterator[tuple[str, tuple[Any, ...], dict[str, tuple[Kind, Any]]]]:
    """Each row that a record gives: its table's name, its key, its values by column."""
    columns = {column.name: (column.kind, _at(record, column.path)) for column in own.columns}
    yield own.name, keys, columns
    for child in tables.get(own.name, []):
        for place, item in enumerate(_at(record, child.array_path) or []):
            yield from walked(tables, item, child, (*keys, place))


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value


def expected_rows(entity: Entity, texts: list[str]) -> dict[str, dict[tuple[Any, ...], Any]]:
    tables = tables_of(entity)
    below: dict[str | None, list[Table]] = {}
    for table in tables:
        below.setdefault(table.parent, []).append(table)
    found: dict[str, dict[tuple[Any, ...], Any]] = {table.name: {} for table in tables}
    for text in texts:
        record = json.loads(text, parse_float=Decimal, parse_int=Decimal)
        for name, keys, columns in walked(below, record, tables[0], (record["Id"],)):
            found[name][keys] = columns
    return found


def _same(kind: Kind, literal: Any, value: Any) -> bool:
    if literal is None or value is None:
        return literal is value
    if kind in (Kind.DECIMAL, Kind.INTEGER):
        return Decimal(value) == literal
    if kind is Kind.DATE:
        return value == date.fromisoformat(literal)
    if kind is Kind.INSTANT:
        moment = datetime.fromisoformat(literal.replace("Z", "+00:00"))
        return value == moment.astimezone(timezone.utc)
    return type(value) is type(literal) and value == literal


def _rows(found: dict[str, pa.Table], table: Table) -> Iterator[tuple[tuple[Any, ...], Any]]:
    for row in found[table.name].to_pylist():
        names = [*table.parent_keys, "position"] if table.parent else ["id"]
        yield tuple(row[name] for name in names), row


@pytest.mark.parametrize("name", NAMES)
@settings(max_examples=30, deadline=None, suppress_health_check=UNHURRIED)
@given(data=st.data())
def test_every_value_and_row_is_where_it_belongs(name: str, data: st.DataObject) -> None:
    entity = ENTITIES[name]
    count = data.draw(st.integers(0, 3))
    texts = [data.draw(document(entity.fields, str(number))) for number in range(count)]
    parsed = parse(entity, [text.encode() for text in texts])
    assert parsed.rejects == []
    assert parsed.unmodeled == []
    carried = pa.table({"carried": pa.array(range(count), pa.int64())})
    found = flatten(entity, parsed.rows, carried)
    expected = expected_rows(entity, texts)
    assert found.keys() == expected.keys()
    for table in tables_of(entity):
        rows = dict(_rows(found, table))
        assert len(rows) == found[table.name].num_rows
        assert rows.keys() == expected[table.name].keys()
        for key, columns in expected[table.name].items():
            assert rows[key]["carried"] == int(key[0])
            for column, (kind, literal) in columns.items():
                assert _same(kind, literal, rows[key][column]), (table.name, key, column, literal)
