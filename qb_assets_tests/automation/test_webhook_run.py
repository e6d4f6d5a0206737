"""A change in QuickBooks becomes a row of the warehouse, by a webhook alone."""

import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import dagster as dg
import pytest

from qb_assets.automation import webhooks
from qb_assets.automation.headless import run_job
from qb_assets.automation.jobs import SYNC
from qb_assets.quickbooks.webhooks.places import open_inbox
from qb_assets.sandbox.process import SandboxProcess, start
from qb_assets.sandbox.settings import Settings
from qb_assets_tests.pipeline.surroundings import Pipeline, pipeline
from qb_assets_tests.quickbooks.webhooks import VERIFIER, server

BEHIND = timedelta(minutes=2)
"""How late the sandbox's clock is, so that a fetch need not wait until its changes have settled."""


def write(sandbox: SandboxProcess) -> list[str]:
    """Edits, a delete and a merge; the Ids of what was made for them."""
    made = [
        sandbox.admin("create", {"entity": "Term", "fields": {"Name": f"Net {n}"}})["Id"]
        for n in range(3)
    ]
    sandbox.admin("edit", {"entity": "Term", "id": made[0], "fields": {"DueDays": 77}})
    sandbox.admin("delete", {"entity": "Term", "id": made[1]})
    sandbox.admin("merge", {"entity": "Term", "id": made[2], "into": made[0]})
    until = time.monotonic() + 20
    while sandbox.admin("webhooks")["waiting"]:
        assert time.monotonic() < until
        time.sleep(0.02)
    return made


def tick(made: Pipeline) -> list[dg.RunRequest]:
    repository = made.defs.get_repository_def()
    with dg.SensorEvaluationContext(
        made.instance.get_ref(),
        instance=made.instance,
        repository_def=repository,
        resources={"quickbooks": repository.get_top_level_resources()["quickbooks"]},
    ) as context:
        found = made.defs.resolve_sensor_def("webhooks").evaluate_tick(context)
    return list(found.run_requests or [])


def test_edits_deletes_and_merges_arrive(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    inbox = tmp_path / "tokens" / "webhooks.db"  # beside the call book
    then = datetime.now(timezone.utc) - BEHIND
    settings = Settings(requests_per_minute=0, now=then)
    first_day = (then - timedelta(days=2)).date().isoformat()
    with (
        start(invoices=3, settings=settings) as sandbox,
        pipeline(tmp_path, sandbox, ["Term"], first_day) as made,
        server(str(inbox)) as (url, _),
    ):
        sandbox.admin("webhooks", {"url": url, "verifier": VERIFIER, "repeats": 0.5, "delay": 0.1})
        kept, deleted, merged = write(sandbox)
        assert sum(each.notifications for each in open_inbox(str(inbox)).waiting()) == 7
        monkeypatch.setattr(webhooks, "RIPE_AFTER", timedelta(0))
        [request] = tick(made)
        keys = set(request.asset_selection or ())
        job = made.defs.resolve_job_def(SYNC)
        outcome = run_job(job, made.instance, tags=request.tags, keys=keys)
        assert outcome.failures == []
        assert {"_".join(each.asset_key.path) for each in outcome.checks} >= {
            *("raw_term", "normalized_term", "warehouse_term"),
        }
        with made.surroundings.warehouse() as warehouse:
            rows = {row["id"]: row for row in warehouse.rows("term", "true")}
    assert rows[kept]["due_days"] == 77
    states = {id: row["_state"] for id, row in rows.items() if id in (kept, deleted, merged)}
    # QuickBooks never deletes a term, so one that is gone counts as merged.
    assert states == {kept: "live", deleted: "merged", merged: "merged"}
