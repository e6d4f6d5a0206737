"""The postings as a model: their columns, and the statements that make them."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from qb_assets.books.model import SCHEMA, Model, parse
from qb_assets.books.posting.kinds import KINDS
from qb_assets.books.posting.statements import statement, text

NAME = "posting"
TABLE = f"{SCHEMA}.{NAME}"


@cache
def posting_model() -> Model:
    """`books.posting`: what documents show, and then what follows from that.

    The gains and losses of foreign currencies first, then the cost of goods: what goods were bought
    for has to be there in home currency.
    """
    documents = "\nUNION ALL\n".join(f"(\n{kind.select})" for kind in KINDS)
    lookups = {name: text(name) for name in ("default_account", "tax_account", "settlement")}
    stock = {name: text(name) for name in ("stock_movement", "stock_layer")}
    parsed = parse(NAME, text(NAME))
    return replace(
        parsed,
        select=parsed.select.format(documents=documents, **lookups),
        macros=(
            f"INSERT INTO {TABLE} {statement('exchange', **lookups)}",
            f"INSERT INTO {TABLE} {statement('cost', **stock)}",
        ),
    )
