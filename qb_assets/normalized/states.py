"""What became of a record, in one word, by the marks that QuickBooks leaves on it."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from qb_assets.catalog import Entity, column_at
from qb_assets.normalized.flatten import Fields
from qb_assets.normalized.parse import DECIMAL
from qb_assets.raw.records import DELETED, GONE, LIVE, MERGED

INACTIVE = "inactive"
VOIDED = "voided"

STATES = (LIVE, INACTIVE, VOIDED, DELETED, MERGED)

VOID_NOTE = "Voided"
"""How the PrivateNote of a voided document begins, as Intuit's examples spell it."""


def live_states(entity: Entity, rows: pa.StructArray) -> pa.Array:
    """The state of each live record, given as `parse` gives it: `live`, `inactive` or `voided`."""
    states: Any = pa.repeat(LIVE, len(rows))
    if entity.deactivable:
        states = pc.if_else(_is_true(pc.invert(Fields(rows).at(["Active"]))), INACTIVE, states)
    if entity.voidable:
        states = pc.if_else(_are_voided(entity, rows), VOIDED, states)
    return states


def mark_columns(entity: Entity) -> list[str]:
    """The columns of the parent table that the state of a live record is told by."""
    return [column_at(entity, (name,))[1].name for name in _marks(entity)]


def states_of(entity: Entity, rows: pa.Table) -> pa.Array:
    """The state of each row of the parent table, by `_deleted` and its `mark_columns`."""
    names = ["_deleted", *mark_columns(entity)]
    columns: list[Any] = [rows.column(name).combine_chunks() for name in names]
    records = pa.StructArray.from_arrays(columns, names=["_deleted", *_marks(entity)])
    gone = MERGED if entity.delete == "soft" else DELETED
    return pc.if_else(columns[0], gone, live_states(entity, records))


def are_gone(states: Any) -> Any:
    """Whether QuickBooks no longer has the records, by their states."""
    return pc.is_in(states, value_set=pa.array(GONE))


def _marks(entity: Entity) -> list[str]:
    active = ["Active"] if entity.deactivable else []
    return [*active, "PrivateNote", *entity.amounts] if entity.voidable else active


def _are_voided(entity: Entity, rows: pa.StructArray) -> Any:
    zero, fields = pa.scalar(0, DECIMAL), Fields(rows)
    voided = _is_true(pc.starts_with(fields.at(["PrivateNote"]), VOID_NOTE))
    for name in entity.amounts:
        voided = pc.and_(voided, pc.equal(pc.fill_null(fields.at([name]), zero), zero))
    return voided


def _is_true(flags: Any) -> Any:
    return pc.fill_null(flags, pa.scalar(False))
