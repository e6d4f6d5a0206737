"""Runs that a person stops: what Dagster remembers of them, and what is said.

Dagster takes an interrupted run for failed where nobody asked in the UI for its end. What a stopped
run leaves is whole in every layer, so the same run brings the rest.
"""

from __future__ import annotations

from collections.abc import Iterable

import dagster as dg
from dagster._core.errors import DagsterExecutionInterruptedError
from dagster._core.events import RunFailureReason

from qb_assets.failures import Cancelled

GO_ON = "What it wrote is whole and stays; run it again, and it brings the rest"

INTERRUPTIONS = (KeyboardInterrupt, DagsterExecutionInterruptedError)
"""What Ctrl+C, SIGTERM and a termination in the UI raise in the process of a run."""


def cancelled(run_id: str, again: str) -> Cancelled:
    """What is said of a stopped run; `again` is the command that goes on, where one is known."""
    how = f": {again}" if again else " with the same command."
    return Cancelled(f"run {run_id[:8]} was cancelled. {GO_ON}{how}")


def was_interrupted(events: Iterable[dg.DagsterEvent]) -> bool:
    """Whether a run ended since it was stopped from outside."""
    ends = [event for event in events if event.event_type == dg.DagsterEventType.RUN_FAILURE]
    reasons = [event.job_failure_data.failure_reason for event in ends]
    return RunFailureReason.UNEXPECTED_TERMINATION in reasons


def mark_cancelled(instance: dg.DagsterInstance, run_id: str) -> None:
    """Lets Dagster know an interrupted run as cancelled, so that nobody is alerted."""
    run = instance.get_run_by_id(run_id)
    if run is not None:
        instance.report_run_canceled(run, f"It was stopped by a person. {GO_ON}.")
