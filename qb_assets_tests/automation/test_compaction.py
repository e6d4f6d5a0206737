"""The command and the job that compact the lake."""

from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import pytest
import typer
from typer.testing import CliRunner, Result

from qb_assets.automation.compaction import COMPACT
from qb_assets.cli_compact import compact
from qb_assets.definitions import build_definitions
from qb_assets.lake.store import Lake
from qb_assets.partitions import Calendar
from qb_assets_tests.normalized.bills import BILL, bill, land, paths
from qb_assets_tests.normalized.landed import DAY

CALENDAR = Calendar(DAY, ZoneInfo("America/Los_Angeles"))


@pytest.fixture
def lake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Lake:
    """A lake of two companies, each with three objects in a partition."""
    monkeypatch.setenv("QB_LAKE_URL", tmp_path.as_uri())
    monkeypatch.setenv("COLUMNS", "200")
    lake = Lake.open(str(tmp_path))
    for number in range(3):
        for company in ("7", "8"):
            land(lake, number, bill(number), company=company)
    return lake


def command(*words: str) -> Result:
    app = typer.Typer()
    app.command()(compact)
    return CliRunner().invoke(app, words)


def test_the_command_says_what_it_would_do_and_does_it(lake: Lake) -> None:
    before = paths(lake)
    long_ago = command("--older-than", "100000", "--dry-run")
    assert long_ago.output.startswith("Nothing to compact until ")
    asked = command("--older-than", "0", "--dry-run")
    assert asked.exit_code == 0, asked.output
    assert "Bill" in asked.output
    assert "6 raw objects of 2 partitions until" in asked.output
    assert "would become 2. Nothing was done." in asked.output
    assert paths(lake) == before

    assert "Nothing to compact." in command("--older-than", "0", "--at-least", "4").output
    assert "Nothing to compact." in command("--older-than", "0", "--entity", "Term").output
    done = command("--older-than", "0", "--company", "8", "--entity", "bill")
    assert "Bill: 1 of 1 partitions" in done.output
    assert "Compacted 1 partitions: 3 raw objects became 1; 3 were compared" in done.output
    assert len(paths(lake)) == len(before) - 2
    assert isinstance(command("--entity", "Nothing").exception, ValueError)


def test_the_job_does_the_same(lake: Lake) -> None:
    defs = build_definitions(entities=[BILL], calendar=CALENDAR)
    job = defs.resolve_job_def(COMPACT)
    with dg.instance_for_test() as instance:

        def run(**config: object) -> dg.ExecuteInProcessResult:
            return job.execute_in_process(
                run_config={"ops": {"compact_lake": {"config": config}}},
                instance=instance,
                raise_on_error=False,
            )

        wrong = run(entities=["Bil"])
        assert not wrong.success
        [failure] = wrong.get_step_failure_events()
        assert "There is no entity Bil; there are Bill." in str(failure.step_failure_data)
        assert run(older_than_days=0, company="7").success
        assert len(paths(lake)) == 4
        assert run(older_than_days=0).success
        assert len(paths(lake)) == 2


def test_the_schedule_waits_until_it_is_started() -> None:
    defs = build_definitions(entities=[BILL], calendar=CALENDAR)
    schedule = defs.resolve_schedule_def("weekly_compaction")
    assert schedule.default_status == dg.DefaultScheduleStatus.STOPPED
    assert schedule.job_name == COMPACT
    assert schedule.execution_timezone == "America/Los_Angeles"
