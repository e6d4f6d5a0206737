import threading
from dataclasses import FrozenInstanceError

import pytest

from qb_assets.quickbooks.usage import Figures, Snapshot, Usage


def test_figures_add_up_by_kind_and_entity() -> None:
    usage = Usage()
    usage.add("query", "Bill", Figures(sent=1, metered=1, rows=5, bytes=100, seconds=0.5))
    failed = Figures(sent=1, retried=1, seconds=0.25, waited=2.0, errors={"Throttled": 1})
    usage.add("query", "Bill", failed)
    usage.add("cdc", "3-entities", Figures(sent=1, metered=1, rows=2))
    now = usage.snapshot()
    assert now.by["query", "Bill"] == Figures(2, 1, 1, 5, 100, 0.75, 2.0, {"Throttled": 1})
    assert (now.total.sent, now.total.rows) == (3, 7)
    assert usage.sent == {("query", "Bill"): 2, ("cdc", "3-entities"): 1}
    assert usage.metered_so_far() == {("query", "Bill"): 1, ("cdc", "3-entities"): 1}


def test_a_snapshot_less_an_earlier_one_is_what_came_between() -> None:
    usage = Usage()
    usage.add("query", "Bill", Figures(sent=3, metered=1, errors={"BadAnswer": 2}))
    usage.add("read", "Item", Figures(sent=1, metered=1))
    earlier = usage.snapshot()
    usage.add("query", "Bill", Figures(sent=2, metered=1, errors={"ServerUnavailable": 1}))
    usage.add("cdc", "Bill", Figures(sent=1, errors={"Throttled": 1}))
    between = usage.snapshot() - earlier
    assert dict(between.by) == {
        ("query", "Bill"): Figures(sent=2, metered=1, errors={"ServerUnavailable": 1}),
        ("cdc", "Bill"): Figures(sent=1, errors={"Throttled": 1}),
    }
    assert between.metered == {("query", "Bill"): 1}
    assert between.total.errors == {"ServerUnavailable": 1, "Throttled": 1}
    assert (usage.snapshot() - usage.snapshot()).total == Figures()


def test_a_snapshot_does_not_change() -> None:
    usage = Usage()
    usage.add("query", "Bill", Figures(sent=1))
    taken = usage.snapshot()
    usage.add("query", "Bill", Figures(sent=1))
    assert taken.total.sent == 1
    with pytest.raises(TypeError):
        taken.by["query", "Bill"] = Figures()  # pyright: ignore[reportIndexIssue]
    with pytest.raises(FrozenInstanceError):
        taken.total.sent = 5  # pyright: ignore[reportAttributeAccessIssue]


def test_threads_lose_no_figure() -> None:
    usage = Usage()

    def add() -> None:
        for _ in range(500):
            usage.add("query", "Bill", Figures(sent=1, errors={"BadAnswer": 1}))

    threads = [threading.Thread(target=add) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert usage.snapshot().total == Figures(sent=4000, errors={"BadAnswer": 4000})
    assert Snapshot({}).total == Figures()
