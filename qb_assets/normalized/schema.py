"""The columns of a normalized table, as Arrow and as pandera know them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache

import pandera.polars as pandera
import polars as pl
import pyarrow as pa

from qb_assets.catalog import Table
from qb_assets.catalog.fields import Kind
from qb_assets.normalized.flatten import POSITION
from qb_assets.normalized.parse import INSTANT, STORED_AS
from qb_assets.normalized.states import STATES

LINEAGE = pa.schema(
    [
        pa.field("_company", pa.string(), nullable=False),
        pa.field("_updated_on", pa.date32(), nullable=False),
        pa.field("_changed_at", INSTANT),
        pa.field("_extracted_at", INSTANT, nullable=False),
        pa.field("_deleted", pa.bool_(), nullable=False),
        pa.field("_state", pa.string(), nullable=False),
    ]
)
"""What every row carries: whose it is, its partition, when the version was made in QuickBooks, when
it was fetched, whether it tells of a delete, and what became of the record."""

UNMODELED_COLUMN = "_unmodeled"
"""The last column of a parent table. It is one of the record's values, and no lineage."""

UNMODELED_DOC = (
    "What QuickBooks sent of this record that no column holds, as JSON with the exact literals,"
    " each part at its own path; empty for most. In arrays an element without such parts is null."
)

LINEAGE_DOCS = {
    "_company": "The company's realm Id.",
    "_updated_on": "The partition: the day of the last update in the company's time zone.",
    "_changed_at": "MetaData.LastUpdatedTime of this version, or of the delete.",
    "_extracted_at": "When this version was fetched from QuickBooks.",
    "_deleted": "True where QuickBooks no longer has the record: _state is deleted or merged.",
    "_state": (
        "What became of the record: live; inactive, as lists say in place of a delete; voided: its"
        " amounts are 0 and its note begins with Voided; deleted; merged into another record of"
        " its list. Child rows have their record's."
    ),
}

POLARS_TYPES: dict[Kind, pl.DataType] = {
    Kind.TEXT: pl.String(),
    Kind.FLAG: pl.Boolean(),
    Kind.INTEGER: pl.Int64(),
    Kind.DECIMAL: pl.Decimal(38, 10),
    Kind.DATE: pl.Date(),
    Kind.INSTANT: pl.Datetime("us", "UTC"),
}


@cache
def arrow_schema(table: Table) -> pa.Schema:
    """Keys, QuickBooks' columns, lineage, and of a parent the undeclared parts: the exact schema
    of every object of the table."""
    keys = [
        pa.field(name, pa.string() if name == table.parent_keys[0] else pa.int64(), False)
        for name in table.parent_keys
    ]
    if table.parent is not None:
        keys.append(pa.field(POSITION, pa.int64(), nullable=False))
    own = [
        pa.field(column.name, STORED_AS[column.kind], column.nullable) for column in table.columns
    ]
    more = [] if table.parent is not None else [pa.field(UNMODELED_COLUMN, pa.string())]
    return pa.schema([*keys, *own, *LINEAGE, *more])


def version_key(table: Table) -> list[str]:
    """What makes a row of the table unique: its key, and the fetch that brought the version."""
    own = [*table.parent_keys, POSITION] if table.parent is not None else list(table.key)
    return ["_company", *own, "_extracted_at"]


@cache
def validator(table: Table) -> pandera.DataFrameSchema:
    """The table's contract: columns and their order, types, nulls, states, unique keys.

    A value outside of a column's closed set is drift, and breaks nothing. A tombstone has no values
    but its key, so nulls of other columns are asked of live rows alone, which is what `nullable` in
    the catalog is about: only keys are never null.
    """
    return _contract(table, _columns(table))


@cache
def _beyond_types(table: Table) -> pandera.DataFrameSchema:
    """The contract of the columns of which it asks more than their type."""
    columns = _columns(table).items()
    return _contract(
        table, {name: each for name, each in columns if each.checks or not each.nullable}
    )


def narrow_columns(table: Table) -> list[str]:
    """The columns of which the contract asks more than their type."""
    return list(_beyond_types(table).columns)


def validate(table: Table, rows: pl.DataFrame, columns: Sequence[str] | None = None) -> None:
    """Holds rows to the table's contract, all of it at once.

    With `columns` the rows must have these alone, `narrow_columns` among them; the types of the
    others were looked at by who left them out.

    Of a column that may be null the contract asks nothing but its type. Where all types are right,
    pandera need not look at these columns: its time grows with the square of their number.

    Raises:
        SchemaErrors: with every case of failure.
    """
    expected = no_rows(table) if columns is None else no_rows(table).select(columns)
    if rows.schema != expected.schema:
        validator(table).validate(rows, lazy=True)
        return
    contract = _beyond_types(table)
    contract.validate(rows.select(list(contract.columns)), lazy=True)


def _contract(table: Table, columns: Mapping[str, pandera.Column]) -> pandera.DataFrameSchema:
    return pandera.DataFrameSchema(
        dict(columns), name=table.name, strict=True, ordered=True, unique=version_key(table)
    )


def _columns(table: Table) -> dict[str, pandera.Column]:
    columns = {
        name: pandera.Column(pl.String() if name == table.parent_keys[0] else pl.Int64())
        for name in table.parent_keys
    }
    if table.parent is not None:
        columns[POSITION] = pandera.Column(pl.Int64(), pandera.Check.ge(0))
    columns |= {
        column.name: pandera.Column(POLARS_TYPES[column.kind], nullable=column.nullable)
        for column in table.columns
    }
    columns |= {
        "_company": pandera.Column(pl.String()),
        "_updated_on": pandera.Column(pl.Date()),
        "_changed_at": pandera.Column(pl.Datetime("us", "UTC"), nullable=True),
        "_extracted_at": pandera.Column(pl.Datetime("us", "UTC")),
        "_deleted": pandera.Column(pl.Boolean()),
        "_state": pandera.Column(pl.String(), pandera.Check.isin(STATES)),
    }
    if table.parent is None:
        columns[UNMODELED_COLUMN] = pandera.Column(pl.String(), nullable=True)
    return columns


@cache
def no_rows(table: Table) -> pl.DataFrame:
    """The table as polars has it, without a row."""
    found = pl.from_arrow(arrow_schema(table).empty_table())
    assert isinstance(found, pl.DataFrame)
    return found
