"""What many reports of the same books are made from, worked out once."""

from __future__ import annotations

from functools import cached_property

from qb_assets.sandbox.generate.world import World

from .cash import cash_basis
from .chart import Chart
from .journal import Journal, accrual
from .names import Names
from .open_items import Owed
from .request import Basis
from .settlements import DOCUMENTS, Settlements
from .view import View


class Ready:
    """Good for the state that a company's books are in, until they change."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.chart = Chart(world.account_ids)
        self.names = Names(world, self.chart)
        self._views: dict[tuple[Basis, int], View] = {}

    def view(self, basis: Basis, first_month: int) -> View:
        """The books under a method of accounting, with fiscal years from a month on."""
        view = self._views.get((basis, first_month))
        if view is None:
            journals = self._journals
            if basis == "Cash":
                journals = cash_basis(journals, self._settlements)
            view = self._views[basis, first_month] = View(journals, self.chart, first_month)
        return view

    @cached_property
    def receivable(self) -> Owed:
        """What customers owe."""
        accounts = self.chart.control_ids("Accounts Receivable")
        return Owed(self._journals, self._settlements, accounts, sign=1)

    @cached_property
    def payable(self) -> Owed:
        """What is owed to vendors."""
        accounts = self.chart.control_ids("Accounts Payable")
        return Owed(self._journals, self._settlements, accounts, sign=-1)

    @cached_property
    def _journals(self) -> list[Journal]:
        return accrual(self._world)

    @cached_property
    def _settlements(self) -> Settlements:
        documents = self._world.documents
        return Settlements(txn for entity in sorted(DOCUMENTS) for txn in documents.get(entity, []))
