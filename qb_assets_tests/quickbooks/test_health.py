import re
from dataclasses import replace
from datetime import datetime, timedelta, timezone

import pytest

from qb_assets.quickbooks.health import likely_cause, token_health
from qb_assets.quickbooks.tokens import Connection
from qb_assets_tests.quickbooks.conftest import REALM, a_connection, a_token

NOW = datetime(2026, 11, 23, 12, tzinfo=timezone.utc)


def lasting(rolling: float | None, hard: float | None) -> Connection:
    """A connection that was refreshed yesterday and has so many days left."""

    def end(days: float | None) -> datetime | None:
        return None if days is None else NOW + timedelta(days=days)

    token = replace(
        a_token(),
        issued_at=NOW - timedelta(days=1),
        refresh_expires_at=end(rolling),
        hard_expires_at=end(hard),
    )
    return a_connection(token)


@pytest.mark.parametrize(
    ("rolling", "hard", "level", "said"),
    [
        (99, 1800, "ok", "lasts until 2027-03-02"),
        (14.1, 1800, "ok", "lasts until 2026-12-07"),
        (13.9, 1800, "warn", "ends on 2026-12-07 unless the company is read"),
        (99, 60.1, "ok", "lasts until"),
        (99, 59.9, "warn", f"ends for good on 2027-01-22.*connect --company {REALM}"),
        (10, 10, "warn", "ends for good"),
        (-0.1, 1800, "bad", f"not used for about 100 days.*connect --company {REALM}"),
        (99, -0.1, "bad", f"end of its 5 years on 2026-11-23.*connect --company {REALM}"),
        (None, None, "ok", "did not say"),
        (None, 30, "warn", "ends for good"),
    ],
)
def test_a_connection_is_warned_of_before_it_ends(
    rolling: float | None, hard: float | None, level: str, said: str
) -> None:
    health = token_health(lasting(rolling, hard), NOW)
    assert health.level == level
    assert re.search(said, health.message), health.message
    assert health.age_days == pytest.approx(1)
    assert health.refresh_days_left == (None if rolling is None else pytest.approx(rolling))
    assert health.hard_days_left == (None if hard is None else pytest.approx(hard))


def test_the_likely_cause_follows_the_dates() -> None:
    assert "5 years" in likely_cause(lasting(-1, -1), NOW)
    assert "100 days" in likely_cause(lasting(-1, 900), NOW)
    told = likely_cause(lasting(50, 900), NOW)
    assert "disconnected the app" in told
    assert "refreshed elsewhere" in told
