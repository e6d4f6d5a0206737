"""Documents of every kind that a generated company does not have, and what they post."""

from typing import Any, TypeAlias

Record: TypeAlias = dict[str, Any]

ACCOUNTS = {
    "ar": ("Accounts Receivable", "AccountsReceivable", "USD"),
    "ar2": ("Accounts Receivable", "AccountsReceivable", "USD"),
    "ar-eur": ("Accounts Receivable", "AccountsReceivable", "EUR"),
    "ap": ("Accounts Payable", "AccountsPayable", "USD"),
    "ap2": ("Accounts Payable", "AccountsPayable", "USD"),
    "held": ("Other Current Asset", "UndepositedFunds", "USD"),
    "bank": ("Bank", "Checking", "USD"),
    "stock": ("Other Current Asset", "Inventory", "USD"),
    "tax-sales": ("Other Current Liability", "GlobalTaxPayable", "USD"),
    "tax-bought": ("Other Current Liability", "GlobalTaxPayable", "USD"),
    "tax-named": ("Other Current Liability", "GlobalTaxPayable", "USD"),
    "tax-owed": ("Other Current Liability", "GlobalTaxPayable", "USD"),
    "discount": ("Income", "DiscountsRefundsGiven", "USD"),
    "exchange": ("Other Expense", "ExchangeGainOrLoss", "USD"),
    "income": ("Income", "SalesOfProductIncome", "USD"),
    "old-income": ("Income", "SalesOfProductIncome", "USD"),
    "shipping": ("Income", "OtherPrimaryIncome", "USD"),
    "cost": ("Cost of Goods Sold", "SuppliesMaterialsCogs", "USD"),
    "expense": ("Expense", "SuppliesMaterials", "USD"),
    "shrinkage": ("Cost of Goods Sold", "SuppliesMaterialsCogs", "USD"),
}
"""Type, subtype and currency by Id."""


def ref(value: str, **more: str) -> dict[str, str]:
    return {"value": value, **more}


def sold(amount: float, item: str = "service", **more: Any) -> Record:
    detail = {"ItemRef": ref(item), "Qty": 1, **more}
    return {
        "Amount": amount,
        "DetailType": "SalesItemLineDetail",
        "SalesItemLineDetail": detail,
    }


def bought(amount: float, item: str, quantity: float) -> Record:
    detail = {"ItemRef": ref(item), "Qty": quantity}
    return {
        "Amount": amount,
        "DetailType": "ItemBasedExpenseLineDetail",
        "ItemBasedExpenseLineDetail": detail,
    }


def spent(amount: float, account: str = "expense", **more: Any) -> Record:
    detail = {"AccountRef": ref(account), **more}
    return {
        "Amount": amount,
        "DetailType": "AccountBasedExpenseLineDetail",
        "AccountBasedExpenseLineDetail": detail,
    }


def journal(amount: float, side: str, account: str, **more: Any) -> Record:
    detail = {"PostingType": side, "AccountRef": ref(account), **more}
    return {
        "Amount": amount,
        "DetailType": "JournalEntryLineDetail",
        "JournalEntryLineDetail": detail,
    }


def taxed(*taxes: tuple[float, str]) -> Record:
    lines = [
        {
            "Amount": amount,
            "DetailType": "TaxLineDetail",
            "TaxLineDetail": {"TaxRateRef": ref(rate)},
        }
        for amount, rate in taxes
    ]
    return {"TotalTax": sum(amount for amount, _ in taxes), "TaxLine": lines}


def paid(amount: float, kind: str, identity: str) -> Record:
    return {"Amount": amount, "LinkedTxn": [{"TxnId": identity, "TxnType": kind}]}


EUR: Record = {"CurrencyRef": ref("EUR"), "ExchangeRate": 1.1055555}
DISCOUNT: Record = {"Amount": 7.5, "DetailType": "DiscountLineDetail", "DiscountLineDetail": {}}
SUBTOTAL: Record = {"Amount": 75, "DetailType": "SubTotalLineDetail", "SubTotalLineDetail": {}}
DOCUMENTS: dict[str, tuple[Record, dict[str, str]]] = {
    # Ahead of the tax, by an amount and with no account of its own; shipping; the account of then.
    "Invoice:1": (
        {
            "TotalAmt": 118.1,
            "ARAccountRef": ref("ar2"),
            "Line": [
                sold(100, ItemAccountRef=ref("old-income")),
                sold(10, "SHIPPING_ITEM_ID"),
                DISCOUNT,
            ],
            "TxnTaxDetail": taxed((10, "told"), (5.6, "named")),
        },
        {
            "ar2": "118.10",
            "old-income": "-100.00",
            "shipping": "-10.00",
            "discount": "7.50",
            "tax-sales": "-10.00",
            "tax-named": "-5.60",
        },
    ),
    # With tax in the prices: the amounts of lines are without it all the same.
    "Invoice:2": (
        {
            "TotalAmt": 110,
            "GlobalTaxCalculation": "TaxInclusive",
            "Line": [sold(100, TaxInclusiveAmt=110)],
            "TxnTaxDetail": taxed((10, "unknown")),
        },
        {"ar": "110.00", "income": "-100.00", "tax-owed": "-10.00"},
    ),
    # A statement charge: what was charged is in no entity.
    "Invoice:3": ({"TotalAmt": 75, "Line": [SUBTOTAL]}, {"ar": "75.00"}),
    "Invoice:4": (
        {"TotalAmt": 0, "PrivateNote": "Voided", "Line": [sold(0, "goods", Qty=4)]},
        {},
    ),
    # Roundings of a foreign currency, where QuickBooks gives the total at home.
    "Invoice:5": (
        {**EUR, "TotalAmt": 2, "HomeTotalAmt": 2.22, "Line": [sold(1), sold(1)]},
        {"ar-eur": "2.22", "income": "-2.22"},
    ),
    "Invoice:6": (
        {**EUR, "TotalAmt": 0.8, "Line": [sold(0.5), sold(0.3)]},
        {"ar-eur": "0.88", "income": "-0.88"},
    ),
    "SalesReceipt:7": (
        {"TotalAmt": 30, "Line": [sold(30, "goods", Qty=4)]},
        # Two that the item started with and one that came back at 4, and one of the bill at 5.
        {"held": "30.00", "income": "-30.00", "cost": "17.00", "stock": "-17.00"},
    ),
    "SalesReceipt:8": (
        {"TotalAmt": 20, "TxnDate": "2026-01-01", "Line": [sold(20, "goods", Qty=2)]},
        {"held": "20.00", "income": "-20.00"},  # before the stock was counted
    ),
    # What customers bring back comes in at PurchaseCost.
    "CreditMemo:9": (
        {"TotalAmt": 10, "Line": [sold(10, "goods", Qty=1)]},
        {"ar": "-10.00", "income": "10.00", "cost": "-4.00", "stock": "4.00"},
    ),
    "RefundReceipt:10": (
        {"TotalAmt": 8, "DepositToAccountRef": ref("bank"), "Line": [sold(8)]},
        {"bank": "-8.00", "income": "8.00"},
    ),
    # The receivables account of the invoice it pays; the money is held.
    "Payment:11": (
        {"TotalAmt": 100, "UnappliedAmt": 0, "Line": [paid(100, "Invoice", "1")]},
        {"held": "100.00", "ar2": "-100.00"},
    ),
    # At another rate than the invoice's, which it settles at what that is worth in the books.
    "Payment:12": (
        {
            **EUR,
            "ExchangeRate": 1.2,
            "TotalAmt": 3,
            "UnappliedAmt": 2.5,
            "DepositToAccountRef": ref("bank"),
            "Line": [paid(0.5, "Invoice", "6")],
        },
        {"bank": "3.60", "ar-eur": "-3.55", "exchange": "-0.05"},
    ),
    "Bill:13": (
        {
            "TotalAmt": 61,
            "APAccountRef": ref("ap2"),
            "Line": [bought(50, "goods", 10), bought(6, "service", 1), spent(1)],
            "TxnTaxDetail": taxed((4, "told")),
        },
        {"ap2": "-61.00", "stock": "50.00", "expense": "7.00", "tax-bought": "4.00"},
    ),
    "VendorCredit:14": (
        {"TotalAmt": 5, "Line": [bought(5, "goods", 1)]},
        {"ap": "5.00", "stock": "-5.00"},
    ),
    "BillPayment:15": (
        {
            "TotalAmt": 61,
            "PayType": "Check",
            "CheckPayment": {"BankAccountRef": ref("bank")},
            "Line": [paid(61, "Bill", "13")],
        },
        {"bank": "-61.00", "ap2": "61.00"},
    ),
    "Purchase:16": (
        {
            "TotalAmt": 9,
            "AccountRef": ref("bank"),
            "EntityRef": ref("7", type="Employee"),
            "Credit": True,
            "Line": [spent(9)],
        },
        {"bank": "9.00", "expense": "-9.00"},
    ),
    "Deposit:17": (
        {
            "TotalAmt": 90,
            "DepositToAccountRef": ref("bank"),
            "CashBack": {"AccountRef": ref("expense"), "Amount": 15},
            "Line": [
                paid(100, "Payment", "11"),
                {
                    "Amount": 5,
                    "DetailType": "DepositLineDetail",
                    "DepositLineDetail": {
                        "AccountRef": ref("income"),
                        "Entity": ref("7", type="VENDOR"),
                    },
                },
            ],
        },
        {"bank": "90.00", "expense": "15.00", "held": "-100.00", "income": "-5.00"},
    ),
    # The tax of an entry is on the side that its lines lack.
    "JournalEntry:18": (
        {
            "Line": [
                journal(110, "Credit", "bank"),
                journal(
                    100,
                    "Debit",
                    "expense",
                    Entity={"Type": "Vendor", "EntityRef": ref("7")},
                    DepartmentRef=ref("3"),
                ),
            ],
            "TxnTaxDetail": taxed((10, "named")),
        },
        {"bank": "-110.00", "expense": "100.00", "tax-named": "10.00"},
    ),
    # Amounts at home, which change nothing in the foreign currency.
    "JournalEntry:19": (
        {
            **EUR,
            "HomeCurrencyAdjustment": True,
            "Line": [journal(3.33, "Debit", "ar-eur"), journal(3.33, "Credit", "exchange")],
        },
        {"ar-eur": "3.33", "exchange": "-3.33"},
    ),
    "InventoryAdjustment:20": (
        {
            "AdjustAccountRef": ref("shrinkage"),
            "TxnDate": "2026-03-02",
            "Line": [
                {
                    "DetailType": "ItemAdjustmentLineDetail",
                    "ItemAdjustmentLineDetail": {"ItemRef": ref("goods"), "QtyDiff": -2},
                }
            ],
        },
        {"stock": "-10.00", "shrinkage": "10.00"},
    ),
    "Estimate:21": ({"TotalAmt": 40, "Line": [sold(40)]}, {}),
}
"""Documents by entity and Id, and what each moves accounts by."""

SHARED: Record = {"TxnDate": "2026-03-01", "CurrencyRef": ref("USD"), "CustomerRef": ref("5")}


def account(identity: str) -> Record:
    kind, subtype, currency = ACCOUNTS[identity]
    fields = {"AccountType": kind, "AccountSubType": subtype, "CurrencyRef": ref(currency)}
    name = {"tax-named": "Treasury Payable"}.get(identity, identity)
    owed = -5 if identity == "tax-owed" else 0
    return {"Id": identity, "Name": name, "Active": True, "CurrentBalance": owed, **fields}


def lists() -> dict[str, list[Record]]:
    item = {"IncomeAccountRef": ref("income"), "ExpenseAccountRef": ref("expense")}
    goods = {
        **item,
        "ExpenseAccountRef": ref("cost"),
        "AssetAccountRef": ref("stock"),
        "InvStartDate": "2026-02-01",
        "PurchaseCost": 4,
        "QtyOnHand": 6,  # 2 at the start
    }
    preferences = {
        "AccountingInfoPrefs": {"DefaultARAccount": ref("ar"), "DefaultAPAccount": ref("ap")},
        "SalesFormsPrefs": {"DefaultShippingAccount": "shipping"},
        "CurrencyPrefs": {"HomeCurrency": ref("USD")},
    }
    agency = {
        "TaxTrackedOnSalesAccountRef": ref("tax-sales"),
        "TaxOnPurchasesAccountRef": ref("tax-bought"),
    }
    return {
        "Account": [account(identity) for identity in ACCOUNTS],
        "Item": [
            {"Id": "service", "Type": "Service", **item},
            {"Id": "goods", "Type": "Inventory", **goods},
        ],
        "Preferences": [{"Id": "1", **preferences}],
        "TaxAgency": [
            {"Id": "1", "DisplayName": "Told", **agency},
            {"Id": "2", "DisplayName": "Treasury"},
        ],
        "TaxRate": [
            {"Id": "told", "AgencyRef": ref("1")},
            {"Id": "named", "AgencyRef": ref("2")},
            {"Id": "unknown", "AgencyRef": ref("3")},
        ],
    }
