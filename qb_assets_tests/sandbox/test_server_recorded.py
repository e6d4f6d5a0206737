"""The recorded company: every list is served whole, byte for byte."""

from pathlib import Path

import msgspec
from msgspec import Raw

from qb_assets.sandbox.company import load_folder
from qb_assets.sandbox.process import start

from .conftest import FREE, Client


def test_every_record_of_the_folder_is_served(shared_data: Path) -> None:
    folder = shared_data / "company"
    company = load_folder(folder)
    with start(company_dir=folder, settings=FREE) as sandbox:
        client = Client(sandbox)
        for entity, records in company.records.items():
            lists = msgspec.json.decode((folder / f"{entity}.json").read_bytes(), type=list[Raw])
            expected = {bytes(raw) for raw in lists}
            assert {record.body for record in records} == expected
            everything = "where Active in (true, false) " if b'"Active"' in bytes(lists[0]) else ""
            where = f"from {entity} {everything}"
            body = client.ask(f"select * {where} maxresults 1000").content
            outer = msgspec.json.decode(body, type=dict[str, Raw])
            inner = msgspec.json.decode(outer["QueryResponse"], type=dict[str, Raw])
            rows = msgspec.json.decode(inner[entity], type=list[Raw])
            assert {bytes(raw) for raw in rows} == expected
            assert client.count(f"select count(*) {where}") == len(expected)
