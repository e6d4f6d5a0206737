"""The proof of a recorded company, shared by the tests on a disk and on S3."""

from pathlib import Path

import requests

from qb_assets_tests.pipeline.commands import Company
from qb_assets_tests.pipeline.truth import (
    Expected,
    differences,
    expected_of,
    read_records,
    records_of,
)

DAYS = "2014-01-01", "2026-06-30"
"""The dates of the recorded company, which a person would type."""

SINGLETONS = ("CompanyInfo", "Preferences")
"""What every company has one of; the sandbox makes it for a folder that does not hold it."""


def proven(company: Company, folder: Path) -> Expected:
    """Asserts that the warehouse holds the folder's lists and nothing else."""
    records = records_of(folder)
    assert records
    for entity in SINGLETONS:
        url = f"{company.sandbox['QB_BASE_URL']}/admin/records/{entity}"
        records[entity] = read_records(requests.get(url, timeout=10).content)
        assert len(records[entity]) == 1
    with company.surroundings.warehouse() as warehouse:
        expected = expected_of(records, warehouse.tables())
        assert differences(warehouse, expected, company.realm) == []
        for table in warehouse.tables():
            whole = warehouse.rows(table)
            assert len(whole) == len(expected.rows.get(table, {})), table
            assert not any(row["_deleted"] for row in whole)
    return expected
