"""All models of the books: those of a SQL file each, and the postings of documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

from qb_assets.books.model import SCHEMA, Model, parse
from qb_assets.books.posting.model import NAME, posting_model
from qb_assets.books.posting.statements import sql_file as posting_file

FOLDER = Path(__file__).parent / "models"


@cache
def models() -> Mapping[str, Model]:
    """All models by name, each after those that it is made of.

    Raises:
        ModelError: a file's heading cannot be read.
        CycleError: models are made of each other in a circle.
    """
    files = [parse(path.stem, path.read_text()) for path in sorted(FOLDER.glob("*.sql"))]
    found = {model.name: model for model in (*files, posting_model())}
    return {name: found[name] for name in _in_order(found)}


def sql_file(name: str) -> Path:
    """The file that a model is declared in."""
    return posting_file(name) if name == NAME else FOLDER / f"{name}.sql"


def models_below(model: Model) -> list[str]:
    """The relations of the books that a model is made of."""
    return [relation.name for relation in model.inputs if relation.schema == SCHEMA]


def _in_order(found: Mapping[str, Model]) -> Sequence[str]:
    graph = {name: models_below(model) for name, model in found.items()}
    return list(TopologicalSorter(graph).static_order())
