"""Records as JSON bytes: reading and changing some fields and leaving every other byte as it is.

Values that are not touched keep their exact literals (`1201.0` stays `1201.0`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, cast

import msgspec
from msgspec import UNSET, Raw, UnsetType

Fields = dict[str, Raw]
Members = dict[str, object]

_fields = msgspec.json.Decoder(dict[str, Raw])
_encode = msgspec.json.Encoder().encode


def read_fields(body: bytes | Raw) -> Fields:
    """The members of a JSON object, each with its exact bytes."""
    return _fields.decode(body)


def write_fields(fields: Mapping[str, object]) -> bytes:
    """A JSON object of these members; Raw values keep their bytes."""
    return _encode(fields)


def encoded(value: object) -> Raw:
    """A value as JSON."""
    return Raw(_encode(value))


def unwrap(body: bytes) -> tuple[str, bytes]:
    """The kind and the inner object of a RecurringTransaction row (`{"Bill": {…}}`)."""
    kind, inner = next(iter(read_fields(body).items()))
    return kind, bytes(inner)


def join(bodies: Iterable[bytes]) -> bytes:
    """A JSON array of ready objects."""
    return b"[" + b",".join(bodies) + b"]"


def property_reader(
    paths: Sequence[str], *, wrapped: bool = False
) -> Callable[[bytes], tuple[object, ...]]:
    """A function which reads these properties (dotted: of nested objects) of a record's bytes.

    Numbers come as Decimal; a property the record does not have as None; a reference
    (`{"value": "58", "name": …}`) as its value.
    """
    tops = sorted({path.partition(".")[0] for path in paths})
    shape = msgspec.defstruct("Properties", [(name, Any, None) for name in tops])
    decoder: msgspec.json.Decoder[object]
    if wrapped:
        decoder = msgspec.json.Decoder(dict[str, shape], float_hook=Decimal)
    else:
        decoder = msgspec.json.Decoder(shape, float_hook=Decimal)
    split = [tuple(path.split(".")) for path in paths]

    def read(body: bytes) -> tuple[object, ...]:
        found: Any = decoder.decode(body)
        if wrapped:
            found = next(iter(found.values()))
        return tuple(_walk(getattr(found, path[0]), path[1:]) for path in split)

    return read


def _walk(value: object, path: Sequence[str]) -> object:
    for name in path:
        value = cast("Members", value).get(name) if isinstance(value, dict) else None
    if isinstance(value, dict):
        members = cast("Members", value)
        return members.get("value", members)
    return value


def projector(paths: Sequence[str], *, wrapped: bool = False) -> Callable[[bytes], bytes]:
    """A function which cuts a record down to these properties, with their exact bytes.

    Rows keep QuickBooks' `domain` and are marked `sparse`. A property the record does not have is
    left out.
    """
    tree: dict[str, set[str]] = {}
    for path in paths:
        top, _, rest = path.partition(".")
        tree.setdefault(top, set()).add(rest)
    shape = msgspec.defstruct(
        "Projection", [(name, Raw | UnsetType, UNSET) for name in ("domain", "sparse", *tree)]
    )
    decoder = msgspec.json.Decoder(shape)
    nested = {top: rests for top, rests in tree.items() if "" not in rests}

    def cut(body: bytes) -> bytes:
        found: Any = decoder.decode(body)
        if found.sparse is not UNSET:
            found.sparse = Raw(b"true")
        for top, names in nested.items():
            value = getattr(found, top)
            if value is not UNSET and bytes(value).startswith(b"{"):
                inner = {k: v for k, v in read_fields(value).items() if k in names}
                setattr(found, top, encoded(inner) if inner else UNSET)
        return _encode(found)

    def cut_wrapped(body: bytes) -> bytes:
        kind, inner = unwrap(body)
        return _encode({kind: Raw(cut(inner))})

    return cut_wrapped if wrapped else cut


def property_names(body: bytes, *, wrapped: bool = False) -> set[str]:
    """The names a statement may use of this record: its members and those of its objects."""
    members = read_fields(unwrap(body)[1] if wrapped else body)
    names = set(members)
    for name, value in members.items():
        if bytes(value).startswith(b"{"):
            names.update(f"{name}.{inner}" for inner in read_fields(value))
    return names
