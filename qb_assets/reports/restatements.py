"""What a report of a closed month says otherwise than the one before."""

from __future__ import annotations

from typing import Any, cast

import polars as pl
import pyarrow as pa

from qb_assets.catalog.reports import Report
from qb_assets.reports.columns import DATA, HEADER, POSTING

_ACCOUNT = "account"
_MONEY = pl.Decimal(38, 10)


def restated(report: Report, before: pa.Table, after: pa.Table) -> list[dict[str, Any]]:
    """One row an account whose figure or transactions changed.

    Args:
        report: a ledger, or a summary report by account.
        before: its rows in the snapshot before.
        after: its rows now.

    Returns:
        `account_id`, `account_name`, `before`, `after`, `difference` and `txn_ids`, as in the table
        of restatements.
    """
    figures = _postings if report.kind == "detail" else _cells
    both = _changes(figures(before), figures(after), _ACCOUNT, "txn").filter(
        pl.col("before") != pl.col("after")
    )
    accounts = _changes(_by_account(figures(before)), _by_account(figures(after)), _ACCOUNT)
    changed = both.group_by(_ACCOUNT).agg(pl.col("txn").drop_nulls().sort().str.join(", "))
    found = accounts.join(changed, on=_ACCOUNT).sort(_ACCOUNT)
    return [
        {
            "account_id": row["id"],
            "account_name": row["name"],
            "before": row["before"] if row["there_before"] else None,
            "after": row["after"] if row["there_after"] else None,
            "difference": row["after"] - row["before"],
            "txn_ids": row["txn"] or None,
        }
        for row in found.iter_rows(named=True)
    ]


def _postings(rows: pa.Table) -> pl.DataFrame:
    """What each transaction posts to each account, a debit positive."""
    amount = pl.col("debit").fill_null(0) - pl.col("credit").fill_null(0)
    return _summed(
        _frame(rows).filter(pl.col("row_kind") == POSTING),
        pl.col("account_id"),
        pl.col("account_name"),
        amount,
        pl.concat_str("txn_type", pl.lit(":"), "txn_id"),
    )


def _cells(rows: pa.Table) -> pl.DataFrame:
    """Each account's own figure; of a trial balance, a debit positive."""
    amount = pl.col("amount").fill_null(0)
    return _summed(
        _frame(rows).filter(pl.col("row_kind").is_in([DATA, HEADER])),
        pl.col("row_id"),
        pl.col("row_name"),
        pl.when(pl.col("column_key") == "credit").then(-amount).otherwise(amount),
        pl.lit(None, pl.String),
    ).filter(pl.col("amount") != 0)


def _summed(
    rows: pl.DataFrame, id: pl.Expr, name: pl.Expr, amount: pl.Expr, txn: pl.Expr
) -> pl.DataFrame:
    return (
        rows.select(
            pl.coalesce(id, name).alias(_ACCOUNT),
            id.alias("id"),
            name.alias("name"),
            txn.alias("txn"),
            amount.cast(_MONEY).alias("amount"),
        )
        .group_by(_ACCOUNT, "txn")
        .agg(pl.col("id", "name").first(), pl.col("amount").sum())
    )


def _by_account(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.group_by(_ACCOUNT).agg(pl.col("id", "name").first(), pl.col("amount").sum())


def _changes(before: pl.DataFrame, after: pl.DataFrame, *keys: str) -> pl.DataFrame:
    """Both sides of each key; where one has none it counts as nothing."""
    joined = before.join(
        after, on=list(keys), how="full", nulls_equal=True, coalesce=True, suffix="_after"
    )
    return joined.select(
        *keys,
        pl.coalesce("id_after", "id").alias("id"),
        pl.coalesce("name_after", "name").alias("name"),
        pl.col("amount").is_not_null().alias("there_before"),
        pl.col("amount_after").is_not_null().alias("there_after"),
        pl.col("amount").fill_null(0).alias("before"),
        pl.col("amount_after").fill_null(0).alias("after"),
    )


def _frame(rows: pa.Table) -> pl.DataFrame:
    return cast("pl.DataFrame", pl.from_arrow(rows))
