"""The files of attachments as assets that are made on request: in the lake, and in the warehouse.

They are partitioned by company alone: a fetch looks at all of a company's attachments, and brings
what is missing or changed.
"""

from typing import Any

import dagster as dg
from pydantic import Field

from qb_assets.attachments.current import ATTACHABLE
from qb_assets.attachments.fetch import FileFetch, FilesFetched
from qb_assets.attachments.limits import FileLimits
from qb_assets.attachments.records import DOCS, KEPT, SCHEMA, TABLE, latest_rows
from qb_assets.clock import utc_now
from qb_assets.code_links import entity_links
from qb_assets.column_lineage import copied
from qb_assets.faces import (
    OWNERS,
    ROW_COUNT,
    WAREHOUSE,
    arrow_columns,
    entity_tags,
    raw_key,
)
from qb_assets.failures import plain_failures
from qb_assets.lake.resource import LakeResource
from qb_assets.partitions import companies
from qb_assets.quickbooks.resource import QuickBooksResource
from qb_assets.quickbooks.usage import Figures
from qb_assets.raw.assets import POOL as QUICKBOOKS_POOL
from qb_assets.raw.extract import extract_id
from qb_assets.raw.tags import charge
from qb_assets.warehouse.assets import POOL as WAREHOUSE_POOL
from qb_assets.warehouse.attachment_file import load_attachment_files
from qb_assets.warehouse.ddl import SCHEMA as DATABASE_SCHEMA
from qb_assets.warehouse.ddl import SQL_TYPES
from qb_assets.warehouse.resource import WarehouseResource

ATTACHMENTS = "attachments"
FILES = dg.AssetKey([ATTACHMENTS, TABLE])
LOADED_FILES = dg.AssetKey([WAREHOUSE, TABLE])


class FetchFiles(dg.Config):
    """Which files are fetched; what is left out is as the environment says."""

    max_mb: float | None = Field(
        default=None,
        description="The largest file, in megabytes; else QB_ATTACHMENT_MAX_MB, else 25.",
    )
    types: list[str] | None = Field(
        default=None,
        description="Extensions that are allowed, such as pdf; else QB_ATTACHMENT_TYPES, else"
        " documents and images.",
    )

    def limits(self) -> FileLimits:
        """The limits. Raises ConfigurationError."""
        return FileLimits.from_environment(max_mb=self.max_mb, types=self.types)


def build_attachment_assets() -> list[dg.AssetsDefinition]:
    """`attachments/attachment_file` and `warehouse/attachment_file`, in no schedule."""
    return [_fetched(), _loaded()]


def _fetched() -> dg.AssetsDefinition:
    @dg.asset(
        key=FILES,
        deps=[raw_key(ATTACHABLE)],
        partitions_def=companies,
        group_name=ATTACHMENTS,
        kinds={"quickbooks", "parquet"},
        owners=OWNERS,
        tags=entity_tags(ATTACHABLE),
        pool=QUICKBOOKS_POOL,
        description=(
            "The files of a company's attachments, each kept once by the hash of its content, and"
            " what became of each: kept, refused by the limits, gone or failed. On request only;"
            " brings what is missing or changed, at one metered call a file."
        ),
        metadata={
            "dagster/column_schema": arrow_columns(SCHEMA, DOCS),
            "dagster/uri": f"{ATTACHMENTS}/{TABLE}",
            "documentation": dg.MetadataValue.url(
                "https://developer.intuit.com/app/developer/qbo/docs/workflows/attach-images-and-notes"
            ),
            **entity_links(ATTACHABLE),
        },
    )
    def attachment_file(
        context: dg.AssetExecutionContext,
        config: FetchFiles,
        quickbooks: QuickBooksResource,
        lake: LakeResource,
    ) -> dg.MaterializeResult[Any]:
        company, now = context.partition_key, utc_now()
        with plain_failures():
            client, store = quickbooks.client(company), lake.open()
            before = client.usage.snapshot()
            name = extract_id(now, context.run.run_id)
            fetch = FileFetch(client, store, config.limits(), name, context.log.info)
            try:
                done = fetch.run()
            finally:
                total = (client.usage.snapshot() - before).total
                charge(context.instance, context.run.run_id, total, company)
            rows = latest_rows(store, company)
        kept = sum(row["state"] == KEPT for row in rows.values())
        return dg.MaterializeResult(
            metadata={ROW_COUNT: len(rows), "kept_in_all": kept, **_figures(done, total)}
        )

    return attachment_file


def _figures(done: FilesFetched, total: Figures) -> dict[str, int]:
    return {
        **dict(sorted(done.states.items())),
        "unchanged": done.unchanged,
        "downloaded_bytes": done.bytes,
        "stored_files": done.stored,
        "stored_bytes": done.stored_bytes,
        "metered_calls": total.metered,
        "requests": total.sent,
        "retries": total.retried,
    }


def _loaded() -> dg.AssetsDefinition:
    @dg.asset(
        key=LOADED_FILES,
        deps=[FILES],
        partitions_def=companies,
        group_name=ATTACHMENTS,
        kinds={"duckdb", "table"},
        owners=OWNERS,
        tags=entity_tags(ATTACHABLE),
        pool=WAREHOUSE_POOL,
        description=(
            "What became of the file of each attachment, one row per company, attachable and"
            " version; attachable_id is the id of attachable and the attachable_id of"
            " attachable_ref. On request only."
        ),
        metadata={
            "dagster/column_schema": arrow_columns(SCHEMA, DOCS, SQL_TYPES),
            "dagster/table_name": f"{DATABASE_SCHEMA}.{TABLE}",
            **copied(FILES, SCHEMA.names),
            **entity_links(ATTACHABLE),
        },
    )
    def loaded_attachment_file(
        context: dg.AssetExecutionContext, lake: LakeResource, warehouse: WarehouseResource
    ) -> dg.MaterializeResult[Any]:
        with plain_failures(), warehouse.get_connection() as connection:
            rows = load_attachment_files(connection, lake.open(), context.partition_key)
        return dg.MaterializeResult(metadata={ROW_COUNT: rows})

    return loaded_attachment_file
