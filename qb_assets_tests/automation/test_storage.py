"""The batched storage remembers of a range run what Dagster's own SQLite storage does."""

import os
import sqlite3
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import date
from pathlib import Path
from queue import Queue
from typing import Any
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
from dagster._core.definitions.data_version import DATA_VERSION_TAG
from dagster._core.storage.tags import (
    ASSET_PARTITION_RANGE_END_TAG,
    ASSET_PARTITION_RANGE_START_TAG,
)

from qb_assets.automation.home import open_instance
from qb_assets.automation.storage import MOST_OPEN, BatchedEventLog
from qb_assets.partitions import COMPANY_DIMENSION, Calendar, key_of
from qb_assets_tests.pipeline.surroundings import foreign_environment

CALENDAR = Calendar(date(2026, 5, 1), ZoneInfo("America/Los_Angeles"))
FIRST, LAST = key_of("7", date(2026, 5, 3)), key_of("7", date(2026, 5, 9))
DAYS = {key_of("7", date(2026, 5, day)) for day in range(3, 10)}
PLANNED = dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED
OWN = """
storage:
  sqlite:
    base_dir: {folder}
telemetry:
  enabled: false
"""


@dg.multi_asset(
    specs=[dg.AssetSpec(["layer", "one"]), dg.AssetSpec(["layer", "two"])],
    partitions_def=CALENDAR.partitions(),
    backfill_policy=dg.BackfillPolicy.single_run(),
)
def assets(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
    for name in ("one", "two"):
        key = dg.AssetKey(["layer", name])
        for partition in context.partition_keys:
            context.add_asset_metadata({"figure": 5}, asset_key=key, partition_key=partition)
        yield dg.MaterializeResult(asset_key=key, metadata={"rows": 3})


@dg.asset_check(asset=dg.AssetKey(["layer", "one"]))
def good() -> dg.AssetCheckResult:
    return dg.AssetCheckResult(passed=True)


DEFS = dg.Definitions(assets=[assets], asset_checks=[good], executor=dg.in_process_executor)


@contextmanager
def instance_of(home: Path, settings: str | None) -> Generator[dg.DagsterInstance]:
    home.mkdir()
    if settings:
        (home / "dagster.yaml").write_text(settings.format(folder=home / "storage"))
    with pytest.MonkeyPatch.context() as patch:
        for name in set(os.environ) - set(foreign_environment()):
            patch.delenv(name)
        patch.setenv("DAGSTER_HOME", str(home))
        patch.chdir(home)  # where the logs of steps are kept
        with open_instance() as instance:
            yield instance


def run(instance: dg.DagsterInstance) -> dg.ExecuteInProcessResult:
    instance.add_dynamic_partitions(COMPANY_DIMENSION, ["7"])
    tags = {ASSET_PARTITION_RANGE_START_TAG: FIRST, ASSET_PARTITION_RANGE_END_TAG: LAST, "x": "y"}
    job = DEFS.resolve_implicit_global_asset_job_def()
    return job.execute_in_process(instance=instance, tags=tags)


def remembered(instance: dg.DagsterInstance, run_id: str) -> dict[str, object]:
    """What can be asked of the storage, without ids and times."""
    found: dict[str, object] = {}
    for name in ("one", "two"):
        key = dg.AssetKey(["layer", name])
        found[f"{name} partitions"] = instance.get_materialized_partitions(key)
        latest = instance.get_latest_materialization_event(key)
        assert latest is not None
        assert latest.asset_materialization is not None
        found[f"{name} latest"] = (
            latest.run_id == run_id,
            latest.asset_materialization.partition,
            sorted(latest.asset_materialization.metadata),
        )
        records = instance.fetch_materializations(key, limit=100).records
        found[f"{name} each"] = [
            (record.partition_key, _told(record.asset_materialization)) for record in records
        ]
        one = dg.AssetRecordsFilter(key, asset_partitions=[FIRST])
        found[f"{name} of a day"] = len(instance.fetch_materializations(one, limit=9).records)
        record = instance.get_asset_records([key])[0]
        found[f"{name} record"] = (
            record.asset_entry.last_run_id == run_id,
            record.asset_entry.last_materialization_storage_id is not None,
        )
    events = [event.dagster_event_type for event in instance.all_logs(run_id)]
    found["events"] = sorted((str(kind), events.count(kind)) for kind in set(events))
    planned = [
        (event.dagster_event.asset_key, event.dagster_event.partition)
        for event in instance.all_logs(run_id, of_type=PLANNED)
        if event.dagster_event
    ]
    found["planned"] = sorted(map(str, planned))
    stored = instance.get_run_by_id(run_id)
    assert stored is not None
    found["tags"] = {name: text for name, text in stored.tags.items() if "pid" not in name}
    found["status"] = stored.status
    return found


def _told(made: dg.AssetMaterialization | None) -> object:
    assert made is not None
    tags = {name: text for name, text in (made.tags or {}).items() if name != DATA_VERSION_TAG}
    tags = {name: text for name, text in tags.items() if "event_id" not in name}
    return sorted((name, value.value) for name, value in made.metadata.items()), sorted(tags)


def test_both_remember_the_same(tmp_path: Path) -> None:
    told: list[dict[str, object]] = []
    for name, settings in (("ours", None), ("own", OWN)):
        with instance_of(tmp_path / name, settings) as instance:
            result = run(instance)
            assert result.success
            told.append(remembered(instance, result.run_id))
            storage = type(instance.event_log_storage).__name__
            assert ("Batched" in storage) == (name == "ours")
    ours, own = told
    assert ours == own
    assert ours["one partitions"] == DAYS


def test_a_second_run_is_the_latest(tmp_path: Path) -> None:
    with instance_of(tmp_path / "home", None) as instance:
        first, second = run(instance), run(instance)
        key = dg.AssetKey(["layer", "two"])
        latest = instance.get_latest_materialization_event(key)
        assert latest is not None
        assert latest.run_id == second.run_id != first.run_id
        assert len(instance.fetch_materializations(key, limit=100).records) == 2 * len(DAYS)
        assert instance.get_materialized_partitions(key) == DAYS


@pytest.mark.parametrize("tables", [0, 1, 3])
def test_a_database_whose_making_was_killed_is_completed(tmp_path: Path, tables: int) -> None:
    """A process that is killed at its very first start leaves a file with some of the tables."""
    with _opened(tmp_path) as instance:
        instance.add_dynamic_partitions(COMPANY_DIMENSION, ["7"])
        whole = Path(tmp_path, ".data/dagster/history/runs/index.db")
    with closing(sqlite3.connect(whole)) as there:
        made = there.execute("SELECT sql FROM sqlite_master WHERE type = 'table'").fetchall()
    for file in whole.parent.glob("index.db*"):
        file.unlink()
    with closing(sqlite3.connect(whole)) as half:
        for (statement,) in made[:tables]:
            half.execute(statement)
    with _opened(tmp_path) as instance:
        instance.add_dynamic_partitions(COMPANY_DIMENSION, ["8"])
        assert instance.get_dynamic_partitions(COMPANY_DIMENSION) == ["8"]
        log = instance.event_log_storage
        assert isinstance(log, BatchedEventLog)
        assert log.has_secondary_index("asset_key_index_columns")


@contextmanager
def _opened(folder: Path) -> Generator[dg.DagsterInstance]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DAGSTER_HOME", str(folder))
        with open_instance() as instance:
            yield instance


def test_a_watcher_sees_the_events_of_a_run_that_goes_on(tmp_path: Path) -> None:
    """As the UI shows a run: another opening of the same files, while the run's has them open."""
    seen: Queue[str] = Queue()
    with instance_of(tmp_path / "home", None) as instance, open_instance() as onlooker:
        run_id = run(instance).run_id
        watched = onlooker.event_log_storage
        newest = watched.get_records_for_run(run_id, limit=1, ascending=False).cursor
        watched.watch(run_id, newest, lambda event, _: seen.put(event.message))
        instance.report_engine_event("one more", run_id=run_id, job_name="x")
        assert "one more" in seen.get(timeout=10)
        assert seen.empty()
        watched.dispose()


def test_files_of_few_runs_stay_open(tmp_path: Path) -> None:
    with instance_of(tmp_path / "home", None) as instance:
        for number in range(MOST_OPEN + 3):
            run_id = f"{number:032x}"
            instance.report_engine_event("begun", run_id=run_id, job_name="x")
            assert len(instance.all_logs(run_id)) == 1
        assert 0 < len(_open_files(tmp_path, ".db")) <= MOST_OPEN
        # The first one's is opened again.
        assert len(instance.all_logs(f"{0:032x}")) == 1
    assert _open_files(tmp_path, ".db") == set()


def _open_files(folder: Path, suffix: str) -> set[str]:
    links = Path("/proc/self/fd")
    if not links.is_dir():
        pytest.skip("this system does not tell which files a process has open")
    found: set[str] = set()
    for link in links.iterdir():
        with suppress(OSError):
            found.add(str(link.readlink()))
    return {name for name in found if name.startswith(str(folder)) and name.endswith(suffix)}
