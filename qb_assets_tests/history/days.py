"""A company whose books are edited day after day, and are written down at the end of each."""

from __future__ import annotations

import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from qb_assets.sandbox.process import SandboxProcess

FIRST_HOUR, LAST_HOUR = 4, 23
"""Between which the books are edited; before, the day that ended is fetched."""

TRANSACTIONS = ("Invoice", "Payment", "Bill", "BillPayment", "Deposit", "SalesReceipt", "Estimate")
LISTS = ("Customer", "Vendor", "Item", "Account", "Class", "Department")
MERGED = ("Customer", "Vendor", "Class")

Record = dict[str, Any]


class Editor:
    """Edits a sandbox's books, the same for the same seed, books and days."""

    def __init__(self, box: SandboxProcess, entities: Sequence[str], seed: int) -> None:
        self.done: Counter[str] = Counter()
        self._box = box
        self._entities = list(entities)
        self._random = random.Random(seed)
        self._deleted: list[tuple[str, str]] = []
        self._inactive: list[tuple[str, str]] = []

    def day(self, midnight: datetime, edits: int) -> None:
        """Makes edits at moments of the day that begins then, in order."""
        seconds = range(FIRST_HOUR * 3600, LAST_HOUR * 3600)
        ways = [self._edit] * 4 + [self._change_balance, self._edit_twice, self._delete] * 2
        ways += [self._restore, self._void, self._end, self._reactivate, self._merge]
        ways += [self._misreport, self._create]
        for second in sorted(self._random.sample(seconds, edits)):
            way = self._random.choice(ways)
            if way((midnight + timedelta(seconds=second)).isoformat()):
                self.done[way.__name__.strip("_")] += 1

    def _edit(self, at: str) -> bool:
        """Changes a note, or takes away the last row of an array."""
        for entity, record in self._records(self._entities):
            arrays = [name for name, value in record.items() if isinstance(value, list) and value]
            fields: Record = {}
            if arrays and entity in TRANSACTIONS:
                name = self._random.choice(arrays)
                fields = {name: record[name][:-1]}
            elif entity in TRANSACTIONS:
                fields = {"PrivateNote": f"edited at {at}"}
            return self._post("edit", entity, record["Id"], at, fields=fields)
        return False

    def _change_balance(self, at: str) -> bool:
        """Changes what a payment changes: another time, the same SyncToken."""
        for entity, record in self._records(["Invoice", "Bill", "Customer"]):
            cents = self._random.randrange(100_000)
            fields = {"Balance": cents / 100}
            return self._post("edit", entity, record["Id"], at, fields=fields, keep_sync_token=True)
        return False

    def _edit_twice(self, at: str) -> bool:
        """Two edits in one second, and one that QuickBooks does not date."""
        for entity, record in self._records(TRANSACTIONS):
            for n in range(2):
                fields = {"PrivateNote": f"{n} at {at}"}
                self._post("edit", entity, record["Id"], at, fields=fields)
            fields = {"DocNumber": at[-12:-6]}
            asked = {"entity": entity, "id": record["Id"], "fields": fields, "silent": True}
            self._box.admin("edit", asked)
            return True
        return False

    def _delete(self, at: str) -> bool:
        for entity, record in self._records(TRANSACTIONS):
            self._deleted.append((entity, record["Id"]))
            return self._post("delete", entity, record["Id"], at)
        return False

    def _restore(self, at: str) -> bool:
        if not self._deleted:
            return False
        entity, identity = self._deleted.pop(self._random.randrange(len(self._deleted)))
        return self._post("restore", entity, identity, at)

    def _void(self, at: str) -> bool:
        for entity, record in self._records(TRANSACTIONS):
            return self._post("void", entity, record["Id"], at)
        return False

    def _end(self, at: str) -> bool:
        """Makes a row of a list inactive."""
        for entity, record in self._records(LISTS):
            self._inactive.append((entity, record["Id"]))
            return self._post("deactivate", entity, record["Id"], at)
        return False

    def _reactivate(self, at: str) -> bool:
        while self._inactive:
            entity, identity = self._inactive.pop(0)
            if identity in {record["Id"] for record in books(self._box, entity)}:
                return self._post("reactivate", entity, identity, at)
        return False

    def _merge(self, at: str) -> bool:
        for entity, record in self._records(MERGED):
            others = [r["Id"] for r in books(self._box, entity) if r["Id"] != record["Id"]]
            if len(others) > 2:
                into = self._random.choice(others)
                return self._post("merge", entity, record["Id"], at, into=into)
        return False

    def _misreport(self, at: str) -> bool:
        """An update that change data capture calls a delete."""
        for entity, record in self._records(["Invoice", "Payment"]):
            return self._post("false-delete", entity, record["Id"], at)
        return False

    def _create(self, at: str) -> bool:
        """Makes a record like another one."""
        for entity, record in self._records(TRANSACTIONS):
            self._box.admin("create", {"entity": entity, "fields": record, "at": at})
            return True
        return False

    def _records(self, entities: Sequence[str]) -> Iterator[tuple[str, Record]]:
        """A record of one of the entities that are there, by chance; none where there is none."""
        there = [entity for entity in entities if entity in self._entities]
        for entity in self._random.sample(there, len(there)):
            records = [record for record in books(self._box, entity) if record.get("Id")]
            if records:
                yield entity, self._random.choice(records)

    def _post(self, way: str, entity: str, identity: str, at: str, **more: Any) -> bool:
        self._box.admin(way, {"entity": entity, "id": identity, "at": at, **more})
        return True


def books(box: SandboxProcess, entity: str) -> list[Record]:
    """The records that an entity has now."""
    return json.loads(box.admin_bytes(f"records/{entity}"))
