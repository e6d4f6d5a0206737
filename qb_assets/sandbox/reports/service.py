"""Answers calls for reports from the books of a generated company."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

import msgspec

from qb_assets.sandbox.books import Books
from qb_assets.sandbox.faults import QuickBooksError, unsupported
from qb_assets.sandbox.generate.world import World
from qb_assets.sandbox.settings import Settings

from .balance_sheet import balance_sheet
from .cash_flow import cash_flow
from .chart import Chart
from .frame import Body, Frame
from .general_ledger import general_ledger
from .journal import accrual
from .journal_report import journal_report
from .names import Names
from .periods import MONTHS
from .profit_and_loss import profit_and_loss
from .request import Basis, Request, read_request
from .titles import Titles
from .trial_balance import trial_balance
from .view import View

_REPORTS: Mapping[str, Callable[[Frame], Body]] = {
    "GeneralLedger": general_ledger,
    "JournalReport": journal_report,
    "TrialBalance": trial_balance,
    "ProfitAndLoss": profit_and_loss,
    "BalanceSheet": balance_sheet,
    "CashFlow": cash_flow,
}
"""The reports there are, by QuickBooks' names."""
_ACCRUAL_ONLY = frozenset({"JournalReport"})
"""Reports which are the same whatever method of accounting is asked for."""


class Answer(NamedTuple):
    """The members of a report's JSON object, and how many rows of data it has."""

    body: bytes
    rows: int


class _Accounting(msgspec.Struct):
    first_month: str = msgspec.field(default="January", name="FirstMonthOfFiscalYear")


class _Basis(msgspec.Struct):
    basis: Basis = msgspec.field(default="Accrual", name="ReportBasis")


class _Home(msgspec.Struct):
    value: str = "USD"


class _Currencies(msgspec.Struct):
    several: bool = msgspec.field(default=False, name="MultiCurrencyEnabled")
    home: _Home = msgspec.field(default_factory=_Home, name="HomeCurrency")


class _Preferences(msgspec.Struct):
    accounting: _Accounting = msgspec.field(default_factory=_Accounting, name="AccountingInfoPrefs")
    reports: _Basis = msgspec.field(default_factory=_Basis, name="ReportPrefs")
    currencies: _Currencies = msgspec.field(default_factory=_Currencies, name="CurrencyPrefs")


class _Ready(NamedTuple):
    """What is worked out once for each state of the books."""

    chart: Chart
    names: Names
    views: dict[Basis, View]


class Reports:
    """The reports of one company. What they are made from is kept until a record changes."""

    def __init__(self, books: Books, settings: Settings) -> None:
        self._books = books
        self._settings = settings
        self._state: tuple[int, int] = (-1, -1)
        self._ready: _Ready | None = None

    def answer(self, name: str, asked: Mapping[str, str]) -> Answer:
        """A report as JSON members: Header, Columns and Rows.

        Raises QuickBooksError for a report that there is not, a parameter that is wrong, and for
        a company recorded in a folder, which has documents and no ledger.
        """
        make = _REPORTS.get(name)
        if make is None:
            raise unsupported(f"reports/{name}")
        world = self._books.world
        if world is None:
            raise _no_ledger()
        preferences = self._preferences()
        request = read_request(
            name,
            asked,
            today=self._books.clock.today(),
            first_month=MONTHS.index(preferences.accounting.first_month) + 1,
            basis=preferences.reports.basis,
        )
        if name in _ACCRUAL_ONLY:
            request = replace(request, basis="Accrual")
        body = make(self._frame(world, request, preferences))
        members = {
            "Header": self._header(request, body, preferences.currencies.home.value),
            "Columns": {"Column": body.columns},
            "Rows": {"Row": body.rows} if body.rows else {},
        }
        return Answer(msgspec.json.encode(members)[1:-1], body.count)

    def _frame(self, world: World, request: Request, preferences: _Preferences) -> Frame:
        ready = self._made(world)
        month = MONTHS.index(preferences.accounting.first_month) + 1
        view = ready.views.get(request.basis)
        if view is None:
            journals = accrual(world)
            view = ready.views[request.basis] = View(journals, ready.chart, month)
        return Frame(
            request=request,
            world=world,
            chart=ready.chart,
            view=view,
            names=ready.names,
            say=Titles(self._settings.report_language),
            several=preferences.currencies.several,
            home=preferences.currencies.home.value,
            limit=self._settings.report_cells,
            seed=self._settings.seed,
        )

    def _made(self, world: World) -> _Ready:
        """What is ready for the books as they are now."""
        state = self._books.version, len(world.ledger.entries)
        if self._ready is None or self._state != state:
            chart = Chart(world.account_ids)
            self._ready = _Ready(chart, Names(world, chart), {})
            self._state = state
        return self._ready

    def _preferences(self) -> _Preferences:
        shelf = self._books.shelf("Preferences")
        row = next(iter(shelf.rows.values()), None) if shelf else None
        return msgspec.json.decode(row.record.body, type=_Preferences) if row else _Preferences()

    def _header(self, request: Request, body: Body, currency: str) -> dict[str, object]:
        clock = self._books.clock
        header: dict[str, object] = {"Time": clock.stamp(clock.now()), "ReportName": request.name}
        if request.macro:
            header["DateMacro"] = request.macro.lower()
        if body.based:
            header["ReportBasis"] = request.basis
        if body.start and body.end:
            header["StartPeriod"] = body.start.isoformat()
            header["EndPeriod"] = body.end.isoformat()
        if body.by_columns:
            header["SummarizeColumnsBy"] = "Month" if request.by_month else "Total"
        options = [*body.options, ("NoReportData", "false" if body.count else "true")]
        header["Currency"] = currency
        header["Option"] = [{"Name": name, "Value": value} for name, value in options]
        return header


def _no_ledger() -> QuickBooksError:
    """A company whose ledger is not known cannot be reported on."""
    detail = (
        "Feature Not Supported: the sandbox makes reports from the ledger of a generated company; "
        "a company loaded from a folder has documents only"
    )
    return QuickBooksError("5020", "Permission Denied Error", detail)
