"""Which columns the columns of the layers come from, back to the JSON that QuickBooks sent.

It is the same at every materialization, so an asset says it once, of itself: no run writes it down
again. Dagster reads it there where the latest materialization has none of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import dagster as dg

from qb_assets.catalog import Entity, Table, tables_of
from qb_assets.faces import normalized_key, raw_key
from qb_assets.normalized.schema import LINEAGE, arrow_schema
from qb_assets.raw.records import RAW_SCHEMA
from qb_assets.warehouse.ddl import warehouse_schema

LINEAGE_KEY = "dagster/column_lineage"

PAYLOAD = "payload"
"""The column of raw with the JSON; the descriptions of the columns say where in it a value is."""

_OF_RAW: Mapping[str, Sequence[str]] = {
    "_company": [],
    "_updated_on": ["last_updated_time"],
    "_changed_at": ["last_updated_time"],
    "_extracted_at": ["extracted_at"],
    "_deleted": ["status"],
}
"""What is made of something else than the JSON. The company is the partition's."""

_RENAMED: Mapping[str, str] = {
    "_values_changed_at": "_changed_at",
    "_values_extracted_at": "_extracted_at",
}
"""What the warehouse takes from normalized columns of another name."""


def normalized_lineage(entity: Entity, table: Table) -> Mapping[str, dg.TableColumnLineage]:
    """The metadata that says what each column of a normalized table is made of in raw."""
    raw = {name: dg.TableColumnDep(raw_key(entity), name) for name in RAW_SCHEMA.names}
    told = {name: [raw[each] for each in of] for name, of in _OF_RAW.items()}
    marked = entity.deactivable or entity.voidable  # by what the JSON says
    told["_state"] = [raw["status"], *([raw[PAYLOAD]] if marked else [])]
    if table.parent is None:  # of a record that is gone there is no JSON, but its Id
        told[table.key[0]] = [raw["id"], raw[PAYLOAD]]
    json = [raw[PAYLOAD]]
    return lineage({name: told.get(name, json) for name in arrow_schema(table).names})


def warehouse_lineage(entity: Entity, table: Table) -> Mapping[str, dg.TableColumnLineage]:
    """The metadata that says which normalized column each column of a warehouse table is of.

    A child row says of itself what its record says, also when that is gone and has no more lines.
    """
    own, record = normalized_key(table), normalized_key(tables_of(entity)[0])
    of = {name: record if name in LINEAGE.names else own for name in warehouse_schema(table).names}
    return lineage(
        {name: [dg.TableColumnDep(key, _RENAMED.get(name, name))] for name, key in of.items()}
    )


def copied(source: dg.AssetKey, columns: Iterable[str]) -> Mapping[str, dg.TableColumnLineage]:
    """The metadata of a table whose columns are those of another asset."""
    return lineage({name: [dg.TableColumnDep(source, name)] for name in columns})


def lineage(
    deps: Mapping[str, Sequence[dg.TableColumnDep]],
) -> Mapping[str, dg.TableColumnLineage]:
    """The metadata of an asset whose columns come from others; none where a value is made there."""
    return {LINEAGE_KEY: dg.TableColumnLineage(deps)}
