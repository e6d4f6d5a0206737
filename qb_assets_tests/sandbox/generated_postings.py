"""An independent reading of documents: QuickBooks' posting rules applied to the JSON alone."""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

import msgspec

from qb_assets.sandbox.company import Company

Doc = dict[str, Any]
Legs = dict[str, Decimal]
"""Dollars by account Id, a debit positive."""


def decimal(value: Any) -> Decimal:
    return Decimal(str(value))


def read(company: Company) -> dict[str, dict[str, Doc]]:
    """Every record by entity and Id, its numbers as exact decimals."""
    decoder = msgspec.json.Decoder(dict[str, Any], float_hook=Decimal)
    return {
        entity: {record.id: decoder.decode(record.body) for record in records}
        for entity, records in company.records.items()
    }


def leaves(lines: Iterable[Doc]) -> list[Doc]:
    """The lines that post: those of a bundle instead of the bundle."""
    found: list[Doc] = []
    for line in lines:
        group = line.get("GroupLineDetail")
        found += leaves(group["Line"]) if group else [line]
    return found


class PostingRules:
    """Postings of each kind of document, from its JSON and the lists it refers to."""

    def __init__(self, records: dict[str, dict[str, Doc]]) -> None:
        self.items = records["Item"]
        self.rates = records["TaxRate"]
        accounts = records["Account"].values()
        # Of several of a kind and a currency, the first is meant where a document tells none.
        self.controls: dict[tuple[str, str], str] = {}
        for row in accounts:
            kind = (row["AccountType"], row["CurrencyRef"]["value"])
            self.controls.setdefault(kind, row["Id"])
        self.by_name: dict[str, str] = {row["FullyQualifiedName"]: row["Id"] for row in accounts}
        self.agencies = {
            row["Id"]: self.by_name[f"{row['DisplayName']} Payable"]
            for row in records["TaxAgency"].values()
        }
        self.undeposited = self.by_name["Undeposited Funds"]

    def legs(self, entity: str, doc: Doc) -> Legs:
        """The document's postings summed by account, those of zero left out."""
        legs: Legs = defaultdict(Decimal)
        receivable = self._control(doc, "ARAccountRef", "Accounts Receivable")
        payable = self._control(doc, "APAccountRef", "Accounts Payable")
        total = decimal(doc.get("TotalAmt", doc.get("Amount", 0)))
        match entity:
            case "Invoice":
                self._sale(doc, legs, 1, receivable, total)
            case "CreditMemo":
                self._sale(doc, legs, -1, receivable, total)
            case "SalesReceipt":
                self._sale(doc, legs, 1, doc["DepositToAccountRef"]["value"], total)
            case "RefundReceipt":
                self._sale(doc, legs, -1, doc["DepositToAccountRef"]["value"], total)
            case "Payment":
                held = doc.get("DepositToAccountRef", {"value": self.undeposited})["value"]
                legs[held] += total
                legs[receivable] -= total
            case "Bill":
                self._cost(doc, legs, 1, doc["APAccountRef"]["value"], total)
            case "VendorCredit":
                self._cost(doc, legs, -1, doc["APAccountRef"]["value"], total)
            case "Purchase":
                sign = -1 if doc.get("Credit") else 1
                self._cost(doc, legs, sign, doc["AccountRef"]["value"], total)
            case "BillPayment":
                paid = doc.get("CheckPayment", {}).get("BankAccountRef")
                paid = paid or doc["CreditCardPayment"]["CCAccountRef"]
                legs[paid["value"]] -= total
                legs[payable] += total
            case "Deposit":
                self._deposit(doc, legs, total)
            case "Transfer":
                legs[doc["ToAccountRef"]["value"]] += total
                legs[doc["FromAccountRef"]["value"]] -= total
            case "CreditCardPayment":
                legs[doc["CreditCardAccountRef"]["value"]] += total
                legs[doc["BankAccountRef"]["value"]] -= total
            case "JournalEntry":
                for line in doc["Line"]:
                    detail = line["JournalEntryLineDetail"]
                    sign = 1 if detail["PostingType"] == "Debit" else -1
                    legs[detail["AccountRef"]["value"]] += sign * decimal(line["Amount"])
            case _:
                raise ValueError(f"{entity} has no posting rule")
        return {account: amount for account, amount in legs.items() if amount}

    def _control(self, doc: Doc, key: str, kind: str) -> str:
        currency = doc["CurrencyRef"]["value"]
        return doc[key]["value"] if key in doc else self.controls.get((kind, currency), "")

    def _sale(self, doc: Doc, legs: Legs, sign: int, control: str, total: Decimal) -> None:
        legs[control] += sign * total
        for line in leaves(doc["Line"]):
            amount = sign * decimal(line["Amount"])
            if line["DetailType"] == "SalesItemLineDetail":
                detail = line["SalesItemLineDetail"]
                item = self.items[detail["ItemRef"]["value"]]
                account = detail.get("ItemAccountRef", item["IncomeAccountRef"])
                legs[account["value"]] -= amount
            elif line["DetailType"] == "DiscountLineDetail":
                legs[line["DiscountLineDetail"]["DiscountAccountRef"]["value"]] += amount
        for line in doc["TxnTaxDetail"].get("TaxLine", ()):
            rate = self.rates[line["TaxLineDetail"]["TaxRateRef"]["value"]]
            legs[self.agencies[rate["AgencyRef"]["value"]]] -= sign * decimal(line["Amount"])

    def _cost(self, doc: Doc, legs: Legs, sign: int, control: str, total: Decimal) -> None:
        legs[control] -= sign * total
        for line in doc["Line"]:
            amount = sign * decimal(line["Amount"])
            if line["DetailType"] == "AccountBasedExpenseLineDetail":
                legs[line["AccountBasedExpenseLineDetail"]["AccountRef"]["value"]] += amount
            else:
                item = self.items[line["ItemBasedExpenseLineDetail"]["ItemRef"]["value"]]
                account = item.get("AssetAccountRef") or item["ExpenseAccountRef"]
                legs[account["value"]] += amount

    def _deposit(self, doc: Doc, legs: Legs, total: Decimal) -> None:
        legs[doc["DepositToAccountRef"]["value"]] += total
        back = doc.get("CashBack")
        if back:
            legs[back["AccountRef"]["value"]] += decimal(back["Amount"])
        for line in doc["Line"]:
            account = self.undeposited
            if "LinkedTxn" not in line:
                account = line["DepositLineDetail"]["AccountRef"]["value"]
            legs[account] -= decimal(line["Amount"])
