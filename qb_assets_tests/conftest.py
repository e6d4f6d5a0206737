"""Fixtures that every folder of tests may use."""

from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

import dagster as dg
import pytest

from qb_assets_tests.postgres import postgres, postgres_url

__all__ = ["postgres", "postgres_url", "shared_data"]

# Its assertions are made for two files of tests, and shall say as much as theirs would.
pytest.register_assert_rewrite("qb_assets_tests.pipeline.recorded")

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"

LONGEST = ("ui", "pipeline")
"""Folders whose files take a minute or more: begun last, one would be waited for alone."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts the longest files first, and leaves the others in their order."""
    items.sort(key=lambda item: item.path.parent.name not in LONGEST)


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of recorded QuickBooks data beside the repository, where there is one."""
    if not SHARED_DATA.is_dir():
        pytest.skip("the folder of recorded QuickBooks data is not beside this repository")
    return SHARED_DATA


@pytest.fixture(scope="module", autouse=True)
def every_instance_is_left() -> Iterator[None]:
    """Fails the file that enters a Dagster instance without leaving it.

    Such a one is left by the garbage collector, at any moment of another file's tests, where
    Dagster then puts back the storage of definitions that was current when it was entered.
    """
    entered: dict[int, dg.DagsterInstance] = {}
    enter, leave = dg.DagsterInstance.__enter__, dg.DagsterInstance.__exit__

    def noting(instance: dg.DagsterInstance) -> dg.DagsterInstance:
        entered[id(instance)] = instance
        return enter(instance)

    def forgetting(
        instance: dg.DagsterInstance,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        entered.pop(id(instance), None)
        leave(instance, kind, error, trace)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(dg.DagsterInstance, "__enter__", noting)
        patch.setattr(dg.DagsterInstance, "__exit__", forgetting)
        yield
    assert not entered, "use `with` for build_schedule_context and whatever opens an instance"
