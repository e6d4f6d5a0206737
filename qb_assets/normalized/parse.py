"""JSON bytes to Arrow, exactly: decimals never pass through a float, and bad records step aside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import msgspec
import pyarrow as pa
import pyarrow.json as pj

from qb_assets.catalog import Entity
from qb_assets.catalog.fields import Array, Field, Kind, Node, Object, Ref
from qb_assets.normalized.drift import Unmodeled, told, undeclared_names
from qb_assets.normalized.narrow import is_new, read_narrowly
from qb_assets.normalized.walk import OddRecord, Sighting, Walked, may_hold, walk
from qb_assets.normalized.wrapped import unwrapped

nulls: Any = pa.nulls  # its published type knows none of nested types

DECIMAL = pa.decimal128(38, 10)
"""Money, quantities and rates; what does not fit is quarantined, not rounded."""

INSTANT = pa.timestamp("us", "UTC")

READ_AS: dict[Kind, pa.DataType] = {
    Kind.TEXT: pa.string(),
    Kind.FLAG: pa.bool_(),
    Kind.INTEGER: DECIMAL,  # QuickBooks writes 1201.0 for whole numbers, too
    Kind.DECIMAL: DECIMAL,
    Kind.DATE: pa.timestamp("s"),
    Kind.INSTANT: INSTANT,
}
"""What the JSON reader makes of a scalar; see STORED_AS for what a column holds."""

STORED_AS: dict[Kind, pa.DataType] = {
    **READ_AS,
    Kind.INTEGER: pa.int64(),
    Kind.DATE: pa.date32(),
}


SAMPLE = 500
"""Records that tell which properties many are likely to have, before all are read."""

MOST_MISFITS = 3
"""Properties that the reason of a reject names."""


@dataclass(frozen=True, slots=True)
class Reject:
    """A record that breaks its contract: its place among the payloads, and why.

    The reason names properties, never a value.
    """

    place: int
    reason: str
    misfits: tuple[Sighting, ...] = ()


@dataclass(frozen=True, slots=True)
class Parsed:
    """Records as one struct array, the places they came from, and those that did not fit.

    `strange` are, by place, the records with properties that the catalog does not know.
    """

    rows: pa.StructArray
    places: list[int]
    rejects: list[Reject]
    strange: dict[int, Walked]

    @property
    def unmodeled(self) -> list[Unmodeled]:
        """What the catalog does not know of all these records."""
        return told(each for walked in self.strange.values() for each in walked.unknown)


@cache
def json_schema(entity: Entity) -> pa.Schema:
    """The explicit schema of an entity's JSON: names as QuickBooks spells them."""
    return pa.schema([_arrow_field(node, READ_AS) for node in entity.fields])


@cache
def _stored_schema(entity: Entity) -> pa.Schema:
    return pa.schema([_arrow_field(node, STORED_AS) for node in entity.fields])


def parse(entity: Entity, payloads: Sequence[bytes]) -> Parsed:
    """Reads records of one entity; each that cannot be read exactly is rejected by itself.

    Properties that the catalog does not know stay in the raw payload, and are told of.
    """
    parts: list[pa.StructArray] = []
    places: list[int] = []
    rejects: list[Reject] = []
    strange: dict[int, Walked] = {}
    waiting = [range(len(payloads))]
    while waiting:
        span = waiting.pop()
        try:
            part, found = _read(entity, payloads[span.start : span.stop])
        except (pa.ArrowInvalid, UnicodeDecodeError) as error:
            if len(span) == 1:
                rejects.append(_rejected(entity, span.start, payloads[span.start], error))
            else:
                middle = (span.start + span.stop) // 2
                waiting += [range(middle, span.stop), range(span.start, middle)]
        else:
            parts.append(part)
            places.extend(span)
            strange |= {span.start + place: walked for place, walked in found.items()}
    rows = pa.concat_arrays(parts) if parts else _empty(_stored_schema(entity))
    return Parsed(rows, places, rejects, strange)


def _read(entity: Entity, payloads: Sequence[bytes]) -> tuple[pa.StructArray, dict[int, Walked]]:
    """The records, and of those with undeclared properties what a walk finds, by place."""
    schema = json_schema(entity)
    if not payloads:
        return _empty(_stored_schema(entity)), {}
    if len(payloads) > SAMPLE and is_new(schema):
        _read(entity, payloads[:SAMPLE])
    if entity.wrapped:
        payloads = [unwrapped(payload) for payload in payloads]
    data = b"\n".join(payloads)
    _check_text(data)
    multiline = data.count(b"\n") != len(payloads) - 1
    try:
        table = read_narrowly(schema, lambda part: _read_json(data, part, multiline, "infer"))
    except pa.ArrowInvalid:
        # An unknown property may be now a number and now a text, which is no fault of the record;
        # nor is it that the reader makes a broken array of an unknown [null, 5].
        table = _read_json(data, schema, multiline, "ignore")
        strange = _strange(entity, payloads)
    else:
        names = undeclared_names(table, schema)
        strange = _strange(entity, payloads, names) if names else {}
    if table.num_rows != len(payloads):
        raise OddRecord("the text is not one JSON object")
    rows = _stored_struct(table.to_struct_array().combine_chunks(), entity.fields)
    return rows, strange


def _check_text(data: bytes) -> None:
    """Raises UnicodeDecodeError. The JSON reader takes any bytes; readers of Parquet do not."""
    try:
        pa.array([data], pa.large_binary()).cast(pa.large_string())  # as fast as it gets
    except pa.ArrowInvalid:
        data.decode()


def _read_json(
    data: bytes, schema: pa.Schema, multiline: bool, unexpected: Literal["infer", "ignore"]
) -> pa.Table:
    source: Any = pa.BufferReader(data)
    table = pj.read_json(
        source,
        read_options=pj.ReadOptions(block_size=max(1 << 20, len(data)), use_threads=False),
        parse_options=pj.ParseOptions(
            explicit_schema=schema,
            newlines_in_values=multiline,
            unexpected_field_behavior=unexpected,
        ),
    )
    table.validate(full=True)  # the reader takes decimals of more digits than their type has
    return table


def _stored(array: Any, node: Node) -> Any:
    """A value as it is kept, at every depth: dates and whole numbers cast, unknown parts left out.

    Raises ArrowInvalid where a cast would lose a digit.
    """
    wanted = _arrow_field(node, STORED_AS).type
    if array.type == wanted:
        return array
    if isinstance(node, Field):
        return _exactly(array, wanted)
    if isinstance(node, Array):
        items = _stored_struct(array.values, node.fields)
        return pa.ListArray.from_arrays(array.offsets, items, type=wanted, mask=array.is_null())
    if isinstance(node, Object):
        return _stored_struct(array, node.fields)
    columns = [_part(array, child) for child in wanted]
    return pa.StructArray.from_arrays(columns, fields=list(wanted), mask=array.is_null())


def _exactly(array: Any, wanted: pa.DataType) -> Any:
    """The values in another type; a date with a time of day, or 1.5 for a whole number, is none."""
    cast = array.cast(wanted)
    if not cast.cast(array.type).equals(array):
        raise pa.ArrowInvalid(f"a value is no {wanted}")
    return cast


def _stored_struct(array: Any, nodes: Sequence[Node]) -> Any:
    fields = [_arrow_field(node, STORED_AS) for node in nodes]
    parts = zip(nodes, fields, strict=True)
    columns = [_stored(_part(array, field), node) for node, field in parts]
    return pa.StructArray.from_arrays(columns, fields=fields, mask=array.is_null())


def _part(array: Any, field: Any) -> Any:
    """A field of objects; nulls, as they are to be stored, where the reader left it out."""
    if array.type.get_field_index(field.name) < 0:
        return nulls(len(array), field.type)
    return array.field(field.name)


def _arrow_field(node: Node, types: Mapping[Kind, pa.DataType]) -> pa.Field:
    if isinstance(node, Field):
        return pa.field(node.name, types[node.kind])
    if isinstance(node, Ref):
        names = ["value", "name", "type"] if node.typed else ["value", "name"]
        return pa.field(node.name, pa.struct([pa.field(name, pa.string()) for name in names]))
    inner = pa.struct([_arrow_field(child, types) for child in node.fields])
    return pa.field(node.name, pa.list_(inner) if isinstance(node, Array) else inner)


def _empty(schema: pa.Schema) -> pa.StructArray:
    columns = [pa.array([], field.type) for field in schema]
    return pa.StructArray.from_arrays(columns, fields=list(schema))


def _strange(
    entity: Entity, payloads: Sequence[bytes], names: Iterable[str] = ()
) -> dict[int, Walked]:
    """What is not declared of the records that have one of these names in them, or of all."""
    spelt = [name.encode() for name in names]
    found: dict[int, Walked] = {}
    for place, payload in enumerate(payloads):
        if may_hold(payload, spelt):
            walked = walk(payload, entity.fields, spelt)
            if walked.parts is not None:
                found[place] = walked
    return found


def _rejected(entity: Entity, place: int, payload: bytes, error: Exception) -> Reject:
    try:
        record = unwrapped(payload) if entity.wrapped else payload
        misfits = walk(record, entity.fields).misfits
    except (msgspec.MsgspecError, UnicodeDecodeError, OddRecord):
        misfits = []
    told = "; ".join(f"{each.path}: {each.type}" for each in misfits[:MOST_MISFITS])
    if len(misfits) > MOST_MISFITS:
        told += f"; and {len(misfits) - MOST_MISFITS} more"
    return Reject(place, told or _reason(error), tuple(misfits))


def _reason(error: Exception) -> str:
    """What the reader says, unless its words may hold a value."""
    if isinstance(error, UnicodeDecodeError):
        return "the text is not UTF-8"
    if isinstance(error, OddRecord):
        return str(error)
    _, of_json, said = str(error).partition("JSON parse error: ")
    return said.removesuffix(" in row 0") if of_json else "a value does not fit its column"
