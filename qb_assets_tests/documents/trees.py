"""JSON as trees that know which parts of them the contract has, and the text of their numbers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias


@dataclass(frozen=True, slots=True)
class Number:
    """A number as it is written."""

    literal: str


@dataclass(frozen=True, slots=True)
class Extra:
    """A value that no column can hold: QuickBooks is not documented to answer it there."""

    value: Tree


Tree: TypeAlias = "str | bool | Number | Extra | list[Tree] | dict[str, Tree] | None"


def text(tree: Tree) -> str:
    """The JSON of a tree."""
    match tree:
        case Extra():
            return text(tree.value)
        case Number():
            return tree.literal
        case dict():
            members = (f"{json.dumps(name)}:{text(value)}" for name, value in tree.items())
            return "{" + ",".join(members) + "}"
        case list():
            return "[" + ",".join(map(text, tree)) + "]"
        case str():
            return json.dumps(tree, ensure_ascii=len(tree) % 2 == 0)
        case _:
            return json.dumps(tree)


def known(tree: Tree) -> Any:
    """The value without what is extra; each number is the decimal of its literal."""
    match tree:
        case Number():
            return Decimal(tree.literal)
        case dict():
            return {n: known(value) for n, value in tree.items() if not isinstance(value, Extra)}
        case list():
            return [known(value) for value in tree]
        case _:
            return tree


def undeclared(tree: Tree) -> Any:
    """The value without what is declared, None if that is all; arrays keep the places of the rest.

    Each number is the decimal of its literal.
    """
    match tree:
        case Extra():
            return None if _void(tree.value) else known(tree.value)
        case dict():
            inside = {name: undeclared(value) for name, value in tree.items()}
            return {n: value for n, value in inside.items() if value is not None} or None
        case list():
            rest = [undeclared(value) for value in tree]
            while rest and rest[-1] is None:
                rest.pop()
            return rest or None
        case _:
            return None


def extras(tree: Tree, path: str = "") -> Iterator[tuple[str, bool]]:
    """The paths of what is extra, `Line[].SalesItemLineDetail.NewThing`, and whether it holds
    anything."""
    if isinstance(tree, list):
        for value in tree:
            yield from extras(value, f"{path}[]")
    elif isinstance(tree, dict):
        for name, value in tree.items():
            at = f"{path}.{name}" if path else name
            if not isinstance(value, Extra):
                yield from extras(value, at)
            else:
                yield at, not _void(value.value)


def _void(tree: Tree) -> bool:
    return tree is None or (isinstance(tree, list) and all(map(_void, tree)))
