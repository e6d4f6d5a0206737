"""The catalog against Intuit's published types, and against everything that was recorded."""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pytest

from qb_assets.catalog import ENTITIES, WRAPPER, Entity, Kind, omission
from qb_assets.catalog.omitted import OMITTED
from qb_assets.catalog.recurring import KINDS as TEMPLATES
from qb_assets_tests.catalog.paths import company_records, declared, sample_records, values

KINDS = {
    "xs:string": Kind.TEXT,
    "xs:anyURI": Kind.TEXT,
    "xs:boolean": Kind.FLAG,
    "xs:int": Kind.INTEGER,
    "xs:long": Kind.INTEGER,
    "xs:positiveInteger": Kind.INTEGER,
    "xs:decimal": Kind.DECIMAL,
    "xs:date": Kind.DATE,
    "xs:dateTime": Kind.INSTANT,
}
# Moments that come as days, so that they are kept as texts.
AS_TEXT = re.compile(r"InventoryAdjustment\.MetaData\.(CreateTime|Last\w+)")
# What the tables have beside what is published: the key around a template.
OUR_OWN = {f"RecurringTransaction.{WRAPPER}"}
# Types whose JSON is not what the XML Schema says: text content goes by the name `value`.
JSON_TYPES = {
    "ReferenceType": {"value": Kind.TEXT, "name": Kind.TEXT, "type": Kind.TEXT},
    "MemoRef": {"value": Kind.TEXT, "id": Kind.TEXT},
}
DATE = r"\d{4}-\d\d-\d\d"
INSTANT = DATE + r"T\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)"
# Intuit's documents print the time of the answer inside the record.
MISPRINTS = {"JournalCode.time"}
TYPE_NAMES = {"CreditCardPayment": "CreditCardPaymentTxn"}


@dataclass(frozen=True)
class Leaf:
    """A single value of an entity, or a property that is left out as a whole.

    The kind is None for an extension, whose inside is not published. `published` is the path as the
    omissions spell it: that of a template begins with the kind of document it is of.
    """

    path: str
    kind: Kind | None
    published: str


class Contract:
    """Intuit's published types."""

    def __init__(self, file: Path) -> None:
        contract = json.loads(file.read_text())
        self._types: dict[str, Any] = contract["types"]
        self._simple: dict[str, Any] = contract["simple"]

    def leaves(self, entity: Entity) -> Iterator[Leaf]:
        """Everything an entity can hold."""
        for name in TEMPLATES if entity.wrapped else [entity.name]:
            for path, kind in self._inside(TYPE_NAMES.get(name, name), name):
                yield Leaf(entity.name + path.removeprefix(name), kind, path)

    def _inside(self, type_name: str, path: str) -> Iterator[tuple[str, Kind | None]]:
        for field in self._fields(type_name):
            at = f"{path}.{field['name']}" + ("" if field.get("max", "1") in ("0", "1") else "[]")
            kind = self._kind(field["type"])
            if omission(at) or kind or field["type"] == "IntuitAnyType":
                yield at, kind
            elif field["type"] in JSON_TYPES:
                for name, inner in JSON_TYPES[field["type"]].items():
                    yield f"{at}.{name}", inner
            else:
                yield from self._inside(field["type"], at)

    def _fields(self, type_name: str) -> list[dict[str, Any]]:
        declaration = self._types[type_name]
        base = self._fields(declaration["base"]) if declaration["base"] else []
        return [*base, *cast(list[dict[str, Any]], declaration["fields"])]

    def _kind(self, type_name: str) -> Kind | None:
        return Kind.TEXT if type_name in self._simple else KINDS.get(type_name)


@pytest.fixture(scope="module")
def contract(shared_data: Path) -> Contract:
    return Contract(shared_data / "qbo_contract.json")


def test_every_published_property_has_a_column_or_a_reason(contract: Contract) -> None:
    lacking: list[str] = []
    for entity in ENTITIES.values():
        columns = declared(entity)
        for leaf in contract.leaves(entity):
            if leaf.path in columns:
                expected = Kind.TEXT if AS_TEXT.fullmatch(leaf.path) else leaf.kind
                assert columns[leaf.path].kind is expected, leaf.path
            elif omission(leaf.published) is None and not _has_columns_below(columns, leaf.path):
                lacking.append(leaf.path)
    assert lacking == []


def _has_columns_below(columns: dict[str, Any], path: str) -> bool:
    return any(each.startswith(f"{path}.") for each in columns)


def test_every_omission_is_of_something_and_of_nothing_declared(contract: Contract) -> None:
    paths = {leaf.published for entity in ENTITIES.values() for leaf in contract.leaves(entity)}
    own = [entity for entity in ENTITIES.values() if not entity.wrapped]  # the rest is theirs, too
    columns = {path for entity in own for path in declared(entity)}
    for each in OMITTED:
        assert any(map(each.covers, paths)), f"{each.pattern} leaves out nothing"
        both = [path for path in columns if each.covers(path)]
        assert both == [], f"{each.pattern} leaves out what is declared"


def test_every_column_is_published_or_was_seen(contract: Contract, shared_data: Path) -> None:
    known = {leaf.path for entity in ENTITIES.values() for leaf in contract.leaves(entity)}
    for records in (company_records, sample_records):
        for entity, record, _ in records(shared_data):
            known.update(path for path, _ in values(record, entity.name))
    for kind in TEMPLATES:  # a template has what documents of its kind have
        for path in [path for path in known if path.startswith(f"{kind}.")]:
            known.add("RecurringTransaction" + path.removeprefix(kind))
    columns = {path for entity in ENTITIES.values() for path in declared(entity)}
    assert sorted(columns - known - OUR_OWN) == []


@pytest.mark.parametrize("records", [company_records, sample_records])
def test_everything_recorded_has_a_column_of_its_kind(records: Any, shared_data: Path) -> None:
    lacking: set[str] = set()
    wrong: set[str] = set()
    seen = 0
    for entity, record, source in records(shared_data):
        columns = declared(entity)
        for path, value in values(record, entity.name):
            seen += 1
            if path in columns:
                if not _fits(value, columns[path].kind):
                    wrong.add(f"{path} = {value!r} in {source}")
            elif path not in MISPRINTS and not (
                isinstance(value, dict | list)
                and any(each.startswith(f"{path}.") for each in columns)
            ):
                lacking.add(f"{path} in {source}")
    assert seen > 1000
    assert sorted(lacking) == []
    assert sorted(wrong) == []


def _fits(value: Any, kind: Kind) -> bool:
    match kind:
        case Kind.TEXT:
            return isinstance(value, str)
        case Kind.FLAG:
            return isinstance(value, bool)
        case Kind.INTEGER:
            return isinstance(value, Decimal) and value == value.to_integral_value()
        case Kind.DECIMAL:
            return isinstance(value, Decimal)
        case Kind.DATE:
            return isinstance(value, str) and re.fullmatch(DATE, value) is not None
        case Kind.INSTANT:
            return isinstance(value, str) and re.fullmatch(INSTANT, value) is not None
