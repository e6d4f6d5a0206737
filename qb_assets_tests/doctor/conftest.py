"""The servers of these tests, and the doctor."""

from collections.abc import Iterator

import dagster as dg
import pytest

from qb_assets.automation.home import open_instance
from qb_assets.doctor.deployment import Deployment
from qb_assets.doctor.examine import as_json, examine
from qb_assets.doctor.finding import Finding
from qb_assets_tests.doctor.examining import Examine, tells_no_secret
from qb_assets_tests.servers import seaweed

__all__ = ["instance", "seaweed", "troubles"]


@pytest.fixture(scope="module")
def instance() -> Iterator[dg.DagsterInstance]:
    """The deployment's Dagster, opened once."""
    with open_instance() as opened:
        yield opened


@pytest.fixture
def troubles(instance: dg.DagsterInstance) -> Examine:
    """Examines anew; gives what is not green, after it has made sure that no secret is told."""

    def find(*, online: bool = False) -> list[Finding]:
        findings = examine(Deployment(instance, online=online))
        tells_no_secret(as_json(findings))
        return [each for each in findings if each.level != "green"]

    return find
