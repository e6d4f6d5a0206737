"""The QuickBooks client of one company: counts, pages, batches, reads and changes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

import msgspec

from qb_assets.catalog import ENTITIES
from qb_assets.quickbooks.asking import Asker, or_raise
from qb_assets.quickbooks.budget import Budget
from qb_assets.quickbooks.calls import (
    Ask,
    cdc_call,
    count_ask,
    page_ask,
    query_call,
    read_call,
    report_call,
)
from qb_assets.quickbooks.custody import Custody
from qb_assets.quickbooks.envelope import Fetched
from qb_assets.quickbooks.faults import (
    BadAnswer,
    BadRecord,
    FeatureUnavailable,
    NotFound,
    QuickBooksError,
)
from qb_assets.quickbooks.files import FileHost
from qb_assets.quickbooks.paging import (
    parallel_reads,
    parts_of,
    sweep_by_position,
    sweep_slices,
    window_spans,
)
from qb_assets.quickbooks.query import EVERYTHING, MAX_RESULTS, Queryable, Span, Window
from qb_assets.quickbooks.reading import AskedSource, ById, heads, read_by_ids
from qb_assets.quickbooks.settings import Settings
from qb_assets.quickbooks.throttle import Throttle, throttle_for
from qb_assets.quickbooks.tokens import TokenStore, check_realm
from qb_assets.quickbooks.transport import Transport
from qb_assets.quickbooks.usage import Usage

MAX_CHANGES = 1000
"""Objects in one change data capture answer; a full one may have left some out."""

T = TypeVar("T")

WindowAsk = tuple[Queryable, Window | None]
"""An entity and a window of its rows, None for all."""


@dataclass(frozen=True, slots=True)
class CdcAnswer:
    """What changed since a moment: by entity name, live records and notices of deletion.

    `full` says that the answer is at its limit and may lack some: ask for fewer entities, or query.
    """

    records: Mapping[str, list[Fetched]]
    full: bool


@dataclass(frozen=True, slots=True)
class CompanyInfo:
    """What the company says of itself; `body` is its whole CompanyInfo."""

    realm: str
    name: str
    country: str | None
    body: bytes


class _CompanyInfo(msgspec.Struct):
    CompanyName: str = ""
    Country: str | None = None


class QuickBooksClient:
    """Reads the books of one company. All methods may be called from several threads.

    Every method raises a QuickBooksError, of which only those with `retryable` may pass by
    themselves, and these have been tried again already.
    """

    def __init__(
        self,
        settings: Settings,
        store: TokenStore,
        realm: str,
        *,
        throttle: Throttle | None = None,
    ) -> None:
        self.realm = check_realm(realm)
        self.settings = settings
        shared = throttle or throttle_for(settings, realm)
        custody = Custody(settings, store, realm)
        self._transport = Transport(settings, custody, shared, Budget(settings, realm), realm)
        self._asker = Asker(self._transport, realm)

    @property
    def usage(self) -> Usage:
        """All requests of this client, and the answers that Intuit meters."""
        return self._transport.usage

    @property
    def calls(self) -> Counter[tuple[str, str]]:
        """The metered calls so far, by (kind, entity)."""
        return self._transport.usage.metered_so_far()

    def close(self) -> None:
        """Closes the connections."""
        self._transport.close()

    def count(self, entity: Queryable, window: Window | None = None) -> int:
        """The number of rows in the window. One metered call."""
        number = self.counts([(entity, window)])[entity.name]
        if isinstance(number, FeatureUnavailable):
            raise number
        return number

    def counts(self, asks: Iterable[WindowAsk]) -> dict[str, int | FeatureUnavailable]:
        """The number of rows of each entity, 30 counts a metered call.

        An entity that the company does not have has the error in its place.
        """
        wanted = list(asks)
        spans = [window_spans(window if entity.cursor else None) for entity, window in wanted]
        counts = [
            count_ask(entity, span)
            for (entity, _), each in zip(wanted, spans, strict=True)
            for span in each
        ]
        outcomes = iter(self._asker.ask_all(counts))
        numbers: dict[str, int | FeatureUnavailable] = {}
        for (entity, _), each in zip(wanted, spans, strict=True):
            numbers[entity.name] = _less(list(islice(outcomes, len(each))))
        return numbers

    def survey(
        self, entities: Sequence[Queryable], window: Window
    ) -> dict[str, int | list[Fetched] | FeatureUnavailable]:
        """What a window has of each entity, 30 of them a metered call.

        The number of rows; of an entity that cannot be asked for by time, its first 1,000 rows
        themselves, since those few are needed anyway.
        """
        asks: list[Ask[Any]] = []
        lengths: list[int] = []
        for entity in entities:
            spans = window_spans(window) if entity.cursor else []
            of_entity = [count_ask(entity, span) for span in spans] or [page_ask(entity)]
            asks += of_entity
            lengths.append(len(of_entity))
        outcomes = iter(self._asker.ask_all(asks))
        found: dict[str, int | list[Fetched] | FeatureUnavailable] = {}
        for entity, length in zip(entities, lengths, strict=True):
            answers = list(islice(outcomes, length))
            if entity.cursor or isinstance(answers[0], FeatureUnavailable):
                found[entity.name] = _less(answers)
            else:
                found[entity.name] = or_raise(answers)[0]
        return found

    def query_pages(
        self, entity: Queryable, window: Window | None = None, *, expected: int = 0
    ) -> Iterator[list[Fetched]]:
        """The rows of the window page by page, each once, whatever is edited meanwhile.

        An entity without a cursor is read whole whatever the window, as is any one for None. Where
        very many rows are `expected`, slices of the window are read in parallel. A row that
        QuickBooks cannot serve comes as `unreadable`.
        """
        return self._pages(entity, window, (), expected)

    def select(
        self, entity: Queryable, properties: Sequence[str], window: Window | None = None
    ) -> Iterator[list[Fetched]]:
        """As `query_pages`, with only these properties (and those paging needs) in the bodies."""
        needed = heads(entity)
        chosen = [*needed, *(name for name in properties if name not in needed)]
        return self._pages(entity, window, chosen, 0)

    def query_batch(self, asks: Sequence[WindowAsk]) -> list[list[Fetched]]:
        """The rows of many entities, 30 a metered call, in the order of the asks.

        An answer of 1,000 rows may be cut off: page such an entity. The caller sees to it that 30
        asks in a row come to no more than 1,000 rows; what exceeds that costs calls of its own.
        """
        outcomes = self._asker.ask_all([page_ask(entity, _span(window)) for entity, window in asks])
        answers: list[list[Fetched]] = []
        for (entity, window), outcome in zip(asks, outcomes, strict=True):
            if isinstance(outcome, BadRecord):  # paging reads around the record that fails it
                rows = [row for page in self.query_pages(entity, window) for row in page]
            else:
                rows = or_raise([outcome])[0]
            inside = [row for row in rows if window is None or not window.is_before(row.updated)]
            answers.append(inside)
        return answers

    def read_many(self, wanted: Sequence[tuple[Queryable, Sequence[str]]]) -> list[ById]:
        """The records with these Ids as far as there are any, about 1,000 a metered call."""
        return read_by_ids(self._asker, wanted)

    def read(self, entity: Queryable, identity: str) -> Fetched | None:
        """The record with this Id, None where there is none (any more)."""
        try:
            return self._transport.send(read_call(entity, identity))
        except NotFound:
            return None

    def cdc(self, entities: Sequence[Queryable], since: datetime) -> CdcAnswer:
        """What changed since a moment of the last 30 days, in one metered call.

        Raises ValueError for an entity that change data capture does not tell of.
        """
        without = [entity.name for entity in entities if not entity.cdc]
        if without:
            raise ValueError(f"change data capture does not tell of {', '.join(without)}")
        records = self._transport.send(cdc_call(entities, since))
        return CdcAnswer(records, full=sum(map(len, records.values())) >= MAX_CHANGES)

    def company_info(self) -> CompanyInfo:
        """What the company says of itself."""
        rows = self._transport.send(query_call(page_ask(ENTITIES["CompanyInfo"], EVERYTHING)))
        if not rows:
            raise BadAnswer("the company has no CompanyInfo", company=self.realm)
        info = msgspec.json.decode(rows[0].body, type=_CompanyInfo)
        return CompanyInfo(self.realm, info.CompanyName, info.Country, rows[0].body)

    def report(self, name: str, params: Mapping[str, str], *, divisible: bool = False) -> bytes:
        """The answer of a report, such as `TrialBalance`.

        Raises ReportTooLarge, and for one that is `divisible` ReportTooSlow at the first answer
        that takes too long, where others are asked for again.
        """
        return self._transport.send(report_call(name, params, divisible=divisible))

    def files(self, *, seconds: float) -> FileHost:
        """What downloads the files of attachments, each in so many seconds at most; to be closed.

        One metered call a file, and one more for each time it is tried again.
        """
        return FileHost(self.settings, self._transport, self.realm, seconds=seconds)

    def _pages(
        self, entity: Queryable, window: Window | None, properties: Sequence[str], expected: int
    ) -> Iterator[list[Fetched]]:
        source = AskedSource(self._asker, entity, properties)
        try:
            if window is None or entity.cursor is None:
                yield from sweep_by_position(source)
            else:
                yield from sweep_slices(source, self._slices(entity, window, expected))
        except QuickBooksError as error:
            error.company = error.company or self.realm
            error.entity = error.entity or entity.name
            raise

    def _slices(self, entity: Queryable, window: Window, expected: int) -> list[Window]:
        """The window in slices of about as many rows each, cut where the rows at those places are.

        One metered call, and none where one read does.
        """
        reads = parallel_reads(expected)
        if reads == 1:
            return [window]
        span, chosen = _span(window), heads(entity)
        # Each page repeats a row of the last one, so that a slice is whole pages of one row less.
        rows = MAX_RESULTS - 1
        places = [1 + expected * part // reads // rows * rows for part in range(1, reads)]
        asks = [page_ask(entity, span, start=n, limit=1, properties=chosen) for n in places]
        answers = or_raise(self._asker.ask_all(asks))
        return parts_of(window, [row.updated for rows in answers for row in rows])


def _span(window: Window | None) -> Span:
    """A bound would leave out rows without LastUpdatedTime, which a window without start holds."""
    if window is None or window.start is None:
        return EVERYTHING
    return Span(window.start, window.end)


def _less(numbers: Sequence[int | QuickBooksError]) -> int | FeatureUnavailable:
    """The first number less the others; what a window counts (see `window_spans`)."""
    for number in numbers:
        if isinstance(number, FeatureUnavailable):
            return number
    whole, *after = or_raise(numbers)
    return whole - sum(after)
