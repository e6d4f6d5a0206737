"""Entities that are kept as QuickBooks' JSON only, without tables of their own.

Change data capture is not documented to cover them; they are queried.
"""

from qb_assets.catalog.entity import Entity

RAW_ONLY: tuple[Entity, ...] = (
    Entity(
        name="Attachable",
        description="One file or note that is attached to other records.",
        kind="support",
        delete="hard",
        # Links that are signed anew at every read.
        volatile=("TempDownloadUri", "ThumbnailTempDownloadUri"),
    ),
    Entity(
        name="Budget",
        description="One budget with its amount for each account and month.",
        kind="support",
        delete="hard",
    ),
    # Intuit documents reading one by its Id, and no query; where a company's API answers the
    # query all the same, it cannot be relied on to be filtered by time.
    Entity(
        name="InventoryAdjustment",
        description="One correction of the quantities in stock.",
        kind="transaction",
        cursor=None,
        delete="hard",
    ),
    Entity(
        name="RecurringTransaction",
        description="One template from which QuickBooks makes documents by a schedule.",
        kind="support",
        delete="hard",
        wrapped=True,
    ),
    Entity(
        name="ReimburseCharge",
        description="One expense that a customer is to be charged for.",
        kind="transaction",
        delete="hard",
        amounts=("Amount",),
    ),
)
