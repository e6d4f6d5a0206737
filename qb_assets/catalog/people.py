"""People and firms the company deals with, and the time they work."""

from qb_assets.catalog.entity import Entity
from qb_assets.catalog.fields import (
    day,
    days,
    decimal,
    decimals,
    flag,
    flags,
    instant,
    instants,
    integer,
    integers,
    obj,
    ref,
    refs,
    text,
    texts,
)
from qb_assets.catalog.parts import (
    CREDIT_CHARGE,
    CUSTOM_FIELD,
    HIERARCHY,
    INTUIT_ENTITY,
    NAME_BASE,
    address,
    further_addresses,
)

VENDOR_FIELDS = (
    *NAME_BASE,
    *texts("ContactName", "AltContactName", "Notes"),
    address("BillAddr"),
    address("ShipAddr"),
    *texts("TaxCountry", "TaxIdentifier", "BusinessNumber"),
    day("TaxIdEffectiveDate"),
    *refs("ParentRef", "VendorTypeRef", "TermRef", "PrefillAccountRef", "CurrencyRef"),
    ref("APAccountRef"),
    decimal("Balance", "What the company owes, as QuickBooks has added it up."),
    *decimals("BillRate", "CostRate", "CreditLimit"),
    day("OpenBalanceDate"),
    text("AcctNum", "The company's account number at the vendor."),
    *flags("Vendor1099", "T4AEligible", "T5018Eligible", "IsSubContractor", "HasTPAR"),
    *flags("TDSEnabled", "TDSOverrideThreshold"),
    *integers("TDSEntityTypeId", "TDSSectionTypeId"),
    *texts("TaxReportingBasis", "GSTIN", "GSTRegistrationType", "SubcontractorType", "CISRate"),
    obj(
        "VendorPaymentBankDetail",
        *texts("BankBranchIdentifier", "BankAccountNumber", "BankAccountName", "StatementText"),
    ),
    *texts("Source", "AgencyVerificationStatus", "AgencyVerificationStatusMsg"),
    instant("AgencyVerificationTSUTC"),
    text("CompanyRegistrationNumber"),
    further_addresses(),
)
"""What a vendor has, but for its own fields; a tax agency is a vendor, too."""

_CUSTOMER = Entity(
    name="Customer",
    description="One customer, or one job or project of a customer.",
    kind="list",
    fields=(
        *NAME_BASE,
        *flags("Taxable", "Job", "BillWithParent", "IsProject"),
        *refs("ParentRef", "RootCustomerRef"),
        integer("Level", "Depth below the customer at the top; missing there."),
        address("BillAddr"),
        address("ShipAddr"),
        *texts("ContactName", "AltContactName", "Notes", "AcctNum"),
        *refs("CustomerTypeRef", "SalesTermRef", "SalesRepRef", "PaymentMethodRef", "CurrencyRef"),
        *refs("TaxGroupCodeRef", "TaxRateRef", "PriceLevelRef", "ARAccountRef"),
        decimal("Balance", "What the customer owes, as QuickBooks has added it up."),
        decimal("BalanceWithJobs", "Balance with that of the jobs below."),
        *decimals("CreditLimit", "OverDueBalance", "TotalRevenue", "TotalExpense"),
        day("OpenBalanceDate"),
        *texts("PreferredDeliveryMethod", "ResaleNum", "TaxExemptionReasonId"),
        *texts("PrimaryTaxIdentifier", "SecondaryTaxIdentifier", "BusinessNumber", "TaxRegime"),
        *texts("GSTIN", "GSTRegistrationType"),
        *flags("TDSEnabled", "IsCISContractor"),
        *texts("ClientCompanyId", "ClientEntityId", "Source"),
        obj("CCDetail", *CREDIT_CHARGE),
        obj(
            "JobInfo",
            text("Status"),
            *days("StartDate", "ProjectedEndDate", "EndDate"),
            text("Description"),
            ref("JobTypeRef"),
        ),
        further_addresses(),
        CUSTOM_FIELD,
    ),
    active_filter=True,
    cdc=True,
    delete="soft",
    amounts=("Balance",),
)

_VENDOR = Entity(
    name="Vendor",
    description="One vendor: whom the company buys from.",
    kind="list",
    fields=(*VENDOR_FIELDS, CUSTOM_FIELD),
    active_filter=True,
    cdc=True,
    delete="soft",
    amounts=("Balance",),
)

_EMPLOYEE = Entity(
    name="Employee",
    description="One employee.",
    kind="list",
    fields=(
        *NAME_BASE,
        *texts("EmployeeType", "EmployeeNumber", "SSN", "Gender", "UseTimeEntry", "Notes"),
        address("PrimaryAddr"),
        flag("BillableTime"),
        *decimals("BillRate", "CostRate"),
        *days("BirthDate", "HiredDate", "ReleasedDate"),
        further_addresses(),
    ),
    active_filter=True,
    cdc=True,
    delete="soft",
)

_CUSTOMER_TYPE = Entity(
    name="CustomerType",
    description="One kind of customer, as the company sorts them.",
    kind="list",
    fields=(*INTUIT_ENTITY, text("Name"), flag("Active"), *HIERARCHY),
    active_filter=True,
)

# Whether change data capture covers it, Intuit's pages contradict each other: it is queried.
_TIME_ACTIVITY = Entity(
    name="TimeActivity",
    description="One stretch of time somebody worked, which posts nothing.",
    kind="transaction",
    fields=(
        *INTUIT_ENTITY,
        day("TxnDate"),
        text("NameOf", "Employee, Vendor or Other: which of the references says who worked."),
        *refs("EmployeeRef", "VendorRef", "OtherNameRef"),
        *refs("CustomerRef", "ProjectRef", "DepartmentRef", "ItemRef", "ClassRef"),
        ref("PayrollItemRef"),
        text("BillableStatus"),
        flag("Taxable"),
        *decimals("HourlyRate", "CostRate"),
        *integers("Hours", "Minutes", "Seconds", "BreakHours", "BreakMinutes", "BreakSeconds"),
        *instants("StartTime", "EndTime"),
        *texts("TimeZone", "Description"),
        integer("TimeChargeId"),
        flag("HoursInEmployeeTimeZone"),
    ),
    delete="hard",
)

PEOPLE: tuple[Entity, ...] = (_CUSTOMER, _VENDOR, _EMPLOYEE, _CUSTOMER_TYPE, _TIME_ACTIVITY)
