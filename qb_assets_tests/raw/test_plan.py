"""Which calls are made: everything is asked for once, and no batch is too large."""

from datetime import datetime, timedelta, timezone

from hypothesis import given
from hypothesis import strategies as st

from qb_assets.quickbooks.query import Window
from qb_assets.raw.plan import captures, halves, pack, within_cdc

NOW = datetime(2026, 6, 1, 12, tzinfo=timezone.utc)
names = st.text("abcdefghij", min_size=1, max_size=6)


@given(st.dictionaries(names, st.integers(0, 2_500), max_size=120))
def test_pack_asks_for_everything_once(counts: dict[str, int]) -> None:
    batches, paged = pack(counts)
    asked = [name for batch in batches for name in batch] + paged
    assert sorted(asked) == sorted(name for name, count in counts.items() if count)
    for batch in batches:
        assert 2 <= len(batch) <= 30
        assert sum(counts[name] for name in batch) <= 1000
    assert all(counts[name] < 1000 for batch in batches for name in batch)


def test_pack_fills_batches() -> None:
    counts = {f"e{n}": 10 for n in range(60)}
    batches, paged = pack(counts)
    assert [len(batch) for batch in batches] == [30, 30]
    assert paged == []


@given(st.dictionaries(names, st.integers(0, 1_500), max_size=60))
def test_captures_ask_for_everything_that_an_answer_holds(counts: dict[str, int]) -> None:
    groups, missed = captures(counts)
    assert sorted([name for group in groups for name in group] + missed) == sorted(counts)
    assert all(counts[name] >= 1000 for name in missed)
    for group in groups:
        assert len(group) == 1 or sum(counts[name] for name in group) <= 900


@given(st.lists(names, unique=True, min_size=2))
def test_halves_are_smaller_and_together_the_whole(whole: list[str]) -> None:
    left, right = halves(whole)
    assert left + right == whole
    assert left
    assert right


@given(st.none() | st.integers(-60 * 24, 60 * 24), st.integers(-60 * 24, 0))
def test_change_data_capture_is_asked_for_the_part_it_reaches(start: int | None, end: int) -> None:
    """Hours before now; Intuit keeps 30 days of changes, and an hour is left for clocks."""
    begun = None if start is None else NOW + timedelta(hours=min(start, end - 1))
    window = Window(begun, NOW + timedelta(hours=end))
    reach = NOW - timedelta(days=30) + timedelta(hours=1)
    part = within_cdc(window, NOW)
    if window.end <= reach:
        assert part is None
    else:
        assert part == Window(reach if begun is None else max(begun, reach), window.end)
