"""JSON bytes to Arrow, exactly: decimals never pass through a float, and bad records step aside."""

from __future__ import annotations

from array import array
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

BLOCK_BYTES = 2 * 1024 * 1024
"""JSON that the reader has in its hands at once: more of it takes as long, and more memory."""

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
def _stored_type(entity: Entity) -> Any:
    return pa.struct([_arrow_field(node, STORED_AS) for node in entity.fields])


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
    rows = parts[0] if len(parts) == 1 else pa.concat_arrays([_empty(entity), *parts])
    return Parsed(rows, places, rejects, strange)


def _read(entity: Entity, payloads: Sequence[bytes]) -> tuple[pa.StructArray, dict[int, Walked]]:
    """The records, and of those with undeclared properties what a walk finds, by place."""
    schema = json_schema(entity)
    if not payloads:
        return _empty(entity), {}
    if len(payloads) > SAMPLE and is_new(schema):
        _read(entity, payloads[:SAMPLE])
    if entity.wrapped:
        payloads = [unwrapped(payload) for payload in payloads]
    data = b"\n".join(payloads)
    _check_text(data)
    multiline = data.count(b"\n") != len(payloads) - 1
    # A record may go over the end of one block only.
    block = max(BLOCK_BYTES, 2 * max(map(len, payloads)))

    def read(part: pa.Schema, unexpected: Literal["infer", "ignore"] = "infer") -> pa.Table:
        return _read_json(data, part, multiline, unexpected, block)

    try:
        table = read_narrowly(schema, read)
    except pa.ArrowInvalid:
        # An unknown property may be now a number and now a text, which is no fault of the record;
        # nor is it that the reader makes a broken array of an unknown [null, 5].
        table = read(schema, "ignore")
        strange = _strange(entity, payloads)
    else:
        names = undeclared_names(table, schema)
        strange = _strange(entity, payloads, names) if names else {}
    if table.num_rows != len(payloads):
        raise OddRecord("the text is not one JSON object")
    array = table.to_struct_array().combine_chunks()
    rows = _stored_struct(array, entity.fields, _stored_type(entity))
    return rows, strange


def _check_text(data: bytes) -> None:
    """Raises UnicodeDecodeError. The JSON reader takes any bytes; readers of Parquet do not."""
    ends: Any = pa.py_buffer(array("q", [0, len(data)]))
    text: Any = pa.Array.from_buffers(pa.large_binary(), 1, [None, ends, pa.py_buffer(data)])
    try:
        text.cast(pa.large_string())  # as fast as it gets
    except pa.ArrowInvalid:
        data.decode()


def _read_json(
    data: bytes,
    schema: pa.Schema,
    multiline: bool,
    unexpected: Literal["infer", "ignore"],
    block: int,
) -> pa.Table:
    source: Any = pa.BufferReader(data)
    table = pj.read_json(
        source,
        read_options=pj.ReadOptions(block_size=block, use_threads=False),
        parse_options=pj.ParseOptions(
            explicit_schema=schema,
            newlines_in_values=multiline,
            unexpected_field_behavior=unexpected,
        ),
    )
    table.validate(full=True)  # the reader takes decimals of more digits than their type has
    return table


def _stored(array: Any, node: Node, wanted: Any) -> Any:
    """A value as it is kept, at every depth: dates and whole numbers cast, unknown parts left out.

    Raises ArrowInvalid where a cast would lose a digit.
    """
    if array.type == wanted:
        return array
    if isinstance(node, Field):
        return _exactly(array, wanted)
    if isinstance(node, Array):
        items = _stored_struct(array.values, node.fields, wanted.value_type)
        return pa.ListArray.from_arrays(array.offsets, items, type=wanted, mask=array.is_null())
    return _stored_struct(array, node.fields if isinstance(node, Object) else None, wanted)


def _exactly(array: Any, wanted: pa.DataType) -> Any:
    """The values in another type; a date with a time of day, or 1.5 for a whole number, is none."""
    cast = array.cast(wanted)
    if not cast.cast(array.type).equals(array):
        raise pa.ArrowInvalid(f"a value is no {wanted}")
    return cast


def _stored_struct(array: Any, nodes: Sequence[Node] | None, wanted: Any) -> Any:
    """An object as it is kept; of a reference, whose parts are texts, there are no nodes.

    Where the reader left a field out it is null. All such nulls of an object share their memory.
    """
    absent = [field for field in wanted if array.type.get_field_index(field.name) < 0]
    void: Any = nulls(len(array), pa.struct(absent))
    columns: dict[str, Any] = {field.name: void.field(n) for n, field in enumerate(absent)}
    for n, field in enumerate(wanted):
        if field.name not in columns:
            part = array.field(field.name)
            columns[field.name] = part if nodes is None else _stored(part, nodes[n], field.type)
    return pa.StructArray.from_arrays(
        [columns[field.name] for field in wanted], fields=list(wanted), mask=array.is_null()
    )


def _arrow_field(node: Node, types: Mapping[Kind, pa.DataType]) -> pa.Field:
    if isinstance(node, Field):
        return pa.field(node.name, types[node.kind])
    if isinstance(node, Ref):
        names = ["value", "name", "type"] if node.typed else ["value", "name"]
        return pa.field(node.name, pa.struct([pa.field(name, pa.string()) for name in names]))
    inner = pa.struct([_arrow_field(child, types) for child in node.fields])
    return pa.field(node.name, pa.list_(inner) if isinstance(node, Array) else inner)


def _empty(entity: Entity) -> Any:
    return pa.array([], _stored_type(entity))


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
