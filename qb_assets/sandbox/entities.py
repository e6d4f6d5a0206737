"""What the sandbox must know of each QuickBooks entity to answer like QuickBooks.

Filterable properties are those of Intuit's reference pages of each entity.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Entity:
    """How one entity is listed, named and hidden.

    `active`: rows have Active, and inactive ones are hidden from queries that do not ask for them.
    `cdc`: change data capture reports it. `key`: its name in answers. `order_by`: what its rows
    are ordered by when a query does not say, `newest_first` in which direction. `wrapped`: each
    row is wrapped in the kind of its template. `hidden`: a property only served when selected.
    `transaction`: it has a date and can be voided. `told_by`: its rows have no Id, and these
    properties tell them apart.
    `documented`: the properties Intuit documents as filterable or sortable.
    """

    name: str
    active: bool = False
    cdc: bool = True
    key: str = ""
    order_by: str = "Id"
    newest_first: bool = False
    wrapped: bool = False
    hidden: str = ""
    transaction: bool = False
    told_by: tuple[str, ...] = ()
    documented: tuple[str, ...] = ()

    @property
    def answer_key(self) -> str:
        """The key under which answers hold this entity's rows."""
        return self.key or self.name


def entity_named(name: str) -> Entity:
    """The entity of this exact name; one QuickBooks does not have gets the plainest behaviour."""
    return ENTITIES.get(name) or Entity(name)


def _listed(name: str, order_by: str = "Name", documented: str = "", hidden: str = "") -> Entity:
    names = ("Active", order_by, *documented.split())
    return Entity(name, active=True, order_by=order_by, documented=names, hidden=hidden)


def _transaction(name: str, documented: str = "", key: str = "") -> Entity:
    names = ("TxnDate", "DocNumber", "TotalAmt", "PrivateNote", *documented.split())
    return Entity(
        name, key=key, order_by="TxnDate", newest_first=True, transaction=True, documented=names
    )


def _other(name: str, documented: str = "", *, cdc: bool = True, wrapped: bool = False) -> Entity:
    return Entity(name, cdc=cdc, wrapped=wrapped, documented=tuple(documented.split()))


ENTITIES: dict[str, Entity] = {
    entity.name: entity
    for entity in (
        _listed("Account", documented="FullyQualifiedName AccountType AccountSubType AcctNum"),
        _listed("Class", documented="FullyQualifiedName"),
        _listed("CompanyCurrency", documented="Code"),
        _listed("Customer", "DisplayName", "GivenName FamilyName CompanyName Balance Job"),
        _listed("Department", documented="FullyQualifiedName SubDepartment"),
        _listed("Employee", "DisplayName", "FamilyName GivenName MiddleName PrintOnCheckName"),
        _listed(
            "Item",
            documented="FullyQualifiedName PurchaseCost SubItem Taxable Type UnitPrice Sku",
            hidden="Sku",
        ),
        _listed("PaymentMethod", documented="Type"),
        _listed("Term", documented="Type DueDays"),
        _listed("Vendor", "DisplayName", "GivenName FamilyName CompanyName Balance Vendor1099"),
        _transaction("Bill", "APAccountRef Balance DueDate SalesTermRef VendorRef"),
        _transaction("BillPayment", "APAccountRef CheckPayment CreditCardPayment VendorRef"),
        _transaction("CreditCardPayment", "VendorRef", key="CreditCardPaymentTxn"),
        _transaction("CreditMemo", "Balance CustomerRef ProjectRef SalesTermRef"),
        _transaction("Deposit"),
        _transaction("Estimate", "CustomerRef DueDate ProjectRef"),
        _transaction("InventoryAdjustment"),
        _transaction("Invoice", "Balance CustomerRef DueDate ProjectRef SalesTermRef"),
        _transaction("JournalEntry"),
        _transaction("Payment", "CustomerRef PaymentMethodRef PaymentRefNum"),
        _transaction("Purchase", "PaymentType AccountRef EntityRef"),
        _transaction("PurchaseOrder", "DueDate VendorRef"),
        _transaction("RefundReceipt", "Balance CustomerRef PaymentType ProjectRef"),
        _transaction("ReimburseCharge", "CustomerRef HasBeenInvoiced"),
        _transaction("SalesReceipt", "Balance CustomerRef ProjectRef"),
        _transaction("TimeActivity", "BillableStatus ProjectRef"),
        _transaction("Transfer"),
        _transaction("VendorCredit", "APAccountRef Balance VendorRef"),
        _other("Attachable", "Category ContentType FileName Note Size"),
        _other("Budget", "Name Active StartDate EndDate"),
        _other("CompanyInfo"),
        _other("CustomerType", "Active Name"),
        Entity(
            "ExchangeRate",
            told_by=("SourceCurrencyCode", "TargetCurrencyCode", "AsOfDate"),
            documented=("AsOfDate", "SourceCurrencyCode"),
        ),
        _other("JournalCode", "Name Type", cdc=False),
        _other("Preferences"),
        _other("RecurringTransaction", "RecurDataRef Type", wrapped=True),
        _other("TaxAgency", "DisplayName", cdc=False),
        _other("TaxCode", "Active Description Name", cdc=False),
        _other("TaxRate", "Active AgencyRef Description Name", cdc=False),
    )
}
