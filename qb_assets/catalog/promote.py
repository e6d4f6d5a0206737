"""Writes what was seen of QuickBooks into the catalog's source, `seen.py`."""

from __future__ import annotations

import ast
import difflib
import os
import runpy
from collections.abc import Mapping, Sequence, Set
from pathlib import Path

from qb_assets.catalog.entity import Entity
from qb_assets.catalog.fields import Kind
from qb_assets.catalog.seen import SEEN, Seen, with_seen
from qb_assets.catalog.tables import tables_of

FILE = Path("qb_assets/catalog/seen.py")

KINDS: Mapping[str, Kind] = {
    "text": Kind.TEXT,
    "number": Kind.DECIMAL,
    "boolean": Kind.FLAG,
    "date": Kind.DATE,
    "date-time": Kind.INSTANT,
}
"""What is declared for values of a type; a number is a decimal, which holds whole ones too."""

_WIDTH = 100


def inferred(path: str, types: Set[str]) -> Seen:
    """The declaration of a single value that was seen to be of these types.

    Raises:
        ValueError: there is none that holds them all.
    """
    if path.endswith("[]"):
        raise ValueError(
            f"{path} is an array of single values, which no table has; it stays in raw"
        )
    if types <= {"text", "date", "date-time"} and len(types) > 1:
        return Seen(path, Kind.TEXT)
    if len(types) == 1 and (kind := KINDS.get(next(iter(types)))):
        return Seen(path, kind)
    raise ValueError(
        f"{path} came as {', '.join(sorted(types))}: no column holds that; it stays in _unmodeled"
    )


def promote(tree: Path, entity: Entity, new: Sequence[Seen]) -> str:
    """Adds declarations of an entity to the source tree, and gives the change as a unified diff.

    Raises:
        ValueError: this is no source tree, a path is declared already, or two columns would have
            one name; nothing was changed then.
    """
    file = tree / FILE
    if not (tree / "pyproject.toml").is_file() or not os.access(file, os.W_OK):
        raise ValueError(
            f"{tree} is no source tree of qb_assets that can be written: run the command in a clone"
            " of the project, where it was installed with pip install --editable"
        )
    tables_of(with_seen(entity, new))
    before = file.read_text(encoding="utf-8")
    wanted = sorted({*SEEN, *new}, key=lambda each: each.path)
    after = _written(before, wanted)
    file.write_text(after, encoding="utf-8")
    held: Sequence[Seen] = runpy.run_path(str(file))["SEEN"]
    if [(each.path, each.kind) for each in held] != [(each.path, each.kind) for each in wanted]:
        file.write_text(before, encoding="utf-8")
        raise ValueError(f"{file} does not say what was written to it, so it is as it was")
    lines = [text.splitlines(keepends=True) for text in (before, after)]
    return "".join(difflib.unified_diff(lines[0], lines[1], f"a/{FILE}", f"b/{FILE}"))


def _written(source: str, seen: Sequence[Seen]) -> str:
    """The source with these declarations in place of those it has."""
    lines = source.splitlines(keepends=True)
    for node in ast.parse(source).body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "SEEN":
            end = node.end_lineno or node.lineno
            lines[node.lineno - 1 : end] = [_declaration(seen)]
            return "".join(lines)
    raise ValueError(f"{FILE} has no SEEN to write to")


def _declaration(seen: Sequence[Seen]) -> str:
    return f"SEEN: tuple[Seen, ...] = (\n{''.join(map(_entry, seen))})\n"


def _entry(seen: Seen) -> str:
    path = '"' + seen.path.replace("\\", "\\\\").replace('"', '\\"') + '"'
    line = f"    Seen({path}, {seen.kind}),\n"
    if len(line) <= _WIDTH + 1:
        return line
    return f"    Seen(\n        {path},\n        {seen.kind},\n    ),\n"
