"""QuickBooks' own reports, as data: what each is asked for, and what its tables hold.

Names, parameters and keys of columns are those of Intuit's API reference of each report. A report
knows its columns by `ColKey`; their titles are in the language of the company.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeAlias

from qb_assets.catalog.naming import snake
from qb_assets.catalog.report_columns import COLUMNS, ReportColumn

Method: TypeAlias = Literal["Accrual", "Cash"]
"""The two bases of accounting, as QuickBooks spells them."""


@dataclass(frozen=True, kw_only=True)
class Report:
    """The one declaration of a report, from which its assets, tables and checks are made."""

    name: str
    """QuickBooks' name, `GeneralLedger`."""
    description: str
    """One sentence: what it shows."""
    kind: Literal["detail", "summary"]
    """Rows of postings or transactions, or rows of names with a figure a column."""
    period: Literal["range", "date"]
    """Whether it is asked for by first and last day, or as of a day."""
    methods: tuple[Method, ...] = ("Accrual",)
    """The bases of accounting it can be asked for; with one alone the parameter is left out."""
    preferred_basis: bool = False
    """Whether it comes in the basis that the company prefers, which the answer names; no basis can
    be asked for then, and `methods` is what it is taken for where the answer names none."""
    columns: tuple[ReportColumn, ...] = ()
    """The columns of a detail report's table."""
    asked: tuple[ReportColumn, ...] = ()
    """Those of them that are asked for; the others come from elsewhere in the answer, or not."""
    required: tuple[str, ...] = ()
    """Our names of columns, or the keys of a summary report's, that the answer must have."""
    by_account: bool = False
    """Whether it can be asked for some accounts alone."""
    says_once: bool = False
    """Whether only the first of a transaction's rows says its date, type and number."""
    texts: tuple[str, ...] = ()
    """The keys of a summary report's columns that hold no figures."""
    restated: bool = False
    """Whether a change in a closed month is told of."""
    params: Mapping[str, str] = field(default_factory=dict[str, str])
    """More parameters it is always asked with."""

    def __hash__(self) -> int:
        return hash(self.name)

    @property
    def table(self) -> str:
        """The name of its table, `general_ledger`."""
        return snake(self.name)

    @property
    def has_balances(self) -> bool:
        """Whether its accounts begin with a balance, and every posting has the one after it."""
        return "balance" in self.required

    @property
    def divisible(self) -> bool:
        """Whether parts of its range, put together, are the whole."""
        return self.kind == "detail" and self.period == "range"


_AGING = {"aging_method": "Report_Date", "aging_period": "30", "num_periods": "4"}
_BOTH: tuple[Method, ...] = ("Accrual", "Cash")
_POSTING = (
    "account_name txn_date txn_type doc_num name memo split_account customer_name vendor_name"
    " employee_name item_name class_name department_name quantity debit credit amount balance"
    " currency exchange_rate foreign_amount"
)
_TRANSACTION = (
    "account_name txn_date txn_type doc_num name memo split_account department_name due_date amount"
    " currency exchange_rate foreign_amount"
)
# No open balance: it is that of the range's end, so the parts of a range would not be the whole.
_OPEN = (
    "txn_date txn_type doc_num {party} department_name due_date past_due amount open_balance"
    " currency foreign_amount"
)


def _columns(names: str) -> tuple[ReportColumn, ...]:
    return tuple(COLUMNS[name] for name in names.split())


_DETAIL = (
    Report(
        name="GeneralLedger",
        description="Every posting to every account, with the balances before and after.",
        kind="detail",
        period="range",
        methods=_BOTH,
        columns=_columns(_POSTING),
        asked=_columns(_POSTING.replace("account_name ", "", 1)),
        required=("txn_date", "txn_type", "debit", "credit", "amount", "balance"),
        by_account=True,
        restated=True,
    ),
    Report(
        name="JournalReport",
        description="Every transaction with all of its postings, debits beside credits.",
        kind="detail",
        period="range",
        columns=_columns(_POSTING),
        asked=_columns(
            "txn_date txn_type doc_num name memo account_name item_name class_name department_name"
            " quantity debit credit currency exchange_rate"
        ),
        required=("txn_date", "txn_type", "account_name", "debit", "credit"),
        says_once=True,
    ),
    Report(
        name="TransactionList",
        description="Every transaction, one row each, those that post nothing too.",
        kind="detail",
        period="range",
        columns=_columns(_TRANSACTION),
        asked=_columns(_TRANSACTION),
        required=("txn_date", "txn_type", "amount"),
    ),
    Report(
        name="AgedReceivableDetail",
        description="What customers owe at the end of the month, document by document, by age.",
        kind="detail",
        period="date",
        columns=_columns(_OPEN.format(party="customer_name")),
        asked=_columns(_OPEN.format(party="customer_name")),
        required=("txn_date", "txn_type", "open_balance"),
        params=_AGING,
    ),
    Report(
        name="AgedPayableDetail",
        description="What vendors are owed at the end of the month, document by document, by age.",
        kind="detail",
        period="date",
        columns=_columns(_OPEN.format(party="vendor_name")),
        asked=_columns(_OPEN.format(party="vendor_name")),
        required=("txn_date", "txn_type", "open_balance"),
        params=_AGING,
    ),
)

_SUMMARY = (
    Report(
        name="TrialBalance",
        description="The balance of every account at the end of the month, debits beside credits.",
        kind="summary",
        period="range",
        methods=_BOTH,
        required=("debit", "credit"),
        restated=True,
    ),
    Report(
        name="ProfitAndLoss",
        description="Income and expenses of the month, by account.",
        kind="summary",
        period="range",
        methods=_BOTH,
        required=("total",),
        restated=True,
    ),
    Report(
        name="BalanceSheet",
        description="Assets, liabilities and equity at the end of the month, by account.",
        kind="summary",
        period="range",
        methods=_BOTH,
        required=("total",),
        restated=True,
    ),
    Report(
        name="CashFlow",
        description="Where the month's cash came from and went: operations, investing, financing.",
        kind="summary",
        period="range",
        preferred_basis=True,
        required=("total",),
    ),
    Report(
        name="AgedReceivables",
        description="What each customer owes at the end of the month, by age.",
        kind="summary",
        period="date",
        required=("current", "total"),
        params=_AGING,
    ),
    Report(
        name="AgedPayables",
        description="What each vendor is owed at the end of the month, by age.",
        kind="summary",
        period="date",
        required=("current", "total"),
        params=_AGING,
    ),
    Report(
        name="CustomerBalance",
        description="What each customer owes at the end of the month.",
        kind="summary",
        period="date",
        required=("total",),
    ),
    Report(
        name="VendorBalance",
        description="What each vendor is owed at the end of the month.",
        kind="summary",
        period="date",
        required=("total",),
    ),
    Report(
        name="InventoryValuationSummary",
        description="Each inventory item's quantity, value and average cost at the month's end.",
        kind="summary",
        period="date",
        texts=("sku",),
    ),
    Report(
        name="TaxSummary",
        description="Sales tax of the month by agency and rate: taxable amounts and tax.",
        kind="summary",
        period="range",
        methods=_BOTH,
    ),
)

REPORTS: Mapping[str, Report] = MappingProxyType({each.name: each for each in _DETAIL + _SUMMARY})
"""All reports by name."""
