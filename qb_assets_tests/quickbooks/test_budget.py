import logging
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path

import pytest

from qb_assets.catalog import ENTITIES
from qb_assets.quickbooks.budget import (
    Budget,
    BudgetState,
    budget_state,
    calls_this_month,
    month_counts,
    month_of,
)
from qb_assets.quickbooks.client import QuickBooksClient
from qb_assets.quickbooks.faults import (
    BadRecord,
    BudgetSpent,
    CallBookError,
    ConnectionFailed,
    QuickBooksError,
    ServerUnavailable,
    Unreachable,
)
from qb_assets.quickbooks.settings import Settings
from qb_assets.quickbooks.stores import FileTokenStore
from qb_assets.quickbooks.throttle import ProcessThrottle
from qb_assets_tests.quickbooks.conftest import REALM
from qb_assets_tests.quickbooks.servers import ScriptedServer, reply
from qb_assets_tests.quickbooks.test_transport import COUNT, HTML, cut_off, fault, reset

BILL = ENTITIES["Bill"]
MARCH = datetime(2026, 3, 31, 23, 59, tzinfo=timezone.utc)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of an app with a budget of ten calls."""
    return Settings(
        client_id=str(tmp_path),  # an app of the test's own
        client_secret="s",
        call_book=str(tmp_path / "calls.db"),
        monthly_call_budget=10,
    )


def spend(settings: Settings, calls: int, realm: str = "1", now: datetime = MARCH) -> None:
    budget = Budget(settings, realm, now=lambda: now)
    for _ in range(calls):
        budget.reserve("query", "Bill").settle(metered=True)


def test_calls_beyond_the_budget_are_refused_for_all_companies_of_the_app(
    settings: Settings,
) -> None:
    spend(settings, 6)
    spend(settings, 4, "2")
    with pytest.raises(BudgetSpent) as caught:
        spend(settings, 1, "3")
    assert str(caught.value) == (
        "company 3, Bill: the budget of 10 calls in 2026-03 (UTC) is spent: 10 are counted. Wait "
        "for the next month, raise QB_MONTHLY_CALL_BUDGET, or set QB_FORCE_CALLS=1 to send calls "
        "all the same."
    )
    assert not caught.value.retryable
    assert budget_state(settings, now=MARCH) == BudgetState("2026-03", 10, 10)
    spend(replace(settings, client_id="another"), 1)
    spend(settings, 1, now=datetime(2026, 4, 1, tzinfo=timezone.utc))


def test_force_lets_calls_go_beyond_and_counts_them(settings: Settings) -> None:
    spend(settings, 10)
    spend(replace(settings, force_calls=True), 3)
    state = budget_state(settings, now=MARCH)
    assert (state.used, state.level, state.share) == (13, "spent", 1.3)


def test_a_call_that_never_ends_stays_counted(settings: Settings) -> None:
    budget = Budget(settings, "1", now=lambda: MARCH)
    for _ in range(4):
        budget.reserve("query", "Bill")
    budget.reserve("query", "Bill").settle(metered=False)
    assert budget_state(settings, now=MARCH).used == 4
    [count] = month_counts(settings, now=MARCH)
    assert (count.sent, count.metered, count.reserved) == (5, 0, 4)


def test_the_levels_of_a_budget() -> None:
    def level(used: int, budget: int | None = 1000) -> str:
        return BudgetState("2026-03", used, budget).level

    assert [level(n) for n in (0, 799, 800, 999, 1000)] == ["ok", "ok", "warn", "warn", "spent"]
    assert level(10**9, None) == "ok"
    assert BudgetState("2026-03", 5, None).share is None


def test_it_is_warned_of_once_a_process(
    settings: Settings, caplog: pytest.LogCaptureFixture
) -> None:
    spend(settings, 7)
    assert "budget" not in caplog.text
    spend(settings, 2)
    spend(settings, 1, "2")
    [warning] = [each for each in caplog.records if each.levelno == logging.WARNING]
    assert "8 of 10 calls in 2026-03 (UTC): 80 %" in warning.getMessage()
    assert vars(warning)["used"] == 8


def test_without_a_budget_calls_are_counted_all_the_same(settings: Settings) -> None:
    free = replace(settings, monthly_call_budget=None)
    spend(free, 12)
    spend(free, 3, "2")
    assert dict(calls_this_month(free, now=MARCH)) == {"1": 12, "2": 3}
    assert calls_this_month(free, now=MARCH)["9"] == 0
    assert str(budget_state(free, now=MARCH)) == "15 calls in 2026-03 (UTC)"


def test_months_are_those_of_utc() -> None:
    assert month_of(datetime.fromisoformat("2026-03-31T17:00:00-07:00")) == "2026-04"


def client_of(server: ScriptedServer, store: FileTokenStore, book: Path, **changes: int):
    settings = server.settings(call_book=str(book), attempts=1, **changes)
    return QuickBooksClient(settings, store, REALM, throttle=ProcessThrottle(500, 10))


def test_what_intuit_meters_is_counted(store: FileTokenStore, tmp_path: Path) -> None:
    unanswered = reset
    script = (COUNT, HTML, fault("10000", 200), cut_off, unanswered, COUNT)
    kinds: list[type[QuickBooksError]] = []
    with ScriptedServer(*script) as server:
        client = client_of(server, store, tmp_path / "calls.db")
        for _ in script:
            try:
                client.count(BILL)
            except QuickBooksError as error:
                kinds.append(type(error))
        client.close()
    assert kinds == [ServerUnavailable, BadRecord, ConnectionFailed, ConnectionFailed]
    with pytest.raises(Unreachable):  # nothing listens any more, so nothing was sent
        client.count(BILL)
    [count] = month_counts(client.settings)
    assert (count.line.realm, count.line.kind, count.line.entity) == (REALM, "count", "Bill")
    assert (count.sent, count.metered, count.reserved) == (7, 4, 1)
    assert calls_this_month(client.settings) == {REALM: 5}


def test_a_call_beyond_the_budget_is_not_sent(store: FileTokenStore, tmp_path: Path) -> None:
    with ScriptedServer(COUNT) as server:
        client = client_of(server, store, tmp_path / "calls.db", monthly_call_budget=2)
        assert [client.count(BILL), client.count(BILL)] == [26, 26]
        with pytest.raises(BudgetSpent, match=f"company {REALM}, Bill: "):
            client.count(BILL)
        assert len(server.seen) == 2
        assert budget_state(client.settings).level == "spent"


def test_no_call_is_sent_without_its_book(store: FileTokenStore, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with ScriptedServer(reply(b"")) as server:
        client = client_of(server, store, tmp_path / "file" / "calls.db")
        with pytest.raises(CallBookError, match="QB_CALL_BOOK"):
            client.count(BILL)
        assert server.seen == []
