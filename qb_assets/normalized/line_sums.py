"""Whether the lines of documents add up to their totals, as the catalog says they must."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import polars as pl

from qb_assets.catalog import Entity, Table, tables_of
from qb_assets.catalog.line_sum import LineSum
from qb_assets.normalized.flatten import POSITION

LINES = ("Line",)
AMOUNT = ("Amount",)
ZERO = pl.lit(0, pl.Decimal(38, 10))
VERSION = ["_company", "id", "_extracted_at"]

# Amounts are added up as whole numbers of their last digit, 10^-10, in two parts: a decimal of 38
# digits is full at 10^28, where polars' sum runs over without a word.
PARTS = ("high", "low")
BASE = pl.lit(10**19, pl.Int128)


def line_table(entity: Entity) -> Table:
    """The table of an entity's lines."""
    parent = entity.table
    return next(t for t in tables_of(entity) if t.parent == parent and t.array_path == LINES)


def summed_columns(entity: Entity, rule: LineSum) -> dict[str, list[str]]:
    """The columns beside keys and lineage that `off_balance` looks at, by the table's name."""
    parent, lines = tables_of(entity)[0], line_table(entity)
    header = [rule.total, rule.unless, *(path for path, _ in rule.header)]
    found = {
        parent.name: [_name(parent, path) for path in header if path],
        lines.name: [_name(lines, AMOUNT)],
    }
    if rule.by:
        own = next((each.name for each in lines.columns if each.path == rule.by), None)
        table, column = (lines, own) if own else _first_element(entity, lines, rule.by)
        found.setdefault(table.name, []).append(column)
    return found


def off_balance(entity: Entity, rule: LineSum, frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """The documents whose lines do not add up.

    Args:
        entity: what the documents are.
        rule: how its lines add up.
        frames: the entity's normalized tables by name.

    Returns:
        `_company`, `id`, `_extracted_at`, `total` (what the document says), `summed` (what its
        lines and header amounts give), both as text in the document's currency; empty where all is
        well.
    """
    parent = tables_of(entity)[0]
    documents = frames[parent.name].filter(~pl.col("_deleted"))
    if rule.unless is not None:
        documents = documents.filter(_header(parent, rule.unless) == ZERO)
    total = ZERO if rule.total is None else _header(parent, rule.total)
    documents = documents.select(
        *VERSION,
        total.alias("total"),
        **{f"header_{part}": _header_sum(parent, rule, part) for part in PARTS},
    )
    signed = pl.col("sign")
    sums = (
        _signed_lines(entity, rule, frames)
        .group_by("_company", pl.col("owner").alias("id"), "_extracted_at")
        .agg(
            signed.is_null().any().alias("unknown"),
            **{f"lines_{part}": (_part(pl.col("amount"), part) * signed).sum() for part in PARTS},
        )
    )
    summed = (
        documents.join(sums, on=VERSION, how="left")
        .filter(~pl.col("unknown").fill_null(value=False))
        .with_columns(
            **{
                part: pl.col(f"header_{part}") + pl.col(f"lines_{part}").fill_null(0)
                for part in PARTS
            }
        )
    )
    high, low = (pl.col(part) - _part(pl.col("total"), part) for part in PARTS)
    wrong = summed.filter((high + low // BASE != 0) | (low % BASE != 0))
    texts = [_text(*parts) for parts in wrong.select(PARTS).iter_rows()]
    return wrong.select(
        *VERSION, pl.col("total").cast(pl.String), pl.Series("summed", texts, pl.String)
    )


def _part(amount: pl.Expr, part: str) -> pl.Expr:
    units = amount.to_physical()
    return units // BASE if part == "high" else units % BASE


def _text(high: int, low: int) -> str:
    """An amount of any size in digits, from its parts."""
    units = high * 10**19 + low
    return f"{Decimal(f'{units}e-10'):f}"


def _signed_lines(
    entity: Entity, rule: LineSum, frames: Mapping[str, pl.DataFrame]
) -> pl.DataFrame:
    """Each line's owner, amount and sign; a null sign where the side is not known."""
    table = line_table(entity)
    owner = table.parent_keys[0]
    version = ["_company", "owner", "_extracted_at"]
    lines = frames[table.name].rename({owner: "owner"})
    amount = pl.col(_name(table, AMOUNT)).fill_null(ZERO)
    lines = lines.with_columns(_decider(entity, table, rule, frames), amount=amount)
    signs, alone = dict(rule.signs), dict(rule.alone)
    with_signs = lines.select(
        *version,
        "amount",
        sign=_mapped(signs, rule.otherwise),
        single=_mapped({**alone}, rule.otherwise),
        known=pl.col("decider").is_in(list(signs)).any().over(version),
    )
    if not alone:
        return with_signs.drop("single", "known")
    chosen = pl.when(pl.col("known")).then(pl.col("sign")).otherwise(pl.col("single"))
    return with_signs.with_columns(sign=chosen).drop("single", "known")


def _decider(
    entity: Entity, table: Table, rule: LineSum, frames: Mapping[str, pl.DataFrame]
) -> pl.Series:
    """The value of each line that decides its sign, null without one, in the order of the lines."""
    lines = frames[table.name]
    if not rule.by:
        return pl.Series("decider", [None] * lines.height, pl.String)
    own = next((column.name for column in table.columns if column.path == rule.by), None)
    if own is not None:
        return lines[own].alias("decider")
    below, column = _first_element(entity, table, rule.by)
    owner = table.parent_keys[0]
    place = below.parent_keys[-1]
    first = frames[below.name].filter(pl.col(POSITION) == 0)
    first = first.select("_company", owner, "_extracted_at", place, decider=pl.col(column))
    joined = lines.select("_company", owner, "_extracted_at", pl.col(POSITION).alias(place)).join(
        first,
        on=["_company", owner, "_extracted_at", place],
        how="left",
        maintain_order="left",
    )
    return joined["decider"]


def _first_element(entity: Entity, table: Table, path: Sequence[str]) -> tuple[Table, str]:
    for below in tables_of(entity):
        depth = len(below.array_path)
        if below.parent == table.name and tuple(path[:depth]) == below.array_path:
            return below, _name(below, tuple(path[depth:]))
    raise ValueError(
        f"catalog: the line sum of {entity.name} names {'.'.join(path)}, unknown there"
    )


def _mapped(signs: Mapping[str, int], otherwise: int | None) -> pl.Expr:
    if not signs:
        return pl.lit(otherwise, pl.Int32)
    return pl.col("decider").replace_strict(
        signs, default=pl.lit(otherwise, pl.Int32), return_dtype=pl.Int32
    )


def _header_sum(parent: Table, rule: LineSum, part: str) -> pl.Expr:
    summed = pl.lit(0, pl.Int128)
    for path, sign in rule.header:
        summed = summed + _part(_header(parent, path), part) * sign
    return summed


def _header(parent: Table, path: tuple[str, ...]) -> pl.Expr:
    return pl.col(_name(parent, path)).fill_null(ZERO)


def _name(table: Table, path: tuple[str, ...]) -> str:
    return next(column.name for column in table.columns if column.path == path)
