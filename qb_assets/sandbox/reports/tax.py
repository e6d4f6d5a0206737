"""TaxSummary: what was sold under each rate of sales tax, and the tax on it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from qb_assets.sandbox.generate.offerings import AGENCIES, RATES, Rate

from .cells import BLANK, Cell, Column, Row, data, linked, money, section, text
from .frame import Body, Frame


class _Taxed(NamedTuple):
    """Cents sold and the cents of tax on them."""

    net: int = 0
    tax: int = 0


def tax_summary(frame: Frame) -> Body:
    """The report for a range of days, by agency and rate, in the home currency.

    Credits count against sales. Under cash accounting what is paid counts on the day it is paid.
    """
    sums, say, request = _sums(frame), frame.say, frame.request
    rows: list[Row] = []
    for agency_id, name in AGENCIES:
        rates = [rate for rate in RATES.values() if rate.agency == agency_id and rate.id in sums]
        if rates:
            total = _total(say("Total {}", name), [sums[rate.id] for rate in rates])
            header = [linked(name, agency_id), BLANK, BLANK]
            rows.append(section([_row(rate, sums) for rate in rates], total, header))
    if rows:
        total = _total(say("TOTAL"), list(sums.values()))
        rows.append(section(None, total, group="GrandTotal"))
    columns = [
        Column("tax_rate", "", "TaxRate"),
        Column("taxable_amount", say("Taxable Amount"), "Money"),
        Column("tax_amount", say("Tax Amount"), "Money"),
    ]
    made = [column.json() for column in columns]
    return Body(made, rows, len(sums), request.start, request.end)


def _sums(frame: Frame) -> dict[str, _Taxed]:
    sums: dict[str, _Taxed] = {}
    for journal in frame.view.between(frame.request.start, frame.request.end):
        for leg in journal.legs:
            if leg.rate_id:
                net, tax = sums.get(leg.rate_id, _Taxed())
                sums[leg.rate_id] = _Taxed(net + leg.taxed, tax - leg.cents)
    return sums


def _row(rate: Rate, sums: Mapping[str, _Taxed]) -> Row:
    taxed = sums[rate.id]
    label = linked(f"{rate.name} ({rate.thousandths / 1000:g}%)", rate.id)
    return data([label, money(taxed.net), money(taxed.tax)])


def _total(label: str, parts: Sequence[_Taxed]) -> list[Cell]:
    # Several rates are on the same sales, which are not to be added up.
    return [text(label), BLANK, money(sum(part.tax for part in parts))]
