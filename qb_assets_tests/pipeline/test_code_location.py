"""Dagster's own commands load the project and name the same assets."""

import json
import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from qb_assets.books.registry import models
from qb_assets.catalog import ENTITIES, tables_of
from qb_assets.catalog.reports import REPORTS
from qb_assets.definitions import defs
from qb_assets_tests.pipeline.surroundings import foreign_environment

ROOT = Path(__file__).resolve().parents[2]
IMPLICIT_JOB = "__ASSET_JOB"
BIN = Path(sys.executable).parent
COMMANDS = {
    "validate": ["dagster", "definitions", "validate", "-w", "workspace.yaml"],
    "check": ["dg", "check", "defs"],
    "list": ["dg", "list", "defs", "--json"],
}


@pytest.fixture(scope="module")
def done(
    tmp_path_factory: pytest.TempPathFactory,
) -> dict[str, "subprocess.CompletedProcess[str]"]:
    """Each command, run in the project's folder with a Dagster home of its own."""
    if not (BIN / "dg").exists():
        pytest.skip("dagster-dg-cli is not installed")
    home = tmp_path_factory.mktemp("home")
    shutil.copy(ROOT / "dagster.yaml", home)
    env = {
        **foreign_environment(),
        "DAGSTER_HOME": str(home),
        "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
        "VIRTUAL_ENV": str(BIN.parent),
        "COLUMNS": "400",
    }

    def run(words: list[str]) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [str(BIN / words[0]), *words[1:]],
            cwd=ROOT,
            env=env,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    with ThreadPoolExecutor(2) as threads:
        return dict(zip(COMMANDS, threads.map(run, COMMANDS.values()), strict=True))


@pytest.mark.parametrize("name", list(COMMANDS))
def test_the_command_ends_well_without_a_warning_of_ours(
    done: dict[str, "subprocess.CompletedProcess[str]"], name: str
) -> None:
    said = done[name].stdout + done[name].stderr
    assert done[name].returncode == 0, said
    assert "/qb_assets/" not in "".join(line for line in said.splitlines() if "Warning" in line)


def test_they_name_the_same_assets_and_checks(
    done: dict[str, "subprocess.CompletedProcess[str]"],
) -> None:
    listed = json.loads(done["list"].stdout[done["list"].stdout.index("{") :])
    named = {asset["asset_key"] for asset in listed["assets"]}
    ours = {key.to_user_string() for key in defs.resolve_asset_graph().get_all_asset_keys()}
    assert named == ours
    tables = [table.name for entity in ENTITIES.values() for table in tables_of(entity)]
    layers = {f"{layer}/{name}" for layer in ("normalized", "warehouse") for name in tables}
    raw = {f"raw/{entity.table}" for entity in ENTITIES.values()}
    more = {"quickbooks/connection", "warehouse/linked_txn"}
    more |= {"attachments/attachment_file", "warehouse/attachment_file"}
    more |= {f"reports/{report.table}" for report in REPORTS.values()}
    more |= {"reports/snapshot", "reports/restatement", "books/reconciliation"}
    more |= {f"books/{name}" for name in models()}
    assert ours == layers | raw | more
    checks = {check["key"] for check in listed["asset_checks"]}
    graph = defs.resolve_asset_graph()
    assert checks == {
        f"{key.asset_key.to_user_string()}:{key.name}" for key in graph.asset_check_keys
    }
    repository = defs.get_repository_def()
    jobs = {job.name for job in defs.resolve_all_job_defs() if job.name != IMPLICIT_JOB}
    assert {job["name"] for job in listed["jobs"]} == jobs
    schedules = {schedule["name"] for schedule in listed["schedules"]}
    assert schedules == {schedule.name for schedule in repository.schedule_defs}
    assert {each["name"] for each in listed["sensors"]} == {
        sensor.name for sensor in repository.sensor_defs
    }
