"""The executor of runs that Dagster starts: in one process, which the run's tags name."""

from __future__ import annotations

from collections.abc import Iterator

import dagster as dg
from dagster._core.events import DagsterEvent
from dagster._core.execution.context.system import PlanOrchestrationContext
from dagster._core.execution.plan.plan import ExecutionPlan
from dagster._core.execution.retries import RetryMode
from dagster._core.execution.step_dependency_config import StepDependencyConfig
from dagster._core.executor.base import Executor

from qb_assets.automation.cancelled import GO_ON, INTERRUPTIONS
from qb_assets.automation.killed_runs import bury_killed_runs, process_tag
from qb_assets.automation.run_tags import company_of
from qb_assets.faces import COMPANY_TAG
from qb_assets.raw.tags import afresh


class _NamedProcess(Executor):
    """Before a run begins: says which process and whose it is, and frees what killed runs hold."""

    def __init__(self, inner: Executor) -> None:
        self._inner = inner

    @property
    def retries(self) -> RetryMode:
        return self._inner.retries

    @property
    def step_dependency_config(self) -> StepDependencyConfig:
        return self._inner.step_dependency_config

    def execute(
        self, plan_context: PlanOrchestrationContext, execution_plan: ExecutionPlan
    ) -> Iterator[DagsterEvent]:
        instance = plan_context.instance
        run = plan_context.dagster_run
        company = company_of(run.tags)  # a run that was asked for in the UI does not say it
        whose = {} if company is None else {COMPANY_TAG: company}
        tags = {**afresh(run.tags), **whose, **process_tag(run.run_id)}
        instance.add_run_tags(run.run_id, tags)
        bury_killed_runs(instance)
        try:
            yield from self._inner.execute(plan_context, execution_plan)
        except INTERRUPTIONS:
            plan_context.log.warning(f"This run was stopped. {GO_ON}.")
            raise


@dg.executor(name="in_process", config_schema=dg.in_process_executor.config_schema.as_field())
def named_process_executor(context: dg.InitExecutorContext) -> Executor:
    """All steps of a run in the process of the run."""
    make = dg.in_process_executor.executor_creation_fn
    assert make is not None
    return _NamedProcess(make(context))
