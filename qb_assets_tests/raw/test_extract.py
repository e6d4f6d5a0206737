"""What a fetch costs in metered calls, and that it brings every change and every delete."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from qb_assets.catalog import ENTITIES
from qb_assets.quickbooks.query import Window
from qb_assets.raw.plan import SETTLING
from qb_assets.raw.sweep import Sighting, gone_since
from qb_assets_tests.raw.fetching import UTC, ZONE, Fetcher, books, days, spread

NOW = datetime(2026, 6, 20, 18, tzinfo=UTC)
TODAY = NOW.date()
FIRST_DAY = date(2026, 4, 1)
LONG_AGO = datetime(2025, 1, 1, tzinfo=UTC)
CHANGING = [
    *("Invoice", "Bill", "Payment", "Customer", "Vendor", "Item", "Account", "Deposit"),
    *("Purchase", "Transfer", "JournalEntry", "TimeActivity"),
]


def small_company(**counts: int) -> dict[str, list[dict[str, object]]]:
    """Records of every entity, all updated long ago."""
    many = dict.fromkeys((e.name for e in ENTITIES.values() if not (e.singleton or e.wrapped)), 20)
    many.pop("ExchangeRate")
    return {
        name: spread(count, LONG_AGO, NOW - days(100), first=1_000 * place)
        for place, (name, count) in enumerate((many | counts).items())
    }


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Fetcher]:
    """A small company that has been fetched, and not been changed since; calls count from here."""
    with books(tmp_path, small_company(), first_day=FIRST_DAY) as fetcher:
        fetcher.fetch(NOW - days(1))
        fetcher.metered()
        fetcher.at(NOW - timedelta(hours=1))
        yield fetcher


def same(fetcher: Fetcher, *entities: str) -> None:
    for name in entities:
        assert fetcher.held(name) == fetcher.there(name), name


def edit(fetcher: Fetcher, entity: str, count: int, at: datetime, start: int = 0) -> None:
    """Edits records, one a second up to a moment."""
    for place, identity in enumerate(list(fetcher.there(entity))[start : start + count]):
        moment = (at - timedelta(seconds=place)).isoformat()
        asked = {"entity": entity, "id": identity, "fields": {"Note": "x"}, "at": moment}
        fetcher.box.admin("edit", asked)


def test_a_quiet_day_costs_three_calls(company: Fetcher) -> None:
    extraction = company.fetch(NOW, TODAY)
    assert company.metered() <= 3
    assert not any(landed.new.total() for landed in extraction.landed.values())


def test_a_day_with_two_hundred_changes_in_twelve_entities_costs_five_calls(
    company: Fetcher,
) -> None:
    for place, name in enumerate(CHANGING):
        edit(company, name, 17 if place < 8 else 16, NOW - timedelta(hours=1, minutes=place))
    company.metered()
    extraction = company.fetch(NOW, TODAY)
    assert company.metered() <= 5
    assert sum(landed.new.total() for landed in extraction.landed.values()) == 200
    same(company, *CHANGING)


def test_a_first_load_costs_five_percent_more_than_its_pages(tmp_path: Path) -> None:
    rows = 100_000
    invoices = spread(rows, LONG_AGO, NOW - days(1))
    with books(tmp_path, {"Invoice": invoices}, first_day=FIRST_DAY) as fetcher:
        fetcher.metered()
        extraction = fetcher.fetch(NOW, entities=["Invoice"])
        assert fetcher.metered() <= rows / 1000 * 1.05
        assert extraction.landed["Invoice"].new.total() == rows
        held = fetcher.versions("Invoice")
        assert held.height == held["id"].n_unique() == rows


def test_more_changes_than_one_answer_holds(tmp_path: Path) -> None:
    """Deletes are found in every entity that fits an answer of its own, by few calls."""
    many = dict.fromkeys(CHANGING[:4], 700)
    with books(tmp_path, small_company(**many), first_day=FIRST_DAY) as fetcher:
        fetcher.fetch(NOW - days(1))
        fetcher.at(NOW - timedelta(hours=1))
        for name in many:
            edit(fetcher, name, 500, NOW - timedelta(hours=2))
            fetcher.box.admin("delete", {"entity": name, "id": list(fetcher.there(name))[600]})
        fetcher.metered()
        fetcher.fetch(NOW, TODAY)
        # One full answer, two surveys of two batches, four groups, and one read of the deleted.
        assert fetcher.metered() <= 11
        same(fetcher, *many)
        gone = {name: sorted(set(fetcher.states(name).values()) - {"live"}) for name in many}
        merged_or_deleted = {"Customer": ["merged"]}
        assert gone == {name: merged_or_deleted.get(name, ["deleted"]) for name in many}


def test_one_entity_with_more_changes_than_an_answer(tmp_path: Path) -> None:
    """Its deletes are found by its Ids."""
    with books(tmp_path, small_company(Bill=1500), first_day=FIRST_DAY) as fetcher:
        fetcher.fetch(NOW - days(1))
        fetcher.at(NOW - timedelta(hours=1))
        edit(fetcher, "Bill", 1200, NOW - timedelta(hours=2))
        deleted = list(fetcher.there("Bill"))[5]
        fetcher.box.admin("delete", {"entity": "Bill", "id": deleted})
        extraction = fetcher.fetch(NOW, TODAY)
        same(fetcher, "Account", "Bill")
        assert fetcher.states("Bill")[deleted] == "deleted"
        assert extraction.routes["Bill"] == ["query", "sweep"]


def test_changes_without_deletes_need_no_comparison_of_ids(tmp_path: Path) -> None:
    bills = spread(3000, LONG_AGO, NOW - days(100))
    with books(tmp_path, {"Bill": bills}, first_day=FIRST_DAY) as fetcher:
        fetcher.fetch(NOW - days(1), entities=["Bill"])
        edit(fetcher, "Bill", 1200, NOW - timedelta(hours=2))
        fetcher.metered()
        fetcher.fetch(NOW, TODAY, entities=["Bill"])
        same(fetcher, "Bill")
        # CDC, its count, the survey, two pages, their count, and the count of all Ids.
        assert fetcher.metered() <= 7


@pytest.mark.parametrize("gap", [20, 45])
def test_deletes_while_nobody_looked(company: Fetcher, gap: int) -> None:
    """Shorter than change data capture looks back, and longer."""
    later = NOW + days(gap)
    for moment, place in ((NOW + days(1), 0), (NOW + days(gap - 1), 1)):
        for name in ("Invoice", "Customer", "Bill"):
            company.at(moment)
            identity = list(company.there(name))[place]
            company.box.admin("delete", {"entity": name, "id": identity})
    edit(company, "Invoice", 5, NOW + days(2), start=10)
    company.fetch(later, TODAY)
    same(company, "Invoice", "Customer", "Bill", "Vendor")
    assert sorted(company.states("Invoice").values()).count("deleted") == 2
    assert sorted(company.states("Customer").values()).count("merged") == 2


def test_a_sweep_on_request_finds_what_nothing_tells_of(company: Fetcher) -> None:
    """TimeActivity is not in change data capture at all; a new record hides the one that went."""
    [gone, *_] = company.there("TimeActivity")
    company.box.admin("delete", {"entity": "TimeActivity", "id": gone})
    company.box.admin("create", {"entity": "TimeActivity", "fields": {}, "at": NOW.isoformat()})
    later = NOW + timedelta(hours=1)
    company.fetch(later, TODAY)
    assert gone in company.held("TimeActivity")
    company.fetch(later + timedelta(minutes=1), TODAY, sweep=True)
    same(company, *CHANGING)
    rows = company.versions("TimeActivity").filter(status="deleted")
    assert rows["source"].to_list() == ["sweep"]
    company.fetch(later + timedelta(minutes=2), TODAY, sweep=True)
    assert company.versions("TimeActivity").filter(status="deleted").height == 1


def test_a_sweep_lets_records_live_until_they_were_seen_last(company: Fetcher) -> None:
    """All days are fetched anew, then the next one: a record that is gone was there before."""
    for first, at in ((None, NOW), (TODAY + days(1), NOW + days(1))):
        [gone, *_] = company.held("TimeActivity")
        company.box.admin("delete", {"entity": "TimeActivity", "id": gone})
        company.fetch(at, first, entities=["TimeActivity"], sweep=True)
    told = company.versions("TimeActivity").filter(status="deleted").sort("last_updated_time")
    seen = NOW - days(1) - SETTLING
    midnight = datetime(2026, 6, 21, tzinfo=ZONE)
    second = timedelta(seconds=1)
    assert told["last_updated_time"].to_list() == [seen + second, midnight + second]


@pytest.mark.parametrize(
    ("updated", "seen", "start", "gone"),
    [
        (None, 10, None, 11),
        (3, 10, None, 11),
        (12, 10, None, 13),  # was updated while QuickBooks settled
        (3, 10, 5, 11),
        (3, 4, 5, 6),
        (3, 40, None, 19),  # was fetched after the window, which is of an old day
        (19, 40, 5, 19),
    ],
)
def test_when_a_missing_record_can_have_gone(
    updated: int | None, seen: int, start: int | None, gone: int
) -> None:
    """All in seconds, of a window that ends with the twentieth."""
    begin = NOW.replace(microsecond=0)
    second = timedelta(seconds=1)
    sighting = Sighting(
        None if updated is None else begin + updated * second,
        begin + seen * second + SETTLING + timedelta(microseconds=5),
    )
    window = Window(None if start is None else begin + start * second, begin + 20 * second)
    assert gone_since(sighting, window) == begin + gone * second


def test_a_record_that_comes_back(company: Fetcher) -> None:
    """Ids do not come back in QuickBooks by themselves, but its support can restore a company."""
    [gone, *_] = company.there("Bill")
    body = company.there("Bill")[gone]
    company.box.admin("delete", {"entity": "Bill", "id": gone})
    company.fetch(NOW, TODAY)
    assert company.states("Bill")[gone] == "deleted"
    company.box.admin("restore", {"entity": "Bill", "id": gone})
    company.fetch(NOW + timedelta(minutes=5), TODAY)
    assert company.states("Bill")[gone] == "live"
    assert isinstance(body, dict)
    same(company, "Bill")
