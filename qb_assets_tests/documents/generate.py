"""Random documents of the entities, made from Intuit's published types alone.

Which of the properties QuickBooks answers for an entity is given to the maker; the rest it leaves
out, or puts in as extras.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from qb_assets_tests.documents import values
from qb_assets_tests.documents.contract import ROOTS, TEMPLATES, Property, properties
from qb_assets_tests.documents.trees import Number, Tree

Answered = Callable[[str], bool]
"""Whether QuickBooks answers what is at a path such as `Invoice.Line[].Amount`."""

KEPT = {
    *("Id", "SyncToken", "MetaData", "status"),
    *("SourceCurrencyCode", "TargetCurrencyCode", "AsOfDate"),
}
"""What a record is known by before it is raw, which is always as it should be."""

DEEPEST = 14
"""Objects in one another, below which nothing more is made; a line can hold lines."""


@dataclass(frozen=True, slots=True)
class Made:
    """A document: its tree, and whether a column cannot hold a value of it."""

    tree: dict[str, Tree]
    impossible: bool


class Maker:
    """Makes documents of one seed.

    Of a `hostile` one some have nulls, empty arrays, extras and values that fit no column.
    """

    def __init__(self, seed: int, answered: Answered, *, hostile: bool = False) -> None:
        self._random = Random(seed)
        self._answered = answered
        self._hostile = hostile
        self._share = 0.0
        self._breaks = False

    def document(self, entity: str, number: int, *, lines: int = 0) -> Made:
        """A document with this number as its Id; number 0 has every property there is."""
        self._share = 1.0 if number == 0 else self._random.choice([0.03, 0.1, 0.3, 0.8])
        self._breaks = False
        kind = self._random.choice(TEMPLATES) if entity == "RecurringTransaction" else entity
        tree = self._record(kind, number)
        if lines:
            self._share = 0.1
            tree["Line"] = [self._object("Line", f"{kind}.Line[]", 1) for _ in range(lines)]
        return Made({kind: tree} if kind != entity else tree, self._breaks)

    def _record(self, kind: str, number: int) -> dict[str, Tree]:
        tree = self._object(ROOTS.get(kind, kind), kind, 0)
        tree["Id"] = str(number)
        if kind == "ExchangeRate":
            tree |= {"SourceCurrencyCode": f"C{number}", "TargetCurrencyCode": "USD"}
            tree["AsOfDate"] = "2026-05-04"
        return tree

    def _object(self, type_name: str, path: str, depth: int) -> dict[str, Tree]:
        tree: dict[str, Tree] = {}
        for name, kind in properties(type_name).items():
            if self._random.random() < self._share and depth < DEEPEST:
                self._add(tree, name, kind, path, depth)
        if self._hostile and self._random.random() < 0.05:
            tree[self._random.choice(values.NAMES)] = values.novelty(self._random)
        return tree

    def _add(self, tree: dict[str, Tree], name: str, kind: Property, path: str, depth: int) -> None:
        at = f"{path}.{name}" + ("[]" if isinstance(kind, list) else "")
        if self._answered(at):
            hostile, self._hostile = self._hostile, self._hostile and name not in KEPT
            tree[name] = self._member(kind, at, depth)
            self._hostile = hostile
        elif self._hostile and self._random.random() < 0.2:
            tree[name] = values.novelty(self._random)

    def _member(self, kind: Property, path: str, depth: int) -> Tree:
        if self._hostile:
            chance = self._random.random()
            if chance < 0.02:
                return None
            if chance < 0.021:
                self._breaks = True
                return self._impossible(kind)
        if isinstance(kind, str):
            return self._value(kind, path, depth)
        most = 2 if self._share == 1.0 else 3
        count = most if self._share == 1.0 else self._random.randint(0, most)
        return [self._element(kind[0], path, depth) for _ in range(count)]

    def _element(self, kind: str, path: str, depth: int) -> Tree:
        if self._hostile and self._random.random() < 0.01:
            return None
        return self._value(kind, path, depth)

    def _value(self, kind: str, path: str, depth: int) -> Tree:
        match kind:
            case "ref":
                return self._parts(path, value="text", name="text", type="text")
            case "memo":
                return self._parts(path, value="text", id="text")
            case "any":
                return {"any": [self._extension() for _ in range(self._random.randint(0, 2))]}
            case "text" | "flag" | "integer" | "decimal" | "date" | "instant":
                return values.plain(self._random, kind)
            case _:
                return self._object(kind, path, depth + 1)

    def _parts(self, path: str, **parts: str) -> dict[str, Tree]:
        """A text with attributes, or nothing at all, as TaxExemptionRef is answered."""
        if self._random.random() < 0.05 * (self._share < 1.0):
            return {}
        tree: dict[str, Tree] = {}
        for name, kind in parts.items():
            there = name == "value" or self._random.random() < 0.7
            if there and self._answered(f"{path}.{name}"):
                tree[name] = values.plain(self._random, kind)
        if self._hostile and self._random.random() < 0.02:
            tree[self._random.choice(values.NAMES)] = values.novelty(self._random)
        return tree

    def _extension(self) -> Tree:
        """An element of an open extension, as the two that are answered have them."""
        name = "{http://schema.intuit.com/finance/v3}NameValue"
        pair: dict[str, Tree] = {"Name": "txnId", "Value": str(values.plain(self._random, "text"))}
        return {"name": name, "value": pair, "nil": False, "globalScope": True}

    def _impossible(self, kind: Property) -> Tree:
        if isinstance(kind, list):
            return self._random.choice([Number("5"), "x", {"a": "b"}, ["x"], [Number("5")]])
        if kind in ("text", "flag", "integer", "decimal", "date", "instant"):
            return values.impossible(self._random, kind)
        return self._random.choice([Number("5"), "x", True, ["x"], [{"value": "x"}]])
