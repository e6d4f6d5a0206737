"""Statements and lists as tables of HTML."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from qb_assets.books.page.figures import money
from qb_assets.books.page.markup import Html, joined, tag
from qb_assets.books.page.statement import TOTAL, Line, Statement

WIDE = 5
"""More columns of figures than these are printed on paper laid across."""

_PAPER = {False: 500.0, True: 760.0}
"""Points between the margins, upright and across: the narrower of A4 and Letter."""

_DIGIT, _GAP, _LETTER = 0.54, 1.1, 0.5
"""Widths of a digit, of the space between columns, and of a letter on average, in em."""


def is_wide(statement: Statement) -> bool:
    """Whether it is printed on paper laid across."""
    return len(statement.columns) > WIDE


def statement_table(statement: Statement, first: str = "Account") -> Html:
    """A statement; a negative figure is marked, and its lines by what they are.

    Args:
        statement: what it shows.
        first: what the labels are, for those who hear the table.
    """
    heads = [tag("th", tag("span", first, class_="unseen"), scope="col")]
    heads += [tag("th", name, scope="col", class_="n") for name in statement.columns]
    return tag(
        "div",
        tag(
            "table",
            tag("caption", statement.title, class_="unseen"),
            tag("thead", tag("tr", *heads)),
            tag("tbody", *(_row(statement, line) for line in statement.lines)),
            class_="statement totalled" if statement.columns[-1] == TOTAL else "statement",
            style=f"--print: {print_size(statement)}pt",
        ),
        class_="scroll",
        role="region",
        aria_label=statement.title,
        tabindex=0,
    )


def print_size(statement: Statement) -> float:
    """The size of type in points at which it fits on paper: 9 at most."""
    longest = [len(name) for name in statement.columns]
    for line in statement.lines:
        for at, amount in enumerate(line.figures):
            longest[at] = max(longest[at], len(money(amount)))
    labels = max((len(line.label) + 2 * line.level for line in statement.lines), default=0)
    label = min(max(labels, 12), 36 if len(longest) > WIDE else 60)
    needed = label * _LETTER + sum(each * _DIGIT + _GAP for each in longest)
    return min(9.0, round(_PAPER[is_wide(statement)] / needed, 2))


def _row(statement: Statement, line: Line) -> Html:
    label: list[str] = [line.label]
    if line.note:
        label += [" ", tag("span", line.note, class_="note")]
    head = tag("th", *label, scope="row", style=f"--level: {line.level}")
    figures = line.figures or (None,) * len(statement.columns)
    return tag("tr", head, *map(figure_cell, figures), class_=line.kind)


def figure_cell(amount: Decimal | None) -> Html:
    """A figure in a cell of its own."""
    kind = "n neg" if amount is not None and amount < 0 else "n"
    return tag("td", money(amount), class_=kind)


def listing(title: str, columns: Sequence[str], rows: Sequence[Sequence[str | Html]]) -> Html:
    """A list of rows; a cell is text, or a whole `td` of its own."""
    heads = [
        tag("th", name.removeprefix("#"), scope="col", class_="n" if name[:1] == "#" else None)
        for name in columns
    ]
    body = [
        tag("tr", *(cell if isinstance(cell, Html) else tag("td", cell) for cell in row))
        for row in rows
    ]
    return tag(
        "div",
        tag(
            "table",
            tag("caption", title, class_="unseen"),
            tag("thead", tag("tr", *heads)),
            tag("tbody", joined(body)),
            class_="list",
        ),
        class_="scroll",
        role="region",
        aria_label=title,
        tabindex=0,
    )
