"""The columns of QuickBooks' detail reports: our names for them, and the keys they come under."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, TypeAlias

ColumnType: TypeAlias = Literal["text", "date", "decimal", "integer"]


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
