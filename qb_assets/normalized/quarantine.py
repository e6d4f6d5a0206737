"""Which of the records that had to step aside are still not right."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

import polars as pl

from qb_assets.findings import Value
from qb_assets.normalized.read import Slice


class Waiting:
    """Records in quarantine that no version fetched later has made good."""

    def __init__(self, table: str) -> None:
        self._table = table
        self._aside: dict[tuple[str, str], tuple[datetime, str]] = {}

    def take(self, part: Slice) -> None:
        """Looks at a slice. They come in order of the days, so what makes good comes no earlier."""
        for row in part.quarantined.select(["id", "extracted_at", "raw_object"]).to_pylist():
            self._aside[part.company, row["id"]] = row["extracted_at"], row["raw_object"]
        rows = part.tables[self._table]
        if not self._aside or "id" not in rows.columns:
            return
        ids = [identity for company, identity in self._aside if company == part.company]
        held = rows.filter(pl.col("id").is_in(ids)).select("id", "_extracted_at")
        for identity, fetched in held.iter_rows():
            aside = self._aside.get((part.company, identity))
            if aside is not None and fetched > aside[0]:
                del self._aside[part.company, identity]

    def findings(self) -> Iterator[dict[str, Value]]:
        """The records that are left, with the raw object of the version that is aside."""
        for (company, identity), (_, raw_object) in self._aside.items():
            yield {"company": company, "id": identity, "raw_object": raw_object}
