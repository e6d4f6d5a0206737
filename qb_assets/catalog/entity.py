"""What one entity of QuickBooks Online is: how it is asked for, and what it holds."""

from dataclasses import dataclass
from typing import Literal

from qb_assets.catalog.fields import Node
from qb_assets.catalog.line_sum import LineSum
from qb_assets.catalog.naming import snake

LAST_UPDATED = "MetaData.LastUpdatedTime"

WRAPPER = "TxnType"
"""The property by which the tables of a `wrapped` entity hold the key around each record."""


@dataclass(frozen=True, kw_only=True)
class Entity:
    """The one declaration of an entity, from which every layer takes what it needs.

    Facts without another source are from Intuit's API reference of the entity and "Query
    operations and syntax" and "Change data capture" in its guides.
    """

    name: str
    """QuickBooks' name, `CreditMemo`."""
    description: str
    """One sentence: what one row is."""
    kind: Literal["transaction", "list", "support"]
    fields: tuple[Node, ...] = ()
    """The properties; empty for an entity that is kept as raw JSON only. Of a `wrapped` one they
    are those of the record inside, with the key around it as `WRAPPER`."""
    query_name: str | None = None
    """The name after FROM in a query; None where it is `name`."""
    json_key: str = ""
    """The key of its rows in a QueryResponse; `name` where nothing else is said."""
    select_extra: tuple[str, ...] = ()
    """Properties which `SELECT *` leaves out and which must be named beside it."""
    active_filter: bool = False
    """Whether inactive rows come only when asked for, with `Active IN (true, false)`."""
    singleton: bool = False
    """Whether a company has exactly one row of it."""
    cdc: bool = False
    """Whether change data capture covers it; False where Intuit's pages leave that in doubt, as a
    query always answers."""
    cursor: str | None = LAST_UPDATED
    """The property a window of time is put on; None where it is always read whole."""
    delete: Literal["hard", "soft", "none"] = "none"
    """How a record goes: it vanishes (`hard`), becomes inactive (`soft`), or stays for ever."""
    key: tuple[str, ...] = ("Id",)
    """The properties which tell one record from another within a company."""
    wrapped: bool = False
    """Whether a row is an object with one key, the type, around the record: `{"Bill": {…}}`."""
    volatile: tuple[str, ...] = ()
    """Properties that differ at every read, which is no change of the record."""
    amounts: tuple[str, ...] = ()
    """Money properties whose totals must equal the source's."""
    line_sum: LineSum | None = None
    """How the lines add up to the total, where they must."""

    def __post_init__(self) -> None:
        if not self.json_key:
            object.__setattr__(self, "json_key", self.name)

    def __hash__(self) -> int:
        return hash(self.name)  # what is kept by entity is asked for often, and fields are many

    @property
    def table(self) -> str:
        """The name of its parent table, `credit_memo`."""
        return snake(self.name)

    @property
    def deactivable(self) -> bool:
        """Whether its records can be made inactive, by `Active` = false."""
        return self._has("Active")

    @property
    def voidable(self) -> bool:
        """Whether its records can be seen to be voided.

        A void keeps the record, sets its amounts to 0 and puts `Voided` in front of its PrivateNote
        (Intuit, "Void an invoice"; the company's own forms do the same to bills and others). One
        without amounts is left out, such as JournalEntry, whose total is always 0: a note that
        begins with that word would prove nothing.
        """
        return bool(self.amounts) and self._has("PrivateNote")

    def _has(self, name: str) -> bool:
        return any(node.name == name for node in self.fields)
