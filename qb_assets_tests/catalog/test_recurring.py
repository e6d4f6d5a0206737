"""Templates of documents, whose fields are those of twelve kinds of documents."""

import pytest

from qb_assets.catalog import ENTITIES, Column, Entity, tables_of
from qb_assets.catalog.fields import Field, array, decimal, obj, ref, text
from qb_assets.catalog.recurring import KINDS, united

Places = dict[tuple[str, ...], Column]


def places(entity: Entity) -> Places:
    """The columns by the whole path of their values."""
    prefixes: dict[str | None, tuple[str, ...]] = {None: ()}
    found: Places = {}
    for table in tables_of(entity):
        prefix = prefixes[table.name] = (*prefixes[table.parent], *table.array_path)
        found |= {(*prefix, *column.path): column for column in table.columns}
    return found


def test_a_template_has_all_that_the_documents_of_its_kind_have() -> None:
    templates = places(ENTITIES["RecurringTransaction"])
    assert ("TxnType",) in templates
    every: set[tuple[str, ...]] = set()
    for kind in KINDS:
        of_kind = places(ENTITIES[kind])
        every |= of_kind.keys()
        for path, column in of_kind.items():
            assert templates[path].kind is column.kind, path
    assert templates.keys() - every == {("TxnType",)}


def test_objects_of_one_name_are_put_together_to_any_depth() -> None:
    one = (text("A"), obj("O", text("X"), array("L", text("P"))), ref("R"))
    other = (decimal("B"), obj("O", text("Y"), array("L", text("Q"))), ref("R", typed=True))
    assert united([one, other]) == (
        text("A"),
        obj("O", text("X"), array("L", text("P"), text("Q")), text("Y")),
        ref("R", typed=True),
        decimal("B"),
    )


@pytest.mark.parametrize("other", [decimal("A"), ref("A"), obj("A"), text("A", allowed=("a",))])
def test_one_name_for_different_things_is_refused(other: Field) -> None:
    with pytest.raises(ValueError, match="A of two kinds of documents is not the same thing"):
        united([(text("A"),), (other,)])
