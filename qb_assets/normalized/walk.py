"""A walk over a record's JSON beside its declaration: what is not declared, and what does not fit.

Only records about which something is strange are walked; all others are read by Arrow alone.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation

import msgspec
import pyarrow as pa

from qb_assets.catalog.fields import Array, Field, Kind, Node, Object, Ref, texts
from qb_assets.quickbooks.envelope import moment

MOST_DIGITS, MOST_DECIMALS = 28, 10
"""Digits before and after the point that decimal128(38, 10) holds."""

SHOWN = 20
"""Characters of a value's shape."""

_properties = msgspec.json.Decoder(dict[str, msgspec.Raw])
_items = msgspec.json.Decoder(list[msgspec.Raw])
_text = msgspec.json.Decoder(str)

_PARTS, _TYPED_PARTS = texts("value", "name"), texts("value", "name", "type")

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d.*")


class OddRecord(pa.ArrowInvalid):
    """A payload of another shape than a record's; its words hold no value of it."""


@dataclass(frozen=True, slots=True)
class Sighting:
    """One value that is not as declared: `Line[].Novelty`, what it is, and its shape."""

    path: str
    type: str
    shape: str


@dataclass(frozen=True, slots=True)
class Walked:
    """What a walk found. `parts` is the record less all that is declared, as JSON, None if empty.

    In its arrays an element without undeclared parts is null, so that paths are the record's.
    """

    parts: bytes | None
    unknown: list[Sighting]
    misfits: list[Sighting]


def walk(payload: bytes, nodes: Sequence[Node], names: Sequence[bytes] = ()) -> Walked:
    """Walks over a record.

    Args:
        payload: its JSON.
        nodes: what is declared of it.
        names: the undeclared names that may be in it, of a record in which all else fits; what has
            none of them is passed over. Without names all of it is looked at.

    Raises:
        msgspec.MsgspecError: it is no JSON object.
    """
    walker = _Walker(names)
    parts = walker.object(payload, nodes, "")
    return Walked(parts, walker.unknown, walker.misfits)


def may_hold(text: bytes, names: Sequence[bytes]) -> bool:
    """Whether one of the names may be in a JSON text; it may be spelt with escapes."""
    return not names or b"\\" in text or any(name in text for name in names)


def shape(value: str) -> str:
    """What a value looks like, without the value: letters are x, digits 9, at most 20 of them."""
    return "".join(
        "9" if each.isdigit() else "x" if each.isalpha() else each for each in value[:SHOWN]
    )


class _Walker:
    def __init__(self, names: Sequence[bytes]) -> None:
        self._names = names
        self.unknown: list[Sighting] = []
        self.misfits: list[Sighting] = []

    def object(self, text: bytes, nodes: Sequence[Node], prefix: str) -> bytes | None:
        """The undeclared parts of an object."""
        if not may_hold(text, self._names):
            return None
        known = {node.name: node for node in nodes}
        parts: dict[str, msgspec.Raw] = {}
        for name, raw in _properties.decode(text).items():
            value, path, node = bytes(raw), f"{prefix}{name}", known.get(name)
            if node is None:
                before = len(self.unknown)
                self._undeclared(value, path)
                part = value if len(self.unknown) > before else None
            else:
                part = None if value == b"null" else self._declared(value, node, path)
            if part is not None:
                parts[name] = msgspec.Raw(part)
        return msgspec.json.encode(parts) if parts else None

    def _declared(self, value: bytes, node: Node, path: str) -> bytes | None:
        if isinstance(node, Field):
            wrong = "" if self._names else misfit(value, node.kind)
            if wrong:
                self.misfits.append(Sighting(path, wrong, _shape(value)))
        elif isinstance(node, Array):
            if value.startswith(b"["):
                return self._elements(value, node, path)
            self.misfits.append(Sighting(path, _in_place_of(value, "array"), _shape(value)))
        elif value.startswith(b"{"):
            inner = node.fields if isinstance(node, Object) else _ref_parts(node)
            return self.object(value, inner, f"{path}.")
        else:
            self.misfits.append(Sighting(path, _in_place_of(value, "object"), _shape(value)))
        return None

    def _elements(self, value: bytes, node: Array, path: str) -> bytes | None:
        parts: list[msgspec.Raw | None] = []
        for raw in _items.decode(value):
            item, part = bytes(raw), None
            if item.startswith(b"{"):
                part = self.object(item, node.fields, f"{path}[].")
            elif item != b"null":
                wrong = _in_place_of(item, "object")
                self.misfits.append(Sighting(f"{path}[]", wrong, _shape(item)))
            parts.append(msgspec.Raw(part) if part is not None else None)
        while parts and parts[-1] is None:
            parts.pop()
        return msgspec.json.encode(parts) if parts else None

    def _undeclared(self, value: bytes, path: str) -> None:
        """Notes each single value in it; nulls and empty arrays carry nothing."""
        if value.startswith(b"{"):
            before = len(self.unknown)
            for name, raw in _properties.decode(value).items():
                self._undeclared(bytes(raw), f"{path}.{name}")
            if len(self.unknown) == before:
                self.unknown.append(Sighting(path, "object", ""))
        elif value.startswith(b"["):
            for raw in _items.decode(value):
                self._undeclared(bytes(raw), f"{path}[]")
        elif value != b"null":
            self.unknown.append(Sighting(path, type_of(value), _shape(value)))


def type_of(value: bytes) -> str:
    """What a JSON value is: object, array, boolean, number, text, date or date-time."""
    kinds = {b"{": "object", b"[": "array", b"t": "boolean", b"f": "boolean"}
    if not value.startswith(b'"'):
        return kinds.get(value[:1], "number")
    text = _text.decode(value)
    if _DATE.fullmatch(text):
        return "date"
    return "date-time" if _INSTANT.fullmatch(text) else "text"


def misfit(value: bytes, kind: Kind) -> str:
    """What is wrong with a value of a kind, without the value; empty where nothing is seen."""
    if kind is Kind.TEXT or kind is Kind.FLAG:
        right = value.startswith(b'"') if kind is Kind.TEXT else value in (b"true", b"false")
        return "" if right else _in_place_of(value, "text" if kind is Kind.TEXT else "boolean")
    if kind is Kind.INTEGER or kind is Kind.DECIMAL:
        return _number_misfit(value, kind)
    wanted = "date" if kind is Kind.DATE else "date-time"
    if not value.startswith(b'"'):
        return _in_place_of(value, wanted)
    text = _text.decode(value)
    if kind is Kind.DATE:
        return "" if _is_date(text) else _in_place_of(value, wanted)
    return "" if moment(text) else _in_place_of(value, wanted)


def _number_misfit(value: bytes, kind: Kind) -> str:
    try:
        number = Decimal(value.decode().strip('"'))
    except (InvalidOperation, UnicodeDecodeError):
        return _in_place_of(value, "number")
    exponent = number.as_tuple().exponent
    if not isinstance(exponent, int):
        return _in_place_of(value, "number")
    if exponent < -MOST_DECIMALS:
        return f"number with more than {MOST_DECIMALS} decimals"
    if number and number.adjusted() >= MOST_DIGITS:
        return f"number with more than {MOST_DIGITS} digits before the point"
    if kind is Kind.INTEGER and number != number.to_integral_value():
        return "number that is not whole"
    if kind is Kind.INTEGER and not -(2**63) <= number < 2**63:
        return "whole number of more than 64 bits"
    return ""


def _is_date(text: str) -> bool:
    try:
        return bool(_DATE.fullmatch(text) and date.fromisoformat(text))
    except ValueError:
        return False


def _in_place_of(value: bytes, wanted: str) -> str:
    found = type_of(value)
    return f"{found} in place of {wanted}" if found != wanted else f"no {wanted} that there is"


def _shape(value: bytes) -> str:
    if value[:1] in (b"{", b"["):
        return ""
    return shape(_text.decode(value) if value.startswith(b'"') else value.decode())


def _ref_parts(node: Ref) -> tuple[Field, ...]:
    return _TYPED_PARTS if node.typed else _PARTS
