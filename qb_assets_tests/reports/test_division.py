"""A report that is too much for one answer is asked for in parts, which are as one."""

import threading
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from qb_assets.catalog.reports import REPORTS
from qb_assets.quickbooks.client import QuickBooksClient
from qb_assets.quickbooks.faults import ReportTooLarge, ReportTooSlow, ServerUnavailable
from qb_assets.quickbooks.report_answer import read_report
from qb_assets.quickbooks.reports import Period, ReportReader, keys_asked
from qb_assets.quickbooks.stores import FileTokenStore
from qb_assets_tests.quickbooks.conftest import a_connection, a_token
from qb_assets_tests.quickbooks.servers import ScriptedServer, reply
from qb_assets_tests.reports.bodies import (
    COMPANY,
    JANUARY,
    LEDGER,
    answer,
    beginning,
    body,
    data,
    ledger_row,
    ledger_sum,
    rows_of,
    section,
    texts,
)

LEDGER_REPORT, TRIAL, LIST = (
    REPORTS[name] for name in ("GeneralLedger", "TrialBalance", "TransactionList")
)
MONTH = Period(JANUARY, date(2026, 1, 31))
BLANKS = [""] * 6


class Limited:
    """Answers what is no more than `most`: days times accounts times columns of what is asked."""

    def __init__(self, most: int, accounts: int = 8) -> None:
        self.asked: list[dict[str, str]] = []
        self.divisible = True
        self._most = most
        self._accounts = accounts

    def report(self, name: str, params: Mapping[str, str], *, divisible: bool = False) -> bytes:
        """The answer, or the error of one that is too large."""
        first, last = (date.fromisoformat(params[key]) for key in ("start_date", "end_date"))
        accounts = len(params["account"].split(",")) if "account" in params else self._accounts
        columns = len(params["columns"].split(","))
        self.divisible = divisible
        if ((last - first).days + 1) * accounts * columns > self._most:
            raise ReportTooLarge("the report has more than 400,000 cells", entity=name)
        self.asked.append(dict(params))
        return b"{}"

    def reader(self) -> ReportReader:
        """Reads of it."""
        ids = [str(n) for n in range(self._accounts)]
        return ReportReader(self, several_currencies=False, all_accounts=lambda: ids)


def test_a_range_is_halved_until_it_fits_and_every_day_is_asked_for_once() -> None:
    source = Limited(most=8 * 18 * 4)
    parts = list(source.reader().read(LEDGER_REPORT, "Cash", MONTH))
    days = [
        each.question.period.first + timedelta(days=n)
        for each in parts
        for n in range((each.question.period.last - each.question.period.first).days + 1)
    ]
    assert days == [JANUARY + timedelta(days=n) for n in range(31)]
    assert {asked["accounting_method"] for asked in source.asked} == {"Cash"}


def test_the_beginning_of_time_is_not_halved_in_its_middle() -> None:
    halves = Period(date(1970, 1, 1), date(2026, 1, 31)).halves()
    assert halves is not None
    assert halves[1].first.year == 2016
    assert halves[0].last + timedelta(days=1) == halves[1].first


def test_a_day_is_divided_by_accounts_and_then_by_columns() -> None:
    day = Period(JANUARY, JANUARY)
    source = Limited(most=2 * 18)
    accounts = [
        each.question.accounts for each in source.reader().read(LEDGER_REPORT, "Accrual", day)
    ]
    assert accounts == [("0", "1"), ("2", "3"), ("4", "5"), ("6", "7")]
    source = Limited(most=3, accounts=1)
    (part,) = source.reader().read(LIST, "Accrual", day)
    assert part.question.columns == ("tx_date", "txn_type", "subt_nat_amount")
    assert not source.divisible  # there is no less to ask for, so it is waited for
    with pytest.raises(ReportTooLarge):
        list(Limited(most=2, accounts=1).reader().read(LIST, "Accrual", day))


def test_a_company_of_several_currencies_is_asked_in_its_own() -> None:
    one = keys_asked(LEDGER_REPORT, several_currencies=False)
    several = keys_asked(LEDGER_REPORT, several_currencies=True)
    assert "debt_amt" in one
    assert "currency" not in one
    assert {"debt_home_amt", "currency", "exch_rate", "nat_foreign_amount"} <= set(several)
    assert len(several) < 25  # beyond which reports are known to time out


@pytest.fixture
def store(tmp_path: Path) -> FileTokenStore:
    """A store of one connected company."""
    store = FileTokenStore(tmp_path / "tokens")
    store.save(a_connection(a_token(COMPANY)), replaces=None)
    return store


@pytest.fixture
def gateway_timeout() -> Iterator[ScriptedServer]:
    """A server whose gateway gives up the first time."""
    with ScriptedServer(reply(b"{}", 504), reply(b'{"Rows": {}}')) as server:
        yield server


def test_what_can_be_divided_is_not_waited_for_again(
    store: FileTokenStore, gateway_timeout: ScriptedServer
) -> None:
    client = QuickBooksClient(gateway_timeout.settings(), store, COMPANY)
    with pytest.raises(ReportTooSlow) as error:
        client.report("GeneralLedger", {}, divisible=True)
    assert error.value.http_status == 504
    assert len(gateway_timeout.seen) == 1


def test_an_answer_that_does_not_come_is_too_slow(store: FileTokenStore) -> None:
    given_up = threading.Event()

    def wait(handler: BaseHTTPRequestHandler) -> None:
        given_up.wait(10)
        reply(b"{}")(handler)

    with ScriptedServer(wait) as server:
        client = QuickBooksClient(server.settings(timeout=1.0), store, COMPANY)
        with pytest.raises(ReportTooSlow, match="shorter range"):
            client.report("GeneralLedger", {}, divisible=True)
        given_up.set()
        assert len(server.seen) == 1


def test_what_cannot_be_divided_is_tried_again(
    store: FileTokenStore, gateway_timeout: ScriptedServer
) -> None:
    client = QuickBooksClient(gateway_timeout.settings(), store, COMPANY)
    assert client.report("TrialBalance", {}) == b'{"Rows": {}}'
    with ScriptedServer(reply(b"{}", 504)) as server:
        client = QuickBooksClient(server.settings(attempts=2), store, COMPANY)
        with pytest.raises(ServerUnavailable):
            client.report("TrialBalance", {})
        assert len(server.seen) == 2


def test_a_report_that_is_cut_off_is_too_large(store: FileTokenStore) -> None:
    notice = data("Unable to display more data. Please reduce the date range.", *BLANKS)
    with ScriptedServer(reply(body(LEDGER, [notice]))) as server:
        client = QuickBooksClient(server.settings(), store, COMPANY)
        with pytest.raises(ReportTooLarge, match="400,000 cells"):
            client.report("GeneralLedger", {}, divisible=True)
        assert len(server.seen) == 1


def test_parts_are_as_one() -> None:
    """Of an account with a child; its own rows are in a section of their own only beside that."""
    first = answer(
        LEDGER,
        [
            section(
                [("Bank", "35"), *BLANKS],
                [beginning("10.00"), ledger_row("2026-01-05", "Invoice", "1", "5.00", "15.00")],
                ledger_sum("5.00", "5.00", ""),
            )
        ],
    )
    own = [beginning("15.00"), ledger_row("2026-01-20", "Invoice", "2", "1.00", "16.00")]
    child = [beginning(".00"), ledger_row("2026-01-21", "Invoice", "3", "2.00", "2.00")]
    retained = [beginning("99.00")]
    second = answer(
        LEDGER,
        [
            section(
                [("Bank", "35"), *BLANKS],
                [
                    section(None, own, ledger_sum("1.00", "1.00", "")),
                    section([("Cash", "36"), *BLANKS], child, ledger_sum("2.00", "2.00", "")),
                ],
                ledger_sum("3.00", "3.00", ""),
            ),
            section([("Retained", "2"), *BLANKS], retained, ledger_sum(".00", "", "")),
        ],
    )
    table = rows_of("GeneralLedger", [first, second], [JANUARY, date(2026, 1, 16)])
    assert texts(table, "row_kind", "path", "txn_id", "amount", "debit", "balance") == [
        ("beginning_balance", "Bank", "-", "-", "-", "10.00"),
        ("posting", "Bank", "1", "5.00", "5.00", "15.00"),
        ("posting", "Bank", "2", "1.00", "1.00", "16.00"),
        ("summary", "Bank", "-", "6.00", "6.00", "-"),
        ("posting", "Bank / Cash", "3", "2.00", "2.00", "2.00"),
        ("summary", "Bank / Cash", "-", "2.00", "2.00", "-"),
        ("summary", "Bank", "-", "8.00", "8.00", "-"),
    ]


def test_balances_go_on_where_a_later_part_begins_anew() -> None:
    """Income begins with nothing in a new fiscal year, which a range over its end does not show."""

    def part(day: str, begin: str, balance: str, id: str) -> bytes:
        rows = [beginning(begin), ledger_row(day, "Invoice", id, "4.00", balance, debit=False)]
        return body(LEDGER, [section([("Sales", "79"), *BLANKS], rows, ledger_sum("4.00", "", ""))])

    parts = [part("2025-12-31", "3.00", "7.00", "1"), part("2026-01-01", ".00", "4.00", "2")]
    table = rows_of("GeneralLedger", [read_report(each) for each in parts], [JANUARY, MONTH.last])
    assert texts(table, "txn_id", "amount", "balance") == [
        ("-", "-", "3.00"),
        ("1", "4.00", "7.00"),
        ("2", "4.00", "11.00"),
        ("-", "8.00", "-"),
    ]
