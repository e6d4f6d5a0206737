"""Dagster's scheduler, sensors and run queue, each one step at a time at a moment that is given.

It is the code of `dagster-daemon`, on the project's own `dagster.yaml`; only the runs it launches
are executed in this process, so that their time is the simulated one, too.
"""

from __future__ import annotations

import importlib
import logging
import sys
from collections.abc import Generator, Iterable
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.remote_origin import InProcessCodeLocationOrigin
from dagster._core.types.loadable_target_origin import LoadableTargetOrigin
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import InProcessWorkspaceLoadTarget
from dagster._daemon import sensor
from dagster._daemon.run_coordinator import queued_run_coordinator_daemon
from dagster._scheduler import scheduler

NAMES = "QB_SIMULATED_ENTITIES"
"""The variable with the entities of the simulation's code location."""

LOCATION = "qb_assets_tests.ten_days.location"
LAUNCHER = """
run_launcher:
  module: dagster._core.launcher.sync_in_memory_run_launcher
  class: SyncInMemoryRunLauncher
"""
MOST_ROUNDS = 10

# Dagster's types of these are not whole.
_scheduler: Any = scheduler
_sensors: Any = sensor
_queue: Any = queued_run_coordinator_daemon

_log = logging.getLogger("qb_assets_tests.ten_days")


def write_home(home: Path) -> None:
    """Makes a DAGSTER_HOME with the project's settings, whose runs stay in this process."""
    home.mkdir(parents=True, exist_ok=True)
    project = Path(__file__).resolve().parents[2] / "dagster.yaml"
    (home / "dagster.yaml").write_text(project.read_text() + LAUNCHER)


class Daemon:
    """A daemon that works when it is told to."""

    def __init__(self, context: WorkspaceProcessContext) -> None:
        self._context = context
        self._queue = _queue.QueuedRunCoordinatorDaemon(interval_seconds=5)

    def work(self, now: datetime) -> None:
        """Schedules, sensors, and whatever runs they asked for, to their end."""
        _exhaust(_scheduler.launch_scheduled_runs(self._context, _log, now, {}))
        _exhaust(_sensors.execute_sensor_iteration(self._context, _log, None, None))
        for _ in range(MOST_ROUNDS):
            _exhaust(self._queue.run_iteration(self._context))
            queued = dg.RunsFilter(statuses=[dg.DagsterRunStatus.QUEUED])
            if not self._context.instance.get_runs(queued, limit=1):
                return
        raise AssertionError("runs stay in the queue")


@contextmanager
def daemon(instance: dg.DagsterInstance) -> Generator[Daemon]:
    """A daemon on the simulation's code location, which is loaded from the environment of now."""
    if LOCATION in sys.modules:
        importlib.reload(sys.modules[LOCATION])
    origin = InProcessCodeLocationOrigin(
        LoadableTargetOrigin(module_name=LOCATION, attribute="defs")
    )
    with WorkspaceProcessContext(instance, InProcessWorkspaceLoadTarget(origin)) as context:
        yield Daemon(context)


def _exhaust(steps: Iterable[object]) -> None:
    for error in steps:
        assert error is None, error
