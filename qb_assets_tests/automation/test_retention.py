"""Old logs go, and what the runs materialized and checked stays."""

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import dagster as dg
import pytest

from qb_assets.automation.retention import build_prune_job, prune_logs, retention_days
from qb_assets.automation.storage import BatchedEventLog
from qb_assets.clock import utc_now
from qb_assets.quickbooks.faults import ConfigurationError
from qb_assets_tests.automation.test_storage import instance_of, remembered, run
from qb_assets_tests.moved_time import time_is

CHECK = dg.AssetCheckKey(dg.AssetKey(["layer", "one"]), "good")


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.DagsterInstance]:
    with instance_of(tmp_path_factory.mktemp("retention") / "home", None) as instance:
        yield instance


def log_of(instance: dg.DagsterInstance, run_id: str) -> Path:
    storage = instance.event_log_storage
    assert isinstance(storage, BatchedEventLog)
    return Path(storage.path_for_shard(run_id))


def test_old_logs_go_and_nothing_is_forgotten(instance: dg.DagsterInstance) -> None:
    done, under_way = run(instance).run_id, str(uuid4())
    instance.add_run(dg.DagsterRun("x", run_id=under_way, status=dg.DagsterRunStatus.STARTED))
    [written] = Path(os.environ["DAGSTER_HOME"]).rglob(f"compute_logs/{done}")
    before = remembered(instance, done)
    assert prune_logs(instance, days=1) == []
    assert log_of(instance, done).exists()
    assert any(written.rglob("*.err"))

    with time_is(utc_now() + timedelta(days=2)):
        assert prune_logs(instance, days=1) == [done]
        assert prune_logs(instance, days=1) == [done]  # again is no harm
    assert not log_of(instance, done).exists()
    assert not written.exists()
    after = remembered(instance, done)
    of_the_log = {"events", "planned"}
    assert {name: after[name] for name in after.keys() - of_the_log} == {
        name: before[name] for name in before.keys() - of_the_log
    }
    assert after["events"] == []
    latest = instance.event_log_storage.get_latest_asset_check_execution_by_key([CHECK])
    event = latest[CHECK].event
    assert event is not None
    assert event.dagster_event is not None
    assert event.dagster_event.asset_check_evaluation_data.passed

    assert run(instance).success  # and it goes on


def test_the_job_keeps_to_the_setting(
    instance: dg.DagsterInstance, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = run(instance).run_id
    job = build_prune_job()
    with time_is(utc_now() + timedelta(days=40)):
        for days, there in (("", True), ("0", True), ("30", False)):
            monkeypatch.setenv("QB_LOG_RETENTION_DAYS", days)
            assert job.execute_in_process(instance=instance).success
            assert log_of(instance, done).exists() == there
    monkeypatch.setenv("QB_LOG_RETENTION_DAYS", "a month")
    with pytest.raises(ConfigurationError, match="a number of days"):
        retention_days()
