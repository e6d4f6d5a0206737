"""The part of a page that proves the rest: comparisons, ledger differences, restatements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal

from qb_assets.books.checks.outcome import BookCheck
from qb_assets.books.page.figures import money, short_day
from qb_assets.books.page.markup import Html, tag
from qb_assets.books.page.reconciliation import (
    MOST_ROWS,
    Compared,
    LedgerDifferences,
    Listed,
    Proof,
    ledger_differences,
    restatements,
)
from qb_assets.books.page.source import Source
from qb_assets.books.page.tables import figure_cell, listing

REASONS = {
    "exchange": "Gain or loss of foreign currency",
    "not_exposed": "Not told by QuickBooks' API",
    "rounding": "Rounding",
    "timing": "Changed after the ledger was fetched",
    "unexplained": "Unexplained",
}


def proof_sections(source: Source, tied: Sequence[Compared], proven: Sequence[Proof]) -> list[Html]:
    """The sections Reconciliation and Restatements."""
    return [
        tag(
            "section",
            tag("h2", "Reconciliation"),
            tag("h3", "Within this page"),
            _compared_table("Within this page", tied),
            tag("h3", "The books, QuickBooks' reports and its balances"),
            _checks(proven),
            *_mismatches(proven),
            tag("h3", "Documents and ledger"),
            *_differences(source, ledger_differences(source)),
            id="reconciliation",
        ),
        tag(
            "section",
            tag("h2", "Restatements"),
            *_restatements(source, restatements(source)),
            id="restatements",
        ),
    ]


def _checks(proven: Sequence[Proof]) -> Html:
    """Every check: what it compares, how much, the sums of both sides, and whether all agree."""
    rows: list[Sequence[str | Html]] = []
    for each in proven:
        wrong = len(each.mismatches)
        right = Decimal(0) if each.ours is None else each.ours - (each.theirs or 0)
        rows.append(
            [
                _check_name(each.check),
                _count(each.compared),
                _count(wrong),
                figure_cell(each.ours),
                figure_cell(each.theirs),
                _difference(right, wrong),
                _mark_of(each),
            ]
        )
    columns = ("Check", "#Figures", "#Differ", "#Sum here", "#Sum there", "#Difference", "")
    return listing("Checks of the books", columns, rows)


def _check_name(check: BookCheck) -> Html:
    return tag("td", tag("b", _words(check.key.replace(".", ": "))), tag("br"), check.doc)


def _mismatches(proven: Sequence[Proof]) -> list[Html]:
    every = [each for proof in proven for each in proof.mismatches]
    if not every:
        return []
    rows: list[Sequence[str | Html]] = [
        [
            _words(each.check.replace(".", ": ")),
            each.subject,
            _day(each.as_of),
            figure_cell(each.ours),
            figure_cell(each.theirs),
            _difference(each.difference),
            each.txn_ids,
            _day(each.since),
        ]
        for each in every[:MOST_ROWS]
    ]
    columns = (
        "Check", "Figure", "Day", "#Here", "#There", "#Difference", "Documents", "First seen",
    )  # fmt: skip
    return [
        tag("h4", "Figures that differ"),
        listing("Figures that differ", columns, rows),
        *_hidden(len(every), len(rows)),
    ]


def _compared_table(title: str, found: Sequence[Compared]) -> Html:
    rows: list[Sequence[str | Html]] = [
        [
            each.subject,
            figure_cell(each.ours),
            figure_cell(each.theirs),
            _difference(each.difference),
            _mark(not each.difference),
        ]
        for each in found
    ]
    return listing(title, ("What", "#One", "#Other", "#Difference", ""), rows)


def _differences(source: Source, found: LedgerDifferences) -> list[Html]:
    if not found.reasons:
        return [_hint("What the documents imply is what the ledger holds, posting by posting.")]
    reasons = [
        [REASONS.get(reason, reason), _count(count), figure_cell(amount),
         _mark(reason != "unexplained", "explained", "unexplained")]
        for reason, count, amount in found.reasons
    ]  # fmt: skip
    rows: list[Sequence[str | Html]] = [
        [
            _day(day),
            f"{kind} {identity}",
            "; ".join(_account(source, each) for each in sorted(accounts or ())),
            figure_cell(derived),
            figure_cell(recorded),
            str(detail or REASONS.get(reason, reason)),
        ]
        for day, kind, identity, reason, detail, accounts, derived, recorded, _ in (
            found.documents.rows
        )
    ]
    columns = ("Day", "Document", "Accounts", "#Debits by document", "#By ledger", "Why")
    return [
        listing("By reason", ("Reason", "#Postings", "#Sum of differences", ""), reasons),
        tag("h4", "Document by document"),
        listing("Document by document", columns, rows),
        *_hidden(found.documents.count, len(rows)),
    ]


def _account(source: Source, identity: str) -> str:
    named = source.accounts.get(identity)
    return named.path if named else identity


def _restatements(source: Source, found: Listed) -> list[Html]:
    if not found.rows:
        return [_hint("No closed month has changed since it was first fetched.")]
    rows: list[Sequence[str | Html]] = []
    for month, report, account, name, before, after, change, documents, since, at in found.rows:
        named = source.accounts.get(account or "")
        rows.append(
            [
                f"{month:%b %Y}",
                _words(report),
                named.path if named else name or account or "",
                *map(figure_cell, (before, after, change)),
                documents or "",
                f"{short_day(since)} to {short_day(at)}",
            ]
        )
    columns = ("Month", "Report", "Account", "#Before", "#After", "#Change", "Documents", "Changed")
    said = "What QuickBooks now says otherwise of months that had been closed."
    return [_hint(said), listing("Restatements", columns, rows), *_hidden(found.count, len(rows))]


def _hidden(count: int, shown: int) -> list[Html]:
    return [_hint(f"{count - shown:,} more are not shown here.")] if count > shown else []


def _difference(amount: Decimal, wrong: int = 0) -> Html:
    return tag("td", money(amount), class_="n bad" if amount or wrong else "n good")


def _mark_of(proof: Proof) -> Html:
    if proof.mismatches and proof.check.severity == "WARN":
        return tag("td", tag("span", "! look", class_="mark open"))
    if proof.compared == 0:
        return tag("td", tag("span", "nothing to compare", class_="mark none"))
    return _mark(not proof.mismatches)


def _mark(right: bool, good: str = "agrees", bad: str = "differs") -> Html:
    kind, said = ("good", f"✓ {good}") if right else ("bad", f"✗ {bad}")
    return tag("td", tag("span", said, class_=f"mark {kind}"))


def _day(moment: date | None) -> Html:
    return tag("td", short_day(moment) if moment else "", class_="day")


def _count(number: int | None) -> Html:
    return tag("td", "" if number is None else f"{number:,}", class_="n")


def _words(name: str) -> str:
    """trial_balance as Trial balance."""
    words = name.replace("_", " ")
    for short, usual in (("ar ", "A/R "), ("ap ", "A/P ")):
        if words.startswith(short):
            return usual + words.removeprefix(short)
    return words[:1].upper() + words[1:]


def _hint(said: str) -> Html:
    return tag("p", said, class_="hint")
