"""The company itself: who it is, and how its books are set up.

A company has one row of each, which is read whole.
"""

from qb_assets.catalog.entity import Entity
from qb_assets.catalog.fields import (
    Array,
    Object,
    array,
    day,
    decimal,
    decimals,
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
from qb_assets.catalog.parts import (
    CUSTOM_FIELD,
    INTUIT_ENTITY,
    NAME_VALUE,
    OTHER_CONTACT_INFO,
    address,
    email,
    further_addresses,
    phone,
    website,
)

_COMPANY_INFO = Entity(
    name="CompanyInfo",
    description="The company: its names, addresses and what it has subscribed to.",
    kind="support",
    fields=(
        *INTUIT_ENTITY,
        *texts("CompanyName", "LegalName"),
        *(
            address(name)
            for name in ("CompanyAddr", "CustomerCommunicationAddr", "LegalAddr", "ShipAddr")
        ),
        *(email(name) for name in ("CompanyEmailAddr", "CustomerCommunicationEmailAddr", "Email")),
        *(website(name) for name in ("CompanyURL", "WebAddr")),
        *(phone(name) for name in ("PrimaryPhone", "Mobile", "Fax")),
        *texts("CompanyFileName", "FlavorStratum", "CompanyUserId", "CompanyUserAdminEmail"),
        *texts("EmployerId", "FiscalYearStartMonth", "TaxYearStartMonth", "QBVersion"),
        *texts("Country", "SupportedLanguages", "DefaultTimeZone", "FifoCalculationStatus"),
        day("CompanyStartDate", "The first day of its books."),
        *instants("LastImportedTime", "LastSyncTime"),
        *flags("SampleFile", "MultiByteCharsSupported"),
        array("NameValue", *NAME_VALUE, doc="A further fact, such as a feature it has."),
        OTHER_CONTACT_INFO,
        further_addresses(),
    ),
    singleton=True,
    cursor=None,
)


def _definitions(name: str, doc: str) -> Array:
    """Declare groups of custom fields as they are answered: an array of arrays in objects."""
    return array(
        name,
        text("EntityType"),
        text("Name"),
        *flags("Hidden", "Required"),
        text("AppId"),
        CUSTOM_FIELD,
        doc=doc,
    )


def _message(name: str) -> Object:
    return obj(name, *texts("Subject", "Message"))


def _settings() -> Array:
    return array("NameValue", *NAME_VALUE, doc="A setting without a place of its own.")


_ACCOUNTING = obj(
    "AccountingInfoPrefs",
    *flags("UseAccountNumbers", "RequiresAccounts", "TrackDepartments"),
    *flags("ClassTrackingPerTxn", "ClassTrackingPerTxnLine", "AutoJournalEntryNumber"),
    *refs("DefaultARAccount", "DefaultAPAccount"),
    *texts("DepartmentTerminology", "CustomerTerminology", "FirstMonthOfFiscalYear"),
    *texts("TaxYearMonth", "TaxForm"),
    day("BookCloseDate", "Documents up to this day are not to be changed."),
    OTHER_CONTACT_INFO,
)

_INVENTORY = obj(
    "AdvancedInventoryPrefs",
    *flags("MLIAvailable", "MLIEnabled", "EnhancedInventoryReceivingEnabled"),
    *flags("TrackingSerialOrLotNumber", "TrackingOnSalesTransactionsEnabled"),
    *flags("TrackingOnPurchaseTransactionsEnabled", "TrackingOnInventoryAdjustmentEnabled"),
    *flags("TrackingOnBuildAssemblyEnabled", "FIFOEnabled"),
    day("FIFOEffectiveDate"),
    *flags("RowShelfBinEnabled", "BarcodeEnabled"),
)

_PRODUCTS = obj(
    "ProductAndServicesPrefs",
    *flags("ForSales", "ForPurchase", "InventoryAndPurchaseOrder", "QuantityWithPriceAndRate"),
    *flags("QuantityOnHand", "RevenueRecognition"),
    *texts("UOM", "RevenueRecognitionFrequency"),
)

_SALES_FORMS = obj(
    "SalesFormsPrefs",
    *flags("UsingProgressInvoicing", "CustomTxnNumbers", "DelayedCharges", "AllowDeposit"),
    *flags("AllowDiscount", "AllowEstimates", "AllowServiceDate", "AllowShipping"),
    *flags("ETransactionAttachPDF", "ETransactionPaymentEnabled", "IPNSupportEnabled"),
    *flags("AutoApplyCredit", "AutoApplyPayments", "PrintItemWithZeroAmount"),
    *flags("TrackReimbursableExpensesAsIncome", "UsingSalesOrders", "UsingPriceLevels"),
    flag("EmailCopyToCompany"),
    email("SalesEmailCc"),
    email("SalesEmailBcc"),
    *texts("DefaultDiscountAccount", "DefaultShippingAccount", "DefaultDeliveryMethod"),
    *texts("DefaultFOB", "DefaultCustomerMessage", "InvoiceMessage", "EstimateMessage"),
    text("ETransactionEnabledStatus"),
    *refs("DefaultItem", "DefaultTerms", "DefaultShipMethodRef"),
    decimal("DefaultMarkup"),
    _definitions("CustomField", "A group of facts about the sales forms' custom fields."),
)

_EMAILS = obj(
    "EmailMessagesPrefs",
    *(
        _message(name)
        for name in ("InvoiceMessage", "EstimateMessage", "SalesReceiptMessage", "StatementMessage")
    ),
    _settings(),
)

_PURCHASES = obj(
    "VendorAndPurchasesPrefs",
    *flags("EnableBills", "TrackingByCustomer", "BillableExpenseTracking"),
    *flags("AutomaticBillPayment", "TPAREnabled", "UsingInventory", "UsingMultiLocationInventory"),
    *refs("DefaultTerms", "DefaultMarkupAccount", "DiscountAccountRef"),
    decimal("DefaultMarkup"),
    text("MsgToVendors"),
    integer("DaysBillsAreDue"),
    _definitions("POCustomField", "A group of facts about the purchase orders' custom fields."),
)

_TIME = obj(
    "TimeTrackingPrefs",
    *flags("UseServices", "BillCustomers", "ShowBillRateToAll", "TimeTrackingEnabled"),
    *flags("MarkTimeEntriesBillable", "MarkExpensesAsBillable"),
    ref("DefaultTimeItem"),
    text("WorkWeekStartDate"),
)

_TAX = obj(
    "TaxPrefs",
    *flags("UsingSalesTax", "PartnerTaxEnabled", "HideTaxManagement"),
    *refs("TaxGroupCodeRef", "TaxRateRef", "NonTaxableSalesTaxCodeRef", "TaxableSalesTaxCodeRef"),
    text("PaySalesTax"),
)

_FINANCE_CHARGES = obj(
    "FinanceChargesPrefs",
    *decimals("AnnualInterestRate", "MinFinChrg"),
    integer("GracePeriod"),
    *flags("CalcFinChrgFromTxnDate", "AssessFinChrgForOverdueCharges"),
    ref("FinChrgAccountRef"),
)

_PREFERENCES = Entity(
    name="Preferences",
    description="The company's settings.",
    kind="support",
    fields=(
        *INTUIT_ENTITY,
        _ACCOUNTING,
        _INVENTORY,
        _PRODUCTS,
        _SALES_FORMS,
        _EMAILS,
        obj("PrintDocumentPrefs", _settings()),
        _PURCHASES,
        _TIME,
        _TAX,
        _FINANCE_CHARGES,
        obj("CurrencyPrefs", flag("MultiCurrencyEnabled"), ref("HomeCurrency")),
        obj("ReportPrefs", text("ReportBasis"), flag("CalcAgingReportFromTxnDate")),
        obj("OtherPrefs", _settings()),
    ),
    singleton=True,
    cursor=None,
)

COMPANY: tuple[Entity, ...] = (_COMPANY_INFO, _PREFERENCES)
