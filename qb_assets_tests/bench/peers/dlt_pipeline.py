"""A dlt pipeline from QuickBooks to DuckDB, as dlt's own guide to REST APIs has it.

Its configuration: a resource for each entity, write disposition `replace`, files for the loading in
Parquet, everything else as dlt has it by default, nested tables of any depth too. Telemetry is off.
Reads {"base_url", "realm", "token", "database", "folder"} as JSON on standard input; with "start",
it runs a pipeline of one made-up row instead, to measure what starting costs.
"""

# pyright: basic, reportMissingImports=false, reportMissingModuleSource=false
# dlt is in this script's own environment only: see peers.txt.

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from typing import Any

os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"

import dlt
from dlt.sources.helpers.requests import Request, Response
from dlt.sources.helpers.rest_client import RESTClient
from dlt.sources.helpers.rest_client.auth import BearerTokenAuth
from dlt.sources.helpers.rest_client.paginators import BasePaginator

PAGE = 1_000
# QuickBooks leaves inactive customers out unless they are asked for.
STATEMENTS = {
    "Invoice": "SELECT * FROM Invoice ORDERBY Id",
    "Customer": "SELECT * FROM Customer WHERE Active IN (true, false) ORDERBY Id",
    "Payment": "SELECT * FROM Payment ORDERBY Id",
}


class QueryPaginator(BasePaginator):
    """Pages by the offset in the text of QuickBooks' query."""

    def __init__(self, statement: str) -> None:
        super().__init__()
        self._statement = statement
        self._position = 1

    def init_request(self, request: Request) -> None:
        self.update_request(request)

    def update_state(self, _: Response, data: list[Any] | None = None) -> None:
        self._position += PAGE
        self._has_next_page = len(data or ()) == PAGE

    def update_request(self, request: Request) -> None:
        page = f" STARTPOSITION {self._position} MAXRESULTS {PAGE}"
        request.params = {**(request.params or {}), "query": self._statement + page}


def resource(client: RESTClient, entity: str) -> Any:
    @dlt.resource(name=entity.lower(), primary_key="Id", write_disposition="replace")
    def pages() -> Iterator[list[Any]]:
        yield from client.paginate(
            "query",
            params={"minorversion": "75"},
            paginator=QueryPaginator(STATEMENTS[entity]),
            data_selector=f"QueryResponse.{entity}",
        )

    return pages


def main() -> None:
    told = json.load(sys.stdin)
    pipeline = dlt.pipeline(
        "quickbooks",
        pipelines_dir=told["folder"],
        destination=dlt.destinations.duckdb(told["database"]),
        dataset_name="quickbooks",
    )
    if "start" in told:
        pipeline.run([{"Id": "1"}], table_name="nothing", loader_file_format="parquet")
        return
    client = RESTClient(
        f"{told['base_url']}/v3/company/{told['realm']}",
        headers={"Accept": "application/json"},
        auth=BearerTokenAuth(token=told["token"]),
    )
    resources = [resource(client, entity) for entity in STATEMENTS]
    pipeline.run(resources, loader_file_format="parquet")


if __name__ == "__main__":
    main()
