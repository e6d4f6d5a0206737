"""A company whose books are edited day after day, and are written down at the end of each."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from qb_assets.catalog import ENTITIES
from qb_assets.sandbox.process import SandboxProcess
from qb_assets_tests.history.edits import Record, edited

FIRST_HOUR, LAST_HOUR = 4, 23
"""Between which the books are edited; before, the day that ended is fetched."""

TRANSACTIONS = ("Invoice", "Payment", "Bill", "BillPayment", "Deposit", "SalesReceipt", "Estimate")
LISTS = ("Customer", "Vendor", "Item", "Account", "Class", "Department")
MERGED = ("Customer", "Vendor", "Class")

ONCE = ("CompanyInfo", "Preferences")
"""What a company has one of."""

ADDED: Sequence[tuple[str, Record]] = (
    ("CompanyCurrency", {"Code": "EUR", "Name": "Euro"}),
    ("CompanyCurrency", {"Code": "INR", "Name": "Indian Rupee"}),
    ("JournalCode", {"Name": "VT", "Type": "Sales", "Description": "Sales", "Active": True}),
    ("JournalCode", {"Name": "HA", "Type": "Expenses", "Active": True}),
    *(
        (
            "ExchangeRate",
            {
                **{"SourceCurrencyCode": source, "TargetCurrencyCode": "USD"},
                **{"AsOfDate": day, "Rate": rate},
            },
        )
        for source, day, rate in (
            ("EUR", "2026-01-02", 1.0875),
            ("EUR", "2026-02-02", 1.0901235),
            ("INR", "2026-01-02", 0.0120512345),
        )
    ),
)
"""What a generated company has none of, as it is in one country and has one currency."""


class Editor:
    """Edits a sandbox's books, the same for the same seed, books and days.

    `done` counts what was done by its kind, `touched` by entity.
    """

    def __init__(self, box: SandboxProcess, entities: Sequence[str], seed: int) -> None:
        self.done: Counter[str] = Counter()
        self.touched: Counter[str] = Counter()
        self._box = box
        self._entities = list(entities)
        self._random = random.Random(seed)
        self._next: list[str] = []
        self._deleted: list[tuple[str, str]] = []
        self._inactive: list[tuple[str, str]] = []

    def begin(self, at: datetime) -> None:
        """Adds what a generated company has none of."""
        for entity, fields in ADDED:
            if entity in self._entities:
                asked = {"entity": entity, "fields": fields, "at": at.isoformat()}
                self._box.admin("create", asked)

    def day(self, midnight: datetime, edits: int) -> None:
        """Makes edits at moments of the day that begins then, in order."""
        seconds = range(FIRST_HOUR * 3600, LAST_HOUR * 3600)
        ways = [self._edit] * 6 + [self._change_balance, self._edit_twice, self._delete] * 2
        ways += [self._restore, self._void, self._end, self._reactivate, self._merge]
        ways += [self._misreport, self._create]
        for second in sorted(self._random.sample(seconds, edits)):
            way = self._random.choice(ways)
            if way((midnight + timedelta(seconds=second)).isoformat()):
                self.done[way.__name__.strip("_")] += 1

    def _edit(self, at: str) -> bool:
        """Changes a record of the entity whose turn it is."""
        if not self._next:
            self._next = self._random.sample(self._entities, len(self._entities))
        for entity, identity, record in self._records([self._next.pop()]):
            fields = edited(record, self._random)
            return self._post("edit", entity, identity, at, fields=fields)
        return False

    def _change_balance(self, at: str) -> bool:
        """Changes what a payment changes: another time, the same SyncToken."""
        for entity, identity, _ in self._records(["Invoice", "Bill", "Customer"]):
            fields = {"Balance": self._random.randrange(100_000) / 100}
            return self._post("edit", entity, identity, at, fields=fields, keep_sync_token=True)
        return False

    def _edit_twice(self, at: str) -> bool:
        """Two edits in one second, and one that QuickBooks does not date."""
        for entity, identity, _ in self._records(TRANSACTIONS):
            for n in range(2):
                fields = {"PrivateNote": f"{n} at {at}"}
                self._post("edit", entity, identity, at, fields=fields)
            asked = {"entity": entity, "id": identity, "fields": {"DocNumber": at[-12:-6]}}
            self._box.admin("edit", {**asked, "silent": True})
            return True
        return False

    def _delete(self, at: str) -> bool:
        there = [name for name in self._entities if ENTITIES[name].delete == "hard"]
        for entity, identity, _ in self._records(there):
            self._deleted.append((entity, identity))
            return self._post("delete", entity, identity, at)
        return False

    def _restore(self, at: str) -> bool:
        if not self._deleted:
            return False
        entity, identity = self._deleted.pop(self._random.randrange(len(self._deleted)))
        return self._post("restore", entity, identity, at)

    def _void(self, at: str) -> bool:
        for entity, identity, _ in self._records(TRANSACTIONS):
            return self._post("void", entity, identity, at)
        return False

    def _end(self, at: str) -> bool:
        """Makes a row of a list inactive."""
        for entity, identity, _ in self._records(LISTS):
            self._inactive.append((entity, identity))
            return self._post("deactivate", entity, identity, at)
        return False

    def _reactivate(self, at: str) -> bool:
        while self._inactive:
            entity, identity = self._inactive.pop(0)
            if identity in {each for each, _ in books(self._box, entity)}:
                return self._post("reactivate", entity, identity, at)
        return False

    def _merge(self, at: str) -> bool:
        for entity, identity, _ in self._records(MERGED):
            others = [each for each, _ in books(self._box, entity) if each != identity]
            if len(others) > 2:
                into = self._random.choice(others)
                return self._post("merge", entity, identity, at, into=into)
        return False

    def _misreport(self, at: str) -> bool:
        """An update that change data capture calls a delete."""
        for entity, identity, _ in self._records(["Invoice", "Payment"]):
            return self._post("false-delete", entity, identity, at)
        return False

    def _create(self, at: str) -> bool:
        """Makes a record like another one."""
        several = [name for name in self._entities if name not in ONCE]
        for entity, _, record in self._records(several):
            fields = record
            if entity == "ExchangeRate":
                known = {each["AsOfDate"] for _, each in books(self._box, entity)}
                fields = {**record, "AsOfDate": _day_after(max(known))}
            self._box.admin("create", {"entity": entity, "fields": fields, "at": at})
            self.touched[entity] += 1
            return True
        return False

    def _records(self, entities: Sequence[str]) -> Iterator[tuple[str, str, Record]]:
        """A record of one of the entities that are there, by chance; none where there is none."""
        there = [entity for entity in entities if entity in self._entities]
        for entity in self._random.sample(there, len(there)):
            if records := books(self._box, entity):
                yield (entity, *self._random.choice(records))

    def _post(self, way: str, entity: str, identity: str, at: str, **more: Any) -> bool:
        self._box.admin(way, {"entity": entity, "id": identity, "at": at, **more})
        self.touched[entity] += 1
        return True


def _day_after(day: str) -> str:
    return (date.fromisoformat(day) + timedelta(days=1)).isoformat()


def books(box: SandboxProcess, entity: str) -> list[tuple[str, Record]]:
    """The records that an entity has now, each with what it is asked for by."""
    records: list[Record] = json.loads(box.admin_bytes(f"records/{entity}"))
    if ENTITIES[entity].wrapped:
        records = [next(iter(record.values())) for record in records]
    key = ENTITIES[entity].key
    return [("/".join(record[name] for name in key), record) for record in records]
