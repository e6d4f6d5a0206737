"""What the parts of the bench share: the sandbox, the homes, and what was measured so far."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from types import TracebackType
from zoneinfo import ZoneInfo

from qb_assets_tests.bench.found import OURS, differences, figures
from qb_assets_tests.bench.measure import Usage
from qb_assets_tests.bench.ours import Home
from qb_assets_tests.bench.report import Measured
from qb_assets_tests.bench.site import Site, served

ZONE = ZoneInfo("America/Los_Angeles")
CHECKS = {
    "none": "qb_assets, no checks",
    "pandera": "qb_assets, pandera",
    "every": "qb_assets, every check",
}
"""Which asset checks run with a load, and what the tables call it."""


@dataclass
class Bench:
    """One run of the bench: one company is served at a time, each load is measured once."""

    folder: Path
    companies: Path
    invoices: int
    today: date = field(default_factory=lambda: datetime.now(ZONE).date())
    _loads: dict[tuple[int, str], Measured] = field(default_factory=dict[tuple[int, str], Measured])
    _start: Usage | None = None
    _site: Site | None = None
    _stack: ExitStack = field(default_factory=ExitStack)

    @property
    def yesterday(self) -> date:
        """The last day of the generated companies."""
        return self.today - timedelta(days=1)

    def site(self, invoices: int) -> Site:
        """A company of so many invoices in its sandbox; the one before is stopped."""
        if self._site is None or self._site.invoices != invoices:
            self.leave()
            company = served(self.companies, invoices, self.today.isoformat())
            self._site = self._stack.enter_context(company)
        return self._site

    def leave(self) -> None:
        """Stop the sandbox: the company was changed, whoever comes next gets it as it was."""
        self._stack.close()
        self._site = None

    def home(self, invoices: int, name: str, first: date | None = None) -> Home:
        """A place to load such a company into; its history is one partition unless told."""
        folder = self.folder / f"{invoices}-{name}"
        return Home(folder, self.site(invoices).sandbox.env, first or self.yesterday)

    def start(self) -> Usage:
        """What our program needs to start and run nothing."""
        if self._start is None:
            site = self._site.invoices if self._site else self.invoices
            home = self.home(site, "start")
            self._start = home.start()
            home.remove()
        return self._start

    def ours(self, invoices: int, checks: str) -> Measured:
        """The load of a company in one window with `every` check, `none` or `pandera`'s."""
        if (invoices, checks) not in self._loads:
            home = self.home(invoices, checks)
            used = home.load(checks, self.yesterday, self.yesterday)
            self._loads[invoices, checks] = self.measured(invoices, CHECKS[checks], used, home)
            home.remove()
        return self._loads[invoices, checks]

    def measured(self, invoices: int, name: str, used: Usage, home: Home) -> Measured:
        """A line of ours, compared with the truth."""
        return Measured(name, used, self.start(), self.different(invoices, home))

    def different(self, invoices: int, home: Home) -> dict[str, Decimal]:
        """What a home's warehouse has otherwise than the company."""
        return differences(self.site(invoices).truth, figures(home.database, OURS))

    def __enter__(self) -> Bench:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.close()
