"""The measured process of qb_assets.

python -m qb_assets_tests.bench.run connect
python -m qb_assets_tests.bench.run start
python -m qb_assets_tests.bench.run load none|pandera|every 2026-05-31 2026-06-01
"""

from __future__ import annotations

import os
import sys
from datetime import date

import dagster as dg

from qb_assets.automation.headless import (
    QUIET,
    Outcome,
    materialize,
    range_tags,
    run_job,
    selected_assets,
)
from qb_assets.automation.home import open_instance
from qb_assets.automation.jobs import SYNC
from qb_assets.definitions import calendar_from_environment, defs
from qb_assets.normalized.checks import VALID
from qb_assets.partitions import COMPANY_DIMENSION
from qb_assets.quickbooks.connect import connect_with_refresh_token
from qb_assets.quickbooks.resource import QuickBooksResource

SELECTED = [f"raw/{entity}++" for entity in ("invoice", "customer", "payment")]
EVERY = "every"
PANDERA = "pandera"
NONE = "none"


def connect() -> None:
    """Connect the company, so that no measured process has to; make the instance's storage."""
    quickbooks = QuickBooksResource()
    company, token = os.environ["QB_COMPANY"], os.environ["QB_REFRESH_TOKEN"]
    connect_with_refresh_token(quickbooks.settings(), quickbooks.token_store(), company, token)
    with open_instance():
        pass


def start() -> None:
    """All that a run does besides its work: definitions, instance, a run of an asset of nothing."""

    @dg.asset
    def nothing() -> None:
        pass

    with open_instance() as instance:
        defs.resolve_asset_graph()
        defs.resolve_job_def(SYNC)
        quiet = {"loggers": QUIET}
        if not dg.materialize([nothing], instance=instance, run_config=quiet).success:
            sys.exit("the run of nothing failed")


def load(checks: str, first: date, last: date) -> None:
    """One run over days of the three entities: `every` check of theirs, `none`, or pandera's."""
    company, calendar = os.environ["QB_COMPANY"], calendar_from_environment()
    with open_instance() as instance:
        if checks == EVERY:
            outcome = materialize(defs, instance, calendar, company, first, last, select=SELECTED)
        else:
            outcome = _with_few_checks(instance, company, first, last, pandera=checks == PANDERA)
    if not outcome.clean:
        sys.exit(f"the run was not clean: {outcome.failures or outcome.red}")


def _with_few_checks(
    instance: dg.DagsterInstance, company: str, first: date, last: date, *, pandera: bool
) -> Outcome:
    instance.add_dynamic_partitions(COMPANY_DIMENSION, [company])
    graph = defs.resolve_asset_graph()
    keys = selected_assets(defs, SELECTED) & graph.materializable_asset_keys
    valid = {key for key in graph.asset_check_keys if key.asset_key in keys and key.name == VALID}
    job = defs.resolve_job_def(SYNC).get_subset(
        asset_selection=keys, asset_check_selection=valid if pandera else set()
    )
    return run_job(job, instance, tags=range_tags(company, first, last))


def main(words: list[str]) -> None:
    """Do what is asked."""
    match words:
        case ["connect"]:
            connect()
        case ["start"]:
            start()
        case ["load", checks, first, last]:
            load(checks, date.fromisoformat(first), date.fromisoformat(last))
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
