"""Intuit's published types, as far as the 39 entities reach: what a document can hold.

`contract.json` has a line a type: its properties with what they are. `+` is the type it extends, a
list is an array, and the rest is another type or a `Scalar`. `reduced` makes it of the types as
they are published.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any, cast

COPY = Path(__file__).with_name("contract.json")

ROOTS = {"CreditCardPayment": "CreditCardPaymentTxn"}
"""Types that are not named as their entity."""

TEMPLATES = (
    *("Bill", "CreditMemo", "Deposit", "Estimate", "Invoice", "JournalEntry", "Purchase"),
    *("PurchaseOrder", "RefundReceipt", "SalesReceipt", "Transfer", "VendorCredit"),
)
"""What a RecurringTransaction can be of (Intuit, "Supported transaction types")."""

SCALARS = {
    "xs:string": "text",
    "xs:anyURI": "text",
    "id": "text",
    "xs:boolean": "flag",
    "xs:int": "integer",
    "xs:long": "integer",
    "xs:positiveInteger": "integer",
    "xs:decimal": "decimal",
    "xs:date": "date",
    "xs:dateTime": "instant",
    "ReferenceType": "ref",
    "MemoRef": "memo",
    "IntuitAnyType": "any",
}

Property = str | list[str]
Types = dict[str, dict[str, Property]]


@cache
def types() -> Types:
    """The copy of the contract."""
    return cast(Types, json.loads(COPY.read_text(encoding="utf-8")))


@cache
def properties(type_name: str) -> Mapping[str, Property]:
    """The properties of a type, with those of what it extends before its own."""
    own = types()[type_name]
    base = own.get("+")
    declared = {name: kind for name, kind in own.items() if name != "+"}
    return {**properties(base), **declared} if isinstance(base, str) else declared


def has(type_name: str, path: str) -> bool:
    """Whether a type has something at a path such as `Line[].Amount`."""
    name, _, rest = path.replace("[]", "").partition(".")
    kind = properties(type_name).get(name) if type_name in types() else None
    inner = kind[0] if isinstance(kind, list) else kind
    return inner is not None and (not rest or inner in SCALARS.values() or has(inner, rest))


def reduced(published: Mapping[str, Any], roots: list[str]) -> Types:
    """Of the published types, those that these reach, in the form of the copy."""
    found: Types = {}
    waiting = list(roots)
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        declared = published["types"][name]
        found[name] = {"+": declared["base"]} if declared["base"] else {}
        for each in declared["fields"]:
            kind = _kind(published, each["type"])
            found[name][each["name"]] = kind if each.get("max", "1") in ("0", "1") else [kind]
            waiting += [kind] if kind in published["types"] else []
        waiting += [declared["base"]] if declared["base"] else []
    return found


def _kind(published: Mapping[str, Any], name: str) -> str:
    return SCALARS.get(name) or ("text" if name in published["simple"] else name)
