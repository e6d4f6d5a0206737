"""What many entities have in common, after Intuit's published types (`IntuitEntity`, `Line`, …)."""

from collections.abc import Callable

from qb_assets.catalog.fields import (
    Array,
    Field,
    Node,
    Object,
    array,
    day,
    days,
    decimal,
    decimals,
    flag,
    flags,
    instant,
    integer,
    integers,
    obj,
    ref,
    text,
    texts,
)

ID: Field = text("Id", "Unique within a company and a kind of record only; not a number.")


def meta_data(moment: Callable[[str, str], Field] = instant) -> Object:
    """Declare when and by whom a record was made and changed, with this kind of moments."""
    return obj(
        "MetaData",
        ref("CreatedByRef"),
        moment("CreateTime", ""),
        ref("LastModifiedByRef"),
        moment("LastUpdatedTime", "Also moved by a change of balance or status alone."),
        moment("LastChangedInQB", ""),
        flag("Synchronized"),
    )


INTUIT_ENTITY: tuple[Node, ...] = (
    ID,
    text("SyncToken", "For optimistic locking; not a version: balances change without it."),
    text("status", "Deleted or Voided, in change data capture and on a few records only."),
    text("domain", "QBO."),
    flag("sparse", "Whether the answer holds a part of the record's properties only."),
    meta_data(),
)


_ADDRESS: tuple[Node, ...] = (
    ID,
    *texts("Line1", "Line2", "Line3", "Line4", "Line5", "City", "Country", "CountryCode"),
    *texts("County", "CountrySubDivisionCode", "PostalCode", "PostalCodeSuffix"),
    *texts("Lat", "Long", "Tag", "Note"),
)


def address(name: str) -> Object:
    """Declare a postal address (`PhysicalAddress`)."""
    return obj(name, *_ADDRESS)


def email(name: str) -> Object:
    """Declare an e-mail address (`EmailAddress`); one value may hold several, with commas."""
    return obj(name, ID, text("Address"), flag("Default"), text("Tag"))


def phone(name: str) -> Object:
    """Declare a telephone number (`TelephoneNumber`)."""
    return obj(
        name,
        ID,
        *texts("DeviceType", "CountryCode", "AreaCode", "ExchangeCode", "Extension"),
        text(
            "FreeFormNumber", "The number as it was typed; the only part QuickBooks Online fills."
        ),
        flag("Default"),
        text("Tag"),
    )


def further_addresses() -> Array:
    """Declare the postal addresses beside those that have a name of their own."""
    return array("OtherAddr", *_ADDRESS, doc="A further postal address.")


def website(name: str) -> Object:
    """Declare an address on the web (`WebSiteAddress`)."""
    return obj(name, ID, text("URI"), flag("Default"), text("Tag"))


def memo(name: str, doc: str = "") -> Object:
    """Declare a text that QuickBooks sends as `{"value": …}` (`MemoRef`): the column `<name>`."""
    return obj(name, text("value", doc), text("id"))


def any_values(name: str, doc: str) -> Object:
    """Declare an open extension as it is answered: `{"any": [{"value": {"Name", "Value"}, …}]}`."""
    return obj(
        name,
        array(
            "any",
            *texts("name", "declaredType", "scope"),
            obj("value", *texts("Name", "Value")),
            *flags("nil", "globalScope", "typeSubstituted"),
            doc=doc,
        ),
    )


NAME_VALUE: tuple[Node, ...] = texts("Name", "Value")

OTHER_CONTACT_INFO: Array = array(
    "OtherContactInfo",
    text("Type"),
    phone("Telephone"),
    email("Email"),
    website("WebSite"),
    obj("OtherContact", ID, *texts("Name", "Value", "Type"), flag("Default"), text("Tag")),
    doc="A further way to reach the person or company.",
)

CUSTOM_FIELD: Array = array(
    "CustomField",
    text("DefinitionId", "1, 2 or 3: the place of the field on the form."),
    *texts("Name", "Type", "StringValue"),
    flag("BooleanValue"),
    day("DateValue"),
    decimal("NumberValue"),
    doc="A field of the company's own on the form.",
)

LINKED_TXN: Array = array(
    "LinkedTxn",
    text("TxnId"),
    text("TxnType", "The kind of the other transaction; it is no entity's name for all kinds."),
    text("TxnLineId"),
    doc="Another transaction this one is linked to.",
)

CUSTOM_EXTENSIONS: Array = array(
    "CustomExtensions",
    text("ExtensionType"),
    array("AssociatedValues", *texts("Key", "Value"), doc="A fact of the add-on feature."),
    doc="A value of an add-on feature, such as a dimension.",
)

CHECK: tuple[Node, ...] = texts("CheckNum", "Status", "NameOnAcct", "AcctNum", "BankName")

CREDIT_CHARGE: tuple[Node, ...] = (
    *texts("Number", "Type", "NameOnAcct"),
    *integers("CcExpiryMonth", "CcExpiryYear"),
    *texts("BillAddrStreet", "PostalCode", "CommercialCardCode"),
    *texts("CCTxnMode", "CCTxnType", "PrevCCTransId"),
    decimal("Amount"),
    flag("ProcessPayment"),
)

CREDIT_CARD: tuple[Node, ...] = (
    obj("CreditChargeInfo", *CREDIT_CHARGE),
    obj(
        "CreditChargeResponse",
        *texts("CCProcessor", "CCTransId", "Status"),
        integer("ResultCode"),
        *texts("ResultMsg", "MerchantAcctNum", "CardSecurityCodeMatch", "AuthCode"),
        *texts("AvsStreet", "AvsZip", "SecurityCode", "ReconBatchId"),
        integer("PaymentGroupingCode"),
        instant("TxnAuthorizationTime"),
        integer("TxnAuthorizationStamp"),
        text("ClientTransID"),
    ),
)

TRANSACTION: tuple[Node, ...] = (
    *INTUIT_ENTITY,
    text("DocNumber", "The number people see; neither unique nor always there."),
    day("TxnDate", "The day it is posted on."),
    text("TxnSubType"),
    ref("DepartmentRef", "The location."),
    ref("CurrencyRef", "The currency of every amount of the document."),
    decimal("ExchangeRate", "Home currency per unit of the document's currency."),
    text("PrivateNote", "The memo; begins with Voided on a voided document."),
    *texts("TxnStatus", "TxnSource", "TaxFormType", "TaxFormNum", "TransactionLocationType"),
    obj(
        "TxnApprovalInfo",
        *texts("ApprovalStatus", "ApprovalStatusDetail", "LastChangedByUser"),
        instant("LastChangedDate"),
    ),
    ref("RecurDataRef", "The recurring transaction that made it."),
    obj(
        "RecurringInfo",
        *texts("Name", "RecurType"),
        flag("Active"),
        obj(
            "ScheduleInfo",
            text("IntervalType"),
            *integers("NumInterval", "DayOfMonth"),
            text("DayOfWeek"),
            integer("WeekOfMonth"),
            text("MonthOfYear"),
            *integers("RemindDays", "DaysBefore", "MaxOccurrences"),
            *days("StartDate", "EndDate", "NextDate", "PreviousDate"),
        ),
    ),
    ref("ProjectRef"),
    *decimals("TotalCostAmount", "HomeTotalCostAmount"),
)

NAME_BASE: tuple[Node, ...] = (
    *INTUIT_ENTITY,
    text("DisplayName", "Unique among customers, vendors and employees of a company."),
    *texts("Title", "GivenName", "MiddleName", "FamilyName", "Suffix"),
    *texts("CompanyName", "FullyQualifiedName", "PrintOnCheckName"),
    *flags("Active", "Organization"),
    *texts("IntuitId", "UserId", "V4IDPseudonym"),
    *(phone(name) for name in ("PrimaryPhone", "AlternatePhone", "Mobile", "Fax")),
    email("PrimaryEmailAddr"),
    website("WebAddr"),
    ref("DefaultTaxCodeRef"),
    OTHER_CONTACT_INFO,
)

HIERARCHY: tuple[Node, ...] = (
    ref("ParentRef"),
    text("FullyQualifiedName", "The names from the top of the hierarchy down, with colons."),
)

DELIVERY: Object = obj(
    "DeliveryInfo", text("DeliveryType"), instant("DeliveryTime"), text("DeliveryErrorType")
)
