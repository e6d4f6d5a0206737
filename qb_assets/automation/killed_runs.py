"""What a killed run leaves behind in Dagster: its state `started`, and its places in the pools.

Dagster's own monitoring cannot tell that a run's process is gone where runs are processes of this
machine, so that the next run would wait for the pools for ever. Each run is therefore tagged with
its process.
"""

from __future__ import annotations

import dagster as dg
import msgspec
from dagster._core.storage.tags import HIDDEN_TAG_PREFIX

from qb_assets.quickbooks.owners import Owner, is_gone, this_process

PROCESS_TAG = f"{HIDDEN_TAG_PREFIX}qb_assets/process"
"""What begins like this the UI does not show."""

_UNDER_WAY = [
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


class _Process(msgspec.Struct, frozen=True):
    """The process of a run. A retry has the tags of the run before, so it says whose it is."""

    run: str
    owner: Owner


def process_tag(run_id: str) -> dict[str, str]:
    """The tag of a run that goes on in this process."""
    return {PROCESS_TAG: msgspec.json.encode(_Process(run_id, this_process())).decode()}


def bury_killed_runs(instance: dg.DagsterInstance) -> list[str]:
    """Marks runs as failed whose process is gone, and gives back their places in the pools.

    Returns the ids of the runs that were killed.
    """
    buried: list[str] = []
    for record in instance.get_run_records(dg.RunsFilter(statuses=_UNDER_WAY)):
        run = record.dagster_run
        if _was_killed(run):
            instance.report_run_failed(run, "The process of this run was killed. Run it again.")
            buried.append(run.run_id)
    storage = instance.event_log_storage
    for run_id in storage.get_concurrency_run_ids():
        run = instance.get_run_by_id(run_id)
        if run is None or run.is_finished:
            storage.free_concurrency_slots_for_run(run_id)
    return buried


def _was_killed(run: dg.DagsterRun) -> bool:
    tag = run.tags.get(PROCESS_TAG)
    if tag is None:
        return False
    process = msgspec.json.decode(tag, type=_Process)
    return process.run == run.run_id and is_gone(process.owner)
