"""Another time than the machine's, for Dagster and for what runs in this process."""

from collections.abc import Generator
from contextlib import contextmanager
from datetime import datetime, timezone

import pytest
from dagster._core.test_utils import freeze_time


@contextmanager
def time_is(moment: datetime) -> Generator[None]:
    """It is `moment` (aware), and stays so. Other processes keep the machine's time."""
    now = moment.astimezone(timezone.utc)
    with pytest.MonkeyPatch.context() as patch, freeze_time(now):
        patch.setattr("qb_assets.clock._machine_time", lambda: now)
        yield
