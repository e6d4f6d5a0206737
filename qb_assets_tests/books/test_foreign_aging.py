"""What is open in other currencies, of payments earlier than what they settle too."""

from collections.abc import Iterator

import duckdb
import pytest

from qb_assets.books.build import build_models
from qb_assets.sandbox.generate import generate_books
from qb_assets.sandbox.generate.profile import Profile
from qb_assets_tests.books.company import TODAY, warehouse_of


@pytest.fixture(scope="module")
def warehouse() -> Iterator[duckdb.DuckDBPyConnection]:
    """A company whose documents are dated back now and then."""
    abroad = Profile(multi_currency=True, late_edits=True, fiscal_year_start=4)
    with warehouse_of(generate_books(7, 60, TODAY, 90, abroad)) as made:
        build_models(made, ["ar_aging", "ap_aging", "trial_balance"])
        yield made


@pytest.mark.parametrize("side", ["ar", "ap"])
def test_each_control_account_is_what_is_open_on_it_in_home_currency(
    warehouse: duckdb.DuckDBPyConnection, side: str
) -> None:
    kind = {"ar": "Accounts Receivable", "ap": "Accounts Payable"}[side]
    found = warehouse.execute(
        f"""
        SELECT coalesce(open.amount, 0), coalesce(held.amount, 0), held.currency
        FROM (
            SELECT _company, as_of, account_id, sum(open_balance) AS amount
            FROM books.{side}_aging GROUP BY ALL
        ) AS open
        FULL JOIN (
            SELECT
                _company, month_end AS as_of, account_id, any_value(chart.currency) AS currency,
                sum(chart.sign * balance) AS amount
            FROM books.trial_balance
            JOIN books.chart_of_accounts AS chart USING (_company, account_id)
            WHERE account_type = ? AND accounting_method = 'Accrual' GROUP BY ALL
        ) AS held USING (_company, as_of, account_id)
        """,
        [kind],
    ).fetchall()
    assert [row for row in found if row[0] != row[1]] == []
    assert len({currency for _, amount, currency in found if amount}) > 2


def test_a_payment_before_its_bill_is_open_at_the_rate_it_was_posted_at(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """The bill's, as the payment was set against it, and not the payment's own."""
    row = warehouse.execute(
        "SELECT count(*), max(abs(open_balance - round(open_amount * exchange_rate, 2)))"
        " FROM books.open_item JOIN books.document USING (_company, txn_type, txn_id)"
        " WHERE txn_type IN ('Payment', 'BillPayment') AND exchange_rate <> 1"
        " AND last_day < DATE '2027-01-01'"
    ).fetchone()
    assert row is not None
    early, most = row
    assert early
    assert most > 0


def test_a_payment_that_links_a_credit_to_a_charge_leaves_nothing_open(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """Though it posts the difference of what the two are worth."""
    found = warehouse.execute(
        "SELECT count(*), count(DISTINCT item.txn_id) FROM books.posting"
        " JOIN books.document AS payment USING (_company, txn_type, txn_id)"
        " LEFT JOIN books.open_item AS item ON item._company = posting._company"
        " AND item.txn_type = posting.txn_type AND item.txn_id = posting.txn_id"
        " WHERE posting.txn_type = 'Payment' AND payment.total = 0 AND role = 'exchange'"
    ).fetchone()
    assert found is not None
    assert found[0]
    assert found[1] == 0
