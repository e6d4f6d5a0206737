"""Raw objects of bills, one a fetch, of which compaction has something to do."""

import json
from datetime import date, timedelta
from typing import Any

from qb_assets.catalog import ENTITIES
from qb_assets.lake import layout, parquet
from qb_assets.lake.store import Lake
from qb_assets.quickbooks.envelope import fetched
from qb_assets.raw.records import raw_table
from qb_assets_tests.normalized.landed import DAY, FETCHED, MOMENT

BILL = ENTITIES["Bill"]


def land(
    lake: Lake, number: int, *records: dict[str, Any], company: str = "7", day: date = DAY
) -> str:
    """Makes the raw object of one fetch; gives its path."""
    bodies = [{**record, "MetaData": {"LastUpdatedTime": MOMENT}} for record in records]
    rows = raw_table(
        [fetched(json.dumps(body).encode(), BILL) for body in bodies],
        source="query",
        extracted_at=FETCHED + timedelta(minutes=number),
    )
    path = layout.raw_object("bill", company, day, f"20260509T{number:06}Z")
    lake.create(path, parquet.encode(rows, metadata={"entity": "Bill"}))
    return path


def bill(identity: int, **more: Any) -> dict[str, Any]:
    line = {"Id": "1", "Amount": 1.5, "DetailType": "AccountBasedExpenseLineDetail"}
    return {"Id": str(identity), "TotalAmt": 1.5, "Line": [line], **more}


def paths(lake: Lake, prefix: str = "raw") -> list[str]:
    return [each.path for each in lake.list(prefix)]
