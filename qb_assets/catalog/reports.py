"""QuickBooks' own reports, as data: what each is asked for, and what its tables hold.

Names, parameters and keys of columns are those of Intuit's API reference of each report. A report
knows its columns by `ColKey`; their titles are in the language of the company.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal, TypeAlias

from qb_assets.catalog.naming import snake

Method: TypeAlias = Literal["Accrual", "Cash"]
"""The two bases of accounting, as QuickBooks spells them."""

ColumnType: TypeAlias = Literal["text", "date", "decimal", "integer"]

MAX_CELLS = 400_000
"""Rows times columns that a report may have; a larger one comes as a text without its data."""


@dataclass(frozen=True, kw_only=True)
class ReportColumn:
    """One column of a detail report."""

    name: str
    """The column of our table."""
    key: str
    """QuickBooks' `ColKey`."""
    doc: str
    type: ColumnType = "text"
    home_key: str = ""
    """The `ColKey` of the same in home currency, which a company with several currencies has."""
    other_keys: tuple[str, ...] = ()
    """Other `ColKey`s under which reports give the same."""
    foreign: bool = False
    """Whether only a company with several currencies has it."""
    id_name: str = ""
    """Our column for the Id that comes with the value."""

    @property
    def keys(self) -> tuple[str, ...]:
        """The `ColKey`s to look for; the first that is there counts."""
        return tuple(key for key in (self.home_key, self.key, *self.other_keys) if key)


def _party(name: str, key: str) -> ReportColumn:
    doc = f"The {name} of the posting."
    return ReportColumn(name=f"{name}_name", key=key, id_name=f"{name}_id", doc=doc)


COLUMNS: Mapping[str, ReportColumn] = {
    column.name: column
    for column in (
        ReportColumn(
            name="account_name",
            key="account_name",
            id_name="account_id",
            doc="The account of the posting; in a ledger, that of the section.",
        ),
        ReportColumn(
            name="txn_date", key="tx_date", type="date", doc="The date of the transaction."
        ),
        ReportColumn(
            name="txn_type",
            key="txn_type",
            id_name="txn_id",
            doc="The kind of transaction, in the words of the report.",
        ),
        ReportColumn(name="doc_num", key="doc_num", doc="The number of the document."),
        ReportColumn(
            name="name",
            key="name",
            id_name="name_id",
            doc="The customer, vendor or employee of the posting.",
        ),
        ReportColumn(name="memo", key="memo", doc="The memo or the description of the line."),
        ReportColumn(
            name="split_account",
            key="split_acc",
            other_keys=("other_account",),
            id_name="split_account_id",
            doc="The other account; -Split- and no Id where there are several.",
        ),
        _party("customer", "cust_name"),
        _party("vendor", "vend_name"),
        _party("employee", "emp_name"),
        _party("item", "item_name"),
        _party("class", "klass_name"),
        _party("department", "dept_name"),
        ReportColumn(name="quantity", key="quantity", type="decimal", doc="How many of the item."),
        ReportColumn(
            name="debit",
            key="debt_amt",
            home_key="debt_home_amt",
            type="decimal",
            doc="The debit in home currency; empty where the posting is a credit.",
        ),
        ReportColumn(
            name="credit",
            key="credit_amt",
            home_key="credit_home_amt",
            type="decimal",
            doc="The credit in home currency; empty where the posting is a debit.",
        ),
        ReportColumn(
            name="amount",
            key="subt_nat_amount",
            home_key="subt_nat_home_amount",
            other_keys=("subt_amount", "amount"),
            type="decimal",
            doc="The amount in home currency, signed by the nature of its account.",
        ),
        ReportColumn(
            name="balance",
            key="rbal_nat_amount",
            home_key="rbal_nat_home_amount",
            type="decimal",
            doc="The account's balance after the posting, in home currency.",
        ),
        ReportColumn(
            name="currency", key="currency", foreign=True, doc="The currency of the transaction."
        ),
        ReportColumn(
            name="exchange_rate",
            key="exch_rate",
            type="decimal",
            foreign=True,
            doc="Home currency for one of the transaction's.",
        ),
        ReportColumn(
            name="foreign_amount",
            key="nat_foreign_amount",
            type="decimal",
            foreign=True,
            doc="The amount in the transaction's currency.",
        ),
        ReportColumn(name="due_date", key="due_date", type="date", doc="When it is due."),
        ReportColumn(
            name="past_due", key="past_due", type="integer", doc="The days that it is past due."
        ),
        ReportColumn(
            name="open_balance",
            key="subt_open_bal",
            home_key="subt_open_home_bal",
            type="decimal",
            doc="What is still open of it, in home currency.",
        ),
    )
}
"""The columns of detail reports, by our name."""


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
