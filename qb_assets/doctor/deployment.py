"""What is examined: the parts of a deployment, each opened when a check first asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from functools import cached_property

import dagster as dg

from qb_assets.lake.resource import LakeResource
from qb_assets.lake.store import Lake
from qb_assets.partitions import Calendar
from qb_assets.quickbooks.faults import QuickBooksError
from qb_assets.quickbooks.resource import QuickBooksResource
from qb_assets.quickbooks.settings import Settings
from qb_assets.quickbooks.tokens import Connection, TokenStore
from qb_assets.scope import connected
from qb_assets.warehouse.resource import WarehouseResource


@dataclass(frozen=True, slots=True)
class Kept:
    """What the token store keeps, as far as it can be read."""

    connections: Sequence[Connection]
    errors: Sequence[QuickBooksError]


def _now() -> datetime:
    return datetime.now(timezone.utc)


@dataclass(frozen=True)
class Deployment:
    """A deployment as the environment describes it.

    `online` allows one call to QuickBooks for each company, which Intuit meters in production.
    """

    instance: dg.DagsterInstance
    online: bool = False
    now: datetime = field(default_factory=_now)
    quickbooks: QuickBooksResource = field(default_factory=QuickBooksResource)
    lake_resource: LakeResource = field(default_factory=LakeResource)
    warehouse: WarehouseResource = field(default_factory=WarehouseResource)

    @cached_property
    def settings(self) -> Settings:
        """The client's settings. Raises ConfigurationError."""
        return self.quickbooks.settings()

    @cached_property
    def store(self) -> TokenStore:
        """Where the tokens are kept. Raises ConfigurationError."""
        return self.quickbooks.token_store()

    @cached_property
    def lake(self) -> Lake:
        """The lake. Raises LakeUnavailable."""
        return self.lake_resource.open()

    @cached_property
    def calendar(self) -> Calendar:
        """The days. Raises ValueError."""
        # The code location does not load where QB_START_DATE or QB_TIMEZONE make no sense.
        from qb_assets.definitions import calendar_from_environment

        return calendar_from_environment()

    @cached_property
    def report_calendar(self) -> Calendar:
        """The months of reports. Raises ValueError."""
        from qb_assets.definitions import report_calendar_from_environment

        return report_calendar_from_environment()

    @cached_property
    def with_partitions(self) -> Sequence[str]:
        """The companies that have partitions."""
        return connected(self.instance)

    @cached_property
    def kept(self) -> Kept:
        """The connections. Raises ConfigurationError where there is no such store.

        Where the store cannot list them all, those with partitions are asked for one by one.
        """
        try:
            return Kept(self.store.companies(), ())
        except QuickBooksError as error:
            found: list[Connection] = []
            errors = {str(error): error}
            for realm in self.with_partitions:
                try:
                    found.append(self.store.load(realm))
                except QuickBooksError as other:
                    errors[str(other)] = other
            return Kept(found, list(errors.values()))
