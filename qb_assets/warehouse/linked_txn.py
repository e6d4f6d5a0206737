"""`linked_txn`: which transaction is linked to which, across all entities, as one view.

QuickBooks tells of links in arrays, of documents and of their lines, each of which is a child table
that the loads keep up already. A view over them is always right and costs a load nothing, and what
is asked of it goes down to tables of short rows; it is plain SQL that any warehouse takes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache

import duckdb

from qb_assets.catalog import ENTITIES, POSITION, Entity, Table, tables_of
from qb_assets.catalog.fields import Kind
from qb_assets.warehouse.ddl import SCHEMA, literal, quoted, relation
from qb_assets.warehouse.versions import columns_held
from qb_assets.warehouse.views import View, ensure_views, view_comments

LINKED_TXN = "linked_txn"

ALIASES: Mapping[str, str] = {
    "BillPaymentCheck": "BillPayment",
    "BillPaymentCreditCard": "BillPayment",
    "CashPurchase": "Purchase",
    "Check": "Purchase",
    "CreditCardCredit": "Purchase",
    "EFTBillPayment": "BillPayment",
    "Expense": "Purchase",
    "ReceivePayment": "Payment",
}
"""Kinds of transactions held by an entity of another name: of Intuit's published `TxnTypeEnum`, and
those that its pages name for the links of a Payment (Expense, Check, CreditCardCredit) and of a
Bill (BillPaymentCheck, BillPaymentCreditCard)."""

COLUMNS: Mapping[str, tuple[str, str]] = {
    "_company": ("VARCHAR", "The realm Id."),
    "from_type": ("VARCHAR", "The entity of the record that tells of the link."),
    "from_id": ("VARCHAR", "That record's Id."),
    "from_line": (
        "BIGINT",
        "The position of its line that holds the link, from 0; empty where the document does.",
    ),
    "to_type": ("VARCHAR", "What QuickBooks calls the kind of the other transaction."),
    "to_entity": ("VARCHAR", "The entity that has such records; empty where none has."),
    "to_id": ("VARCHAR", "The other transaction's Id."),
    "to_line_id": ("VARCHAR", "The Id of its line, where QuickBooks tells."),
    "amount": (
        "DECIMAL(38,10)",
        "The line's amount, where a line has this one link; empty where QuickBooks gives none.",
    ),
    "_state": ("VARCHAR", "The state of the record that tells of the link."),
    "_deleted": ("BOOLEAN", "Whether that record is gone; its last links stay."),
    "_changed_at": ("TIMESTAMP WITH TIME ZONE", "When that record was changed last."),
}
"""The columns: their types, and what they say."""

DOC = (
    "Which transaction is linked to which, one row for each link that a record which is current or"
    " gone tells of. QuickBooks tells of most links at both ends: an invoice of its payments, and a"
    " payment's lines of the invoices they pay, with the amounts."
)


def ensure_linked_txn(connection: duckdb.DuckDBPyConnection, entity: Entity) -> None:
    """Makes the view of all tables of links that there are, if the entity has one."""
    if not link_tables(entity):
        return
    names = [table.name for each in ENTITIES.values() for table in link_tables(each)]
    there = columns_held(connection, SCHEMA, names)
    if there:
        view = _view(frozenset(there))
        ensure_views(connection, [view], view_comments(connection, SCHEMA, [LINKED_TXN]))


@cache
def _view(there: frozenset[str]) -> View:
    """The view over some tables of links."""
    selects = [
        _links(entity, table)
        for entity in ENTITIES.values()
        for table in link_tables(entity)
        if table.name in there
    ]
    return View(LINKED_TXN, " UNION ALL ".join(selects), DOC)


@cache
def link_tables(entity: Entity) -> list[Table]:
    """The tables of an entity whose rows are links to other transactions."""
    return [
        table
        for table in tables_of(entity)
        if table.parent is not None and table.array_path[-1] == "LinkedTxn"
    ]


def sources_of(entity: Entity, table: Table) -> Mapping[str, tuple[Table, str]]:
    """The table and its column that each of the view's columns takes from a table of links.

    Those are left out whose values are no copies, or which this table has nothing for.
    """
    line = _owner(entity, table)
    columns = {column.path: column.name for column in table.columns}
    owners = dict(zip(("from_id", "from_line"), table.parent_keys, strict=False))
    names = {
        **{name: name for name in ("_company", "_state", "_deleted", "_changed_at")},
        **owners,
        "to_type": columns.get(("TxnType",)),
        "to_entity": columns.get(("TxnType",)),
        "to_id": columns.get(("TxnId",)),
        "to_line_id": columns.get(("TxnLineId",)),
    }
    found = {name: (table, source) for name, source in names.items() if source is not None}
    amount = _amount_column(line)
    return found if amount is None else {**found, "amount": (line, amount)}


def _owner(entity: Entity, table: Table) -> Table:
    """The table of the records or of the lines that links are told of by."""
    return next(each for each in tables_of(entity) if each.name == table.parent)


def _links(entity: Entity, table: Table) -> str:
    line = _owner(entity, table)
    of_line = line.parent is not None
    columns = {column.path: f"link.{quoted(column.name)}" for column in table.columns}
    to_type = columns.get(("TxnType",), "NULL")
    return f"""
        SELECT link._company, '{entity.name}' AS from_type,
            link.{quoted(table.parent_keys[0])} AS from_id,
            {f"link.{quoted(table.parent_keys[1])}" if of_line else "CAST(NULL AS BIGINT)"}
                AS from_line,
            {to_type} AS to_type, {_entity_of(to_type)} AS to_entity,
            {columns[("TxnId",)]} AS to_id, {columns.get(("TxnLineId",), "NULL")} AS to_line_id,
            {_amount(line)} AS amount, link._state, link._deleted, link._changed_at
        FROM {relation(table.name)} AS link {_joined(line, table) if of_line else ""}
    """


def _entity_of(to_type: str) -> str:
    names = {**{name: name for name in ENTITIES}, **ALIASES}
    by_entity: dict[str, list[str]] = {}
    for name, entity in names.items():
        by_entity.setdefault(entity, []).append(name)
    whens = (
        f"WHEN {to_type} IN ({', '.join(map(literal, each))}) THEN {literal(entity)}"
        for entity, each in by_entity.items()
    )
    return f"CASE {' '.join(whens)} END"


def _amount(line: Table) -> str:
    """How a line with several links is shared among them, QuickBooks does not say."""
    amount = _amount_column(line)
    if amount is None:
        return "CAST(NULL AS DECIMAL(38, 10))"
    alone = f"link.{POSITION} = 0 AND second.{POSITION} IS NULL"
    return f"CASE WHEN {alone} THEN line.{quoted(amount)} END"


def _amount_column(line: Table) -> str | None:
    """The column with the amount of a line; None of what is no line, or has none."""
    for column in line.columns:
        if column.path == ("Amount",) and column.kind is Kind.DECIMAL and line.parent is not None:
            return column.name
    return None


def _joined(line: Table, links: Table) -> str:
    """The line that holds the link, and that line's second link."""
    *above, place = links.parent_keys
    owners = ["_company", *above]
    return f"""
        LEFT JOIN {relation(line.name)} AS line
            ON {_equal(owners, "line")} AND line.{POSITION} = link.{quoted(place)}
        LEFT JOIN {relation(links.name)} AS second
            ON {_equal([*owners, place], "second")} AND second.{POSITION} = 1
    """


def _equal(columns: Iterable[str], other: str) -> str:
    return " AND ".join(f"{other}.{name} = link.{name}" for name in map(quoted, columns))
