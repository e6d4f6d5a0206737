"""The postings as a model: their columns, and the statements that make them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cache

from qb_assets.books.model import SCHEMA, Model, parse
from qb_assets.books.posting.kinds import KINDS
from qb_assets.books.posting.statements import statement, text

NAME = "posting"
TABLE = f"{SCHEMA}.{NAME}"

_PARTS = (
    "default_account",
    "payment_link",
    "settlement",
    "stock_layer",
    "stock_movement",
    "tax_account",
)


@cache
def posting_model() -> Model:
    """`books.posting`: what documents show, and then what follows from that.

    The gains and losses of foreign currencies first, then the cost of goods: what goods were bought
    for has to be there in home currency.
    """
    documents = "\nUNION ALL\n".join(f"(\n{kind.select})" for kind in KINDS)
    parts = parts_of_posting()
    parsed = parse(NAME, text(NAME))
    return replace(
        parsed,
        select=parsed.select.format(documents=documents, **parts),
        macros=(
            f"INSERT INTO {TABLE} {statement('exchange', **parts)}",
            f"INSERT INTO {TABLE} {statement('cost', **parts)}",
        ),
    )


def parts_of_posting() -> Mapping[str, str]:
    """Statements that others are made of, by name: each tells in its heading what it gives."""
    return {name: text(name) for name in _PARTS}
