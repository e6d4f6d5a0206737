"""What QuickBooks Online holds, as data: one declaration an entity.

Every layer takes its tables, types, checks and documentation from `ENTITIES`, so adding an entity
is adding its declaration to one of the groups below. `omitted` lists what the tables leave out of
Intuit's published types, and why.
"""

from collections.abc import Mapping
from types import MappingProxyType

from qb_assets.catalog.company import COMPANY
from qb_assets.catalog.entity import WRAPPER, Entity
from qb_assets.catalog.fields import Kind
from qb_assets.catalog.line_sum import LineSum
from qb_assets.catalog.lists import LISTS
from qb_assets.catalog.money import MONEY
from qb_assets.catalog.omitted import omission
from qb_assets.catalog.people import PEOPLE
from qb_assets.catalog.purchases import PURCHASES
from qb_assets.catalog.recurring import RECURRING
from qb_assets.catalog.sales import SALES
from qb_assets.catalog.seen import with_seen
from qb_assets.catalog.supporting import SUPPORTING
from qb_assets.catalog.tables import POSITION, Column, Table, column_at, tables_of
from qb_assets.catalog.taxes import TAXES

__all__ = [
    "ENTITIES",
    "POSITION",
    "WRAPPER",
    "Column",
    "Entity",
    "Kind",
    "LineSum",
    "Table",
    "column_at",
    "entity",
    "omission",
    "tables_of",
]

_GROUPS = (SALES, PURCHASES, MONEY, PEOPLE, LISTS, TAXES, COMPANY, SUPPORTING, (RECURRING,))

ENTITIES: Mapping[str, Entity] = MappingProxyType(
    {
        each.name: with_seen(each)
        for each in sorted((each for group in _GROUPS for each in group), key=lambda one: one.name)
    }
)
"""All entities by name, in the order of their names."""


def entity(name: str) -> Entity:
    """Give the entity of that name. Raises KeyError, saying which there are."""
    try:
        return ENTITIES[name]
    except KeyError:
        raise KeyError(
            f"the catalog has no entity {name!r}; it has {', '.join(ENTITIES)}"
        ) from None
