"""Voided transactions: what is left of one (Intuit's published examples of voids)."""

from __future__ import annotations

import msgspec
from msgspec import Raw

from .documents import Fields, encoded, read_fields, write_fields

_VOIDED = "Voided"
_AMOUNTS = frozenset(
    (
        *("Amount", "Balance", "Deposit", "TotalAmt", "UnappliedAmt", "TaxInclusiveAmt"),
        *("HomeAmount", "HomeBalance", "HomeTotalAmt", "Qty", "UnitPrice"),
    )
)
_NONE_LEFT = {"TxnTaxDetail": Raw(b'{"TotalTax":0}'), "LinkedTxn": Raw(b"[]")}


def voided(fields: Fields) -> Fields:
    """The fields of a transaction after it was voided.

    Its amounts and those of its lines are the literal 0; an amount that was zero keeps its
    literal. Taxes and links are gone and the memo begins with Voided.
    """
    zeroed = _zeroed(fields)
    zeroed |= {name: none for name, none in _NONE_LEFT.items() if name in fields}
    note = msgspec.json.decode(fields["PrivateNote"], type=str) if "PrivateNote" in fields else ""
    if not note.startswith(_VOIDED):
        note = f"{_VOIDED} - {note}" if note else _VOIDED
    return {**zeroed, "PrivateNote": encoded(note)}


def _zeroed(fields: Fields) -> Fields:
    return {name: _zero(name, bytes(value)) for name, value in fields.items()}


def _zero(name: str, value: bytes) -> Raw:
    if value.startswith(b"{"):
        return Raw(write_fields(_zeroed(read_fields(value))))
    if value.startswith(b"["):
        items = msgspec.json.decode(value, type=list[Raw])
        return encoded([_zero(name, bytes(item)) for item in items])
    is_number = value[:1] in b"-0123456789"
    return Raw(b"0") if name in _AMOUNTS and is_number and float(value) else Raw(value)
