"""Sales documents, rendered from their entries: Invoice, SalesReceipt, CreditMemo, RefundReceipt,
Estimate, with the shapes of the recorded ones."""

from .encode import Fragments, assemble, decimal, links, money, pointed, price, quote
from .model import Charge, ItemLine, Posting, Sale, Txn
from .offerings import METHODS, TERMS

_ALLOWED = (
    '"AllowIPNPayment":false,"AllowOnlinePayment":false,'
    '"AllowOnlineCreditCardPayment":false,"AllowOnlineACHPayment":false'
)
_CREW = '"CustomField":[{"DefinitionId":"1","Name":"Crew #","Type":"StringType"'
_TERMS = [f'"SalesTermRef":{{"value":"{term[0]}","name":"{term[1]}"}}' for term in TERMS]
_LINKED_LINES = ("Estimate", "TimeActivity")


def _item_line(sale: Sale, leg: Posting, line: ItemLine, number: int, texts: Fragments) -> str:
    point = pointed(sale)
    source = line.source
    cents = abs(leg.stated) if not sale.voided else 0
    about = f'"Description":{quote(line.item.description)},' if line.item.description else ""
    link = ""
    if source is not None and source.entity in _LINKED_LINES:
        link = f"{links([(source.id, source.entity)])},"
    detail = f'"ServiceDate":"{texts.days[line.service_day]}",' if line.service_day >= 0 else ""
    detail += f'"ItemRef":{texts.items[line.item.id]},'
    if line.class_number >= 0:
        detail += f'"ClassRef":{texts.classes[line.class_number]},'
    if isinstance(source, Charge):
        income = texts.accounts[leg.account_id]
        detail += (
            f'"MarkupInfo":{{"PercentBased":false,"Value":{money(cents)},'
            f'"MarkUpIncomeAccountRef":{income}}},'
        )
    elif sale.voided:
        detail += '"UnitPrice":0,"Qty":0,'
    else:
        detail += f'"UnitPrice":{price(line.price)},"Qty":{decimal(line.quantity, 2)},'
    modern = sale.entity in ("Invoice", "Estimate")
    if modern:
        detail += f'"ItemAccountRef":{texts.accounts[leg.account_id]},'
    tax = "TAX" if line.taxable else "NON"
    extensions = ',"CustomExtensions":[]' if modern else ""
    return (
        f'{{"Id":"{number}","LineNum":{number},{about}"Amount":{money(cents, point)},{link}'
        f'"DetailType":"SalesItemLineDetail","SalesItemLineDetail":{{{detail}'
        f'"TaxCodeRef":{{"value":"{tax}"}}}}{extensions}}}'
    )


def _group_line(inner: list[str], cents: int, times: int, number: int, texts: Fragments) -> str:
    bundle = texts.bundle
    return (
        f'{{"Id":"{number}","LineNum":{number},"Description":{quote(bundle.description)},'
        f'"Amount":{money(cents)},"DetailType":"GroupLineDetail","GroupLineDetail":'
        f'{{"GroupItemRef":{texts.items[bundle.id]},"Quantity":{times},'
        f'"Line":[{",".join(inner)}]}},"CustomExtensions":[]}}'
    )


def _item_lines(sale: Sale, legs: list[Posting], texts: Fragments) -> list[str]:
    """The lines of items; those of a bundle within its Group line. Ids count through both."""
    rendered: list[str] = []
    number = place = 0
    while place < len(legs):
        leg = legs[place]
        line = leg.line
        if not isinstance(line, ItemLine):
            break
        number += 1
        if not line.bundle:
            rendered.append(_item_line(sale, leg, line, number, texts))
            place += 1
            continue
        outer, inner, cents = number, list[str](), 0
        times = line.quantity // texts.bundle.parts[0][1]
        for part in legs[place : place + len(texts.bundle.parts)]:
            if isinstance(part.line, ItemLine):
                number += 1
                inner.append(_item_line(sale, part, part.line, number, texts))
                cents += abs(part.stated)
        rendered.append(_group_line(inner, cents, times, outer, texts))
        place += len(inner)
    return rendered


def _lines(sale: Sale, texts: Fragments) -> str:
    legs = [leg for leg in sale.entry.postings if leg.role == "line"]
    rendered = _item_lines(sale, legs, texts)
    subtotal = abs(sum(leg.stated for leg in legs))
    point = pointed(sale)
    rendered.append(
        f'{{"Amount":{money(subtotal, point)},"DetailType":"SubTotalLineDetail",'
        '"SubTotalLineDetail":{}}'
    )
    for leg in sale.entry.postings:
        if leg.role == "discount":
            rendered.append(
                f'{{"Amount":{money(abs(leg.stated))},"DetailType":"DiscountLineDetail",'
                f'"DiscountLineDetail":{{"PercentBased":true,'
                f'"DiscountPercent":{sale.discount_percent},'
                f'"DiscountAccountRef":{texts.accounts[leg.account_id]}}}}}'
            )
    return f'"Line":[{",".join(rendered)}]'


def _taxes(sale: Sale) -> str:
    legs = [abs(leg.stated) for leg in sale.entry.postings if leg.role == "tax"]
    if not legs or sale.voided:
        return '"TxnTaxDetail":{"TotalTax":0}'
    lines = ",".join(
        f'{{"Amount":{money(cents)},"DetailType":"TaxLineDetail","TaxLineDetail":'
        f'{{"TaxRateRef":{{"value":"{rate}"}},"PercentBased":true,'
        f'"TaxPercent":{decimal(thousandths, 3)},"NetAmountTaxable":{money(net)}}}}}'
        for cents, (rate, thousandths, net, _) in zip(legs, sale.taxes, strict=True)
    )
    return (
        f'"TxnTaxDetail":{{"TxnTaxCodeRef":{{"value":"{sale.tax_code}"}},'
        f'"TotalTax":{money(sum(legs))},"TaxLine":[{lines}]}}'
    )


def _customer(sale: Sale, texts: Fragments) -> list[str]:
    party = sale.party
    if party is None:
        return []
    parts = [
        f'"CustomerRef":{texts.people[party.ref]}',
        f'"CustomerMemo":{{"value":{quote(sale.memo)}}}',
    ]
    parts.append(f'"BillAddr":{{"Id":"{1000 + int(sale.id)}",{texts.letterheads[party.ref]}')
    if int(party.ref.id) % 5:
        parts.append(f'"ShipAddr":{texts.addresses[party.ref]}')
    return parts


def _delivery(sale: Sale, texts: Fragments) -> list[str]:
    parts = [
        f'"ApplyTaxAfterDiscount":{"true" if sale.tax_after_discount else "false"}',
        f'"PrintStatus":"{"NeedToPrint" if int(sale.id) % 2 else "NotSet"}"',
        f'"EmailStatus":"{sale.emailed}"',
    ]
    if sale.party and sale.party.email:
        parts.append(f'"BillEmail":{{"Address":"{sale.party.email}"}}')
    if sale.emailed == "EmailSent":
        sent = texts.stamp(sale.created)
        parts.append(f'"DeliveryInfo":{{"DeliveryType":"Email","DeliveryTime":"{sent}"}}')
    elif sale.emailed == "NeedToSend":
        parts.append('"DeliveryInfo":{"DeliveryType":"Email"}')
    return parts


def _custom_field(sale: Sale) -> str:
    number = int(sale.id)
    if sale.entity in ("Invoice", "Estimate", "CreditMemo") and number % 6:
        return '"CustomField":[]'
    value = f',"StringValue":"{100 + number % 7}"' if number % 2 else ""
    return f"{_CREW}{value}}}]"


def sales_links(sale: Sale) -> list[tuple[str, str]]:
    """What a sale is linked to: where it comes from, what it is deposited or settled by."""
    linked = [(txn.id, txn.entity) for txn in sale.related]
    return linked + [(txn.id, txn.entity) for txn, _ in sale.applied]


def _begin(sale: Sale, texts: Fragments, *, editor: bool = False) -> list[str]:
    home = texts.home(sale, "HomeTotalAmt", sale.total)
    return [texts.head(sale, editor=editor), _custom_field(sale), *texts.dated(sale), *home]


def _owed(sale: Sale, texts: Fragments) -> list[str]:
    """What an invoice or a credit memo has besides where companies have several of them."""
    return [*texts.control(sale, "ARAccountRef"), *texts.home(sale, "HomeBalance", sale.open)]


def invoice(sale: Sale, texts: Fragments, extra: str = "") -> bytes:
    """The JSON of an Invoice; `extra` is further fields, for a template of a recurring one."""
    term = sale.term
    due = texts.days[sale.day + TERMS[term][2]]
    parts = [_ALLOWED, *_begin(sale, texts, editor=True)]
    if extra:
        parts.append(extra)
    parts += [links(sales_links(sale)), _lines(sale, texts), _taxes(sale)]
    parts += _customer(sale, texts)
    parts += ['"FreeFormAddress":true', _TERMS[term], f'"DueDate":"{due}"']
    parts.append(f'"TotalAmt":{money(sale.total, pointed(sale))}')
    parts += _delivery(sale, texts)
    parts += [f'"Balance":{money(sale.open)}', *_owed(sale, texts)]
    return assemble(parts, int(sale.id))


def estimate(sale: Sale, texts: Fragments) -> bytes:
    """The JSON of an Estimate."""
    parts = _begin(sale, texts)
    parts.append(f'"TxnStatus":"{sale.status}"')
    if sale.related:
        parts.append(links(sales_links(sale)))
    parts += [_lines(sale, texts), _taxes(sale), *_customer(sale, texts)]
    parts += ['"FreeFormAddress":true', f'"TotalAmt":{money(sale.total)}']
    if int(sale.id) % 3:
        parts.append(f'"ExpirationDate":"{texts.days[sale.day + 30]}"')
    return assemble(parts + _delivery(sale, texts), int(sale.id))


def credit_memo(sale: Sale, texts: Fragments) -> bytes:
    """The JSON of a CreditMemo, which does not name the payments that used it (seen)."""
    parts = [f'"RemainingCredit":{money(sale.open)}', *_begin(sale, texts)]
    parts += [_lines(sale, texts), _taxes(sale), *_customer(sale, texts)]
    parts.append(f'"TotalAmt":{money(sale.total)}')
    parts += [*_delivery(sale, texts), f'"Balance":{money(sale.open)}', *_owed(sale, texts)]
    return assemble(parts, int(sale.id))


def paid_sale(sale: Sale, texts: Fragments) -> bytes:
    """The JSON of a SalesReceipt or a RefundReceipt."""
    parts = _begin(sale, texts)
    if sale.related:
        parts.append(links(sales_links(sale)))
    parts += [_lines(sale, texts), _taxes(sale), *_customer(sale, texts)]
    parts.append(f'"TotalAmt":{money(sale.total)}')
    parts += [*_delivery(sale, texts), '"Balance":0']
    method = METHODS[sale.method]
    parts.append(f'"PaymentMethodRef":{{"value":"{method[0]}","name":{quote(method[1])}}}')
    if sale.reference:
        parts.append(f'"PaymentRefNum":"{sale.reference}"')
    parts.append(f'"DepositToAccountRef":{texts.accounts[sale.deposit_to]}')
    return assemble(parts, int(sale.id))


def reimburse_charge(charge: Charge, texts: Fragments) -> bytes:
    """The JSON of a ReimburseCharge: the cost and, where there is one, its markup as lines."""
    invoices: list[Txn] = [txn for txn in charge.related if txn.entity == "Invoice"]
    link = links([(txn.id, "Invoice") for txn in invoices])
    rate = money(charge.cost)
    markup = f'"MarkupInfo":{{"Percent":{charge.markup}}},' if charge.markup else ""
    lines = [
        f'{{"Id":"1","LineNum":1,"Description":{quote(charge.description)},"Amount":{rate},{link},'
        f'"DetailType":"ReimburseLineDetail","ReimburseLineDetail":{{{markup}"Qty":1,'
        f'"UnitPrice":{rate},"TaxCodeRef":{{"value":"NON"}}}}}}'
    ]
    if charge.markup:
        lines.append(
            f'{{"Id":"2","LineNum":2,"Description":"{charge.markup}% markup",'
            f'"Amount":{money(charge.total - charge.cost)},{link},'
            f'"DetailType":"ReimburseLineDetail","ReimburseLineDetail":{{{markup}'
            f'"TaxCodeRef":{{"value":"NON"}}}}}}'
        )
    parts = [
        texts.head(charge),
        *texts.dated(charge),
        f'"HasBeenInvoiced":{"true" if charge.invoiced else "false"}',
        link,
        f'"Amount":{money(charge.total, point=True)}',
        f'"Line":[{",".join(lines)}]',
        f'"CustomerRef":{texts.person(charge.party)}',
    ]
    return assemble(parts, int(charge.id))
