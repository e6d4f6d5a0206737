"""The tables of an entity: one for itself, and one for each array in it."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from qb_assets.catalog.entity import WRAPPER, Entity
from qb_assets.catalog.fields import Array, Field, Kind, Node, Object, Ref
from qb_assets.catalog.naming import LONGEST_TABLE, joined, reference, singular, snake

POSITION = "position"
"""The place of a row in its array, from 0."""

_ANY = "*"


@dataclass(frozen=True, slots=True)
class Column:
    """A column and the path of the JSON value it holds, from the object that is its row."""

    name: str
    kind: Kind
    path: tuple[str, ...]
    nullable: bool = True
    allowed: tuple[str, ...] = ()
    doc: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """A table and where its rows are in the JSON.

    `columns` are those read from the row's own object. A child table has besides them, and
    before them, its `parent_keys` and `position`; `key` names the columns that identify a row
    within a company.
    """

    name: str
    entity: str
    array_path: tuple[str, ...]
    """The keys from the parent's row to the array; () for the entity's own table."""
    parent: str | None
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    parent_keys: tuple[str, ...]
    """`("invoice_id",)` for `invoice_line`, `("invoice_id", "line_position")` below it."""
    doc: str
    json_path: str
    """Where a row is in the JSON of its record: `Line[]`; of the record itself "", or `*` where the
    JSON is an object with any one key around it."""

    def __hash__(self) -> int:
        return hash(self.name)  # what is kept by table is asked for often, and columns are many

    def json_path_of(self, column: Column) -> str:
        """Where a column's value is in the JSON of its record: `Line[].Amount`."""
        if self.json_path == _ANY and column.path == (WRAPPER,):
            return _ANY  # the key itself, of which the tables make a property
        return _path(self.json_path, *column.path)


@dataclass(frozen=True, slots=True)
class _Nested:
    """An array found in a row, with the keys of the objects that lead to it."""

    array: Array
    objects: tuple[str, ...]

    @property
    def element(self) -> str:
        return singular(snake(self.array.name))

    @property
    def long_name(self) -> str:
        return "_".join([*map(snake, self.objects), self.element])


@dataclass(frozen=True, slots=True)
class _Row:
    """The rows of a table: what its children are named after, and how they point at a row."""

    table: Table
    names: tuple[str, ...]
    """The entity and the arrays that lead to the row: `("invoice", "line")`."""
    owner: str
    """The key column of its children that points at the row: `invoice_id`, `line_position`."""


@cache
def tables_of(entity: Entity) -> tuple[Table, ...]:
    """Give the tables of an entity, its own first and then the children, depth first.

    Returns () for an entity that is kept as raw JSON only. Raises ValueError where two tables or
    two columns would have one name, or a property of the key is not among the fields.
    """
    if not entity.fields:
        return ()
    columns, nested = _row(entity.fields)
    by_path = {column.path: column for column in columns}
    missing = [name for name in entity.key if (name,) not in by_path]
    if missing:
        raise ValueError(
            f"catalog: {entity.name} has the key {', '.join(missing)}, which is not among its "
            f"fields; declare it there or correct the key"
        )
    key = {(name,) for name in entity.key}
    own = Table(
        name=entity.table,
        entity=entity.name,
        array_path=(),
        parent=None,
        columns=tuple(
            replace(column, nullable=False) if column.path in key else column for column in columns
        ),
        key=tuple(by_path[(name,)].name for name in entity.key),
        parent_keys=(),
        doc=entity.description,
        json_path=_ANY if entity.wrapped else "",
    )
    if nested and entity.key != ("Id",):
        raise ValueError(
            f"catalog: {entity.name} has arrays, so its key must be Id: child rows refer to it"
        )
    row = _Row(own, (entity.table,), f"{entity.table}_id")
    tables = (own, *_children(row, nested))
    _no_repeats(entity, "tables", [table.name for table in tables])
    for table in tables:
        names = [*table.parent_keys, *([POSITION] if table.parent else [])]
        names += [column.name for column in table.columns]
        _no_repeats(entity, f"columns of {table.name}", names)
    return tables


def column_at(entity: Entity, path: tuple[str, ...]) -> tuple[Table, Column]:
    """Find a value's table and column by its path from the record, arrays on the way included.

    `("Line", "LinkedTxn", "TxnType")` of a Payment is `txn_type` of `payment_line_linked_txn`.
    Raises KeyError where no column holds that value.
    """
    prefixes: dict[str | None, tuple[str, ...]] = {None: ()}
    for table in tables_of(entity):
        prefix = prefixes[table.name] = (*prefixes[table.parent], *table.array_path)
        for column in table.columns:
            if (*prefix, *column.path) == path:
                return table, column
    raise KeyError(f"the catalog has no column for {'.'.join((entity.name, *path))}")


def _children(parent: _Row, nested: Sequence[_Nested]) -> Iterable[Table]:
    """Give the tables of a row's arrays."""
    parent_keys = (*parent.table.parent_keys, parent.owner)
    uses = Counter(each.element for each in nested)
    for each in nested:
        array = each.array
        names = (*parent.names, each.element if uses[each.element] == 1 else each.long_name)
        columns, below = _row(array.fields)
        reserved = {*parent_keys, POSITION}
        table = Table(
            name=joined(names, LONGEST_TABLE),
            entity=parent.table.entity,
            array_path=(*each.objects, array.name),
            parent=parent.table.name,
            columns=tuple(
                replace(column, name=f"{each.element}_{column.name}")
                if column.name in reserved
                else column
                for column in columns
            ),
            key=(*parent_keys, POSITION),
            parent_keys=parent_keys,
            doc=array.doc
            or f"One element of {'.'.join((*each.objects, array.name))}[]"
            f" of a row of {parent.table.name}.",
            json_path=_path(parent.table.json_path, *each.objects, f"{array.name}[]"),
        )
        yield table
        owner = f"{each.element}_{POSITION}"
        if owner in parent_keys:  # a line within a line
            owner = "_".join((*names[1:], POSITION))
        yield from _children(_Row(table, names, owner), below)


def _row(fields: Iterable[Node]) -> tuple[list[Column], list[_Nested]]:
    """Flatten an object to its columns and the arrays in it."""
    columns: list[Column] = []
    nested: list[_Nested] = []

    def walk(nodes: Iterable[Node], path: tuple[str, ...], way: tuple[str, ...]) -> None:
        for node in nodes:
            at = (*path, node.name)
            match node:
                case Field():
                    names = way if way and node.name == "value" else (*way, snake(node.name))
                    columns.append(
                        Column(joined(names), node.kind, at, allowed=node.allowed, doc=node.doc)
                    )
                case Ref():
                    columns.extend(_reference(node, at, way))
                case Object():
                    walk(node.fields, at, (*way, snake(node.name)))
                case Array():
                    nested.append(_Nested(node, path))

    walk(fields, (), ())
    return columns, nested


def _reference(node: Ref, at: tuple[str, ...], way: tuple[str, ...]) -> Iterable[Column]:
    stem = reference(node.name)
    yield Column(joined((*way, f"{stem}_id")), Kind.TEXT, (*at, "value"), doc=node.doc)
    yield Column(joined((*way, f"{stem}_name")), Kind.TEXT, (*at, "name"))
    if node.typed:
        yield Column(joined((*way, f"{stem}_type")), Kind.TEXT, (*at, "type"))


def _path(*names: str) -> str:
    return ".".join(filter(None, names))


def _no_repeats(entity: Entity, what: str, names: Iterable[str]) -> None:
    repeated = sorted(name for name, count in Counter(names).items() if count > 1)
    if repeated:
        raise ValueError(
            f"catalog: {entity.name} declares {what} with the same name: {', '.join(repeated)}; "
            f"rename or leave out one of the properties"
        )
