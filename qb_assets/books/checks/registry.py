"""All checks of the books: a file of SQL each, or a function."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from qb_assets.books.checks.balances import accounts_agree, documents_agree
from qb_assets.books.checks.outcome import BookCheck

_FOLDER = Path(__file__).parent / "sql"
_ACCRUAL = ("Accrual",)
_PREFERRED = ("Accrual or Cash",)
"""The basis that the company prefers, whichever that is."""
_BOTH = ("Accrual", "Cash")
_AGING: Mapping[str, Mapping[str, str]] = {
    "ar_aging": {
        "table": "ar_aging",
        "person": "customer",
        "owes": "owes",
        "kind": "receivable",
        "account_type": "Accounts Receivable",
        "charges": "'Invoice'",
        "credits": "'CreditMemo', 'Payment'",
        "summary": "AgedReceivables",
        "balance": "CustomerBalance",
        "detail": "AgedReceivableDetail",
        "summary_table": "aged_receivables",
        "balance_table": "customer_balance",
        "detail_table": "aged_receivable_detail",
    },
    "ap_aging": {
        "table": "ap_aging",
        "person": "vendor",
        "owes": "is owed",
        "kind": "payable",
        "account_type": "Accounts Payable",
        "charges": "'Bill'",
        "credits": "'VendorCredit'",
        "summary": "AgedPayables",
        "balance": "VendorBalance",
        "detail": "AgedPayableDetail",
        "summary_table": "aged_payables",
        "balance_table": "vendor_balance",
        "detail_table": "aged_payable_detail",
    },
}
_MOVED = "figures.month BETWEEN fetched.first_day AND fetched.month"
"""What the figures of a movement are of; the first month that was fetched has all before it."""
_HELD = "figures.month = fetched.month"
_STATEMENTS: Mapping[str, Mapping[str, str]] = {
    "profit_and_loss": {
        "title": "The income and expense",
        "report": "ProfitAndLoss",
        "figures": """\
    SELECT _company, accounting_method, month, account_id AS place, amount
    FROM books.profit_and_loss
    UNION ALL
    SELECT _company, accounting_method, month, 'NetIncome', net_income
    FROM books.profit_and_loss""",
        "when": _MOVED,
    },
    "balance_sheet": {
        "title": "The balance",
        "report": "BalanceSheet",
        "figures": """\
    SELECT
        _company, accounting_method, month, coalesce(account_id, section) AS place, amount
    FROM books.balance_sheet""",
        "when": _HELD,
    },
    "cash_flow": {
        "title": "The cash flow",
        "report": "CashFlow",
        "figures": """\
    SELECT
        _company, accounting_method, month, section,
        CASE
            WHEN section IN ('NetIncome', 'BeginningCash', 'EndingCash') THEN section
            ELSE account_id
        END AS place,
        amount
    FROM books.cash_flow""",
        "when": f"""\
CASE figures.section
                WHEN 'BeginningCash'
                    THEN {_HELD} AND fetched.rows > 0 AND fetched.first_day = fetched.month
                WHEN 'EndingCash' THEN {_HELD} AND fetched.rows > 0
                ELSE {_MOVED}
            END""",
    },
}


def _check(
    model: str,
    name: str,
    *,
    right: str,
    wrong: str,
    file: str = "",
    terms: Mapping[str, str] = MappingProxyType({}),
    reports: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
    warns: bool = False,
) -> BookCheck:
    """A check by a statement, whose file begins with what the check says of itself."""
    text = (_FOLDER / f"{file or f'{model}.{name}'}.sql").read_text().format(**terms)
    lines = text.splitlines()
    size = next(at for at, line in enumerate(lines) if not line.startswith("--"))
    return BookCheck(
        model=model,
        name=name,
        doc=" ".join(line.removeprefix("-- ") for line in lines[:size]),
        right=right,
        wrong=wrong,
        statement="\n".join(lines[size:]),
        reports=reports,
        severity="WARN" if warns else "ERROR",
    )


@cache
def checks() -> Mapping[str, BookCheck]:
    """All checks, by `<model>.<name>`, in the order in which they are told."""
    every = (*_entries(), *_of_the_ledger(), *_differences(), *_statements(), *_agings(), *_rest())
    return {check.key: check for check in every}


def _entries() -> tuple[BookCheck, ...]:
    return (
        _check(
            "posting",
            "entries_balance",
            right="Every derived entry balances.",
            wrong="entries that are derived from documents do not balance: look at their lines.",
        ),
        _check(
            "posting",
            "tax_equals_report",
            right="The sales tax of documents is that of TaxSummary.",
            wrong="figures of sales tax differ from TaxSummary.",
            reports={"tax_summary": _ACCRUAL},
        ),
        BookCheck(
            model="posting",
            name="equals_account_balances",
            doc="The derived postings of each account add up to Account.CurrentBalance, or it is"
            " known why not.",
            right="Every account's balance is what documents imply, or it is known why not.",
            wrong="accounts have another balance than documents imply.",
            function=accounts_agree,
        ),
        BookCheck(
            model="document",
            name="equals_links",
            doc="The balance of each invoice, bill and credit is its total less what is linked.",
            right="Every document's balance is what its payments leave.",
            wrong="documents have another balance than their payments leave.",
            function=documents_agree,
        ),
        _check(
            "document",
            "equals_transaction_list",
            right="Every document is in the TransactionList on its day.",
            wrong="documents are not in the TransactionList on their day.",
            reports={"transaction_list": _ACCRUAL},
        ),
        _check(
            "document",
            "numbers_in_sequence",
            right="No number of a sales form is missing.",
            wrong="numbers of sales forms are missing or were given twice: ask why.",
            warns=True,
        ),
        _check(
            "open_documents",
            "balances_agree",
            right="Every open document's balance is what its payments leave.",
            wrong="documents have another balance than their payments leave.",
        ),
    )


def _of_the_ledger() -> tuple[BookCheck, ...]:
    ledger = {"general_ledger": _ACCRUAL}
    return (
        _check(
            "general_ledger",
            "entries_balance",
            right="Every entry of the ledger balances.",
            wrong="entries of the ledger do not balance: fetch the ledger of their months again.",
            reports={"general_ledger": _BOTH},
        ),
        _check(
            "general_ledger",
            "ledger_balances",
            right="Debits equal credits in every month.",
            wrong="months do not balance.",
            reports={"general_ledger": _BOTH},
        ),
        _check(
            "general_ledger",
            "equals_journal",
            right="The GeneralLedger says what the JournalReport says.",
            wrong="transactions differ between the GeneralLedger and the JournalReport.",
            reports={**ledger, "journal_report": _ACCRUAL},
        ),
        _check(
            "general_ledger",
            "equals_transaction_list",
            right="The ledger has the transactions of the TransactionList.",
            wrong="transactions differ between the GeneralLedger and the TransactionList.",
            reports={**ledger, "transaction_list": _ACCRUAL},
        ),
        _check(
            "general_ledger",
            "equals_foreign_amounts",
            right="The ledger says in foreign currencies what documents do.",
            wrong="transactions post other amounts in a foreign currency than their documents say.",
            reports=ledger,
        ),
        _check(
            "general_ledger",
            "equals_account_balances",
            right="The ledger of every account adds up to its CurrentBalance.",
            wrong="accounts have another balance than their ledger.",
            reports=ledger,
        ),
        _check(
            "general_ledger",
            "closed_months_unchanged",
            right="The last fetch changed no closed month.",
            wrong="accounts of closed months have other figures than before: ask who changed these"
            " transactions. reports.restatement keeps them all.",
        ),
    )


def _differences() -> tuple[BookCheck, ...]:
    return (
        _check(
            "ledger_difference",
            "explained",
            right="Documents imply the ledger of record, or it is known why not.",
            wrong="postings differ without a reason.",
            reports={"general_ledger": _ACCRUAL},
        ),
        _check(
            "ledger_difference",
            "complete",
            right="Every difference is in the list.",
            wrong="differences are not in the list: materialize the books again.",
        ),
    )


def _statements() -> tuple[BookCheck, ...]:
    trial = {"trial_balance": _BOTH}
    right = "Every account's balance is that of the TrialBalance in every month."
    return (
        _check(
            "trial_balance",
            "equals_report",
            right=right,
            wrong="balances differ from the TrialBalance.",
            reports=trial,
        ),
        _check(
            "trial_balance",
            "equals_ledger",
            right="Every account moves as the ledger says.",
            wrong="accounts move otherwise than the ledger says: materialize the books again.",
        ),
        _check(
            "trial_balance",
            "derived_equals_report",
            right=right,
            wrong="derived balances differ from the TrialBalance.",
            reports={"trial_balance": _ACCRUAL},
        ),
        *(
            _check(
                model,
                "equals_report",
                file="statement.equals_report",
                terms={**terms, "table": model},
                right=f"Every figure is that of {terms['report']} in every month.",
                wrong=f"figures differ from {terms['report']}.",
                reports={model: _PREFERRED if model == "cash_flow" else _BOTH},
            )
            for model, terms in _STATEMENTS.items()
        ),
        _check(
            "cash_flow",
            "equals_trial_balance",
            right="The cash flow is what the trial balance says of every month.",
            wrong="figures differ from the trial balance: materialize the books again.",
        ),
    )


def _agings() -> tuple[BookCheck, ...]:
    return tuple(check for model, terms in _AGING.items() for check in _aging(model, terms))


def _aging(model: str, terms: Mapping[str, str]) -> tuple[BookCheck, ...]:
    tables = ("summary_table", "balance_table", "detail_table")
    return (
        _check(
            model,
            "equals_report",
            file="aging.equals_report",
            terms=terms,
            right=f"The aging is that of {terms['summary']} and {terms['detail']}.",
            wrong=f"figures differ from {terms['summary']}, {terms['balance']} or"
            f" {terms['detail']}.",
            reports={terms[table]: _ACCRUAL for table in tables},
        ),
        _check(
            model,
            "equals_control_accounts",
            file="aging.equals_control_accounts",
            terms=terms,
            right=f"The aging adds up to the {terms['account_type']} accounts.",
            wrong=f"balances of {terms['account_type']} accounts are not the sum of the aging.",
        ),
        _check(
            model,
            "equals_open_documents",
            file="aging.equals_open_documents",
            terms=terms,
            right="What is open is what the documents say.",
            wrong="documents have another balance than what is open of them.",
            reports={"general_ledger": _ACCRUAL},
        ),
        _check(
            model,
            "equals_balances",
            file="aging.equals_balances",
            terms=terms,
            right=f"What is open is what QuickBooks says of each {terms['person']}.",
            wrong=f"{terms['person']}s have another balance than what is open of them.",
            reports={"general_ledger": _ACCRUAL},
        ),
    )


def _rest() -> tuple[BookCheck, ...]:
    return (
        _check(
            "sales_lines",
            "amounts_are_products",
            right="Every line of sales is its quantity times its price.",
            wrong="lines of sales are not their quantity times their price: ask why.",
            warns=True,
        ),
        _check(
            "inventory_movements",
            "equals_report",
            right="The stock is that of InventoryValuationSummary and of its accounts.",
            wrong="figures of the stock differ from InventoryValuationSummary or its accounts.",
            reports={"inventory_valuation_summary": _ACCRUAL},
        ),
        _check(
            "cash_position",
            "equals_balances",
            right="The money in every account is that of the BalanceSheet.",
            wrong="accounts of money have another balance in the BalanceSheet.",
            reports={"balance_sheet": _ACCRUAL},
        ),
    )
