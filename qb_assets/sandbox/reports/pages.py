"""How much a report may hold, and how it ends when it has more."""

from __future__ import annotations

from .cells import NOTICE, Row, data, text


class Page:
    """Counts a report's cells. `count` is how many rows of data there are."""

    def __init__(self, limit: int) -> None:
        self._left = limit
        self.full = False
        self.count = 0

    def takes(self, cells: int) -> bool:
        """Whether there is room for one more row of data; it is counted if there is.

        A report that was full once stays so.
        """
        if cells > self._left:
            self.full = True
        if self.full:
            return False
        self._left -= cells
        self.count += 1
        return True

    def spends(self, cells: int) -> None:
        """Count the cells of a header or a summary."""
        self._left -= cells

    def closed(self, rows: list[Row]) -> list[Row]:
        """The report's rows, with QuickBooks' notice at the end where it is cut off."""
        return [*rows, data([text(NOTICE)])] if self.full else rows
