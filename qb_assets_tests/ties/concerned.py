"""Which transactions a difference is about."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date

from qb_assets.reports.months import last_day
from qb_assets.sandbox.generate import Entry, Posting
from qb_assets_tests.ties.made import Company

SHOWN = 6


def concerned(company: Company, subject: Mapping[str, str]) -> Iterator[str]:
    """The last few transactions that have to do with the account, person, item or document that a
    difference names, a line each."""
    entries = [entry for entry in company.world.ledger.entries if _is_of(entry, subject)]
    for entry in sorted(entries, key=lambda entry: entry.date)[-SHOWN:]:
        legs = ", ".join(map(_leg, entry.postings))
        name = f"{entry.doc_entity or entry.kind} {entry.doc_id or ''}"
        yield f"{entry.date} {name} {entry.currency} {entry.rate}: {legs}"


def _leg(posting: Posting) -> str:
    foreign = "" if posting.foreign is None else f" ({posting.foreign / 100:.2f})"
    return f"{posting.role} {posting.account_id} {posting.amount}{foreign}"


def _is_of(entry: Entry, subject: Mapping[str, str]) -> bool:
    month = subject.get("month")
    if month and entry.date > last_day(date.fromisoformat(month)):
        return False
    if subject.get("txn_id", "None") != "None":
        return entry.doc_id == subject["txn_id"]
    wanted = {key: subject.get(key) for key in ("account_id", "person", "item_id")}
    return any(
        all(value in (None, has[key]) for key, value in wanted.items())
        for has in map(_parts, entry.postings)
    )


def _parts(posting: Posting) -> Mapping[str, str | None]:
    item = getattr(posting.line, "item", None)
    person = posting.name_ref.id if posting.name_ref else ""
    return {"account_id": posting.account_id, "person": person, "item_id": item and item.id}
