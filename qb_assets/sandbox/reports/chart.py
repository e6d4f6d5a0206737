"""The chart of accounts as reports walk it: by kind, by name, sub-accounts under their parent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from qb_assets.sandbox.generate.model import Account

KINDS = (
    "Bank",
    "Accounts Receivable",
    "Other Current Asset",
    "Fixed Asset",
    "Other Asset",
    "Accounts Payable",
    "Credit Card",
    "Other Current Liability",
    "Long Term Liability",
    "Equity",
    "Income",
    "Cost of Goods Sold",
    "Expense",
    "Other Income",
    "Other Expense",
)
"""QuickBooks' account types in the order of its reports."""
_PLACE = {kind: place for place, kind in enumerate(KINDS)}
_DEBIT = frozenset({"Asset", "Expense"})
_CONTROL = frozenset({"Accounts Receivable", "Accounts Payable"})


class Chart:
    """The accounts by Id, and in the order in which reports list them."""

    def __init__(self, accounts: Mapping[str, Account]) -> None:
        self._accounts = accounts
        self._children: dict[str, list[Account]] = {}
        ranked = sorted(accounts.values(), key=lambda row: (_PLACE[row.kind], row.name, row.id))
        for account in ranked:
            if account.parent:
                self._children.setdefault(account.parent.id, []).append(account)
        self.top = [account for account in ranked if account.parent is None]
        self.all = [account for top in self.top for account in self._family(top)]

    def __getitem__(self, account_id: str) -> Account:
        return self._accounts[account_id]

    def children(self, account: Account) -> list[Account]:
        """The sub-accounts right under an account."""
        return self._children.get(account.id, [])

    def of_kind(self, *kinds: str) -> list[Account]:
        """The top accounts of some types; their sub-accounts are of the same type."""
        return [account for account in self.top if account.kind in kinds]

    def control_ids(self, kind: str = "") -> frozenset[str]:
        """Ids of the receivable and payable accounts, or of those of one of the two types."""
        kinds = {kind} if kind else _CONTROL
        return frozenset(account.id for account in self.all if account.kind in kinds)

    @property
    def retained(self) -> Account:
        """The account that takes up the profit of closed years; every company has it.

        Raises LookupError for a chart without it.
        """
        for account in self.all:
            if account.subtype == "RetainedEarnings":
                return account
        raise LookupError("the chart has no account of subtype RetainedEarnings")

    def _family(self, account: Account) -> Iterable[Account]:
        yield account
        for child in self.children(account):
            yield from self._family(child)


def sign(account: Account) -> int:
    """1 where a debit makes the account's balance grow, else -1."""
    return 1 if account.classification in _DEBIT else -1


def shown(account: Account) -> str:
    """The account's own name; QuickBooks marks inactive ones."""
    return account.name if account.active else f"{account.name} (deleted)"


def full_name(account: Account) -> str:
    """The names from the top of the chart down, as lists outside the tree show an account."""
    return account.full_name if account.active else f"{account.full_name} (deleted)"
