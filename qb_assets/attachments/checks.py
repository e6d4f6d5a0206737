"""The files of attachments against what QuickBooks says there is."""

from collections.abc import Mapping

import dagster as dg

from qb_assets.attachments.assets import FILES
from qb_assets.attachments.current import current_files
from qb_assets.attachments.records import (
    FAILED,
    GONE,
    KEPT,
    REFUSED,
    companies_held,
    contents_held,
    latest_rows,
)
from qb_assets.failures import plain_failures
from qb_assets.findings import Findings
from qb_assets.lake.resource import LakeResource
from qb_assets.lake.store import Lake
from qb_assets.scope import CheckWindow

FETCHED = "fetched"
LOST = "not in the lake any more"


def build_attachment_checks() -> list[dg.AssetChecksDefinition]:
    """One check: red for files that failed or are lost, a warning for those that were refused."""

    @dg.asset_check(
        name=FETCHED,
        asset=FILES,
        description=(
            "The file of every attachment is in the lake as it was fetched. Red for files that"
            " failed or were lost; a warning for those that the limits refuse or QuickBooks has"
            " no more. What was attached since the last fetch is only counted."
        ),
    )
    def fetched(
        context: dg.AssetCheckExecutionContext, config: CheckWindow, lake: LakeResource
    ) -> dg.AssetCheckResult:
        with plain_failures():
            return compared(lake.open(), _companies(context, config, lake.open()))

    return [fetched]


def compared(lake: Lake, companies: list[str]) -> dg.AssetCheckResult:
    """The check's result for some companies. Raises LakeError."""
    failed, refused = Findings(), Findings()
    held, missing = contents_held(lake), 0
    for company in companies:
        rows = latest_rows(lake, company)
        for file in current_files(lake, company):
            failed.looked_at += 1
            row = rows.get((file.attachable_id, file.version))
            if row is None:
                missing += 1
                continue
            problem = _problem(row, held)
            if problem in (FAILED, LOST):
                failed.add(_key(row, problem))
            elif problem:
                refused.add(_key(row, problem))
    found = failed if failed.wrong else refused
    found.looked_at = failed.looked_at
    found.notes |= {"refused_or_gone": refused.wrong, "not_fetched_yet": missing}
    return found.result(
        FILES,
        FETCHED,
        right="Every file that was asked for is in the lake.",
        wrong=(
            f"{found.wrong} files could not be fetched: see the reasons, then materialize it again."
            if failed.wrong
            else f"{found.wrong} files are refused by the limits or gone in QuickBooks."
        ),
        severity=dg.AssetCheckSeverity.ERROR if failed.wrong else dg.AssetCheckSeverity.WARN,
    )


def _companies(
    context: dg.AssetCheckExecutionContext, window: CheckWindow, lake: Lake
) -> list[str]:
    """The company of the run or of the configuration, else all of which files were asked for."""
    op = context.op_execution_context
    if op.has_partition_key or op.has_partition_key_range:
        return [str(key) for key in op.partition_keys]
    return [window.company] if window.company else companies_held(lake)


def _problem(row: Mapping[str, object], held: Mapping[str, int]) -> str:
    """What is wrong with a file, "" for nothing."""
    state = str(row["state"])
    if state == KEPT:
        return "" if held.get(str(row["sha256"])) == row["size"] else LOST
    return state if state in (*REFUSED, GONE, FAILED) else FAILED


def _key(row: Mapping[str, object], problem: str) -> dict[str, str | None]:
    return {
        "company": str(row["_company"]),
        "attachable_id": str(row["attachable_id"]),
        "problem": problem,
        "reason": None if row["reason"] is None else str(row["reason"]),
    }
