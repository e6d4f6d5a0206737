"""A script as an analyst writes it in an hour: requests, pandas, DuckDB. Imports nothing of ours.

Reads {"base_url", "realm", "token", "database"} as JSON on standard input; with "start", it does
all of that to one made-up row instead, to measure what starting costs.
"""

# pyright: basic, reportMissingImports=false, reportMissingModuleSource=false
# pandas is in this script's own environment only: see peers.txt.

from __future__ import annotations

import json
import sys

import duckdb
import pandas as pd
import requests

PAGE = 1_000
# QuickBooks leaves inactive customers out unless they are asked for.
STATEMENTS = {
    "Invoice": "SELECT * FROM Invoice ORDERBY Id",
    "Customer": "SELECT * FROM Customer WHERE Active IN (true, false) ORDERBY Id",
    "Payment": "SELECT * FROM Payment ORDERBY Id",
}


def fetch(session: requests.Session, url: str, entity: str) -> list[dict]:
    records: list[dict] = []
    while True:
        page = f" STARTPOSITION {len(records) + 1} MAXRESULTS {PAGE}"
        query = {"query": STATEMENTS[entity] + page, "minorversion": "75"}
        answer = session.get(url, params=query, timeout=120)
        answer.raise_for_status()
        rows = answer.json()["QueryResponse"].get(entity, [])
        records += rows
        if len(rows) < PAGE:
            return records


def frames(entity: str, records: list[dict]) -> dict[str, pd.DataFrame]:
    documents = pd.json_normalize(records)
    nested = [name for name in documents if documents[name].map(type).eq(list).any()]
    found = {entity.lower(): documents.drop(columns=nested)}
    if entity != "Customer":
        lines = pd.json_normalize(records, record_path="Line", meta="Id", meta_prefix="Document.")
        nested = [name for name in lines if lines[name].map(type).eq(list).any()]
        found[f"{entity.lower()}_line"] = lines.drop(columns=nested)
    return found


def store(database: str, tables: dict[str, pd.DataFrame]) -> None:
    with duckdb.connect(database) as connection:
        for name, frame in tables.items():
            connection.register("frame", frame)
            connection.execute(f"CREATE OR REPLACE TABLE {name} AS SELECT * FROM frame")
            connection.unregister("frame")


def main() -> None:
    told = json.load(sys.stdin)
    if "start" in told:
        store(told["database"], {"nothing": pd.json_normalize([{"Id": "1"}])})
        return
    session = requests.Session()
    session.headers.update(
        {"Authorization": f"Bearer {told['token']}", "Accept": "application/json"}
    )
    url = f"{told['base_url']}/v3/company/{told['realm']}/query"
    for entity in STATEMENTS:
        store(told["database"], frames(entity, fetch(session, url, entity)))


if __name__ == "__main__":
    main()
