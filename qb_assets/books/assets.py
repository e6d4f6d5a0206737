"""The books as assets: one step makes all that are asked for, in one transaction."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import dagster as dg

from qb_assets.books.build import build_models
from qb_assets.books.model import SCHEMA, Model, ModelColumn, Relation
from qb_assets.books.pictures import picture
from qb_assets.books.registry import models, sql_file
from qb_assets.code_links import file_links
from qb_assets.column_lineage import lineage
from qb_assets.faces import KIND_TAG, OWNERS, WAREHOUSE
from qb_assets.failures import plain_failures
from qb_assets.warehouse.assets import POOL
from qb_assets.warehouse.ddl import SCHEMA as QUICKBOOKS
from qb_assets.warehouse.resource import WarehouseResource

BOOKS = SCHEMA
"""The group of the assets, and the name of their job; the step has another, as both are unique."""

BOOK_TAGS = {KIND_TAG: "book"}


def books_key(model: str) -> dg.AssetKey:
    """`books/<model>`."""
    return dg.AssetKey([BOOKS, model])


def input_key(relation: Relation) -> dg.AssetKey:
    """The asset that makes a relation."""
    layer = WAREHOUSE if relation.schema == QUICKBOOKS else relation.schema
    return dg.AssetKey([layer, relation.name])


def build_books_assets() -> list[dg.AssetsDefinition]:
    """All models, as one multi-asset of which any can be asked for alone."""
    names = {books_key(name): name for name in models()}

    @dg.multi_asset(
        name="book_models",
        specs=[_spec(model) for model in models().values()],
        can_subset=True,
        pool=POOL,
    )
    def books(
        context: dg.AssetExecutionContext, warehouse: WarehouseResource
    ) -> Iterator[dg.MaterializeResult[Any]]:
        asked = [names[key] for key in names if key in context.selected_asset_keys]
        with plain_failures(), warehouse.get_connection() as connection:
            built = build_models(connection, asked)
            pictures = {name: picture(connection, name) for name in asked}
        for name in asked:
            yield dg.MaterializeResult(
                asset_key=books_key(name),
                metadata={
                    "dagster/row_count": built.rows[name],
                    **_missing(built.missing[name]),
                    **_pictured(pictures[name]),
                },
            )

    return [books]


def _spec(model: Model) -> dg.AssetSpec:
    columns = [dg.TableColumn(each.name, each.type, _doc(each)) for each in model.columns]
    return dg.AssetSpec(
        books_key(model.name),
        deps=[input_key(relation) for relation in model.inputs],
        group_name=BOOKS,
        kinds={"duckdb", "sql"},
        owners=OWNERS,
        tags=BOOK_TAGS,
        description=f"{model.doc}\n\nGrain: {model.grain}",
        metadata={
            "dagster/column_schema": dg.TableSchema(columns),
            "dagster/table_name": f"{SCHEMA}.{model.name}",
            **_lineage(model),
            **file_links(sql_file(model.name), label="its SQL"),
            "sql": dg.MetadataValue.md(f"```sql\n{model.select}\n```"),
        },
    )


def _lineage(model: Model) -> Mapping[str, dg.TableColumnLineage]:
    """Where the columns are from whose values are copies; the others are made here."""
    return lineage(
        {
            column.name: [
                dg.TableColumnDep(input_key(relation), name) for relation, name in column.sources
            ]
            for column in model.columns
        }
    )


def _doc(column: ModelColumn) -> str:
    """What a column says, and the columns of other assets that it is a copy of."""
    sources = [
        f"`{input_key(relation).to_user_string()}.{name}`" for relation, name in column.sources
    ]
    return f"{column.doc} From {', '.join(sources)}." if sources else column.doc


def _pictured(drawn: str | None) -> dict[str, dg.MetadataValue[Any]]:
    """A statement as it can be read in the UI; it tells of accounts, never of a customer."""
    return {"statement": dg.MetadataValue.md(drawn)} if drawn else {}


def _missing(relations: Sequence[str]) -> dict[str, str]:
    """What a model was made without, told where there is any."""
    if not relations:
        return {}
    return {"not_loaded": f"Taken as empty, since never loaded: {', '.join(relations)}."}
