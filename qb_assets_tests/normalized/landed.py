"""Made-up records of one day that are landed in a real lake and normalized."""

import json
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from qb_assets.catalog import Entity
from qb_assets.lake import layout, parquet
from qb_assets.lake.store import Lake
from qb_assets.normalized.build import Built, build
from qb_assets.normalized.checks import DOCS, Examination, columns_asked, examine
from qb_assets.normalized.read import slices
from qb_assets.partitions import CompanyDays
from qb_assets.quickbooks.envelope import Fetched, fetched, told_apart
from qb_assets.raw.records import DELETED, raw_table

DAY = date(2026, 5, 4)
SCOPE = CompanyDays("7", (DAY,))
MOMENT = "2026-05-04T10:00:00-07:00"
FETCHED = datetime(2026, 5, 9, tzinfo=timezone.utc)


class Normalized:
    """One day of an entity, fetched into a lake and normalized."""

    def __init__(self, folder: Path, entity: Entity) -> None:
        self.lake = Lake.open(str(folder))
        self.entity = entity
        self._fetches = 0

    def land(self, *records: dict[str, Any] | bytes | Fetched, gone: str = DELETED) -> None:
        """Makes a raw object of the records of one answer, and normalizes the day."""
        rows = told_apart([self._fetched(record) for record in records], self.entity)
        at = FETCHED + timedelta(minutes=self._fetches)
        table = raw_table(rows, source="query", extracted_at=at, gone=gone)
        name = f"fetch{self._fetches}"
        self._fetches += 1
        path = layout.raw_object(self.entity.table, "7", DAY, name)
        self.lake.create(path, parquet.encode(table))
        self.build()

    def _fetched(self, record: dict[str, Any] | bytes | Fetched) -> Fetched:
        if isinstance(record, Fetched):
            return record
        if isinstance(record, dict):
            whole = {**record, "MetaData": {"LastUpdatedTime": MOMENT}}
            record = json.dumps({"Bill": whole} if self.entity.wrapped else whole).encode()
        return fetched(record, self.entity)

    def build(self) -> Built:
        """Normalizes the day (again)."""
        return build(self.lake, self.entity, SCOPE)

    def rows(self, table: str) -> list[dict[str, Any]]:
        """All rows of a normalized table."""
        return self._rows(f"normalized/{table}")

    def aside(self) -> list[dict[str, Any]]:
        """All rows in quarantine."""
        return self._rows(f"quarantine/{self.entity.table}")

    def examined(self) -> Examination:
        """What the checks find."""
        columns = columns_asked(self.entity, DOCS)
        return examine(self.entity, slices(self.lake, self.entity, [SCOPE], columns=columns))

    def _rows(self, prefix: str) -> list[dict[str, Any]]:
        objects = [each for each in self.lake.list(prefix) if each.path.endswith(".parquet")]
        contents = self.lake.read_many([each.path for each in objects])
        return [row for data in contents for row in parquet.decode(data).to_pylist()]
