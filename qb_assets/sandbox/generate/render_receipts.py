"""Payments and deposits, rendered from their entries."""

from .encode import Fragments, assemble, links, money, pointed, quote
from .model import Banking, CostLine, Receipt, Sale, Txn
from .offerings import METHODS

_NAME_VALUE = (
    '{"name":"{http://schema.intuit.com/finance/v3}NameValue",'
    '"declaredType":"com.intuit.schema.finance.v3.NameValue",'
    '"scope":"javax.xml.bind.JAXBElement$GlobalScope","value":{'
)
_GLOBAL = '},"nil":false,"globalScope":true,"typeSubstituted":false}'


def name_value(name: str, value: str) -> str:
    """One element of an `any` list, the way Intuit's service writes an XML extension in JSON."""
    return f'{_NAME_VALUE}"Name":"{name}","Value":"{value}"{_GLOBAL}'


def _settlement(other: Txn, cents: int, before: int) -> str:
    extension = ",".join(
        (
            name_value("txnId", other.id),
            name_value("txnOpenBalance", f"{before // 100}.{before % 100:02d}"),
            name_value("txnReferenceNumber", other.number),
        )
    )
    return (
        f'{{"Amount":{money(cents)},{links([(other.id, other.entity)])},'
        f'"LineEx":{{"any":[{extension}]}}}}'
    )


def payment(txn: Receipt, texts: Fragments) -> bytes:
    """The JSON of a Payment: a line for each charge or credit it settles."""
    parts = [f'"CustomerRef":{texts.person(txn.party)}']
    if txn.deposit_to:
        parts.append(f'"DepositToAccountRef":{{"value":"{txn.deposit_to}"}}')
    if txn.method >= 0:
        parts.append(f'"PaymentMethodRef":{{"value":"{METHODS[txn.method][0]}"}}')
    if txn.reference:
        parts.append(f'"PaymentRefNum":"{txn.reference}"')
    parts += [
        f'"TotalAmt":{money(txn.total, pointed(txn))}',
        f'"UnappliedAmt":{money(txn.open)}',
        '"ProcessPayment":false',
        texts.head(txn),
        *texts.dated(txn),
        *texts.control(txn, "ARAccountRef"),
    ]
    if txn.related:
        parts.append(links([(other.id, other.entity) for other in txn.related]))
    lines = ",".join(
        _settlement(other, cents, before)
        for (other, cents), before in zip(txn.applied, txn.before, strict=True)
    )
    parts.append(f'"Line":[{lines}]')
    return assemble(parts, int(txn.id))


def _received(txn: Txn, cents: int) -> str:
    method = txn.method if isinstance(txn, Receipt | Sale) else -1
    detail = ""
    if method >= 0 and int(txn.id) % 3:
        method_id = METHODS[method][0]
        detail = f',"DepositLineDetail":{{"PaymentMethodRef":{{"value":"{method_id}"}}}}'
    return (
        f'{{"Amount":{money(cents)},"LinkedTxn":[{{"TxnId":"{txn.id}","TxnType":"{txn.entity}",'
        f'"TxnLineId":"0"}}]{detail}}}'
    )


def deposit(txn: Banking, texts: Fragments) -> bytes:
    """The JSON of a Deposit: linked receipts without an Id, then lines of its own."""
    lines = [_received(other, cents) for other, cents in txn.items]
    back = ""
    for leg in txn.entry.postings:
        if leg.role == "back":
            back = (
                f'"CashBack":{{"AccountRef":{texts.accounts[leg.account_id]},'
                f'"Amount":{money(leg.cents)},"Memo":"Money to savings"}}'
            )
        elif isinstance(leg.line, CostLine):
            number = len(lines) + 1
            lines.append(
                f'{{"Id":"{number}","LineNum":{number},"Description":{quote(leg.line.description)},'
                f'"Amount":{money(-leg.cents)},"DetailType":"DepositLineDetail",'
                f'"DepositLineDetail":{{"AccountRef":{texts.accounts[leg.account_id]}}},'
                f'"CustomExtensions":[]}}'
            )
    parts = [f'"DepositToAccountRef":{texts.accounts[txn.target]}']
    if back:
        parts.append(back)
    parts += [f'"TotalAmt":{money(txn.total)}', texts.head(txn), *texts.dated(txn)]
    parts += texts.home(txn, "HomeTotalAmt", txn.total)
    parts += [f'"Line":[{",".join(lines)}]', '"TxnTaxDetail":{}']
    return assemble(parts, int(txn.id))


def transfer(txn: Banking, texts: Fragments) -> bytes:
    """The JSON of a Transfer."""
    parts = [
        texts.head(txn),
        f'"FromAccountRef":{texts.accounts[txn.source]}',
        f'"ToAccountRef":{texts.accounts[txn.target]}',
        f'"Amount":{money(txn.total, point=True)}',
        *texts.dated(txn),
    ]
    return assemble(parts, int(txn.id))


def credit_card_payment(txn: Banking, texts: Fragments) -> bytes:
    """The JSON of a CreditCardPayment, which answers call CreditCardPaymentTxn."""
    parts = [
        f'"CreditCardAccountRef":{texts.accounts[txn.target]}',
        f'"TxnDate":"{texts.days[txn.day]}"',
        *texts.priced(txn),
        f'"Amount":{money(txn.total, point=True)}',
        f'"BankAccountRef":{texts.accounts[txn.source]}',
        texts.head(txn),
    ]
    if txn.note:
        parts.append(f'"PrivateNote":{quote(txn.note)}')
    return assemble(parts, int(txn.id))
