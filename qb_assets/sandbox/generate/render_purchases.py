"""Purchasing documents, rendered from their entries: Bill, VendorCredit, BillPayment, Purchase,
PurchaseOrder."""

from .encode import Fragments, assemble, decimal, links, money, pointed, price, quote
from .model import CostLine, ItemLine, Posting, Spending, Txn
from .offerings import TERMS
from .render_receipts import name_value

# The codes of transaction types seen in PurchaseEx: a check, and a purchase by cash or card.
_TYPE_CODES = {"Check": "3", "Cash": "54", "CreditCard": "54"}
_REFUND_CODE = "11"


def _cost_detail(leg: Posting, line: CostLine, texts: Fragments) -> str:
    detail = ""
    billable = "NotBillable"
    if line.customer and line.charge:
        detail = f'"CustomerRef":{texts.person(line.customer)},'
        invoiced = any(txn.entity == "Invoice" for txn in line.charge.related)
        billable = "HasBeenBilled" if invoiced else "Billable"
    if line.class_number >= 0:
        detail += f'"ClassRef":{texts.classes[line.class_number]},'
    return (
        '"DetailType":"AccountBasedExpenseLineDetail","AccountBasedExpenseLineDetail":'
        f'{{{detail}"AccountRef":{texts.accounts[leg.account_id]},'
        f'"BillableStatus":"{billable}","TaxCodeRef":{{"value":"NON"}}}}'
    )


def _item_detail(txn: Spending, line: ItemLine, texts: Fragments) -> str:
    rate = "0" if txn.voided else price(line.price)
    quantity = "0" if txn.voided else decimal(line.quantity, 2)
    sorting = f'"ClassRef":{texts.classes[line.class_number]},' if line.class_number >= 0 else ""
    return (
        '"DetailType":"ItemBasedExpenseLineDetail","ItemBasedExpenseLineDetail":'
        f'{{"BillableStatus":"NotBillable","ItemRef":{texts.items[line.item.id]},{sorting}'
        f'"UnitPrice":{rate},"Qty":{quantity},"TaxCodeRef":{{"value":"NON"}}}}'
    )


def _lines(txn: Spending, texts: Fragments, *, linked: bool, numbered: bool = True) -> str:
    rendered: list[str] = []
    for leg in txn.entry.postings:
        line = leg.line
        number = len(rendered) + 1
        if isinstance(line, ItemLine):
            about, detail = line.item.description, _item_detail(txn, line, texts)
        elif isinstance(line, CostLine):
            about, detail = line.description, _cost_detail(leg, line, texts)
        else:
            continue
        charge = line.charge if isinstance(line, CostLine) else None
        line_links = f"{links([(charge.id, charge.entity)] if charge else [])}," if linked else ""
        text = f'"Description":{quote(about)},' if about else ""
        place = f'"LineNum":{number},' if numbered else ""
        rendered.append(
            f'{{"Id":"{number}",{place}{text}"Amount":{money(abs(leg.stated))},{line_links}'
            f'{detail},"CustomExtensions":[]}}'
        )
    return f'"Line":[{",".join(rendered)}]'


def _settled_by(txn: Txn) -> list[tuple[str, str]]:
    """Links to bill payments, whose type names how they were paid."""
    linked = [(other.id, other.entity) for other in txn.related]
    for other, _ in txn.applied:
        card = isinstance(other, Spending) and other.pay_type == "CreditCard"
        linked.append((other.id, "BillPaymentCreditCard" if card else "BillPaymentCheck"))
    return linked


def bill(txn: Spending, texts: Fragments, extra: str = "") -> bytes:
    """The JSON of a Bill; `extra` is further fields, for a template of a recurring one."""
    term = TERMS[txn.term]
    parts = [
        f'"SalesTermRef":{{"value":"{term[0]}"}}',
        f'"DueDate":"{texts.days[txn.day + term[2]]}"',
    ]
    if txn.party:
        parts.append(f'"VendorAddr":{texts.addresses[txn.party.ref]}')
    parts += [f'"Balance":{money(txn.open)}', *texts.home(txn, "HomeBalance", txn.open)]
    parts += [texts.head(txn, editor=True), *texts.dated(txn)]
    if extra:
        parts.append(extra)
    linked = _settled_by(txn)
    if linked:
        parts.append(links(linked))
    parts += [
        _lines(txn, texts, linked=True),
        f'"VendorRef":{texts.person(txn.party)}',
        f'"APAccountRef":{texts.accounts[txn.account]}',
        f'"TotalAmt":{money(txn.total, pointed(txn))}',
    ]
    return assemble(parts, int(txn.id))


def vendor_credit(txn: Spending, texts: Fragments) -> bytes:
    """The JSON of a VendorCredit."""
    parts = [texts.head(txn), *texts.dated(txn), f'"Balance":{money(txn.open)}']
    if txn.applied:
        parts.append(links(_settled_by(txn)))
    parts += [
        _lines(txn, texts, linked=False),
        f'"VendorRef":{texts.person(txn.party)}',
        f'"APAccountRef":{texts.accounts[txn.account]}',
        f'"TotalAmt":{money(txn.total, point=True)}',
    ]
    return assemble(parts, int(txn.id))


def purchase_order(txn: Spending, texts: Fragments) -> bytes:
    """The JSON of a PurchaseOrder."""
    parts = ['"EmailStatus":"NotSet"', f'"POStatus":"{txn.status}"']
    if txn.party:
        parts.append(f'"VendorAddr":{texts.addresses[txn.party.ref]}')
    parts += [
        texts.head(txn, editor=True),
        '"CustomField":[]',
        *texts.dated(txn),
        links([(other.id, other.entity) for other in txn.related]),
        _lines(txn, texts, linked=False),
        f'"VendorRef":{texts.person(txn.party)}',
        f'"APAccountRef":{texts.accounts[txn.account]}',
        f'"TotalAmt":{money(txn.total)}',
    ]
    return assemble(parts, int(txn.id))


def bill_payment(txn: Spending, texts: Fragments) -> bytes:
    """The JSON of a BillPayment: a line for each bill paid or credit used."""
    source = texts.accounts[txn.account]
    if txn.pay_type == "Check":
        paid = f'"CheckPayment":{{"BankAccountRef":{source},"PrintStatus":"NotSet"}}'
    else:
        paid = f'"CreditCardPayment":{{"CCAccountRef":{source}}}'
    lines = ",".join(
        f'{{"Amount":{money(cents)},{links([(other.id, other.entity)])}}}'
        for other, cents in txn.applied
    )
    parts = [
        f'"VendorRef":{texts.person(txn.party)}',
        f'"PayType":"{txn.pay_type}"',
        paid,
        f'"TotalAmt":{money(txn.total)}',
        texts.head(txn),
        *texts.dated(txn),
        *texts.control(txn, "APAccountRef"),
        f'"Line":[{lines}]',
    ]
    return assemble(parts, int(txn.id))


def purchase(txn: Spending, texts: Fragments) -> bytes:
    """The JSON of a Purchase."""
    parts = [f'"AccountRef":{texts.accounts[txn.account]}', f'"PaymentType":"{txn.pay_type}"']
    if txn.party:
        person = texts.people[txn.party.ref]
        parts.append(f'"EntityRef":{person[:-1]},"type":"Vendor"}}')
    if txn.pay_type == "CreditCard":
        parts.append(f'"Credit":{"true" if txn.credit else "false"}')
    parts.append(f'"TotalAmt":{money(txn.total)}')
    if txn.pay_type == "Check":
        parts.append('"PrintStatus":"NotSet"')
    code = _REFUND_CODE if txn.credit else _TYPE_CODES[txn.pay_type]
    parts += [
        f'"PurchaseEx":{{"any":[{name_value("TxnType", code)}]}}',
        texts.head(txn),
        *texts.dated(txn),
        _lines(txn, texts, linked=False, numbered=False),
    ]
    return assemble(parts, int(txn.id))
