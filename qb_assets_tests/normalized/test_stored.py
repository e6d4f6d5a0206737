"""Objects say which version of the schema made them, and how it differs from today's."""

from dataclasses import replace
from pathlib import Path

import pytest

from qb_assets.catalog import ENTITIES, Entity
from qb_assets.catalog.fields import Field, Kind, array, text
from qb_assets.lake import parquet
from qb_assets.lake.errors import LakeDataError
from qb_assets.normalized.checks import VALID
from qb_assets.normalized.stored import stored
from qb_assets.normalized.versions import SCHEMA, Change, schema_version
from qb_assets_tests.normalized.landed import Normalized

TERM = ENTITIES["Term"]


def with_days(kind: Kind | None) -> Entity:
    """The entity with another kind of DueDays, or without."""
    others = [node for node in TERM.fields if node.name != "DueDays"]
    return replace(TERM, fields=(*others, *([Field("DueDays", kind)] if kind else [])))


def test_a_version_is_another_when_the_tables_are() -> None:
    other = [
        with_days(Kind.TEXT),
        with_days(None),
        replace(TERM, fields=(*TERM.fields, text("More"))),
        replace(TERM, fields=(*TERM.fields, array("More", text("A")))),
    ]
    assert len({schema_version(each) for each in (TERM, *other)}) == 5
    assert schema_version(replace(TERM, description="Else")) == schema_version(TERM)


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        (None, Change("term", "due_days", "added", "", "int64")),
        (Kind.TEXT, Change("term", "due_days", "retyped", "string", "int64")),
    ],
)
def test_objects_of_another_catalog_are_told_and_made_anew(
    tmp_path: Path, kind: Kind | None, change: Change
) -> None:
    before = Normalized(tmp_path, with_days(kind))
    before.land({"Id": "1"})
    found = stored(before.lake, TERM)
    assert (found.objects, found.outdated, dict(found.changes)) == (1, 1, {change: 1})
    now = Normalized(tmp_path, TERM)
    if kind is None:
        assert now.examined().findings["term", VALID].notes["objects_of_another_schema"] == 1
    else:
        with pytest.raises(LakeDataError, match="schema migrate --entity Term"):
            now.examined()
    now.build()
    found = stored(now.lake, TERM, "7")
    assert (found.outdated, dict(found.changes)) == (0, {})
    assert "objects_of_another_schema" not in now.examined().findings["term", VALID].notes
    assert stored(now.lake, TERM, "8").objects == 0


def test_a_column_that_the_catalog_has_no_more_is_passed_over(tmp_path: Path) -> None:
    Normalized(tmp_path, replace(TERM, fields=(*TERM.fields, text("More")))).land({"Id": "1"})
    now = Normalized(tmp_path, TERM)
    assert not any(found.wrong for found in now.examined().findings.values())
    [change] = stored(now.lake, TERM).changes
    assert (change.column, change.what) == ("more", "removed")


def test_every_object_names_its_version(tmp_path: Path) -> None:
    invoices = Normalized(tmp_path, ENTITIES["Invoice"])
    invoices.land({"Id": "1", "Line": [{"Amount": 1}]})
    for found in invoices.lake.list("normalized"):
        said = parquet.read_metadata(invoices.lake.read(found.path))
        assert said[SCHEMA] == schema_version(invoices.entity)


def test_drift_of_what_landed_and_of_what_is_aside_is_found(tmp_path: Path) -> None:
    terms = Normalized(tmp_path, TERM)
    terms.land({"Id": "1", "New": True})
    terms.land({"Id": "2", "Name": 5})
    found = {(each.path, each.type) for each in stored(terms.lake, TERM).unmodeled}
    assert found == {("New", "boolean"), ("Name", "number in place of text")}
