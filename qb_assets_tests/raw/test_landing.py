"""What lands in a raw partition: every version once, in whatever form it is answered."""

from datetime import date, datetime, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from qb_assets.catalog import ENTITIES, Entity
from qb_assets.lake import parquet
from qb_assets.lake.store import Lake
from qb_assets.partitions import Calendar, days_between
from qb_assets.quickbooks.envelope import Fetched, fetched, told_apart
from qb_assets.raw.landing import Extract, Landed, Landing

UTC = timezone.utc
CALENDAR = Calendar(date(2026, 5, 1), ZoneInfo("America/Los_Angeles"))
DAYS = days_between(date(2026, 5, 1), date(2026, 5, 10))
MOMENT = "2026-05-04T10:00:00-07:00"
INVOICE = ENTITIES["Invoice"]


def record(fields: str, updated: str | None = MOMENT, identity: str = "1") -> Fetched:
    meta = f', "MetaData": {{"LastUpdatedTime": "{updated}"}}' if updated else ""
    body = f'{{"Id": "{identity}", {fields}{meta}}}'
    return fetched(body.encode(), INVOICE)


class Fetches:
    """Fetches into one lake, a minute apart."""

    def __init__(self, lake: Lake, entity: Entity) -> None:
        self.lake = lake
        self._entity = entity
        self._count = 0

    def land(self, *answers: list[Fetched], days: list[date] | None = None) -> Landed:
        self._count += 1
        at = datetime(2026, 5, 9, 0, self._count, tzinfo=UTC)
        extract = Extract(f"extract{self._count}", at)
        landing = Landing(self.lake, CALENDAR, self._entity, "7", days or list(DAYS), extract)
        for answer in answers:
            landing.add(answer, "query")
        landing.flush()
        return landing.landed

    def rows(self) -> list[dict[str, object]]:
        return [
            {**row, "day": found.path.split("updated_on=")[1][:10]}
            for found in self.lake.list("raw")
            for row in parquet.decode(self.lake.read(found.path)).to_pylist()
        ]


@pytest.fixture
def fetches(tmp_path: Path) -> Fetches:
    return Fetches(Lake.open(str(tmp_path)), INVOICE)


def test_a_version_lands_once(fetches: Fetches) -> None:
    answer = [record('"TotalAmt": 1'), record('"TotalAmt": 2', identity="2")]
    assert fetches.land(answer).new.total() == 2
    again = fetches.land(answer)
    assert (again.seen.total(), again.new.total(), again.objects) == (2, 0, [])


def test_back_to_the_first_version_at_the_same_time_is_a_version(fetches: Fetches) -> None:
    first, second = record('"TotalAmt": 1'), record('"TotalAmt": 2')
    for version in (first, second, first):
        assert fetches.land([version]).new.total() == 1
    rows = sorted(fetches.rows(), key=lambda row: str(row["extracted_at"]))
    assert [row["payload"] for row in rows] == [first.body, second.body, first.body]
    assert fetches.land([first]).new.total() == 0


@pytest.mark.parametrize(
    "other",
    [
        '{"Id":"1","MetaData":{"LastUpdatedTime":"%s"},"TotalAmt":10.50,"Line":[{"A":1,"B":2}]}',
        '{ "Line" : [ {"B": 2, "A": 1} ] , "TotalAmt": 10.50,\n "Id": "1",'
        ' "MetaData": {"LastUpdatedTime": "%s"}}',
    ],
)
def test_other_spacing_and_order_is_the_same_version(fetches: Fetches, other: str) -> None:
    assert fetches.land([record('"TotalAmt": 10.50, "Line": [{"A": 1, "B": 2}]')]).new.total() == 1
    assert fetches.land([fetched((other % MOMENT).encode(), INVOICE)]).new.total() == 0


@pytest.mark.parametrize(
    "fields",
    [
        '"TotalAmt": 10.5, "Line": [{"A": 1, "B": 2}]',  # another literal of the same number
        '"TotalAmt": 10.50, "Line": [{"A": 1, "B": 3}]',
        '"TotalAmt": 10.50, "Line": [{"A": 1, "B": "2"}]',
        '"TotalAmt": 10.50, "Line": []',
    ],
)
def test_another_literal_is_another_version(fetches: Fetches, fields: str) -> None:
    assert fetches.land([record('"TotalAmt": 10.50, "Line": [{"A": 1, "B": 2}]')]).new.total() == 1
    assert fetches.land([record(fields)]).new.total() == 1


def test_a_record_that_comes_twice_in_a_fetch_has_two_versions(fetches: Fetches) -> None:
    earlier, later = record('"TotalAmt": 1'), record('"TotalAmt": 2', "2026-05-04T11:00:00-07:00")
    assert fetches.land([earlier], [later], [earlier]).new.total() == 2
    rows = fetches.rows()
    assert len({row["extracted_at"] for row in rows}) == 2
    assert fetches.land([earlier], [later]).new.total() <= 1


def test_each_day_has_what_was_updated_on_it(fetches: Fetches) -> None:
    answer = [
        record('"A": 1', "2026-05-02T23:59:59-07:00", "a"),
        record('"A": 1', "2026-05-03T00:00:00-07:00", "b"),
        record('"A": 1', "2026-05-03T06:59:59Z", "c"),
        record('"A": 1', "2026-05-03T07:00:00Z", "d"),
        record('"A": 1', "2015-01-01T00:00:00Z", "old"),
        record('"A": 1', None, "never"),
        record('"A": 1', "2031-01-01T00:00:00Z", "future"),
    ]
    landed = fetches.land(answer)
    assert {row["id"]: row["day"] for row in fetches.rows()} == {
        "a": "2026-05-02",
        "b": "2026-05-03",
        "c": "2026-05-02",
        "d": "2026-05-03",
        "old": "2026-05-01",
        "never": "2026-05-01",
    }
    assert landed.new.total() == 6


def test_days_that_were_not_asked_for_stay_as_they_are(fetches: Fetches) -> None:
    answer = [record('"A": 1'), record('"A": 1', "2026-05-05T10:00:00-07:00", "2")]
    landed = fetches.land(answer, days=[date(2026, 5, 5)])
    assert list(landed.new) == [date(2026, 5, 5)]


def test_a_delete_is_a_version(fetches: Fetches) -> None:
    assert fetches.land([record('"TotalAmt": 1')]).new.total() == 1
    notice = record('"status": "Deleted", "domain": "QBO"', "2026-05-04T12:00:00-07:00")
    assert notice.deleted
    assert fetches.land([notice]).deleted.total() == 1
    assert fetches.land([notice]).new.total() == 0
    assert sorted(str(row["status"]) for row in fetches.rows()) == ["deleted", "live"]


def test_what_changes_at_every_read_is_no_change(tmp_path: Path) -> None:
    entity = ENTITIES["Attachable"]
    fetches = Fetches(Lake.open(str(tmp_path)), entity)

    def answer(link: str, note: str) -> list[Fetched]:
        body = (
            f'{{"Id": "1", "TempDownloadUri": "{link}", "Note": "{note}",'
            f' "MetaData": {{"LastUpdatedTime": "{MOMENT}"}}}}'
        )
        return [fetched(body.encode(), entity)]

    assert fetches.land(answer("https://a?sig=1", "x")).new.total() == 1
    assert fetches.land(answer("https://a?sig=2", "x")).new.total() == 0
    assert fetches.land(answer("https://a?sig=2", "y")).new.total() == 1
    assert b"sig=2" in b"".join(bytes(str(row["payload"]), "utf8") for row in fetches.rows())


def test_objects_are_made_and_never_touched(fetches: Fetches) -> None:
    fetches.land([record('"A": 1')])
    before = {found.path: found.e_tag for found in fetches.lake.list()}
    fetches.land([record('"A": 2')])
    after = {found.path: found.e_tag for found in fetches.lake.list()}
    assert len(after) == 2
    assert before.items() <= after.items()


def test_a_record_without_an_id_lands_once(fetches: Fetches) -> None:
    def keyless(total: str) -> Fetched:
        meta = f'"MetaData": {{"LastUpdatedTime": "{MOMENT}"}}'
        return fetched(f'{{{meta}, "TotalAmt": {total}}}'.encode(), INVOICE)

    first = fetches.land([keyless("1"), record('"TotalAmt": 1'), keyless("2")])
    again = fetches.land([keyless("2"), keyless("1")])
    assert (first.new.total(), again.new.total()) == (3, 0)
    assert sorted(str(row["status"]) for row in fetches.rows()) == ["keyless", "keyless", "live"]
    assert {row["day"] for row in fetches.rows()} == {"2026-05-04"}


def test_two_records_with_one_id_land_once_each(fetches: Fetches) -> None:
    one, other = record('"TotalAmt": 1'), record('"TotalAmt": 2')
    first = fetches.land(told_apart([one, other], INVOICE))
    again = fetches.land(told_apart([other, one], INVOICE))
    assert (first.new.total(), again.new.total()) == (2, 0)
    rows = fetches.rows()
    assert {row["payload"] for row in rows} == {one.body, other.body}
    assert sorted(str(row["status"]) for row in rows) == ["duplicate", "live"]
    assert len({(row["id"], row["extracted_at"]) for row in rows}) == 2
