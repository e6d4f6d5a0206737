"""What a check found, as Dagster shows it: both figures, the difference, the keys that differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import dagster as dg

MOST_KEYS = 50
"""Keys that are listed; their number is always given."""

Value: TypeAlias = str | int | float | None


@dataclass
class Findings:
    """What was looked at and what was wrong with it."""

    looked_at: int = 0
    wrong: int = 0
    keys: list[dict[str, Value]] = field(default_factory=list[dict[str, Value]])
    notes: dict[str, Value] = field(default_factory=dict[str, Value])

    def add(self, key: Mapping[str, Value]) -> None:
        """Notes one wrong thing; no customer's data but keys and figures."""
        self.wrong += 1
        if len(self.keys) < MOST_KEYS:
            self.keys.append(dict(key))

    def add_all(self, keys: Iterable[Mapping[str, Value]]) -> None:
        """Notes wrong things."""
        for key in keys:
            self.add(key)

    def result(
        self,
        asset: dg.AssetKey,
        check: str,
        *,
        right: str,
        wrong: str,
        severity: dg.AssetCheckSeverity = dg.AssetCheckSeverity.ERROR,
        tables: Mapping[str, Sequence[Mapping[str, Value]]] | None = None,
        to_do: dg.MarkdownMetadataValue | None = None,
    ) -> dg.AssetCheckResult:
        """The check's result; `right` and `wrong` are its one-line descriptions."""
        metadata: dict[str, dg.MetadataValue | str | int | float | None] = {
            "looked_at": self.looked_at,
            "wrong": self.wrong,
            **self.notes,
        }
        if to_do is not None:
            metadata["to_do"] = to_do
        if self.keys:
            metadata["keys"] = table_value(self.keys)
        for name, rows in (tables or {}).items():
            if rows:
                metadata[name] = table_value(rows)
        return dg.AssetCheckResult(
            passed=not self.wrong,
            asset_key=asset,
            check_name=check,
            severity=severity,
            description=wrong if self.wrong else right,
            metadata=metadata,
        )


def table_value(rows: Sequence[Mapping[str, Value]]) -> dg.TableMetadataValue:
    """Rows as a table in the UI; all have the columns of the first."""
    records = [dg.TableRecord(dict(row)) for row in rows]
    schema = dg.TableSchema([dg.TableColumn(name) for name in rows[0]])
    return dg.MetadataValue.table(records, schema)
