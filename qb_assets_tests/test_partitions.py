"""Days and instants: the windows cut time without a gap, an overlap or a day too many."""

from datetime import date, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qb_assets.partitions import Calendar, CompanyDays, company_days, days_between, key_of
from qb_assets.raw.plan import spans

UTC = timezone.utc
ZONES = [
    "America/Los_Angeles",
    "America/St_Johns",
    "Europe/London",
    "Australia/Lord_Howe",  # its summer time is half an hour
    "Asia/Kathmandu",
    "Pacific/Apia",  # had no 30 December 2011
    "America/Havana",  # changes its clocks at midnight
    "America/Sao_Paulo",
    "UTC",
]
zones = st.sampled_from(ZONES).map(ZoneInfo)
dates = st.dates(date(2010, 1, 1), date(2030, 12, 31))
seconds = st.integers(1_230_768_000, 1_956_441_600)  # 2009 to 2031
instants = seconds.map(lambda second: datetime.fromtimestamp(second, UTC))


@given(zones, dates, st.integers(0, 800))
def test_windows_follow_one_another_without_gap(zone: ZoneInfo, start: date, days: int) -> None:
    calendar = Calendar(start, zone)
    day = start + timedelta(days=days)
    assert calendar.start_of(start) is None
    assert calendar.end_of(day) == calendar.start_of(day + timedelta(days=1))
    assert calendar.end_of(day).tzinfo == UTC
    begun = calendar.start_of(day)
    assert begun is None or begun <= calendar.end_of(day)


@given(zones, dates, instants)
def test_each_instant_is_in_the_window_of_its_day_only(
    zone: ZoneInfo, start: date, instant: datetime
) -> None:
    calendar = Calendar(start, zone)
    day = calendar.day_of(instant)
    for near in days_between(max(start, day - timedelta(days=2)), day + timedelta(days=2)):
        begun = calendar.start_of(near)
        inside = (begun is None or begun <= instant) and instant < calendar.end_of(near)
        assert inside == (near == day)


def test_days_of_changing_clocks_have_23_and_25_hours() -> None:
    calendar = Calendar(date(2026, 1, 1), ZoneInfo("America/Los_Angeles"))
    lengths = {
        day: calendar.end_of(day) - (calendar.start_of(day) or calendar.end_of(day))
        for day in (date(2026, 3, 8), date(2026, 11, 1), date(2026, 7, 1))
    }
    assert [length / timedelta(hours=1) for length in lengths.values()] == [23, 25, 24]
    # The hour that comes twice on 1 November is of that day both times.
    for hour in (8, 9):
        assert calendar.day_of(datetime(2026, 11, 1, hour, 30, tzinfo=UTC)) == date(2026, 11, 1)
    assert calendar.day_of(datetime(2026, 11, 2, 7, 59, 59, tzinfo=UTC)) == date(2026, 11, 1)
    assert calendar.day_of(datetime(2026, 11, 2, 8, 0, 0, tzinfo=UTC)) == date(2026, 11, 2)


def test_what_has_no_time_or_is_older_is_of_the_first_day() -> None:
    calendar = Calendar(date(2026, 5, 1), ZoneInfo("America/Los_Angeles"))
    assert calendar.day_of(None) == date(2026, 5, 1)
    assert calendar.day_of(datetime(1999, 1, 1, tzinfo=UTC)) == date(2026, 5, 1)


def test_today_is_the_companys() -> None:
    calendar = Calendar(date(2026, 5, 1), ZoneInfo("America/Los_Angeles"))
    assert calendar.today(datetime(2026, 6, 2, 6, 59, tzinfo=UTC)) == date(2026, 6, 1)
    assert calendar.today(datetime(2026, 6, 2, 7, 0, tzinfo=UTC)) == date(2026, 6, 2)


@given(st.sets(dates, max_size=40))
def test_spans_are_the_days_and_no_others(days: set[date]) -> None:
    scope = CompanyDays("1", tuple(sorted(days)))
    found = [day for first, last in scope.spans() for day in days_between(first, last)]
    assert found == sorted(days)
    ends = [last for _, last in scope.spans()]
    begins = [first for first, _ in scope.spans()]
    assert all(b - a > timedelta(days=1) for a, b in zip(ends, begins[1:], strict=False))


@given(st.dictionaries(st.from_regex(r"[0-9]{1,19}", fullmatch=True), st.sets(dates, min_size=1)))
def test_keys_read_back_by_company(wanted: dict[str, set[date]]) -> None:
    keys = [key_of(company, day) for company, days in wanted.items() for day in days]
    found = {scope.company: set(scope.days) for scope in company_days([*keys, *keys])}
    assert found == wanted


def test_key_is_as_dagster_has_it() -> None:
    calendar = Calendar(date(2026, 5, 1), ZoneInfo("America/Los_Angeles"))
    assert key_of("123", date(2026, 5, 2)) == "123|2026-05-02"
    names = calendar.partitions().partition_dimension_names
    assert names == ["company", "updated_on"]


@pytest.mark.parametrize("ahead", [0, 1, 29])
def test_a_day_that_has_only_just_begun_is_not_asked_for(ahead: int) -> None:
    calendar = Calendar(date(2026, 5, 1), ZoneInfo("UTC"))
    now = datetime(2026, 5, 3, 0, 0, ahead, tzinfo=UTC)
    scope = CompanyDays("1", (date(2026, 5, 3), date(2026, 5, 4)))
    assert spans(scope, calendar, now) == []
    [span] = spans(CompanyDays("1", (date(2026, 5, 2),)), calendar, now)
    assert span.window.end == now - timedelta(seconds=30)
