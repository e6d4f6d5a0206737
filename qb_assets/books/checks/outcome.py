"""What a check of the books compares, and what it finds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Literal, TypeAlias

import duckdb

from qb_assets.books.model import Model


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Two figures that should be equal and are not."""

    company: str
    subject: str
    """What the figures are of, by its Ids: `account 35, Accrual`."""
    as_of: date | None
    """The day they are of; None for all days."""
    ours: Decimal
    theirs: Decimal
    txn_ids: str | None
    """The documents to look at, as type:Id with commas between."""

    @property
    def difference(self) -> Decimal:
        """What ours is more than theirs."""
        return self.ours - self.theirs


@dataclass
class Outcome:
    """How many figures were compared, what differs, and what could not be compared."""

    looked_at: int = 0
    mismatches: list[Mismatch] = field(default_factory=list[Mismatch])
    not_looked_at: list[str] = field(default_factory=list[str])
    """Reports that were not fetched, each with its company and months."""


Compare: TypeAlias = Callable[[duckdb.DuckDBPyConnection], Outcome]


@dataclass(frozen=True, kw_only=True)
class BookCheck:
    """The one declaration of a check.

    It compares by a statement, or by a function of its own. The statement gives a row a pair of
    figures: `_company, subject, account_id, as_of, ours, theirs, txn_ids`.
    """

    model: str
    """The model of the books that it is a check of."""
    name: str
    doc: str
    right: str
    wrong: str
    """What it says, after the number of figures that differ."""
    statement: str = ""
    function: Compare | None = None
    reports: Mapping[str, tuple[str, ...]] = field(default_factory=dict[str, tuple[str, ...]])
    """The tables of the reports it compares with, and the bases of each."""
    severity: Literal["ERROR", "WARN"] = "ERROR"

    @property
    def key(self) -> str:
        """`<model>.<name>`, unique among all checks of the books."""
        return f"{self.model}.{self.name}"

    @property
    def as_model(self) -> Model:
        """The statement as a model, which knows what it is made of."""
        return Model(self.key, self.doc, "", (), self.statement)
