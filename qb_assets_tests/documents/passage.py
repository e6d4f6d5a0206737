"""From the bytes of records to the tables of the normalized layer, by the pipeline itself."""

from __future__ import annotations

import tempfile
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timezone
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa

from qb_assets.catalog import ENTITIES, tables_of
from qb_assets.lake import layout, parquet
from qb_assets.lake.store import Lake
from qb_assets.normalized.build import build
from qb_assets.normalized.drift import UNKNOWN_VALUE, UNMODELED
from qb_assets.normalized.schema import UNMODELED_COLUMN
from qb_assets.partitions import CompanyDays
from qb_assets.quickbooks.envelope import fetched
from qb_assets.raw.records import raw_table
from qb_assets_tests.expected import (
    KEYS,
    Expected,
    Record,
    expected_of,
    read_json,
    snake,
    table_differences,
)

COMPANY, DAY = "7", date(2026, 5, 4)
FETCHED = datetime(2026, 5, 9, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Landed:
    """What became of some records of an entity."""

    entity: str
    raw: dict[str, bytes]
    """The bytes of each, by its key."""
    tables: dict[str, pa.Table]
    """All tables of the entity; those without a row have no columns."""
    quarantined: dict[str, bytes]
    unmodeled: set[str]
    """The paths of the single values that the catalog does not know."""

    def told(self, path: str) -> set[str]:
        """The paths that were told of at a property or inside of it."""
        return {each for each in self.unmodeled if each == path or _is_below(each, path)}

    def keys(self, *, deleted: bool = False) -> list[str]:
        """The keys of the records that have a row, or of the tombstones."""
        rows = _rows(self.tables[snake(self.entity)])
        return ["/".join(key_of(self.entity, r)) for r in rows if r["_deleted"] is deleted]

    def undeclared(self) -> list[Any]:
        """What the rows of the records have in `_unmodeled`, as JSON that was read."""
        rows = (r for r in _rows(self.tables[snake(self.entity)]) if not r["_deleted"])
        texts = [row[UNMODELED_COLUMN] for row in rows]
        return [None if text is None else read_json(text) for text in texts]

    def expected(self, records: Sequence[Record]) -> Expected:
        """What these records should become."""
        return expected_of({self.entity: records}, set(self.tables))

    def differences(self, expected: Expected) -> list[str]:
        """All that differs between the tables and what they should be, leaf by leaf, both ways."""
        found = [f"{name}: no such table" for name in expected.rows.keys() - self.tables.keys()]
        for name, table in self.tables.items():
            names = table.column_names
            child = names[: names.index("position") + 1] if "position" in names else None
            key = child or [snake(each) for each in KEYS.get(self.entity, ("Id",))]
            rows = [row for row in _rows(table) if not row["_deleted"]]
            found += table_differences(name, key, rows, expected.rows.get(name, {}))
        return found


def key_of(entity: str, row: dict[str, Any]) -> list[str]:
    """The key of a row of the entity's own table."""
    return [str(row[snake(name)]) for name in KEYS.get(entity, ("Id",))]


@contextmanager
def empty_lake() -> Generator[Lake, None, None]:
    """A lake on the disk for a while."""
    with tempfile.TemporaryDirectory() as folder:
        yield Lake.open(str(Path(folder)))


def land(lake: Lake, entity: str, bodies: Sequence[bytes]) -> Landed:
    """Lands records in raw as if they had been fetched in one go, and normalizes them."""
    declared = ENTITIES[entity]
    rows = [fetched(body, declared) for body in bodies]
    raw = raw_table(rows, source="query", extracted_at=FETCHED, volatile=declared.volatile)
    path = layout.raw_object(declared.table, COMPANY, DAY, "fetch")
    lake.create(path, parquet.encode(raw))
    build(lake, declared, CompanyDays(COMPANY, (DAY,)))
    held = _rows(parquet.decode(lake.read(path)))
    tables = {t.name: _read(lake, f"normalized/{t.name}/") for t in tables_of(declared)}
    quarantined = _rows(_read(lake, f"quarantine/{declared.table}/"))
    return Landed(
        entity=entity,
        raw={row["id"]: row["payload"] for row in held},
        tables=tables,
        quarantined={row["id"]: row["payload"] for row in quarantined},
        unmodeled=_unmodeled(lake, declared.table),
    )


def _is_below(path: str, above: str) -> bool:
    return path.startswith((f"{above}.", f"{above}[]"))


def _read(lake: Lake, prefix: str) -> pa.Table:
    found = [parquet.decode(lake.read(each.path)) for each in lake.list(prefix)]
    return pa.concat_tables(found) if found else pa.schema([]).empty_table()


def _rows(table: pa.Table) -> list[dict[str, Any]]:
    return table.to_pylist()


def _unmodeled(lake: Lake, table: str) -> set[str]:
    texts = [
        parquet.read_metadata(lake.read(each.path)).get(UNMODELED, "[]")
        for each in lake.list(f"normalized/{table}/")
    ]
    told = [each for text in texts for each in msgspec.json.decode(text)]
    return {each["path"] for each in told if each["type"] != UNKNOWN_VALUE}
