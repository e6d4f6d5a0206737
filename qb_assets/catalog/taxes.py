"""Sales tax: codes, the rates behind them, and the agencies it is owed to.

Change data capture covers none of the three (Intuit, "Change data capture").
"""

from qb_assets.catalog.entity import Entity
from qb_assets.catalog.fields import (
    Array,
    array,
    day,
    decimal,
    flag,
    flags,
    instants,
    integer,
    obj,
    ref,
    refs,
    text,
    texts,
)
from qb_assets.catalog.parts import INTUIT_ENTITY
from qb_assets.catalog.people import VENDOR_FIELDS

_RATES: Array = array(
    "TaxRateDetail",
    ref("TaxRateRef"),
    text("TaxTypeApplicable"),
    integer("TaxOrder"),
    integer("TaxOnTaxOrder"),
    doc="A rate that a tax code applies to sales, purchases or adjustments.",
)

TAXES: tuple[Entity, ...] = (
    Entity(
        name="TaxCode",
        description="One tax code: what a line or a document is marked with.",
        kind="list",
        fields=(
            *INTUIT_ENTITY,
            *texts("Name", "Description", "TaxCodeConfigType"),
            *flags("Active", "Hidden", "Taxable", "TaxGroup"),
            obj("SalesTaxRateList", text("originatingGroupId"), _RATES),
            obj("PurchaseTaxRateList", text("originatingGroupId"), _RATES),
            obj("AdjustmentTaxRateList", text("originatingGroupId"), _RATES),
        ),
        active_filter=True,
    ),
    Entity(
        name="TaxRate",
        description="One rate of one tax agency.",
        kind="list",
        fields=(
            *INTUIT_ENTITY,
            *texts("Name", "Description"),
            flag("Active"),
            decimal("RateValue", "In percent, today."),
            *refs("AgencyRef", "TaxReturnLineRef", "OriginalTaxRate"),
            *texts("SpecialTaxType", "DisplayType"),
            array(
                "EffectiveTaxRate",
                decimal("RateValue"),
                *instants("EffectiveDate", "EndDate"),
                doc="The rate in percent over a stretch of time.",
            ),
        ),
        active_filter=True,
    ),
    Entity(
        name="TaxAgency",
        description="One authority that tax is paid to; a vendor by its nature.",
        kind="list",
        fields=(
            *VENDOR_FIELDS,
            *refs("SalesTaxCodeRef", "SalesTaxReturnRef"),
            *texts("SalesTaxCountry", "TaxRegistrationNumber", "ReportingPeriod"),
            *flags("TaxTrackedOnPurchases", "TaxTrackedOnSales", "TaxOnTax"),
            *refs("TaxOnPurchasesAccountRef", "TaxTrackedOnSalesAccountRef"),
            day("LastFileDate"),
            text("TaxAgencyConfig"),
        ),
    ),
)
