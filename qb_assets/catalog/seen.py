"""Properties that QuickBooks was seen to send, and that Intuit's published types do not have.

`qb-assets schema promote` writes them here; `seen_fields` puts them among an entity's fields.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from qb_assets.catalog.entity import Entity
from qb_assets.catalog.fields import Array, Field, Kind, Node, Object, Ref


@dataclass(frozen=True, slots=True)
class Seen:
    """A single value: where it is, `Invoice.Line[].Novelty.Code`, and what."""

    path: str
    kind: Kind


SEEN: tuple[Seen, ...] = ()

_Tree: TypeAlias = "dict[str, Kind | _Tree]"


def with_seen(entity: Entity, seen: Iterable[Seen] = SEEN) -> Entity:
    """The entity with the properties that were seen of it. Raises ValueError for a path twice."""
    tree: _Tree = {}
    for each in seen:
        name, *path = each.path.split(".")
        if name == entity.name:
            _plant(tree, path, each)
    return replace(entity, fields=_grafted(entity.fields, tree, entity.name)) if tree else entity


def _plant(tree: _Tree, path: Sequence[str], seen: Seen) -> None:
    *above, last = path
    for name in above:
        below = tree.setdefault(name, {})
        if isinstance(below, Kind):
            raise ValueError(f"catalog: {seen.path} lies inside of a single value in seen.py")
        tree = below
    if last in tree:
        raise ValueError(f"catalog: {seen.path} is in seen.py more than once")
    tree[last] = seen.kind


def _grafted(nodes: Sequence[Node], tree: _Tree, at: str) -> tuple[Node, ...]:
    """The declared nodes, and after them those that are new."""
    known = {_spelt(node): node for node in nodes}
    names = {node.name for node in nodes}
    grown: dict[str, Node] = {}
    for name, below in tree.items():
        node = known.get(name)
        if isinstance(node, Object | Array) and not isinstance(below, Kind):
            grown[name] = replace(node, fields=_grafted(node.fields, below, f"{at}.{name}"))
        elif name.removesuffix("[]") in names:
            raise ValueError(f"catalog: {at}.{name} is declared already; take it out of seen.py")
        else:
            grown[name] = _made(name, below)
    kept = (grown.get(spelt, node) for spelt, node in known.items())
    return (*kept, *(node for spelt, node in grown.items() if spelt not in known))


def _made(name: str, below: Kind | _Tree) -> Node:
    if isinstance(below, Kind):
        return Field(name, below)
    if name.endswith("Ref") and "value" in below and set(below) <= {"value", "name", "type"}:
        return Ref(name, typed="type" in below)
    fields = tuple(_made(each, deeper) for each, deeper in below.items())
    return Array(name[:-2], fields) if name.endswith("[]") else Object(name, fields)


def _spelt(node: Node) -> str:
    return f"{node.name}[]" if isinstance(node, Array) else node.name
