"""InventoryValuationSummary: how much of each product is on hand and what it is worth."""

from __future__ import annotations

from dataclasses import dataclass

from qb_assets.sandbox.generate.model import QUANTITY_UNIT, ItemLine

from .cells import BLANK, Column, Row, decimal, linked, money, text
from .frame import Body, Frame
from .journal import stock_moved


@dataclass
class _Held:
    """Hundredths of a unit, and cents."""

    quantity: int = 0
    cents: int = 0


def inventory_valuation(frame: Frame) -> Body:
    """The report as of a day: the quantities that moved and the cents posted for them, by item."""
    held, day, say = _held(frame), frame.request.report_date, frame.say
    rows: list[Row] = []
    for item in sorted(frame.world.items, key=lambda item: item.full_name):
        has = held.get(item.id)
        if has is None:
            continue
        average = BLANK
        if has.quantity:
            average = money((2 * has.cents * QUANTITY_UNIT + has.quantity) // (2 * has.quantity))
        label = linked(item.full_name, item.id)
        quantity = text(decimal(has.quantity))
        rows.append({"ColData": [label, BLANK, quantity, money(has.cents), average]})
    if rows:
        total = money(sum(has.cents for has in held.values()))
        cells = [text(say("TOTAL")), text(" "), BLANK, total, BLANK]
        rows.append({"ColData": cells, "group": "GrandTotal"})
    columns = [
        Column("item", "", "ProductsAndService"),
        Column("sku", "SKU", "String"),
        Column("quantity", say("Qty"), "Quantity"),
        Column("asset_value", say("Asset Value"), "Money"),
        Column("avg_cost", say("Avg Cost"), "Money"),
    ]
    options = (("report_date", day.isoformat()),)
    made = [column.json() for column in columns]
    return Body(made, rows, len(held), day, day, based=False, options=options)


def _held(frame: Frame) -> dict[str, _Held]:
    held: dict[str, _Held] = {}
    for journal in frame.view.journals:
        if journal.day > frame.request.report_date:
            break
        for leg in journal.legs:
            line = leg.posting.line
            if leg.posting.role == "stock" and isinstance(line, ItemLine):
                has = held.setdefault(line.item.id, _Held())
                has.quantity += stock_moved(journal, leg)
                has.cents += leg.cents
    return held
