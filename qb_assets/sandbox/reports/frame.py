"""What every report is made from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from qb_assets.sandbox.dice import Dice
from qb_assets.sandbox.generate.world import World

from .cells import Row
from .chart import Chart
from .names import Names
from .request import Request
from .titles import Titles
from .view import View


@dataclass(frozen=True)
class Frame:
    """A request, the books it is answered from, and how the answer is written.

    `view` is the books under the method of accounting asked for. `several` says whether the
    company has several currencies, and `home` is its own. A report of more than `limit` cells is
    cut off. `seed` decides the order of columns.
    """

    request: Request
    world: World
    chart: Chart
    view: View
    names: Names
    say: Titles
    several: bool
    home: str
    limit: int
    seed: int

    def shuffled(self, keys: list[str]) -> list[str]:
        """Columns in the order in which this company's report has them, whatever was asked for."""
        Dice(f"{self.seed} {self.request.name}").shuffle(keys)
        return keys


@dataclass
class Body:
    """A report without its header. `options` are more of the header's (name, value) pairs.

    `start` and `end` are the days it is of, None where it is told by `report_date` alone, and
    `based` says whether there is a method of accounting to tell.
    """

    columns: list[Row]
    rows: list[Row]
    count: int
    start: date | None = None
    end: date | None = None
    based: bool = True
    by_columns: bool = False
    options: tuple[tuple[str, str], ...] = ()
