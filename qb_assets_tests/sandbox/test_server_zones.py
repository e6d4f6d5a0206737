"""The company's zone across both switches of daylight saving time."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from qb_assets.sandbox.process import start

from .conftest import FREE, Client

UPDATED = "MetaData.LastUpdatedTime"
# In 2026 clocks went ahead on 8 March at 10:00Z and go back on 1 November at 09:00Z.
AHEAD = datetime(2026, 3, 8, 10, tzinfo=timezone.utc)
BACK = datetime(2026, 11, 1, 9, tzinfo=timezone.utc)
QUARTER = timedelta(minutes=15)


@pytest.fixture(scope="module")
def client(company_dir: Path) -> Iterator[Client]:
    """A client of a sandbox in which eight invoices were edited around each switch."""
    now = BACK + timedelta(days=1)
    with start(company_dir=company_dir, settings=replace(FREE, now=now)) as sandbox:
        for first, switch in ((1, AHEAD), (9, BACK)):
            for i in range(8):
                at = switch + (i - 4) * QUARTER
                asked = {"entity": "Invoice", "id": str(first + i), "at": at.isoformat()}
                sandbox.admin("edit", asked)
        yield Client(sandbox)


def z(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@pytest.mark.parametrize(
    ("first", "switch", "before", "after"),
    [
        (1, AHEAD, "2026-03-08T01:45:00-08:00", "2026-03-08T03:00:00-07:00"),
        (9, BACK, "2026-11-01T01:45:00-07:00", "2026-11-01T01:00:00-08:00"),
    ],
)
def test_stamps_and_windows_around_a_switch(
    client: Client, first: int, switch: datetime, before: str, after: str
) -> None:
    ids = [str(first + i) for i in range(8)]
    start, end = switch - 4 * QUARTER, switch + 4 * QUARTER

    def within(begin: datetime, end: datetime) -> list[str]:
        window = f"{UPDATED} >= '{z(begin)}' and {UPDATED} < '{z(end)}'"
        found = client.ids(f"select Id from Invoice where {window} orderby {UPDATED}")
        assert client.count(f"select count(*) from Invoice where {window}") == len(found)
        return found

    assert within(start, end) == ids
    assert within(start, switch) == ids[:4]
    assert within(switch, end) == ids[4:]
    for i, id in enumerate(ids):
        assert within(start + i * QUARTER, start + (i + 1) * QUARTER) == [id]
    rows = client.rows(f"select * from Invoice where Id in ('{ids[3]}', '{ids[4]}') orderby Id")
    assert [row["MetaData"]["LastUpdatedTime"] for row in rows] == [before, after]


def test_changes_since_a_moment_in_the_hour_that_comes_twice(client: Client) -> None:
    # 01:20 in daylight time and 01:20 in standard time, an hour later.
    for since, expected in ((BACK - QUARTER * 8 / 3, 6), (BACK + QUARTER * 4 / 3, 2)):
        answer = client.get("cdc", entities="Invoice", changedSince=z(since))
        rows = answer.json()["CDCResponse"][0]["QueryResponse"][0]["Invoice"]
        assert len(rows) == expected
    local = client.get("cdc", entities="Invoice", changedSince="2026-11-01T01:20:00-08:00")
    assert len(local.json()["CDCResponse"][0]["QueryResponse"][0]["Invoice"]) == 2
