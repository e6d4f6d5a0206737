"""The records in Intuit's examples of answers, each in the exact bytes that it has there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import msgspec

from qb_assets.catalog import ENTITIES
from qb_assets_tests.expected import Record

RECURRING = "RecurringTransaction"

ENVELOPES = {"QueryResponse", "BatchItemResponse", "CDCResponse"}

KEYS = {name: name for name in ENTITIES} | {
    "CreditCardPaymentTxn": "CreditCardPayment",
    "ReimburseCarge": "ReimburseCharge",  # so spelt in the example
}
"""The keys under which answers hold records, with the entity."""

MISPRINTS = {("JournalCode", "time")}
"""Properties of an answer that an example prints inside of the record."""


@dataclass(frozen=True, slots=True)
class Sample:
    """A record in one of the examples."""

    file: str
    entity: str
    body: bytes

    @property
    def record(self) -> Record:
        """Its values, with decimals of the numbers' literals."""
        whole = json.loads(self.body, parse_float=Decimal, parse_int=Decimal)
        return {n: v for n, v in whole.items() if (self.entity, n) not in MISPRINTS}

    @property
    def inner(self) -> dict[str, Any]:
        """The record itself, where it is wrapped in its kind."""
        whole = json.loads(self.body)
        if self.entity == RECURRING:
            kind = next(key for key, value in whole.items() if isinstance(value, dict))
            return {"status": whole.get("status")} | cast(dict[str, Any], whole[kind])
        return whole

    @property
    def deleted(self) -> bool:
        """Whether it is the notice of a deletion."""
        return self.inner.get("status") == "Deleted"

    @property
    def answered(self) -> bool:
        """Whether it is a record as it is answered: what is sent has no MetaData."""
        return "MetaData" in self.inner or self.deleted


def samples(folder: Path) -> list[Sample]:
    """All records in the answers among the examples, in order of the files; repeats only once."""
    found = [each for file in sorted(folder.glob("*.json")) for each in _of_file(file)]
    once = {(each.entity, each.body.strip()): each for each in reversed(found) if each.answered}
    return list(reversed(once.values()))


def _of_file(file: Path) -> Iterator[Sample]:
    body = file.read_bytes()
    found = list(_inside(body, file.name))
    by_file = {name.lower(): name for name in ENTITIES}
    entity = by_file.get(file.stem.rpartition("-")[0])
    bare = [] if found or entity is None else [Sample(file.name, entity, body)]
    yield from found or bare


def _inside(body: bytes, file: str) -> Iterator[Sample]:
    for key, raw in msgspec.json.decode(body, type=dict[str, msgspec.Raw]).items():
        values = [bytes(raw)]
        if values[0].startswith(b"["):
            values = [bytes(each) for each in msgspec.json.decode(raw, type=list[msgspec.Raw])]
        for value in values:
            if not value.startswith(b"{"):
                continue
            if key in ENVELOPES:
                yield from _inside(value, file)
            elif key in KEYS and not (file.startswith("recurring") and key != RECURRING):
                yield Sample(file, KEYS[key], value)


def waves(found: list[Sample]) -> list[list[Sample]]:
    """The samples in as few rows as there can be without two of one record in any."""
    parted: list[dict[str, Sample]] = []
    for each in found:
        inner = each.inner
        key = str(inner.get("Id") or [inner.get("SourceCurrencyCode"), inner.get("AsOfDate")])
        free = next((wave for wave in parted if key not in wave), None)
        if free is None:
            parted.append(free := {})
        free[key] = each
    return [list(wave.values()) for wave in parted]
