"""Everything one running sandbox holds."""

from __future__ import annotations

from .books import Books
from .churn import Churn
from .clock import Clock
from .company import Company
from .dice import Dice
from .files import Files
from .limits import Limits
from .query import QueryEngine
from .reports import Reports
from .settings import Settings
from .stats import Stats
from .tokens import Tokens
from .weather import Forecast


class Sandbox:
    """A company's books and all that stands before them. Used from one event loop only."""

    def __init__(self, company: Company, settings: Settings) -> None:
        self.settings = settings
        self.clock = Clock(settings.timezone, settings.now, frozen=settings.frozen)
        self.books = Books(company, self.clock)
        self.engine = QueryEngine(self.books)
        self.reports = Reports(self.books, settings)
        self.tokens = Tokens(settings, self.clock)
        self.limits = Limits(settings)
        self.stats = Stats(settings.log_size)
        self.churn = Churn(self.books, settings.seed)
        self.forecast = Forecast(settings.weather)
        self.files = Files(self.books, self.clock, settings.link_lifetime, settings.log_size)
        self.latency = settings.latency
        self.shuffle = Dice(settings.seed)
