"""What QuickBooks sent that the catalog does not know: told of, never a failure, never lost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import pyarrow as pa
import pyarrow.compute as pc

from qb_assets.catalog.entity import Entity
from qb_assets.catalog.fields import Array, Field, Node, Object, Ref, texts


@dataclass(frozen=True, slots=True)
class Unmodeled:
    """A property that no column holds: where it stands, what it is, and how often it was seen."""

    path: str
    """`Line[].SalesItemLineDetail.NewThing`."""

    type: str
    count: int


def merged(found: Iterable[Unmodeled]) -> list[Unmodeled]:
    """One entry a path and type, with the counts summed, in order of path."""
    counts: Counter[tuple[str, str]] = Counter()
    for each in found:
        counts[each.path, each.type] += each.count
    return [Unmodeled(path, kind, n) for (path, kind), n in sorted(counts.items())]


def unmodeled_columns(table: pa.Table, schema: pa.Schema) -> list[Unmodeled]:
    """What a reader that infers unknown properties found beside the declared schema."""
    found: list[Unmodeled] = []
    for name in table.column_names:
        array = table.column(name).combine_chunks()
        declared = schema.field(name).type if name in schema.names else None
        found += _beyond(array, declared, name)
    return found


def _beyond(array: Any, declared: Any, path: str) -> Iterator[Unmodeled]:
    if declared is None:
        if not _is_void(array.type) and array.null_count < len(array):
            yield Unmodeled(path, _name_of(array.type), len(array) - array.null_count)
    elif array.type == declared:
        return
    elif pa.types.is_list(array.type):
        yield from _beyond(pc.list_flatten(array), declared.value_type, f"{path}[]")
    elif pa.types.is_struct(array.type):
        known = {field.name: field.type for field in declared}
        for field in array.type:
            inner = pc.struct_field(array, [field.name])
            yield from _beyond(inner, known.get(field.name), f"{path}.{field.name}")


def _is_void(kind: Any) -> bool:
    """Nulls and empty arrays, which carry nothing."""
    return pa.types.is_null(kind) or (pa.types.is_list(kind) and _is_void(kind.value_type))


def _name_of(kind: pa.DataType) -> str:
    if pa.types.is_struct(kind):
        return "object"
    if pa.types.is_list(kind):
        return "array"
    if pa.types.is_boolean(kind):
        return "boolean"
    return "number" if pa.types.is_integer(kind) or pa.types.is_floating(kind) else "text"


def unmodeled_values(entity: Entity, payloads: Sequence[bytes]) -> list[Unmodeled]:
    """The same by a walk over each record, for properties whose type is not always the same."""
    found: list[Unmodeled] = []
    for payload in payloads:
        record = msgspec.json.decode(payload, type=dict[str, msgspec.Raw])
        found += _walk(record, entity.fields, "")
    return merged(found)


def _walk(
    record: dict[str, msgspec.Raw], nodes: Sequence[Node], prefix: str
) -> Iterator[Unmodeled]:
    known = {node.name: node for node in nodes}
    for name, raw in record.items():
        text = bytes(raw)
        path = f"{prefix}{name}"
        node = known.get(name)
        if node is None:
            if text not in (b"null", b"[]"):
                yield Unmodeled(path, _kind_of(text), 1)
        elif isinstance(node, Array) and text.startswith(b"["):
            for item in msgspec.json.decode(text, type=list[msgspec.Raw]):
                yield from _walk_object(bytes(item), node.fields, f"{path}[].")
        elif isinstance(node, Object):
            yield from _walk_object(text, node.fields, f"{path}.")
        elif isinstance(node, Ref):
            yield from _walk_object(text, _ref_parts(node), f"{path}.")


def _walk_object(text: bytes, nodes: Sequence[Node], prefix: str) -> Iterator[Unmodeled]:
    if text.startswith(b"{"):
        yield from _walk(msgspec.json.decode(text, type=dict[str, msgspec.Raw]), nodes, prefix)


def _ref_parts(node: Ref) -> tuple[Field, ...]:
    return texts("value", "name", "type") if node.typed else texts("value", "name")


def _kind_of(text: bytes) -> str:
    kinds = {b"{": "object", b"[": "array", b'"': "text", b"t": "boolean", b"f": "boolean"}
    return kinds.get(text[:1], "number")
