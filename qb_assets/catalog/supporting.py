"""What stands beside the documents: attachments, budgets, corrections of stock, costs to charge.

Change data capture is not documented to cover them; they are queried.
"""

from qb_assets.catalog.entity import Entity
from qb_assets.catalog.fields import (
    array,
    day,
    decimal,
    flag,
    integer,
    obj,
    ref,
    refs,
    text,
    texts,
)
from qb_assets.catalog.lines import DESCRIPTION, ITEM_ADJUSTMENT, REIMBURSE, TXN_TAX_DETAIL, lines
from qb_assets.catalog.parts import (
    CUSTOM_FIELD,
    INTUIT_ENTITY,
    LINKED_TXN,
    TRANSACTION,
    meta_data,
)

_SIGNED = "A link that is signed anew at every read and soon runs out."

_ATTACHABLE = Entity(
    name="Attachable",
    description="One file or note that is attached to other records.",
    kind="support",
    fields=(
        *INTUIT_ENTITY,
        *texts("FileName", "FileAccessUri"),
        text("TempDownloadUri", _SIGNED),
        integer("Size", "The file's size in bytes."),
        *texts("ContentType", "Category", "Lat", "Long", "PlaceName", "Note", "Tag"),
        text("ThumbnailFileAccessUri"),
        text("ThumbnailTempDownloadUri", _SIGNED),
        text("documentId"),
        array(
            "AttachableRef",
            ref("EntityRef", "What it is attached to.", typed=True),
            text("LineInfo", "The line it is attached to."),
            flag("IncludeOnSend"),
            CUSTOM_FIELD,
            doc="A record that the file or note is attached to.",
        ),
    ),
    delete="hard",
    volatile=("TempDownloadUri", "ThumbnailTempDownloadUri"),
)

_BUDGET = Entity(
    name="Budget",
    description="One budget with its amount for each account and month.",
    kind="support",
    fields=(
        *INTUIT_ENTITY,
        text("Name"),
        day("StartDate"),
        day("EndDate"),
        *texts("BudgetType", "BudgetEntryType"),
        flag("Active"),
        array(
            "BudgetDetail",
            day("BudgetDate", "The first day of the month, quarter or year it is for."),
            decimal("Amount"),
            *refs("AccountRef", "CustomerRef", "ClassRef", "DepartmentRef"),
            array(
                "CustomExtensions",
                text("ExtensionType"),
                obj("AssociatedValue", *texts("Key", "Value")),
                doc="A value of an add-on feature, such as a dimension.",
            ),
            doc="The amount of one account, or of a customer, class or location of it.",
        ),
    ),
    delete="hard",
)


# Intuit's examples have days in place of the moments of its MetaData; as texts, either is kept.
_OF_DAYS = tuple(meta_data(text) if node.name == "MetaData" else node for node in TRANSACTION)

# Intuit documents reading one by its Id, and no query; where a company's API answers the query all
# the same, it cannot be relied on to be filtered by time.
_INVENTORY_ADJUSTMENT = Entity(
    name="InventoryAdjustment",
    description="One correction of the quantities in stock.",
    kind="transaction",
    fields=(
        *_OF_DAYS,
        flag("ShippingAdjustment"),
        ref("AdjustAccountRef", "The account that the change of the stock's value is posted to."),
        ref("CustomerRef"),
        LINKED_TXN,
        lines(ITEM_ADJUSTMENT),
    ),
    cursor=None,
    delete="hard",
)

_REIMBURSE_CHARGE = Entity(
    name="ReimburseCharge",
    description="One expense that a customer is to be charged for.",
    kind="transaction",
    fields=(
        *TRANSACTION,
        ref("CustomerRef"),
        flag("HasBeenInvoiced"),
        decimal("Amount"),
        decimal("HomeTotalAmt"),
        TXN_TAX_DETAIL,
        LINKED_TXN,
        lines(REIMBURSE, DESCRIPTION),
    ),
    delete="hard",
    amounts=("Amount",),
)

SUPPORTING: tuple[Entity, ...] = (
    _ATTACHABLE,
    _BUDGET,
    _INVENTORY_ADJUSTMENT,
    _REIMBURSE_CHARGE,
)
