"""The building blocks of a declaration: what a property of a QuickBooks object can be.

Capitalised classes are the nodes; the small functions beside them are the short way to write
them, so that a declaration reads like the object it describes.
"""

from dataclasses import dataclass
from enum import Enum
from typing import TypeAlias


class Kind(Enum):
    """What a single value is; the names follow XML Schema, in which Intuit publishes its types."""

    TEXT = "text"
    FLAG = "flag"
    INTEGER = "integer"
    DECIMAL = "decimal"
    DATE = "date"
    INSTANT = "instant"
    """A moment with its offset from UTC (`xs:dateTime`)."""


@dataclass(frozen=True, slots=True)
class Field:
    """A property with a single value. `allowed` is a closed set: any other value is told of.

    Inside an `Object`, a property called `value` stands for the object itself: `CustomerMemo`,
    which QuickBooks sends as `{"value": "Thank you"}`, gives the column `customer_memo`.
    """

    name: str
    kind: Kind
    doc: str = ""
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Ref:
    """A reference to another record, `{"value": "1", "name": "Amy's Bird Sanctuary"}`.

    It gives `<name>_id` and `<name>_name`, without the trailing `Ref`; a `typed` one, which may
    point at more than one kind of record and says which, gives `<name>_type` too.
    """

    name: str
    typed: bool = False
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Object:
    """A nested object; its properties become columns with its name as their prefix."""

    name: str
    fields: "tuple[Node, ...]"
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Array:
    """An array of objects; its elements become the rows of a child table."""

    name: str
    fields: "tuple[Node, ...]"
    doc: str = ""


Node: TypeAlias = Field | Ref | Object | Array


def text(name: str, doc: str = "", allowed: tuple[str, ...] = ()) -> Field:
    """Declare a string, an identifier or one of a set of words."""
    return Field(name, Kind.TEXT, doc, allowed)


def flag(name: str, doc: str = "") -> Field:
    """Declare a boolean."""
    return Field(name, Kind.FLAG, doc)


def integer(name: str, doc: str = "") -> Field:
    """Declare a whole number."""
    return Field(name, Kind.INTEGER, doc)


def decimal(name: str, doc: str = "") -> Field:
    """Declare an amount, a quantity or a rate: never a float."""
    return Field(name, Kind.DECIMAL, doc)


def day(name: str, doc: str = "") -> Field:
    """Declare a calendar date."""
    return Field(name, Kind.DATE, doc)


def instant(name: str, doc: str = "") -> Field:
    """Declare a date and time with its offset from UTC."""
    return Field(name, Kind.INSTANT, doc)


def texts(*names: str) -> tuple[Field, ...]:
    """Declare several strings."""
    return tuple(text(name) for name in names)


def flags(*names: str) -> tuple[Field, ...]:
    """Declare several booleans."""
    return tuple(flag(name) for name in names)


def integers(*names: str) -> tuple[Field, ...]:
    """Declare several whole numbers."""
    return tuple(integer(name) for name in names)


def decimals(*names: str) -> tuple[Field, ...]:
    """Declare several amounts, quantities or rates."""
    return tuple(decimal(name) for name in names)


def days(*names: str) -> tuple[Field, ...]:
    """Declare several calendar dates."""
    return tuple(day(name) for name in names)


def instants(*names: str) -> tuple[Field, ...]:
    """Declare several moments."""
    return tuple(instant(name) for name in names)


def ref(name: str, doc: str = "", *, typed: bool = False) -> Ref:
    """Declare a reference to another record."""
    return Ref(name, typed, doc)


def refs(*names: str) -> tuple[Ref, ...]:
    """Declare several references."""
    return tuple(ref(name) for name in names)


def obj(name: str, *fields: Node, doc: str = "") -> Object:
    """Declare a nested object."""
    return Object(name, fields, doc)


def array(name: str, *fields: Node, doc: str = "") -> Array:
    """Declare an array of objects, that is a child table."""
    return Array(name, fields, doc)
