"""The page: a line for each asset, check, job, schedule and sensor."""

from __future__ import annotations

from pathlib import Path

import dagster as dg

PAGE = Path(__file__).with_name("spec.txt")


def spec_of(defs: dg.Definitions) -> str:
    """The page of a code location."""
    graph = defs.resolve_asset_graph()
    repository = defs.get_repository_def()
    lines = [
        *(_asset(graph.get(key)) for key in sorted(graph.get_all_asset_keys())),
        *(f"check {key.to_user_string()}" for key in sorted(graph.asset_check_keys, key=str)),
        *(f"job {name}" for name in sorted(job.name for job in defs.resolve_all_job_defs())),
        *(
            f"schedule {each.name} {each.cron_schedule} {each.job_name} {each.default_status.value}"
            for each in sorted(repository.schedule_defs, key=lambda one: one.name)
        ),
        *(
            f"sensor {each.name} {each.default_status.value}"
            for each in sorted(repository.sensor_defs, key=lambda one: one.name)
        ),
    ]
    return "\n".join(lines) + "\n"


def _asset(node: dg.AssetNode) -> str:
    by = node.partitions_def
    if isinstance(by, dg.MultiPartitionsDefinition):
        cut = f" by {' and '.join(by.partition_dimension_names)}"
    else:
        cut = "" if by is None else f" by {type(by).__name__}"
    kinds = ",".join(sorted(node.kinds))
    below = len(node.parent_keys)
    return f"asset {node.key.to_user_string()} {node.group_name} {kinds} of {below}{cut}"
