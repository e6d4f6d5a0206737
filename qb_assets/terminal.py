"""What the commands share: the terminal they print to, and how they name entities."""

from __future__ import annotations

from collections.abc import Sequence

from rich.console import Console

from qb_assets.catalog import ENTITIES, Entity, tables_of


def console() -> Console:
    """The terminal; where there is none, lines wide enough for the tables."""
    found = Console()
    return found if found.is_terminal else Console(width=max(found.width, 120))


def entity_named(text: str) -> Entity:
    """The entity of a name as QuickBooks or the lake writes it. Raises ValueError."""
    for entity in ENTITIES.values():
        if text in (entity.name, entity.table):
            return entity
    raise ValueError(f"There is no entity {text!r}; there are {', '.join(ENTITIES)}.")


def entities_named(texts: Sequence[str] | None) -> list[Entity]:
    """The entities of these names, by default all that have tables. Raises ValueError."""
    if not texts:
        return [entity for entity in ENTITIES.values() if tables_of(entity)]
    return [entity_named(text) for text in texts]
