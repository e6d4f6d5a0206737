"""Charts as SVG within the page: no script, no file of their own; printed as they are seen."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

from qb_assets.books.page.figures import ZERO, day, money, short
from qb_assets.books.page.markup import Html, joined, tag

STYLE = Path(__file__).with_name("charts.css")
"""How the parts of charts look."""

WIDTH, HEIGHT = 960, 260
LEFT, RIGHT, TOP, BOTTOM = 58, 12, 12, 28
_STEPS = (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5), Decimal(10))


@dataclass(frozen=True, slots=True)
class Scale:
    """From figures to heights in the picture."""

    ticks: tuple[Decimal, ...]

    def y(self, amount: Decimal) -> float:
        """The height of a figure, from the top."""
        low, high = self.ticks[0], self.ticks[-1]
        share = float((amount - low) / (high - low))
        return round(HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM), 1)


def scale_of(amounts: Sequence[Decimal]) -> Scale:
    """Four to eight round figures that hold all amounts, and zero."""
    low, high = min(ZERO, *amounts), max(ZERO, *amounts)
    spread = high - low or Decimal(1)
    size = Decimal(10) ** (spread / 4).adjusted()
    step = next(each * size for each in _STEPS if each * size >= spread / 5)
    tick, ticks = (low / step).to_integral_value("ROUND_FLOOR") * step, list[Decimal]()
    while not ticks or ticks[-1] < high:
        ticks.append(tick)
        tick += step
    if len(ticks) == 1:
        ticks.append(tick)
    return Scale(tuple(ticks))


def cash_chart(points: Sequence[tuple[date, Decimal]], until: date, currency: str) -> Html:
    """The cash of each day as a line that steps where it moved."""
    first = points[0][0]
    span = (until - first).days or 1
    scale = scale_of([amount for _, amount in points])

    def x(moment: date) -> float:
        return round(LEFT + (moment - first).days / span * (WIDTH - LEFT - RIGHT), 1)

    path = f"M{x(first)} {scale.y(points[0][1])}"
    for moment, amount in points[1:]:
        path += f"H{x(moment)}V{scale.y(amount)}"
    path += f"H{x(until)}"
    ground = scale.y(ZERO)
    months = [moment for moment in _months(first, until) if x(moment) < WIDTH - RIGHT - 20]
    labels = [
        _text(x(moment) + 3, HEIGHT - 9, f"{moment:%b %Y}" if at == 0 else f"{moment:%b}")
        for at, moment in enumerate(months)
    ]
    ruled = [_line(x(moment), TOP, x(moment), HEIGHT - BOTTOM, "month") for moment in months]
    last = points[-1][1]
    least = min(points, key=lambda point: point[1])
    said = (
        f"Cash in {currency}: {money(points[0][1])} on {day(first)}, {money(last)} on {day(until)},"
        f" least {money(least[1])} on {day(least[0])}."
    )
    drawn = [
        tag("path", d=f"{path}V{ground}H{x(first)}Z", class_="area"),
        tag("path", d=path, class_="cash"),
        tag("circle", cx=x(until), cy=scale.y(last), r=3.5, class_="cash-end"),
    ]
    return _picture(said, [*ruled, *_axis(scale), *drawn, *labels])


def income_chart(
    months: Sequence[str],
    income: Sequence[Decimal],
    expense: Sequence[Decimal],
    net: Sequence[Decimal],
    currency: str,
) -> Html:
    """Income and expense of each month as bars, and what is left as a line."""
    scale = scale_of([*income, *expense, *net])
    slot = (WIDTH - LEFT - RIGHT) / len(months)
    bar = min(28.0, slot * 0.3)
    drawn: list[Html] = []
    dots: list[tuple[float, float]] = []
    for at, month in enumerate(months):
        middle = LEFT + slot * (at + 0.5)
        drawn.append(
            tag(
                "g",
                tag(
                    "title",
                    f"{month}: income {money(income[at])}, expense {money(expense[at])},"
                    f" net {money(net[at])}",
                ),
                _bar(middle - bar - 1, bar, scale, income[at], "income"),
                _bar(middle + 1, bar, scale, expense[at], "expense"),
            )
        )
        drawn.append(_text(middle, HEIGHT - 9, month, "middle"))
        dots.append((round(middle, 1), scale.y(net[at])))
    line = "M" + "L".join(f"{x} {y}" for x, y in dots)
    drawn.append(tag("path", d=line, class_="net"))
    drawn += [tag("circle", cx=x, cy=y, r=3, class_="net-dot") for x, y in dots]
    said = (
        f"Income and expense in {currency} by month: income {money(sum(income, ZERO))}, expense"
        f" {money(sum(expense, ZERO))}, net {money(sum(net, ZERO))} in all."
    )
    return _picture(said, [*_axis(scale), *drawn])


def as_image(chart: Html) -> str:
    """A chart as an address that is the picture itself, for where no HTML can be written."""
    style = f'style="background:#fff" width="{WIDTH}" height="{HEIGHT}"'
    alone = chart.replace("<svg", f'<svg xmlns="http://www.w3.org/2000/svg" {style}', 1)
    alone = alone.replace(">", f"><style>{STYLE.read_text()}</style>", 1)
    return f"data:image/svg+xml;base64,{b64encode(alone.encode()).decode()}"


def _bar(x: float, width: float, scale: Scale, amount: Decimal, kind: str) -> Html:
    top, bottom = sorted((scale.y(amount), scale.y(ZERO)))
    height = round(bottom - top, 1)
    return tag("rect", x=round(x, 1), y=top, width=round(width, 1), height=height, class_=kind)


def _axis(scale: Scale) -> list[Html]:
    drawn: list[Html] = []
    for tick in scale.ticks:
        y = scale.y(tick)
        drawn.append(_line(LEFT, y, WIDTH - RIGHT, y, "grid" if tick else "zero"))
        drawn.append(_text(LEFT - 8, y + 4, short(tick), "end"))
    return drawn


def _months(first: date, until: date) -> list[date]:
    """The first days of the months between two days."""
    found: list[date] = []
    month = (first.replace(day=1) + timedelta(days=32)).replace(day=1)
    while month <= until:
        found.append(month)
        month = (month + timedelta(days=32)).replace(day=1)
    return found


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> Html:
    return tag("line", x1=x1, y1=y1, x2=x2, y2=y2, class_=kind)


def _text(x: float, y: float, text: str, anchor: str = "start") -> Html:
    return tag("text", text, x=round(x, 1), y=round(y, 1), text_anchor=anchor)


def _picture(said: str, parts: Sequence[Html]) -> Html:
    return tag("svg", joined(parts), viewBox=f"0 0 {WIDTH} {HEIGHT}", role="img", aria_label=said)
