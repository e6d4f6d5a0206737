"""How much QuickBooks has of each entity in a window, by its own COUNT."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field

from qb_assets.catalog import Entity
from qb_assets.quickbooks.client import QuickBooksClient
from qb_assets.quickbooks.envelope import Fetched
from qb_assets.quickbooks.faults import FeatureUnavailable
from qb_assets.quickbooks.query import MAX_RESULTS, Window


@dataclass
class Survey:
    """The number of rows in a window by entity name; `unavailable` are those the company lacks.

    An entity that cannot be asked for by time was read whole to count it: `rows` are its rows.
    """

    counts: dict[str, int] = field(default_factory=dict[str, int])
    rows: dict[str, list[Fetched]] = field(default_factory=dict[str, list[Fetched]])
    unavailable: dict[str, FeatureUnavailable] = field(
        default_factory=dict[str, FeatureUnavailable]
    )


def survey(client: QuickBooksClient, entities: Sequence[Entity], window: Window) -> Survey:
    """Asks how many rows of each entity the window has, 30 entities a metered call."""
    found = Survey()
    by_name = {entity.name: entity for entity in entities}
    for name, answer in client.survey(entities, window).items():
        if isinstance(answer, FeatureUnavailable):
            found.unavailable[name] = answer
        elif isinstance(answer, int):
            found.counts[name] = answer
        else:
            if len(answer) >= MAX_RESULTS:
                answer = [row for page in client.query_pages(by_name[name]) for row in page]
            found.rows[name] = [row for row in answer if window.holds(row.updated)]
            found.counts[name] = len(found.rows[name])
    return found


class Surveys:
    """What the fetches of this process counted, for the checks of the same runs.

    Each count is a metered call's, so a run's checks take those that its fetch ended with.
    """

    def __init__(self, most: int = 50) -> None:
        self._most = most
        self._kept: OrderedDict[tuple[str, str, Window], Survey] = OrderedDict()

    def keep(self, run_id: str, company: str, window: Window, found: Survey) -> None:
        """Keeps the figures of a survey, without its rows."""
        self._kept[run_id, company, window] = Survey(found.counts, {}, found.unavailable)
        while len(self._kept) > self._most:
            self._kept.popitem(last=False)

    def window_of_run(self, run_id: str, company: str, window: Window) -> Window:
        """The window that this run's fetch asked for, where it is `window` but for a later end.

        A day that is not over ends for each question at another moment; what changed since the
        fetch is the next one's.
        """
        ends = [
            kept.end
            for run, realm, kept in self._kept
            if (run, realm, kept.start) == (run_id, company, window.start)
            and kept.end <= window.end
        ]
        return Window(window.start, max(ends, default=window.end))

    def of_run(
        self, run_id: str, client: QuickBooksClient, entities: Sequence[Entity], window: Window
    ) -> Survey:
        """What this run's fetch counted in exactly this window, or else what is asked anew."""
        kept = self._kept.get((run_id, client.realm, window))
        if kept is not None and all(
            entity.name in kept.counts or entity.name in kept.unavailable for entity in entities
        ):
            return kept
        return survey(client, entities, window)


surveys = Surveys()
