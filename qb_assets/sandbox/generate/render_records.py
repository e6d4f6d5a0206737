"""Journal entries, stock adjustments and time, rendered from their entries."""

from .encode import Fragments, assemble, decimal, money, price, quote
from .model import Banking, CostLine, Effort, ItemLine


def journal_entry(txn: Banking, texts: Fragments) -> bytes:
    """The JSON of a JournalEntry; its lines count from "0" and its TotalAmt is 0."""
    lines: list[str] = []
    for number, leg in enumerate(txn.entry.postings):
        line = leg.line if isinstance(leg.line, CostLine) else CostLine()
        about = f'"Description":{quote(line.description)},' if line.description else ""
        side = "Debit" if leg.cents >= 0 else "Credit"
        detail = f'"PostingType":"{side}",'
        if leg.name_ref:
            person = texts.people[leg.name_ref]
            detail += f'"Entity":{{"Type":"{leg.name_ref.entity}","EntityRef":{person}}},'
        if txn.department >= 0:
            detail += f'"DepartmentRef":{texts.departments[txn.department]},'
        if line.class_number >= 0:
            detail += f'"ClassRef":{texts.classes[line.class_number]},'
        detail += f'"AccountRef":{texts.accounts[leg.account_id]}'
        lines.append(
            f'{{"Id":"{number}",{about}"Amount":{money(abs(leg.cents))},'
            f'"DetailType":"JournalEntryLineDetail","JournalEntryLineDetail":{{{detail}}},'
            f'"CustomExtensions":[]}}'
        )
    adjustment = "true" if txn.note == "Adjustment" else "false"
    parts = [
        f'"Adjustment":{adjustment},"TotalAmt":0',
        texts.head(txn),
        *texts.dated(txn, located=False),
        *texts.home(txn, "HomeTotalAmt", 0),
        f'"Line":[{",".join(lines)}]',
        '"TxnTaxDetail":{}',
    ]
    return assemble(parts, int(txn.id))


def inventory_adjustment(txn: Banking, texts: Fragments) -> bytes:
    """The JSON of an InventoryAdjustment, which gives quantities and no amounts."""
    lines: list[str] = []
    for leg in txn.entry.postings:
        if isinstance(leg.line, ItemLine):
            moved = decimal(0 if txn.voided else leg.line.quantity, 2)
            lines.append(
                f'{{"Id":"{len(lines) + 1}","DetailType":"ItemAdjustmentLineDetail",'
                f'"ItemAdjustmentLineDetail":{{"QtyDiff":{moved},'
                f'"ItemRef":{texts.items[leg.line.item.id]}}}}}'
            )
    parts = [
        texts.head(txn),
        *texts.dated(txn),
        f'"AdjustAccountRef":{texts.accounts[txn.target]}',
        f'"Line":[{",".join(lines)}]',
    ]
    return assemble(parts, int(txn.id))


def time_activity(txn: Effort, texts: Fragments) -> bytes:
    """The JSON of a TimeActivity, by hours and minutes."""
    kind = txn.worker.ref.entity if txn.worker else "Employee"
    parts = [
        f'"TxnDate":"{texts.days[txn.day]}"',
        f'"NameOf":"{kind}"',
        f'"{kind}Ref":{texts.person(txn.worker)}',
        f'"CustomerRef":{texts.person(txn.party)}',
        f'"BillableStatus":"{txn.billable}"',
        f'"Taxable":{"true" if txn.taxable else "false"}',
        f'"HourlyRate":{price(txn.rate)}',
        f'"Hours":{txn.minutes // 60},"Minutes":{txn.minutes % 60}',
        texts.head(txn),
    ]
    if txn.item:
        parts.append(f'"ItemRef":{texts.items[txn.item.id]}')
        parts.append(f'"Description":{quote(txn.item.description)}')
    return assemble(parts, int(txn.id))
