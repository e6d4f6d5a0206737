"""The rows of one entity for paging, around records on which QuickBooks itself fails.

One bad record can fail every answer it would be in (code 10000). Its page is then asked for once
more with Ids and times alone, and the records are read by Id in ever smaller parts, until what
cannot be read is known by its Id and all the rest is there.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from msgspec.structs import replace

from qb_assets.quickbooks.asking import Asker, or_raise
from qb_assets.quickbooks.calls import count_ask, ids_ask, page_ask
from qb_assets.quickbooks.envelope import Fetched
from qb_assets.quickbooks.faults import BadRecord, QuickBooksError
from qb_assets.quickbooks.identity import is_made_up
from qb_assets.quickbooks.query import Queryable, Span

IDS_AT_ONCE = 33
"""Ids of one statement: 30 of them, a batch, stay below the 1,000 objects of its answer."""

_PARTS = 6


@dataclass
class ById:
    """The records found by their Ids, and the Ids of those that QuickBooks cannot serve."""

    rows: list[Fetched] = field(default_factory=list[Fetched])
    unreadable: list[str] = field(default_factory=list[str])


def read_by_ids(
    asker: Asker,
    wanted: Sequence[tuple[Queryable, Sequence[str]]],
    *,
    properties: Sequence[str] = (),
) -> list[ById]:
    """The records with these Ids, as far as there are any, in the order of what is wanted.

    About 1,000 records a metered call. Raises a QuickBooksError.
    """
    found = [ById() for _ in wanted]
    work = [
        (place, part) for place, (_, ids) in enumerate(wanted) for part in cut(ids, IDS_AT_ONCE)
    ]
    while work:
        asks = [ids_ask(wanted[place][0], ids, properties=properties) for place, ids in work]
        again: list[tuple[int, Sequence[str]]] = []
        for (place, ids), outcome in zip(work, asker.ask_all(asks), strict=True):
            if isinstance(outcome, BadRecord) and len(ids) == 1:
                found[place].unreadable += ids
            elif isinstance(outcome, BadRecord):
                again += [(place, part) for part in cut(ids, -(-len(ids) // _PARTS))]
            else:
                found[place].rows += or_raise([outcome])[0]
        work = again
    return found


class AskedSource:
    """The rows of one entity for paging, whole or with some properties only."""

    def __init__(self, asker: Asker, entity: Queryable, properties: Sequence[str] = ()) -> None:
        self._asker = asker
        self._entity = entity
        self._properties = properties

    def page(self, span: Span, *, start: int, limit: int) -> list[Fetched]:
        """One page of rows; those that cannot be read have their state in place of a body."""
        outcome = self._ask(span, start, limit, self._properties)
        if not isinstance(outcome, QuickBooksError):
            return outcome
        if not isinstance(outcome, BadRecord) or tuple(self._entity.key) != ("Id",):
            raise outcome
        return self._around(or_raise([self._ask(span, start, limit, heads(self._entity))])[0])

    def counts(self, spans: Sequence[Span]) -> list[int]:
        """The number of rows of each span."""
        return or_raise(self._asker.ask_all([count_ask(self._entity, span) for span in spans]))

    def _ask(
        self, span: Span, start: int, limit: int, properties: Sequence[str]
    ) -> list[Fetched] | QuickBooksError:
        return self._asker.ask(
            page_ask(self._entity, span, start=start, limit=limit, properties=properties)
        )

    def _around(self, page: Sequence[Fetched]) -> list[Fetched]:
        """A page of Ids and times with the records in their places.

        A record that has changed since comes again at its new time, so here it only keeps its
        place, by which paging tells how far it has come. One without an Id cannot be asked for.
        """
        wanted = [(self._entity, [head.id for head in page if not is_made_up(head.id)])]
        [found] = read_by_ids(self._asker, wanted, properties=self._properties)
        records = {row.id: row for row in found.rows}
        unreadable = {*found.unreadable, *(head.id for head in page if is_made_up(head.id))}

        def placed(head: Fetched) -> Fetched:
            record = records.get(head.id)
            if record is not None and record.updated == head.updated:
                return record
            return replace(head, state="unreadable" if head.id in unreadable else "moved")

        return [placed(head) for head in page]


def heads(entity: Queryable) -> list[str]:
    """The properties that identify a record and tell when it was updated."""
    return [*entity.key, *([entity.cursor] if entity.cursor else [])]


def cut(ids: Sequence[str], length: int) -> list[Sequence[str]]:
    """The Ids in order, in parts of at most that many."""
    return [ids[first : first + length] for first in range(0, len(ids), length)]
