"""Finds out before a run whether its surroundings can be used at all."""

from __future__ import annotations

from qb_assets.lake.resource import LakeResource
from qb_assets.quickbooks.resource import QuickBooksResource
from qb_assets.warehouse.resource import WarehouseResource


def check_surroundings(company: str) -> None:
    """Looks at the company's connection, the lake and the warehouse.

    Raises:
        QuickBooksError: the settings are wrong or the company is not connected.
        LakeError: the lake cannot be written.
        WarehouseError: the warehouse cannot be opened.
    """
    quickbooks = QuickBooksResource()
    quickbooks.settings()
    quickbooks.token_store().load(company)
    LakeResource().open().probe()
    with WarehouseResource().get_connection():
        pass
